"""Applications that the Spark Operator runs."""

from behave import given, register_type, then, when

from sparkproof.core import examples
from sparkproof.iceberg import Table
from sparkproof.kube import spark_operator
from sparkproof.platform.release import installed
from sparkproof.spark.operated import DriverStart, OperatedApplication, UnservedApplication
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond
from sparkproof.tenancy import account

register_type(**TYPES)


@given("the Spark Operator serves the team")
@asks_beyond("an operator that serves many namespaces")
def the_spark_operator_serves_the_team(context: Context) -> None:
    spark_operator.serve(installed(context.platform).team.kube, installed(context.platform).team.namespace)


@given('the second team has applied the "{name:SparkApplication}" SparkApplication, and nobody serves it')
def the_second_team_has_applied_the_sparkapplication_and_nobody_serves_it(context: Context, name: str) -> None:
    context.unserved = UnservedApplication.apply(context.second, name)
    context.add_cleanup(context.unserved.remove)


@given('another team with the account "{name}" and the Secret "{secret}"')
def another_team_with_the_account_and_the_secret(context: Context, name: str, secret: str) -> None:
    context.other_team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.other_team)
    account.give_own(context.other_team, name, secret)


@when('the team requests the "{name:SparkApplication}" SparkApplication')
def the_team_requests_the_sparkapplication(context: Context, name: str) -> None:
    context.dry_run = context.team.dry_run(examples.spark_application_as_it_is(name))


@when('the data team applies the "{name:SparkApplication}" SparkApplication, and looks at its driver')
def the_data_team_applies_the_sparkapplication_and_looks_at_its_driver(context: Context, name: str) -> None:
    context.driver_start = DriverStart.of(context.platform, name)


@when('the data team applies the "{name:SparkApplication}" SparkApplication')
def the_data_team_applies_the_sparkapplication(context: Context, name: str) -> None:
    context.operated = OperatedApplication.run(context.platform, name)
    context.application = context.operated
    context.add_cleanup(Table(context.session, context.application.table).drop)


@when('the data team applies the "{name:SparkApplication}" SparkApplication for the {catalog:Catalog} catalog')
def the_data_team_applies_the_sparkapplication_for_the_catalog(context: Context, name: str, catalog: str) -> None:
    context.operated = OperatedApplication.run(context.platform, name, catalog)
    context.application = context.operated
    context.add_cleanup(Table(context.session, context.application.table).drop)


@then("its driver and its executors ran as the platform's accounts")
def its_driver_and_its_executors_ran_as_the_platforms_accounts(context: Context) -> None:
    context.operated.must_have_run_as_accounts_of(context.platform)


@then('its status says "{words}"')
def its_status_says(context: Context, words: str) -> None:
    context.operated.must_have_failed_by(words)


@then('its driver says "{words}"')
def its_driver_says(context: Context, words: str) -> None:
    context.operated.must_have_logged(words)


@then('its driver had the Secret "{secret}"')
def its_driver_had_the_secret(context: Context, secret: str) -> None:
    context.operated.must_have_been_given(secret)


@then('its driver cannot begin for want of the Secret "{secret}"')
def its_driver_cannot_begin_for_want_of_the_secret(context: Context, secret: str) -> None:
    context.driver_start.must_want(secret)


@then("it has started no pod")
def it_has_started_no_pod(context: Context) -> None:
    context.operated.must_have_started_nothing()


@then("the second team's SparkApplication is as it was applied")
def the_second_teams_sparkapplication_is_as_it_was_applied(context: Context) -> None:
    context.unserved.must_be_untouched()


@then("the second platform does not know the application's table")
def the_second_platform_does_not_know_the_applications_table(context: Context) -> None:
    Table(context.second.open_session(), context.application.table).read().must_be_refused("TABLE_OR_VIEW_NOT_FOUND")
