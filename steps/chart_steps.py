"""Charts: their renderings and refusals, without a cluster."""

from behave import given, register_type, then, when

from sparkproof.charts import renderings
from sparkproof.charts.changes import Changes
from sparkproof.charts.coverage import Coverage
from sparkproof.charts.own_tests import OwnTests
from sparkproof.charts.promises import Promise
from sparkproof.charts.renderings import Renderings
from sparkproof.core import examples
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("the platform's charts")
def the_platforms_charts(context: Context) -> None:
    context.charts = renderings.in_folder(context.suite.settings.charts)


@given("a template with {what:Template} is in each chart")
def a_template_with_is_in_each_chart(context: Context, what: str) -> None:
    context.charts = renderings.with_template(context.charts, examples.template(what))
    context.add_cleanup(renderings.remove, context.charts)


@given('a value "{name}" that nothing reads is in each chart')
def a_value_that_nothing_reads_is_in_each_chart(context: Context, name: str) -> None:
    context.charts = renderings.with_value(context.charts, name)
    context.add_cleanup(renderings.remove, context.charts)


@when("a chart maintainer renders each chart in each version with each preset")
def a_chart_maintainer_renders_each_chart_in_each_version_with_each_preset(context: Context) -> None:
    context.renderings = Renderings.of(renderings.every_preset(context.charts))


@when("a chart maintainer renders each chart in each version with each two presets")
def a_chart_maintainer_renders_each_chart_in_each_version_with_each_two_presets(context: Context) -> None:
    context.renderings = Renderings.of(renderings.every_two_presets(context.charts))


@when("a chart maintainer renders every platform that the charts can make")
def a_chart_maintainer_renders_every_platform_that_the_charts_can_make(context: Context) -> None:
    context.renderings = Renderings.of_platforms(context.charts)


@when("a chart maintainer changes each value of each chart where all is on, and switches its parts off")
def a_chart_maintainer_changes_each_value_of_each_chart_where_all_is_on_and_switches_its_parts_off(
    context: Context,
) -> None:
    context.changes = Changes(context.charts)


@when("a chart maintainer renders the charts with their {name} presets")
def a_chart_maintainer_renders_the_charts_with_their_presets(context: Context, name: str) -> None:
    context.renderings = Renderings.of(renderings.with_preset(context.charts, name))


@when("a chart maintainer renders the charts whose executors are pods with their {name} presets")
def a_chart_maintainer_renders_the_charts_whose_executors_are_pods_with_their_presets(
    context: Context, name: str
) -> None:
    context.renderings = Renderings.of(renderings.with_preset(context.charts, name)).without_standalone()


@when("a chart maintainer renders the charts whose executors are in workers with their {name} presets")
def a_chart_maintainer_renders_the_charts_whose_executors_are_in_workers_with_their_presets(
    context: Context, name: str
) -> None:
    context.renderings = Renderings.of(renderings.with_preset(context.charts, name)).with_workers()


@when("a chart maintainer renders the platform of the {environment:Environment} environment")
def a_chart_maintainer_renders_the_platform_of_the_environment(context: Context, environment: str) -> None:
    context.renderings = Renderings.of(renderings.with_values(context.charts, examples.environment(environment)))


@when("a chart maintainer renders the charts with everything switched on")
def a_chart_maintainer_renders_the_charts_with_everything_switched_on(context: Context) -> None:
    context.own_tests = OwnTests.of(Renderings.of(renderings.with_everything(context.charts)).views)


@when("a chart maintainer exercises the charts")
def a_chart_maintainer_exercises_the_charts(context: Context) -> None:
    context.coverage = Coverage.of(context.charts)


@when("a chart maintainer exercises the charts with their presets")
def a_chart_maintainer_exercises_the_charts_with_their_presets(context: Context) -> None:
    context.coverage = Coverage.of_presets(context.charts)


@when('a chart maintainer exercises the value "{name}" of the charts')
def a_chart_maintainer_exercises_the_value_of_the_charts(context: Context, name: str) -> None:
    context.coverage = Coverage.of_value(context.charts, name)


