"""The metrics that a platform's programs export."""

from behave import then, when

from sparkproof.observability.metrics import Metrics
from sparkproof.suite.context import Context


@when("the platform operator reads the targets of the platform's monitors")
def the_platform_operator_reads_the_targets_of_the_platforms_monitors(context: Context) -> None:
    context.metrics = Metrics.of(context.platform)


@then('the metric "{name}" of the {component} component is at least {least:d}')
def the_metric_of_the_component_is_at_least(context: Context, component: str, least: int, name: str) -> None:
    context.metrics.must_show(component, name, least)
