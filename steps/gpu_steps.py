"""The work that a GPU does for the platform."""

from behave import given, then, when

from sparkproof.gpu.discovery import Discovery
from sparkproof.gpu.work import GpuWork
from sparkproof.iceberg import storage, travel


@given("a GPU node and an Iceberg catalog")
def a_gpu_node_and_an_iceberg_catalog(context):
    context.release = context.suite.share("GPU-lakehouse")
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a GPU-lakehouse platform on Spark {version}")
def a_gpu_lakehouse_platform_on_spark(context, version):
    context.release = context.suite.share("GPU-lakehouse", version)
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a low-memory-GPU-lakehouse platform")
def a_low_memory_gpu_lakehouse_platform(context):
    context.release = context.suite.share("low-memory-GPU-lakehouse")
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a forced-GPU-lakehouse platform on Spark {version}")
def a_forced_gpu_lakehouse_platform_on_spark(context, version):
    context.release = context.suite.share("forced-GPU-lakehouse", version)
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@when("a data engineer time-travels")
def a_data_engineer_time_travels(context):
    statement = travel(context.session, context.suite.table_name("trips"), context.suite.generated_trips())
    context.work = GpuWork.run(context.release, context.session, statement)


@when('a data engineer has a GPU run "{statement}"')
def a_data_engineer_has_a_gpu_run(context, statement):
    context.work = GpuWork.run(context.release, context.session, statement)


@when("a data engineer has a GPU count the first snapshot's trips by zone")
def a_data_engineer_has_a_gpu_count_the_first_snapshots_trips_by_zone(context):
    statement = f"SELECT zone, count(*) FROM trips VERSION AS OF {context.trips.snapshots[0].id} GROUP BY zone"
    context.work = GpuWork.run(context.release, context.session, statement)


@when('a data engineer has a GPU write "{query}" as Parquet')
def a_data_engineer_has_a_gpu_write_as_parquet(context, query):
    context.work = GpuWork.run(context.release, context.session, storage.copying(context.trips, query))


@when('a data engineer turns RAPIDS off and runs "{statement}"')
def a_data_engineer_turns_rapids_off_and_runs(context, statement):
    context.work = GpuWork.run(context.release, context.session, statement, rapids=False)


@when("the platform operator asks each executor for its GPUs")
def the_platform_operator_asks_each_executor_for_its_gpus(context):
    context.discovery = Discovery.on_executors(context.release)


@when("the platform operator asks a pod without a GPU for its GPUs")
def the_platform_operator_asks_a_pod_without_a_gpu_for_its_gpus(context):
    context.discovery = Discovery.on_submitter(context.release)


@then("RAPIDS executes the query")
def rapids_executes_the_query(context):
    context.work.must_be_accelerated()


@then('RAPIDS executes the query, with "{operators}" on the GPU')
def rapids_executes_the_query_with_on_the_gpu(context, operators):
    context.work.must_be_accelerated(operators.split(", "))


@then('RAPIDS leaves "{operator}" to the CPU, and the answer is right')
def rapids_leaves_to_the_cpu_and_the_answer_is_right(context, operator):
    context.work.must_have_left_to_cpu(operator)


@then("nothing shows a GPU at work")
def nothing_shows_a_gpu_at_work(context):
    context.work.must_not_have_used_gpu()


@then("the GPU ran out of memory, and the answer is right")
def the_gpu_ran_out_of_memory_and_the_answer_is_right(context):
    context.work.must_have_survived_memory_pressure()


@then("the report shows the metrics of GPU and Iceberg for the query")
def the_report_shows_the_metrics_of_gpu_and_iceberg_for_the_query(context):
    context.work.must_show_iceberg_and_gpu()


@then('the copy has the rows of "{query}"')
def the_copy_has_the_rows_of(context, query):
    storage.must_be_copied(context.trips, query)


@then("each has one {vendor} GPU")
def each_has_one_gpu(context, vendor):
    context.discovery.must_have_found(vendor, 1)


@then('it has no GPU because "{reason}"')
def it_has_no_gpu_because(context, reason):
    context.discovery.must_have_found_none(reason)
