"""The rights of the platform and its teams: accounts, Pod Security, admission and secrets."""

from behave import given, register_type, then, when

from sparkproof.core import examples
from sparkproof.platform.classes import PlatformClass
from sparkproof.platform.release import installed
from sparkproof.platform.renewal import OF_DATABASES, OF_STORE, Renewal
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond, table
from sparkproof.tenancy import careless, databases, pod_security, secret_scan
from sparkproof.tenancy.account import Account, Accounts
from sparkproof.tenancy.audit import NamespaceAudit
from sparkproof.tenancy.carriers import Carriers
from sparkproof.tenancy.databases import DatabaseEntry
from sparkproof.tenancy.debugging import RunningPod
from sparkproof.tenancy.faults import planted, secrets
from sparkproof.tenancy.house_rules import HouseRules

register_type(**TYPES)


@given("a team with a restricted namespace")
def a_team_with_a_restricted_namespace(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)


@when("the team requests a pod that {asks:Pod}")
def the_team_requests_a_pod_that(context: Context, asks: str) -> None:
    context.dry_run = context.team.dry_run(examples.pod(asks))


@then('the request is refused because of "{reason}"')
def the_request_is_refused_because_of(context: Context, reason: str) -> None:
    context.dry_run.must_be_refused("PodSecurity", reason)


@then("the request is admitted")
def the_request_is_admitted(context: Context) -> None:
    context.dry_run.must_be_admitted()


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
@table("verb", "resource")
def it_may(context: Context) -> None:
    context.account.must_be_allowed(context.table)


@then("it may not")
@table("verb", "resource")
def it_may_not(context: Context) -> None:
    context.account.must_be_denied(context.table)


