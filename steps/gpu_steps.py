"""What a GPU does for the platform."""

from behave import given, then, when

from sparkproof.gpu import GpuWork
from sparkproof.iceberg import travel


@given("a GPU node and an Iceberg catalog")
def a_gpu_node_and_an_iceberg_catalog(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.dissolve)
    context.release = context.suite.install(context.team, presets=("small", "gpu"))


@when("a data engineer time-travels")
def a_data_engineer_time_travels(context):
    context.session = context.release.open_session()
    context.answer = travel(context.session, context.suite.table_name("trips"))


@then("RAPIDS executes the query")
def rapids_executes_the_query(context):
    GpuWork(context.release.history.execution(context.answer.tag)).must_have_read_iceberg()
