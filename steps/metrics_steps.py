"""The metrics that a platform's programs export."""

from behave import then, when

from sparkproof.observability.metrics import Metrics
from sparkproof.suite.context import Context


@when("a Prometheus follows the platform's monitors")
def a_prometheus_follows_the_platforms_monitors(context: Context) -> None:
    context.metrics = Metrics.of(context.platform)


@then('the {component} tells of at least {least:d} "{name}"')
def the_tells_of_at_least(context: Context, component: str, least: int, name: str) -> None:
    context.metrics.must_show(component, name, least)
