"""Platforms and the teams that own them."""

from behave import given, register_type, then, when

from sparkproof.core import examples
from sparkproof.iceberg import Table
from sparkproof.iceberg.kept import KeptTables
from sparkproof.platform.classes import PlatformClass
from sparkproof.platform.helm_test import HelmTest
from sparkproof.platform.release import ASKS_FOR_A_TOKEN, installed
from sparkproof.spark import trips
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS, Executors
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table
from sparkproof.tenancy.account import Account

register_type(**TYPES)


@given("a {platform:PlatformClass} platform")
@given("an {platform:PlatformClass} platform")
def a_platform(context: Context, platform: PlatformClass) -> None:
    context.platform = context.suite.share(platform)
    context.session = platform.open_session(context.platform)
    context.add_cleanup(context.session.close)


@given("a {platform:PlatformClass} platform on Spark {version:SparkVersion}")
@given("an {platform:PlatformClass} platform on Spark {version:SparkVersion}")
def a_platform_on_spark(context: Context, platform: PlatformClass, version: str) -> None:
    context.platform = context.suite.share(platform, version)
    context.session = platform.open_session(context.platform)
    context.add_cleanup(context.session.close)


@given("a quota of {count:d} GPUs for the team")
def a_quota_of_gpus_for_the_team(context: Context, count: int) -> None:
    installed(context.platform).team.limit({"requests.nvidia.com/gpu": str(count)})
    context.add_cleanup(installed(context.platform).team.lift_limit)


@given("a data team with a platform of its own")
def a_data_team_with_a_platform_of_its_own(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team)


@given("a data team that owns a {platform:PlatformClass} platform")
@given("a data team that owns an {platform:PlatformClass} platform")
def a_data_team_that_owns_a_platform(context: Context, platform: PlatformClass) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(
        context.team, kind=platform.name, presets=platform.presets, values=platform.values
    )


@given("a data team with a platform of its own on Spark {version:SparkVersion}")
def a_data_team_with_a_platform_of_its_own_on_spark(context: Context, version: str) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, version=version)


@given("a data team with a platform on Spark {version:SparkVersion} that {does:Values}")
def a_data_team_with_a_platform_on_spark_that(context: Context, version: str, does: str) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, version=version, values=examples.values(does))


@given("a data team with a platform of its own with every catalog on Spark {version:SparkVersion}")
def a_data_team_with_a_platform_of_its_own_with_every_catalog_on_spark(context: Context, version: str) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, version=version, presets=("small", "iceberg"))


@given("a data team whose platform asks for a token")
def a_data_team_whose_platform_asks_for_a_token(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, values=ASKS_FOR_A_TOKEN)


@given("a platform in the team's namespace")
def a_platform_in_the_teams_namespace(context: Context) -> None:
    context.platform = context.suite.install(context.team)


@given("a second platform in the team's namespace")
def a_second_platform_in_the_teams_namespace(context: Context) -> None:
    context.second = context.suite.install(context.team, name="second")


@given("a second platform in another team's namespace")
def a_second_platform_in_another_teams_namespace(context: Context) -> None:
    team = context.suite.team()
    context.add_cleanup(context.suite.remove, team)
    context.second = context.suite.install(team)


@given("a second platform on Spark {version:SparkVersion} in another team's namespace")
def a_second_platform_on_spark_in_another_teams_namespace(context: Context, version: str) -> None:
    team = context.suite.team()
    context.add_cleanup(context.suite.remove, team)
    context.second = context.suite.install(team, version=version)


@given("a second platform that {does:Values} in another team's namespace")
def a_second_platform_that_in_another_teams_namespace(context: Context, does: str) -> None:
    team = context.suite.team()
    context.add_cleanup(context.suite.remove, team)
    context.second = context.suite.install(team, values=examples.values(does))


@when("the platform operator upgrades the platform to Spark {version:SparkVersion}")
def the_platform_operator_upgrades_the_platform_to_spark(context: Context, version: str) -> None:
    context.ended = context.platform.history.application
    installed(context.platform).upgrade(version)


@then("the platform runs Spark {version:SparkVersion}")
def the_platform_runs_spark(context: Context, version: str) -> None:
    context.platform.open_session().must_be_of(version)


@given("a data team whose quota allows {count:d} executors")
def a_data_team_whose_quota_allows_executors(context: Context, count: int) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, executor_limit=count)