@given("a team whose quota allows no pods")
def a_team_whose_quota_allows_no_pods(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.team.limit({"pods": "0"})


@when("the team requests every object of the {platform:PlatformClass} chart of Spark {version:SparkVersion}")
def the_team_requests_every_object_of_the_chart_of_spark(
    context: Context, platform: PlatformClass, version: str
) -> None:
    context.admission = context.suite.dry_run(context.team, platform, version)


@then("every object is admitted, with every preset")
def every_object_is_admitted_with_every_preset(context: Context) -> None:
    context.admission.must_be_complete()


@then('only its pods are refused, because of "{reason}"')
def only_its_pods_are_refused_because_of(context: Context, reason: str) -> None:
    context.admission.must_have_refused("Pod", reason)


@then('only the test with a wrong password is refused, because of "{reason}"')
def only_the_test_with_a_wrong_password_is_refused_because_of(context: Context, reason: str) -> None:
    context.admission.must_have_refused("Pod spark-test-postgres-denied", reason)


@when("the platform operator asks what each account of the platform may do")
@asks_beyond("the right to ask about accounts in the whole cluster")
def the_platform_operator_asks_what_each_account_of_the_platform_may_do(context: Context) -> None:
    context.accounts = Accounts.of(context.platform)


@then("each account may do exactly this")
@table("account", "may", "with")
def each_account_may_do_exactly_this(context: Context) -> None:
    context.accounts.must_have_just(context.table)


@then("the pods of each component carry exactly this")
@table("component", "account", "token", "secrets")
def the_pods_of_each_component_carry_exactly_this(context: Context) -> None:
    Carriers.of(context.platform).must_be_just(context.table)


@given('a careless program wrote a secret into the configuration "{name}"')
def a_careless_program_wrote_a_secret_into_the_configuration(context: Context, name: str) -> None:
    secret_scan.disclose(context.team, name)


@given("a careless program of the team shows a secret in {place:SecretPlace}")
def a_careless_program_of_the_team_shows_a_secret_in(context: Context, place: str) -> None:
    careless.start(context.team, context.suite.image, place)


@given("a careful program of the team that gets a secret")
def a_careful_program_of_the_team_that_gets_a_secret(context: Context) -> None:
    careless.start_careful(context.team, context.suite.image)


@when("the platform operator searches for the content of secrets")
def the_platform_operator_searches_for_the_content_of_secrets(context: Context) -> None:
    context.secret_scan = secret_scan.SecretScan.look(context.team)


@when("the platform operator searches the platform for the content of secrets")
def the_platform_operator_searches_the_platform_for_the_content_of_secrets(context: Context) -> None:
    context.secret_scan = secret_scan.SecretScan.look(installed(context.platform).team)


@then("no secret is found")
def no_secret_is_found(context: Context) -> None:
    context.secret_scan.must_be_none()


@then('a secret is found in the configuration "{name}"')
def a_secret_is_found_in_the_configuration(context: Context, name: str) -> None:
    context.secret_scan.must_be_in(f"ConfigMap sparkproof-{name}")


@then("the careless program's secret is found in {place:SecretPlace} and nowhere else")
def the_careless_programs_secret_is_found_in_and_nowhere_else(context: Context, place: str) -> None:
    context.secret_scan.must_be_in(*careless.where(place))


@given("a namespace with a fault of each kind")
def a_namespace_with_a_fault_of_each_kind(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    planted(context.team)


@when("the security team audits the platform's namespace")
@asks_beyond("a namespace in which nobody else has anything")
def the_security_team_audits_the_platforms_namespace(context: Context) -> None:
    workloads = context.platform.workloads
    context.audit = NamespaceAudit.of(workloads.kube, workloads.namespace)


@when("the security team audits the namespace")
def the_security_team_audits_the_namespace(context: Context) -> None:
    context.audit = NamespaceAudit.of(context.team.kube, context.team.namespace)


@then("the audit has no findings")
def the_audit_has_no_findings(context: Context) -> None:
    context.audit.must_be_clean()


@then("the audit finds just this")
@table("rule", "of")
def the_audit_finds_just_this(context: Context) -> None:
    context.audit.must_find(context.table)


@then("its page has none of the secrets that the faults show")
def its_page_has_none_of_the_secrets_that_the_faults_show(context: Context) -> None:
    context.audit.must_not_repeat(secrets())


@given("a team whose namespace enforces the house's rules")
def a_team_whose_namespace_enforces_the_houses_rules(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.add_cleanup(HouseRules.enforce(context.team).lift)


@given("a pod of the team that runs and keeps the house's rules")
def a_pod_of_the_team_that_runs_and_keeps_the_houses_rules(context: Context) -> None:
    context.running_pod = RunningPod.start(context.team, context.suite.image)


@when("the team requests a debugging container for it that {asks:Pod}")
def the_team_requests_a_debugging_container_for_it_that(context: Context, asks: str) -> None:
    context.dry_run = context.running_pod.dry_run(asks)


@when("the team requests a Service that {asks:Service}")
def the_team_requests_a_service_that(context: Context, asks: str) -> None:
    context.dry_run = context.team.dry_run(examples.service(asks))


@then('the request is refused by the house\'s rules because of "{reason}"')
def the_request_is_refused_by_the_houses_rules_because_of(context: Context, reason: str) -> None:
    context.dry_run.must_be_refused("ValidatingAdmissionPolicy", reason)


@when('a program opens the "{database}" database with the password of "{user}"')
def a_program_opens_the_database_with_the_password_of(context: Context, database: str, user: str) -> None:
    context.entry = DatabaseEntry.try_open(context.platform, database, user)


@when("a program opens each database with the password of each")
def a_program_opens_each_database_with_the_password_of_each(context: Context) -> None:
    context.entries = databases.try_each(context.platform)


@when('a program opens the "{database}" database with a wrong password')
def a_program_opens_the_database_with_a_wrong_password(context: Context, database: str) -> None:
    context.entry = DatabaseEntry.try_open(context.platform, database, "")


@when("the platform operator renews the keys of the object store")
def the_platform_operator_renews_the_keys_of_the_object_store(context: Context) -> None:
    context.renewal = Renewal.of(installed(context.platform), OF_STORE)
    context.platform = context.renewal.release


@when("the platform operator renews the passwords of the databases")
def the_platform_operator_renews_the_passwords_of_the_databases(context: Context) -> None:
    context.renewal = Renewal.of(installed(context.platform), OF_DATABASES)
    context.platform = context.renewal.release


@then('a reader with the keys of before is refused because "{reason}"')
def a_reader_with_the_keys_of_before_is_refused_because(context: Context, reason: str) -> None:
    before = context.renewal.before
    keys = (before["AWS_ACCESS_KEY_ID"], before["AWS_SECRET_ACCESS_KEY"])
    context.kept_tables.must_refuse(context.platform, *keys, reason)


@then("no database opens with its password of before")
def no_database_opens_with_its_password_of_before(context: Context) -> None:
    databases.must_refuse(context.platform, context.renewal.before)


@then("the database is opened")
def the_database_is_opened(context: Context) -> None:
    context.entry.must_be_let_in()


@then("each password opens its own database, and no other")
def each_password_opens_its_own_database_and_no_other(context: Context) -> None:
    databases.must_open_own_only(context.entries)


@then('the database is not opened because "{reason}"')
def the_database_is_not_opened_because(context: Context, reason: str) -> None:
    context.entry.must_be_refused(reason)
