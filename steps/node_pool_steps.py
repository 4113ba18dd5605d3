"""Nodes that an autoscaler adds and removes."""

from behave import given, register_type, then, when

from sparkproof.platform.release import installed
from sparkproof.scaling.node_pools import DRIVER, WORK, NodePool
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond

register_type(**TYPES)


@given('a pool of "{pool:NodePool}" nodes')
@asks_beyond("simulated nodes")
def a_pool_of_nodes(context: Context, pool: str) -> None:
    context.pool = NodePool.create(installed(context.platform).team.kube, pool, run=context.suite.run)
    context.add_cleanup(context.pool.remove)


@given('a pool of "{pool:NodePool}" nodes with {cores:d} cores at most')
@asks_beyond("simulated nodes")
def a_pool_of_nodes_with_cores_at_most(context: Context, pool: str, cores: int) -> None:
    context.pool = NodePool.create(installed(context.platform).team.kube, pool, run=context.suite.run, cores=cores)
    context.add_cleanup(context.pool.remove)


@given("{count:d} executors on new nodes")
def executors_on_new_nodes(context: Context, count: int) -> None:
    context.pool.must_bring(context.platform, count)


@given("a copy of the driver on it, beside work for {cores:d} cores")
def a_copy_of_the_driver_on_it_beside_work_for_cores(context: Context, cores: int) -> None:
    context.pool.put_driver(context.platform, cores)


@given("a copy of the driver without protection on it, beside work for {cores:d} cores")
def a_copy_of_the_driver_without_protection_on_it_beside_work_for_cores(context: Context, cores: int) -> None:
    context.pool.put_driver(context.platform, cores, protected=False)


@when("the provider takes back the node of an executor")
def the_provider_takes_back_the_node_of_an_executor(context: Context) -> None:
    context.pool.take_back_under(context.platform)


@when("the work beside it ends")
def the_work_beside_it_ends(context: Context) -> None:
    context.pool.end(WORK)


@then("{count:d} executors are on new nodes within {seconds:d} seconds")
def executors_are_on_new_nodes_within_seconds(context: Context, count: int, seconds: int) -> None:
    context.pool.must_bring(context.platform, count, seconds)


@then('the nodes are "{capacity_type}" and "{instance_type}"')
def the_nodes_are_and(context: Context, capacity_type: str, instance_type: str) -> None:
    context.pool.must_be_of(capacity_type, instance_type)


@then("the nodes go when the query has ended")
def the_nodes_go_when_the_query_has_ended(context: Context) -> None:
    context.query.end()
    context.pool.must_be_empty()


@then('Karpenter says "{reason}" of the {count:d} executors, and buys nothing')
def karpenter_says_of_the_executors_and_buys_nothing(context: Context, reason: str, count: int) -> None:
    context.pool.must_refuse(context.platform, count, reason)


@then("no pod is left on it at its deadline")
def no_pod_is_left_on_it_at_its_deadline(context: Context) -> None:
    context.pool.must_be_left_in_time()


@then("the copy of the driver stays where it is")
def the_copy_of_the_driver_stays_where_it_is(context: Context) -> None:
    context.pool.must_keep(DRIVER)


@then("the copy of the driver is evicted")
def the_copy_of_the_driver_is_evicted(context: Context) -> None:
    context.pool.must_evict(DRIVER)