@when("a platform engineer misspells each setting in turn")
def a_platform_engineer_misspells_each_setting_in_turn(context: Context) -> None:
    context.renderings = Renderings.of(renderings.every_misspelling(context.charts))


@when("a platform engineer asks for {settings:Settings}")
def a_platform_engineer_asks_for(context: Context, settings: str) -> None:
    context.renderings = Renderings.of(renderings.impossible(settings).cases(context.charts))


@then("every rendering is the same the second time")
def every_rendering_is_the_same_the_second_time(context: Context) -> None:
    context.renderings.must_be_the_same_again()


@then("every rendering is the same in any order of its presets")
def every_rendering_is_the_same_in_any_order_of_its_presets(context: Context) -> None:
    context.renderings.must_be_the_same_in_any_order()


@then("every promise is kept")
def every_promise_is_kept(context: Context) -> None:
    context.changes.must_keep_promises()


@then("in each of them {promise:Promise}")
def in_each_of_them(context: Context, promise: Promise) -> None:
    context.renderings.must_keep(promise)


@then("each of their own tests passes where it is answered rightly")
def each_of_their_own_tests_passes_where_it_is_answered_rightly(context: Context) -> None:
    context.own_tests.must_pass_where_right()


@then("each of their own tests fails where it is answered wrongly")
def each_of_their_own_tests_fails_where_it_is_answered_wrongly(context: Context) -> None:
    context.own_tests.must_fail_where_wrong()


@then("every driver has the settings")
@table("setting", "value")
def every_driver_has_the_settings(context: Context) -> None:
    context.renderings.must_set({row["setting"]: row["value"] for row in context.table})


@then("the {kind} of {component} has")
@table("field", "value")
def the_of_has(context: Context, kind: str, component: str) -> None:
    context.renderings.must_have(kind, component, {row["field"]: row["value"] for row in context.table})


@then("there is a {kind} of {component}")
def there_is_a_of(context: Context, kind: str, component: str) -> None:
    context.renderings.must_have(kind, component, {})


@then('executors go to nodes labelled "{label}"')
def executors_go_to_nodes_labelled(context: Context, label: str) -> None:
    context.renderings.must_place_executors_on(label)


@then('executors accept the taint "{taint}"')
def executors_accept_the_taint(context: Context, taint: str) -> None:
    context.renderings.must_let_executors_accept(taint)


@then('pods need the Secrets "{names}"')
def pods_need_the_secrets(context: Context, names: str) -> None:
    context.renderings.must_need_secrets(names.split(", "))


@then("presets give these settings, and no others")
@table("preset", "setting", "value")
def presets_give_these_settings_and_no_others(context: Context) -> None:
    context.renderings.must_give([(row["preset"], row["setting"], row["value"]) for row in context.table])


@then("every object fits the schemas of Kubernetes")
def every_object_fits_the_schemas_of_kubernetes(context: Context) -> None:
    context.renderings.must_fit_kubernetes()


@then('the schemas of Kubernetes refuse the field "{field}"')
def the_schemas_of_kubernetes_refuse_the_field(context: Context, field: str) -> None:
    context.renderings.must_not_fit_kubernetes(field)


@then('each is refused because "{reason}"')
def each_is_refused_because(context: Context, reason: str) -> None:
    context.renderings.must_be_refused(reason)


@then("each refusal names the setting that is misspelt, and where it is")
def each_refusal_names_the_setting_that_is_misspelt_and_where_it_is(context: Context) -> None:
    context.renderings.must_name_what_is_unknown()


@then("less than {percent:d} % of their templates, branches and values is never exercised")
def less_than_of_their_templates_branches_and_values_is_never_exercised(context: Context, percent: int) -> None:
    context.coverage.must_leave_less_than(percent)


@then('"{file}" is never exercised')
def is_never_exercised(context: Context, file: str) -> None:
    context.coverage.must_name(file)
