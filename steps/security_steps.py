"""The rights of the platform and its teams: accounts, Pod Security, admission and secrets."""

from behave import given, then, when

from sparkproof.core import examples
from sparkproof.platform.classes import PlatformClass
from sparkproof.suite.context import Context
from sparkproof.tenancy import pod_security, secret_scan, team
from sparkproof.tenancy.account import Account, Accounts


@given("a team with a restricted namespace")
def a_team_with_a_restricted_namespace(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)


@when("the team asks for a pod that {asks}")
def the_team_asks_for_a_pod_that(context: Context, asks: str) -> None:
    context.refusal = context.team.dry_run(examples.pod(asks))


@then('the request is refused because of "{reason}"')
def the_request_is_refused_because_of(context: Context, reason: str) -> None:
    team.must_be_refused(context.refusal, "PodSecurity", reason)


@then("the request is admitted")
def the_request_is_admitted(context: Context) -> None:
    team.must_be_admitted(context.refusal)


@then("the platform and its executors run in a restricted namespace")
def the_platform_and_its_executors_run_in_a_restricted_namespace(context: Context) -> None:
    pod_security.must_run_restricted(context.platform)


@when("the platform's driver asks what it may do in its namespace")
def the_platforms_driver_asks_what_it_may_do_in_its_namespace(context: Context) -> None:
    context.account = Account.of(context.platform, "driver")


@when("the executor asks what it may do in its namespace")
def the_executor_asks_what_it_may_do_in_its_namespace(context: Context) -> None:
    context.account = Account.of(context.platform, "executor")


@then("it may")
def it_may(context: Context) -> None:
    context.account.must_be_allowed(context.table)


@then("it may not")
def it_may_not(context: Context) -> None:
    context.account.must_be_denied(context.table)


@given("a team whose quota leaves room for no pods")
def a_team_whose_quota_leaves_room_for_no_pods(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.team.limit({"pods": "0"})


@when("the team asks for all that the {platform:PlatformClass} chart of Spark {version:SparkVersion} renders")
def the_team_asks_for_all_that_the_chart_of_spark_renders(
    context: Context, platform: PlatformClass, version: str
) -> None:
    context.admission = context.suite.dry_run(context.team, platform, version)


@then("all of it is admitted, whatever the preset")
def all_of_it_is_admitted_whatever_the_preset(context: Context) -> None:
    context.admission.must_be_complete()


@then('its pods are refused because of "{reason}", and nothing else is')
def its_pods_are_refused_because_of_and_nothing_else_is(context: Context, reason: str) -> None:
    context.admission.must_have_refused("Pod", reason)


@when("the platform operator asks what each account of the platform may do")
def the_platform_operator_asks_what_each_account_of_the_platform_may_do(context: Context) -> None:
    context.accounts = Accounts.of(context.platform)


@then("each may do just this")
def each_may_do_just_this(context: Context) -> None:
    context.accounts.must_have_just(context.table)


@given('a careless program wrote a secret into the configuration "{name}"')
def a_careless_program_wrote_a_secret_into_the_configuration(context: Context, name: str) -> None:
    secret_scan.disclose(context.team, name)


@when("the platform operator looks for what secrets hold")
def the_platform_operator_looks_for_what_secrets_hold(context: Context) -> None:
    context.secret_scan = secret_scan.SecretScan.look(context.team)


@then("it is told nowhere")
def it_is_told_nowhere(context: Context) -> None:
    context.secret_scan.must_be_none()


@then('it is told in the configuration "{name}"')
def it_is_told_in_the_configuration(context: Context, name: str) -> None:
    context.secret_scan.must_be_in(f"ConfigMap sparkproof-{name}")
