"""Queries on a GPU, where there is one."""

from behave import given, then, when

from sparkproof.gpu.by_airflow import AskedByRun, at_first_snapshot
from sparkproof.gpu.discovery import Discovery
from sparkproof.gpu.speed import Speed
from sparkproof.gpu.work import GpuWork
from sparkproof.iceberg import storage, travel
from sparkproof.platform import classes
from sparkproof.suite.context import Context


@given("a GPU node and an Iceberg catalog")
def a_gpu_node_and_an_iceberg_catalog(context: Context) -> None:
    context.platform = context.suite.share(classes.named("GPU-lakehouse"))
    context.session = context.platform.open_session()
    context.add_cleanup(context.session.close)


@when("a data engineer time-travels")
def a_data_engineer_time_travels(context: Context) -> None:
    statement = travel(
        context.session, context.platform.catalogs.unused_table("trips"), context.suite.generated_trips()
    )
    context.gpu_work = GpuWork.run(context.platform, context.session, statement)


@when('a data engineer has a GPU run "{statement}"')
def a_data_engineer_has_a_gpu_run(context: Context, statement: str) -> None:
    context.gpu_work = GpuWork.run(context.platform, context.session, statement)


@when("a data engineer has a GPU count the first snapshot's trips by zone")
def a_data_engineer_has_a_gpu_count_the_first_snapshots_trips_by_zone(context: Context) -> None:
    statement = f"SELECT zone, count(*) FROM trips VERSION AS OF {context.trips.snapshots[0].id} GROUP BY zone"
    context.gpu_work = GpuWork.run(context.platform, context.session, statement)


@when('a data engineer has a run ask "{query}"')
def a_data_engineer_has_a_run_ask(context: Context, query: str) -> None:
    context.asked_by_run = AskedByRun.of(context.platform, context.trips, query)


@when("a data engineer has a run count the first snapshot's trips by zone")
def a_data_engineer_has_a_run_count_the_first_snapshots_trips_by_zone(context: Context) -> None:
    context.asked_by_run = AskedByRun.of(context.platform, context.trips, at_first_snapshot(context.trips))


@when('a data engineer has a GPU write "{query}" as Parquet')
def a_data_engineer_has_a_gpu_write_as_parquet(context: Context, query: str) -> None:
    context.gpu_work = GpuWork.run(context.platform, context.session, storage.copying(context.trips, query))


@when('a data engineer turns RAPIDS off and runs "{statement}"')
def a_data_engineer_turns_rapids_off_and_runs(context: Context, statement: str) -> None:
    context.gpu_work = GpuWork.run(context.platform, context.session, statement, rapids=False)


@when('a data engineer asks "{statement}" with RAPIDS and without it')
def a_data_engineer_asks_with_rapids_and_without_it(context: Context, statement: str) -> None:
    context.speed = Speed.measure(context.platform, context.session, statement)


@when("the platform operator asks each executor for its GPUs")
def the_platform_operator_asks_each_executor_for_its_gpus(context: Context) -> None:
    context.discovery = Discovery.on_executors(context.platform)


@when("the platform operator asks a pod without a GPU for its GPUs")
def the_platform_operator_asks_a_pod_without_a_gpu_for_its_gpus(context: Context) -> None:
    context.discovery = Discovery.on_submitter(context.platform)


@then("RAPIDS executes the query")
def rapids_executes_the_query(context: Context) -> None:
    context.gpu_work.must_be_accelerated()


@then('RAPIDS executes the query, with "{operators}" on the GPU')
def rapids_executes_the_query_with_on_the_gpu(context: Context, operators: str) -> None:
    context.gpu_work.must_be_accelerated(operators.split(", "))


@then('RAPIDS executes the run\'s query, with "{operators}" on the GPU')
def rapids_executes_the_runs_query_with_on_the_gpu(context: Context, operators: str) -> None:
    context.asked_by_run.must_be_accelerated(operators.split(", "), context.trips)


@then("the report shows the metrics of GPU and Iceberg for the run's query")
def the_report_shows_the_metrics_of_gpu_and_iceberg_for_the_runs_query(context: Context) -> None:
    context.asked_by_run.must_show_iceberg()


@then('RAPIDS leaves "{operator}" to the CPU, and the answer is right')
def rapids_leaves_to_the_cpu_and_the_answer_is_right(context: Context, operator: str) -> None:
    context.gpu_work.must_have_left_to_cpu(operator)


@then('the answer with RAPIDS is the same and comes at least {times:g} times as fast, with "{operators}" on the GPU')
def the_answer_with_rapids_is_the_same_and_comes_at_least_times_as_fast_with_on_the_gpu(
    context: Context, times: float, operators: str
) -> None:
    context.speed.must_be_at_least(times, operators.split(", "))


@then("nothing shows a GPU at work")
def nothing_shows_a_gpu_at_work(context: Context) -> None:
    context.gpu_work.must_not_have_used_gpu()


@then("the GPU ran out of memory, and the answer is right")
def the_gpu_ran_out_of_memory_and_the_answer_is_right(context: Context) -> None:
    context.gpu_work.must_have_survived_memory_pressure()


@then("the report shows the metrics of GPU and Iceberg for the query")
def the_report_shows_the_metrics_of_gpu_and_iceberg_for_the_query(context: Context) -> None:
    context.gpu_work.must_show_iceberg_and_gpu()


@then('the copy has the rows of "{query}"')
def the_copy_has_the_rows_of(context: Context, query: str) -> None:
    storage.must_be_copied(context.trips, query)


@then("each has one {vendor} GPU")
def each_has_one_gpu(context: Context, vendor: str) -> None:
    context.discovery.must_have_found(vendor, 1)


@then('it has no GPU because "{reason}"')
def it_has_no_gpu_because(context: Context, reason: str) -> None:
    context.discovery.must_have_found_none(reason)
