"""The charts: rendering, refusals and coverage, without a cluster."""

from behave import given, then, when

from sparkproof.charts import renderings
from sparkproof.charts.coverage import Coverage
from sparkproof.charts.renderings import Renderings
from sparkproof.core import examples


@given("the platform's charts")
def the_platforms_charts(context):
    context.charts = renderings.in_folder(context.suite.settings.charts)


@given("a template with {what} is in each chart")
def a_template_with_is_in_each_chart(context, what):
    context.charts = renderings.with_template(context.charts, examples.template(what))
    context.add_cleanup(renderings.remove, context.charts)


@when("a chart maintainer renders each chart in each version with each preset")
def a_chart_maintainer_renders_each_chart_in_each_version_with_each_preset(context):
    context.renderings = Renderings.of(renderings.every_preset(context.charts))


@when("a chart maintainer renders each chart in each version with each two presets")
def a_chart_maintainer_renders_each_chart_in_each_version_with_each_two_presets(context):
    context.renderings = Renderings.of(renderings.every_two_presets(context.charts))


@when("a chart maintainer exercises the charts")
def a_chart_maintainer_exercises_the_charts(context):
    context.coverage = Coverage.of(context.charts)


@when("a chart maintainer exercises the charts with their presets")
def a_chart_maintainer_exercises_the_charts_with_their_presets(context):
    context.coverage = Coverage.of_presets(context.charts)


@when("a platform engineer misspells each setting in turn")
def a_platform_engineer_misspells_each_setting_in_turn(context):
    context.renderings = Renderings.of(renderings.every_misspelling(context.charts))


@when("a platform engineer asks for {settings}")
def a_platform_engineer_asks_for(context, settings):
    context.renderings = Renderings.of(renderings.impossible(settings).cases(context.charts))


@then("every rendering is the same the second time")
def every_rendering_is_the_same_the_second_time(context):
    context.renderings.must_be_the_same_again()


@then("every object fits the schemas of Kubernetes")
def every_object_fits_the_schemas_of_kubernetes(context):
    context.renderings.must_fit_kubernetes()


@then('the schemas of Kubernetes refuse the field "{field}"')
def the_schemas_of_kubernetes_refuse_the_field(context, field):
    context.renderings.must_not_fit_kubernetes(field)


@then('each is refused because "{reason}"')
def each_is_refused_because(context, reason):
    context.renderings.must_be_refused(reason)


@then("less than {percent:d} % of their templates, branches and values is never exercised")
def less_than_of_their_templates_branches_and_values_is_never_exercised(context, percent):
    context.coverage.must_leave_less_than(percent)


@then('"{file}" is never exercised')
def is_never_exercised(context, file):
    context.coverage.must_name(file)