@given("a data engineer of the team")
def a_data_engineer_of_the_team(context: Context) -> None:
    context.session = context.platform.open_session()


@given("an executor of the platform")
def an_executor_of_the_platform(context: Context) -> None:
    context.session.run(A_QUERY_FOR_EXECUTORS)


@given("an operator let the platform's driver {verb} {resource}")
def an_operator_let_the_platforms_driver(context: Context, verb: str, resource: str) -> None:
    Account.of(context.platform, "driver").grant(verb, resource)


@when("the platform operator runs the chart's own tests")
def the_platform_operator_runs_the_charts_own_tests(context: Context) -> None:
    context.helm_test = HelmTest.run(installed(context.platform))


@then("all of them pass")
def all_of_them_pass(context: Context) -> None:
    context.helm_test.must_have_passed()


@then('the test "{test}" fails')
def the_test_fails(context: Context, test: str) -> None:
    context.helm_test.must_have_failed(test)


@given("the team keeps a table of taxi trips")
@table(*trips.COLUMNS, read=trips.rows)
def the_team_keeps_a_table_of_taxi_trips(context: Context) -> None:
    context.trips = Table.create(
        context.platform.open_session(), context.platform.catalogs.unused_table("trips"), trips.COLUMNS
    )
    context.trips.append(trips.rows(context.table))


@given("the team keeps a table of taxi trips in each catalog")
@table(*trips.COLUMNS, read=trips.rows)
def the_team_keeps_a_table_of_taxi_trips_in_each_catalog(context: Context) -> None:
    context.kept_tables = KeptTables.create(context.platform, trips.rows(context.table))


@then("the table of each catalog holds")
@table(read=trips.rows)
def the_table_of_each_catalog_holds(context: Context) -> None:
    context.kept_tables.must_hold(context.platform, trips.rows(context.table))


@then("the platform's table holds")
@table(read=trips.rows)
def the_platforms_table_holds(context: Context) -> None:
    Table(context.platform.open_session(), context.trips.name).read().must_hold(trips.rows(context.table))


@then("the second platform does not know the table")
def the_second_platform_does_not_know_the_table(context: Context) -> None:
    Table(context.second.open_session(), context.trips.name).read().must_be_refused("TABLE_OR_VIEW_NOT_FOUND")


@when("data engineers work on both platforms")
def data_engineers_work_on_both_platforms(context: Context) -> None:
    context.platform.open_session().run(A_QUERY_FOR_EXECUTORS)
    context.second.open_session().run(A_QUERY_FOR_EXECUTORS)


@then("each platform's executors are its own")
def each_platforms_executors_are_its_own(context: Context) -> None:
    Executors.of(context.platform).must_belong_to_the_driver()
    Executors.of(context.second).must_belong_to_the_driver()


@then('a user without a token is refused because "{reason}"')
def a_user_without_a_token_is_refused_because(context: Context, reason: str) -> None:
    installed(context.platform).try_connect().must_be_refused(reason)


@then('a user with another token is refused because "{reason}"')
def a_user_with_another_token_is_refused_because(context: Context, reason: str) -> None:
    installed(context.platform).try_connect("another").must_be_refused(reason)


@given("a data team with a platform of its own that {does:Values}")
def a_data_team_with_a_platform_of_its_own_that(context: Context, does: str) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, values=examples.values(does))


@when("the platform operator restarts the {service}")
def the_platform_operator_restarts_the(context: Context, service: str) -> None:
    context.platform.workloads.restart(service.replace(" ", "-"))


@when("the platform operator uninstalls the platform")
def the_platform_operator_uninstalls_the_platform(context: Context) -> None:
    installed(context.platform).uninstall()


@when("the platform operator uninstalls the platform and installs it again")
def the_platform_operator_uninstalls_the_platform_and_installs_it_again(context: Context) -> None:
    installed(context.platform).uninstall()
    installed(context.platform).repair()


@when("the platform's driver ends")
def the_platforms_driver_ends(context: Context) -> None:
    context.ended = context.platform.history.application
    context.platform.workloads.restart("connect")


@then("only the stored objects of the platform remain")
def only_the_stored_objects_of_the_platform_remain(context: Context) -> None:
    context.platform.workloads.must_leave([f"PersistentVolumeClaim {context.platform.workloads.release}-object-store"])


@then("nothing remains of the platform")
def nothing_remains_of_the_platform(context: Context) -> None:
    context.platform.workloads.must_leave([])
