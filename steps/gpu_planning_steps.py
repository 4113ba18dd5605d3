"""RAPIDS' plans for a GPU, made without one."""

from behave import given, then, when

from sparkproof.gpu.by_airflow import PlannedByRun, at_first_snapshot
from sparkproof.gpu.planned import RapidsPlan
from sparkproof.gpu.settings import RapidsSettings
from sparkproof.iceberg import Table
from sparkproof.suite.context import Context


@given('a data engineer has planned "{statement}"')
@when('a data engineer plans "{statement}"')
def a_data_engineer_has_planned(context: Context, statement: str) -> None:
    context.plan = RapidsPlan.of(context.session, statement)


@when("a data engineer plans to count the first snapshot's trips by zone")
def a_data_engineer_plans_to_count_the_first_snapshots_trips_by_zone(context: Context) -> None:
    version = f"VERSION AS OF {context.trips.snapshots[0].id}"
    context.plan = RapidsPlan.of(
        context.session, f"SELECT zone, count(*) FROM trips {version} GROUP BY zone ORDER BY zone"
    )


@when('a data engineer has a run plan "{query}"')
def a_data_engineer_has_a_run_plan(context: Context, query: str) -> None:
    context.planned_by_run = PlannedByRun.of(context.platform, context.trips, query)
    context.add_cleanup(Table(context.session, context.planned_by_run.run.table).drop)
    context.plan = context.planned_by_run.plan


@when("a data engineer has a run plan to count the first snapshot's trips by zone")
def a_data_engineer_has_a_run_plan_to_count_the_first_snapshots_trips_by_zone(context: Context) -> None:
    context.planned_by_run = PlannedByRun.of(context.platform, context.trips, at_first_snapshot(context.trips))
    context.add_cleanup(Table(context.session, context.planned_by_run.run.table).drop)
    context.plan = context.planned_by_run.plan


@when("a data engineer plans to count the table's snapshots")
def a_data_engineer_plans_to_count_the_tables_snapshots(context: Context) -> None:
    context.plan = RapidsPlan.of(context.session, f"SELECT count(*) FROM {context.trips.name}.snapshots")


@when("the platform operator asks RAPIDS for its settings")
def the_platform_operator_asks_rapids_for_its_settings(context: Context) -> None:
    context.rapids_settings = RapidsSettings.of(context.session)


@then("RAPIDS has every setting of the {preset} preset")
def rapids_has_every_setting_of_the_preset(context: Context, preset: str) -> None:
    context.rapids_settings.must_include_those_of(context.platform, preset)


@then('RAPIDS has no setting "{name}"')
def rapids_has_no_setting(context: Context, name: str) -> None:
    context.rapids_settings.must_not_include(name)


@then('RAPIDS would have the CPU compute "{expression}" because "{reason}"')
def rapids_would_have_the_cpu_compute_because(context: Context, expression: str, reason: str) -> None:
    context.plan.must_bridge(expression, reason)


@then('a GPU would run the whole plan, with "{operators}"')
def a_gpu_would_run_the_whole_plan_with(context: Context, operators: str) -> None:
    context.plan.must_run_on_gpu(operators.split(", "))


@then('the CPU would run "{operator}" because "{reason}"')
def the_cpu_would_run_because(context: Context, operator: str, reason: str) -> None:
    context.plan.must_stay_on_cpu(operator, reason)


@then('RAPIDS reports "{function}" as not supported')
def rapids_reports_as_not_supported(context: Context, function: str) -> None:
    context.plan.must_lack(function)


@then("the report says that RAPIDS is forced")
def the_report_says_that_rapids_is_forced(context: Context) -> None:
    context.plan.must_be_forced()


@then("the planned query gives {first:d} and {second:d}")
def the_planned_query_gives_and(context: Context, first: int, second: int) -> None:
    context.session.run(context.plan.statement).must_hold([(first, second)])


@then("the run wrote the right answer")
def the_run_wrote_the_right_answer(context: Context) -> None:
    context.planned_by_run.must_have_answered(context.trips)


@then("the report shows the files that Iceberg chose for it")
def the_report_shows_the_files_that_iceberg_chose_for_it(context: Context) -> None:
    context.planned_by_run.must_show_iceberg()
