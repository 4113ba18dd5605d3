"""Platforms and the teams that own them."""

from behave import given, then, when

from sparkproof.core import examples
from sparkproof.iceberg import Table
from sparkproof.platform.release import ASKS_FOR_A_TOKEN
from sparkproof.spark import trips
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS


@given("a lakehouse platform")
def a_lakehouse_platform(context):
    context.release = context.suite.share("lakehouse")
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a lakehouse platform on Spark {version}")
def a_lakehouse_platform_on_spark(context, version):
    context.release = context.suite.share("lakehouse", version)
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a GPU platform")
def a_gpu_platform(context):
    context.release = context.suite.share("GPU")


@given("a cost-optimized-GPU platform")
def a_cost_optimized_gpu_platform(context):
    context.release = context.suite.share("cost-optimized-GPU")


@given("a quota of {count:d} GPUs for the team")
def a_quota_of_gpus_for_the_team(context, count):
    context.release.team.limit({"requests.nvidia.com/gpu": str(count)})
    context.add_cleanup(context.release.team.lift_limit)


@given("a data team with a platform of its own")
def a_data_team_with_a_platform_of_its_own(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team)


@given("a standalone platform on Spark {version}")
def a_standalone_platform_on_spark(context, version):
    context.release = context.suite.share("standalone", version)
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a standalone platform")
def a_standalone_platform(context):
    context.release = context.suite.share("standalone")
    context.session = context.release.open_session()
    context.add_cleanup(context.session.close)


@given("a data team with a platform of its own on Spark {version}")
def a_data_team_with_a_platform_of_its_own_on_spark(context, version):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, version=version)


@given("a data team with a platform on Spark {version} that {does}")
def a_data_team_with_a_platform_on_spark_that(context, version, does):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, version=version, values=examples.values(does))


@given("a data team whose platform asks for a token")
def a_data_team_whose_platform_asks_for_a_token(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, values=ASKS_FOR_A_TOKEN)


@given("a second platform in the team's namespace")
def a_second_platform_in_the_teams_namespace(context):
    context.second = context.suite.install(context.team, name="second")


@given("a second platform in another team's namespace")
def a_second_platform_in_another_teams_namespace(context):
    team = context.suite.team()
    context.add_cleanup(team.delete)
    context.second = context.suite.install(team)


@when("the platform operator upgrades the platform to Spark {version}")
def the_platform_operator_upgrades_the_platform_to_spark(context, version):
    context.ended = context.release.history.application
    context.release.upgrade(version)


@then("the platform runs Spark {version}")
def the_platform_runs_spark(context, version):
    context.release.must_be_of(version)


@given("a data team whose quota allows {count:d} executors")
def a_data_team_whose_quota_allows_executors(context, count):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, room_for=count)


@given("a data engineer of the team")
def a_data_engineer_of_the_team(context):
    context.session = context.release.open_session()


@given("an executor of the platform")
def an_executor_of_the_platform(context):
    context.session.run(A_QUERY_FOR_EXECUTORS)


@given("an operator let the platform's driver {verb} {resource}")
def an_operator_let_the_platforms_driver(context, verb, resource):
    context.release.grant("driver", verb, resource)


@when("the platform operator runs the chart's own tests")
def the_platform_operator_runs_the_charts_own_tests(context):
    context.helm_test = context.release.test()


@then("all of them pass")
def all_of_them_pass(context):
    context.helm_test.must_have_passed()


@then('the test "{test}" fails')
def the_test_fails(context, test):
    context.helm_test.must_have_failed(test)


@given("the team keeps a table of taxi trips")
def the_team_keeps_a_table_of_taxi_trips(context):
    context.trips = Table.create(context.release.open_session(), context.suite.table_name("trips"), trips.COLUMNS)
    context.trips.append(trips.rows(context.table))


@then("the platform's table holds")
def the_platforms_table_holds(context):
    Table(context.release.open_session(), context.trips.name).read().must_hold(trips.rows(context.table))


@then("the second platform does not know the table")
def the_second_platform_does_not_know_the_table(context):
    Table(context.second.open_session(), context.trips.name).read().must_be_refused("TABLE_OR_VIEW_NOT_FOUND")


@when("data engineers work on both platforms")
def data_engineers_work_on_both_platforms(context):
    context.release.open_session().run(A_QUERY_FOR_EXECUTORS)
    context.second.open_session().run(A_QUERY_FOR_EXECUTORS)


@then("each platform's executors are its own")
def each_platforms_executors_are_its_own(context):
    context.release.must_own_its_executors()
    context.second.must_own_its_executors()


@then('a user without a token is refused because "{reason}"')
def a_user_without_a_token_is_refused_because(context, reason):
    context.release.try_connect().must_be_refused(reason)


@then('a user with another token is refused because "{reason}"')
def a_user_with_another_token_is_refused_because(context, reason):
    context.release.try_connect("another").must_be_refused(reason)


@given("a data team with a platform of its own that {does}")
def a_data_team_with_a_platform_of_its_own_that(context, does):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.release = context.suite.install(context.team, values=examples.values(does))


@when("the platform operator restarts the {service}")
def the_platform_operator_restarts_the(context, service):
    context.release.restart(service.replace(" ", "-"))


@when("the platform operator uninstalls the platform")
def the_platform_operator_uninstalls_the_platform(context):
    context.release.uninstall()


@when("the platform's driver ends")
def the_platforms_driver_ends(context):
    context.ended = context.release.history.application
    context.release.restart("connect")


@then("only the stored objects of the platform remain")
def only_the_stored_objects_of_the_platform_remain(context):
    context.release.must_leave([f"PersistentVolumeClaim {context.release.name}-object-store"])


@then("nothing remains of the platform")
def nothing_remains_of_the_platform(context):
    context.release.must_leave([])
