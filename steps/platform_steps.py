"""Platforms and the teams that own them."""

from behave import given

from sparkproof.executors import A_QUERY_FOR_EXECUTORS


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


@given("a data team with a platform of its own")
def a_data_team_with_a_platform_of_its_own(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.dissolve)
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


@given("a data team whose quota leaves room for {count:d} executors")
def a_data_team_whose_quota_leaves_room_for_executors(context, count):
    context.team = context.suite.team()
    context.add_cleanup(context.team.dissolve)
    context.release = context.suite.install(context.team, room_for=count)


@given("an executor of the platform")
def an_executor_of_the_platform(context):
    context.session.run(A_QUERY_FOR_EXECUTORS)
