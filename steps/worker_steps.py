"""Workers of a standalone cluster that come and go with its applications."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table
from sparkproof.scaling import workers
from sparkproof.scaling.workers import ElasticWorkers
from sparkproof.spark.application import Application
from sparkproof.spark.standalone import StandaloneCluster
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


@given("the standalone cluster has no workers")
def the_standalone_cluster_has_no_workers(context: Context) -> None:
    context.workers = ElasticWorkers.watch(context.platform)
    context.add_cleanup(context.workers.close)


@given('workers that have just ended the "{name:Application}" application')
def workers_that_have_just_ended_the_application(context: Context, name: str) -> None:
    context.application = Application.submit(
        context.platform, name, "client", context.platform.catalogs.unused_table("result")
    )
    context.add_cleanup(Table(context.session, context.application.table).drop)
    context.workers = ElasticWorkers.after(context.application, context.platform)


@when('the data team submits {count:d} "{name:Application}" applications at once')
def the_data_team_submits_applications_at_once(context: Context, count: int, name: str) -> None:
    tables = [context.platform.catalogs.unused_table("result") for _ in range(count)]
    context.applications = workers.submitted_at_once(context.platform, name, tables)
    context.add_cleanup(workers.drop, context.session, tables)


@when("the platform operator stops the master")
def the_platform_operator_stops_the_master(context: Context) -> None:
    context.add_cleanup(StandaloneCluster.of(context.platform).start_master)
    StandaloneCluster.of(context.platform).stop_master()


@when("the platform operator has a second autoscaler follow applications for the same workers")
def the_platform_operator_has_a_second_autoscaler_follow_applications_for_the_same_workers(
    context: Context,
) -> None:
    context.dry_run = ElasticWorkers(context.platform).second()


@then("a worker came within {seconds:d} seconds")
def a_worker_came_within_seconds(context: Context, seconds: int) -> None:
    context.workers.must_have_come_within(seconds, [context.application])


@then("the workers go within {seconds:d} seconds after their cooldown")
def the_workers_go_within_seconds_after_their_cooldown(context: Context, seconds: int) -> None:
    context.workers.must_go_within(seconds, [context.application])


@then("each of them finds the sum {total:d}")
def each_of_them_finds_the_sum(context: Context, total: int) -> None:
    workers.must_have_written(context.session, context.applications, [(total,)])


@then("{count:d} workers came")
def workers_came(context: Context, count: int) -> None:
    context.workers.must_have_been(count)


@then("there were never more workers than there may be, though more applications waited")
def there_were_never_more_workers_than_there_may_be_though_more_applications_waited(context: Context) -> None:
    context.workers.must_have_kept_to_the_maximum(context.applications)


@then("no worker went before the applications had ended")
def no_worker_went_before_the_applications_had_ended(context: Context) -> None:
    context.workers.must_have_stayed_for(context.applications)


@then("the workers stay, and KEDA says that it cannot count applications")
def the_workers_stay_and_keda_says_that_it_cannot_count_applications(context: Context) -> None:
    context.workers.must_stay_without_master()


@then("they go when there is a master again")
def they_go_when_there_is_a_master_again(context: Context) -> None:
    StandaloneCluster.of(context.platform).start_master()
    context.workers.must_follow_again()


@then('the second autoscaler is refused because "{reason}"')
def the_second_autoscaler_is_refused_because(context: Context, reason: str) -> None:
    context.dry_run.must_be_refused(reason)
