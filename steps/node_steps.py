"""Simulated nodes, and the executors that the scheduler places on them."""

from behave import given, register_type, then, when

from sparkproof.scaling import nodes
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("these simulated nodes")
@table("nodes", "type", read=nodes.counted)
def these_simulated_nodes(context: Context) -> None:
    context.nodes = context.suite.simulate(context.table)
    context.add_cleanup(context.nodes.remove)


@given('one of the "{node_type:NodeType}" nodes is cordoned')
def one_of_the_nodes_is_cordoned(context: Context, node_type: str) -> None:
    context.nodes.cordon_one(node_type)


@given('the "{node_type:NodeType}" nodes have taken {count:d} of the executors')
def the_nodes_have_taken_of_the_executors(context: Context, node_type: str, count: int) -> None:
    context.nodes.must_hold(context.platform, count, node_type)


@when('a "{node_type:NodeType}" node joins')
def a_node_joins(context: Context, node_type: str) -> None:
    context.nodes.add(node_type)


@when("the node of an executor fails")
def the_node_of_an_executor_fails(context: Context) -> None:
    context.nodes.fail_under(context.platform)


@then('the "{node_type:NodeType}" nodes take {count:d} of the executors')
def the_nodes_take_of_the_executors(context: Context, node_type: str, count: int) -> None:
    context.nodes.must_hold(context.platform, count, node_type)


@then('for {count:d} of the executors the scheduler says "{reason}"')
def for_of_the_executors_the_scheduler_says(context: Context, count: int, reason: str) -> None:
    context.nodes.must_leave_waiting(context.platform, count, reason)


@then('the driver cannot run on the "{node_type:NodeType}" nodes')
def the_driver_cannot_run_on_the_nodes(context: Context, node_type: str) -> None:
    context.nodes.must_keep_off(node_type, context.platform.workloads.pod("connect"))


@then('the "{node_type:NodeType}" nodes take a copy of the executor that requests "{resource}" instead')
def the_nodes_take_a_copy_of_the_executor_that_requests_instead(
    context: Context, resource: str, node_type: str
) -> None:
    context.nodes.must_take_copy(node_type, context.platform.workloads.executors[0], asking_for=resource)
