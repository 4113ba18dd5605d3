"""Objects that land in a folder of the object store, the ingest that they start, and the counter that KEDA asks."""

from behave import given, register_type, then, when

from sparkproof.operations import landing
from sparkproof.operations.broken_counter import BrokenCounter
from sparkproof.operations.counter import Counter
from sparkproof.operations.killed_ingest import KilledIngest, KilledMidCommit
from sparkproof.operations.landing import Landing
from sparkproof.platform.release import installed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("an empty table of orders that the ingest fills")
def an_empty_table_of_orders_that_the_ingest_fills(context: Context) -> None:
    context.landing = Landing.begin(context.platform, context.session)
    context.add_cleanup(context.landing.close)


@given("the platform operator has stopped the counter of objects")
def the_platform_operator_has_stopped_the_counter_of_objects(context: Context) -> None:
    context.add_cleanup(Counter.of(context.platform).start)
    Counter.of(context.platform).stop()


@given("the counter of objects {trouble:CounterTrouble}")
def the_counter_of_objects(context: Context, trouble: str) -> None:
    context.broken_counter = BrokenCounter.begin(context.platform, trouble)
    context.add_cleanup(context.broken_counter.mend)


@given("a source system has landed {count:d} orders, each in an object of its own")
def a_source_system_has_landed_orders_each_in_an_object_of_its_own(context: Context, count: int) -> None:
    context.landing.land(landing.one_each(count))


@when("a source system lands the orders")
@table("object", "order", "amount", read=landing.by_object)
def a_source_system_lands_the_orders(context: Context) -> None:
    context.landing.land(landing.by_object(context.table))


@when("a source system lands {count:d} orders, each in an object of its own, and the ingest is killed after its commit")
def a_source_system_lands_orders_each_in_an_object_of_its_own_and_the_ingest_is_killed_after_its_commit(
    context: Context, count: int
) -> None:
    context.killed_ingest = KilledIngest.after_commit(context.landing, landing.one_each(count))


@when("a source system lands {count:d} orders, each in an object of its own")
def a_source_system_lands_orders_each_in_an_object_of_its_own(context: Context, count: int) -> None:
    context.landing.land(landing.one_each(count))


@when("the ingest of {count:d} orders is killed while Spark commits them, and Spark goes on")
def the_ingest_of_orders_is_killed_while_spark_commits_them_and_spark_goes_on(context: Context, count: int) -> None:
    context.killed_mid_commit = KilledMidCommit.kill(context.landing, landing.one_each(count), with_spark=False)


@when("the ingest of {count:d} orders is killed while Spark commits them, and Spark with it")
def the_ingest_of_orders_is_killed_while_spark_commits_them_and_spark_with_it(context: Context, count: int) -> None:
    context.killed_mid_commit = KilledMidCommit.kill(context.landing, landing.one_each(count), with_spark=True)
    installed(context.platform).must_come_back(since=context.killed_mid_commit.since)
    context.landing.table.session = context.platform.open_session()


@when("KEDA asks {times:d} times for the number of objects")
def keda_asks_times_for_the_number_of_objects(context: Context, times: int) -> None:
    Counter.of(context.platform).await_asking(times)


@when("somebody asks {asks:Asking} for the number of objects")
def somebody_asks_for_the_number_of_objects(context: Context, asks: str) -> None:
    context.counter_reply = Counter.of(context.platform).ask(asks)


@then("the ingest brings each order into the table, once")
def the_ingest_brings_each_order_into_the_table_once(context: Context) -> None:
    context.landing.must_be_loaded()


@then("no object is left, and no further ingest begins")
def no_object_is_left_and_no_further_ingest_begins(context: Context) -> None:
    context.landing.must_be_at_rest()


@then("no two ingests were at work at once, though KEDA asked meanwhile")
def no_two_ingests_were_at_work_at_once_though_keda_asked_meanwhile(context: Context) -> None:
    context.landing.must_have_worked_one_by_one()


@then("no ingest has begun")
def no_ingest_has_begun(context: Context) -> None:
    context.landing.must_not_have_begun()


@then("another ingest has moved what the killed one left, and committed nothing of it again")
def another_ingest_has_moved_what_the_killed_one_left_and_committed_nothing_of_it_again(context: Context) -> None:
    context.killed_ingest.must_be_finished_by_another()


@then("the objects wait, and KEDA says that it cannot count them")
def the_objects_wait_and_keda_says_that_it_cannot_count_them(context: Context) -> None:
    context.landing.must_wait_for_the_counter()


@then("the ingest brings them into the table when there is a counter again")
def the_ingest_brings_them_into_the_table_when_there_is_a_counter_again(context: Context) -> None:
    Counter.of(context.platform).start()
    context.landing.must_be_loaded()


@then("the ingest brings them into the table when the counter is as before")
def the_ingest_brings_them_into_the_table_when_the_counter_is_as_before(context: Context) -> None:
    context.broken_counter.mend()
    context.landing.must_be_loaded()


@then("the number of objects is {count:d}")
def the_number_of_objects_is(context: Context, count: int) -> None:
    context.counter_reply.must_tell(count)


@then('the number of objects is not told because "{reason}"')
def the_number_of_objects_is_not_told_because(context: Context, reason: str) -> None:
    context.counter_reply.must_be_refused(reason)


@then("another ingest has made good what the killed one left, in one commit")
def another_ingest_has_made_good_what_the_killed_one_left_in_one_commit(context: Context) -> None:
    context.killed_mid_commit.must_be_made_good()
