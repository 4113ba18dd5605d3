"""The metrics of the platform's programs."""

from behave import then, when

from sparkproof.observability.metrics import Metrics


@when("Prometheus scrapes the targets of the platform's monitors")
def prometheus_scrapes_the_targets_of_the_platforms_monitors(context):
    context.metrics = Metrics.of(context.release)


@then('the metric "{name}" of the {component} component is at least {least:d}')
def the_metric_of_the_component_is_at_least(context, component, least, name):
    context.metrics.must_tell(component, name, least)
