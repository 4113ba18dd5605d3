"""Environments: platforms that are installed from their files, changed by hand, and compared with files."""

from behave import given, register_type, then, when

from sparkproof.core import examples
from sparkproof.operations import by_hand
from sparkproof.operations.drift import Drift
from sparkproof.platform.release import installed
from sparkproof.resilience.reconfigured import Reconfigured
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("a data team with the platform of the {environment:Environment} environment")
def a_data_team_with_the_platform_of_the_environment(context: Context, environment: str) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.suite.install(context.team, presets=(), values=examples.environment(environment))


@given("somebody has changed the platform by hand")
@table("object", "change")
def somebody_has_changed_the_platform_by_hand(context: Context) -> None:
    release = installed(context.platform)
    by_hand.change_all(context.team.kube, release.name, context.team.namespace, context.table)


@given("somebody has changed the catalog's address in the driver's settings by hand")
def somebody_has_changed_the_catalogs_address_in_the_drivers_settings_by_hand(context: Context) -> None:
    changed = Reconfigured(context.platform.workloads, "connect")
    context.add_cleanup(changed.end)
    changed.begin()


@when("the platform operator compares the platform with its files")
def the_platform_operator_compares_the_platform_with_its_files(context: Context) -> None:
    release = installed(context.platform)
    context.drift = Drift.of(release.team.kube, release.name, release.team.namespace, release.render())


@when("the platform operator compares the platform with the files of the {environment:Environment} environment")
def the_platform_operator_compares_the_platform_with_the_files_of_the_environment(
    context: Context, environment: str
) -> None:
    release = installed(context.platform)
    files = release.render((), examples.environment(environment))
    context.drift = Drift.of(release.team.kube, release.name, release.team.namespace, files)


@then("the platform is as its files say")
def the_platform_is_as_its_files_say(context: Context) -> None:
    context.drift.must_be_none()


@then("just these differences are named")
@table("difference")
def just_these_differences_are_named(context: Context) -> None:
    context.drift.must_be(*(row["difference"] for row in context.table))


@then("a second comparison finds the same, since the first has changed nothing")
def a_second_comparison_finds_the_same_since_the_first_has_changed_nothing(context: Context) -> None:
    own = installed(context.platform)
    again = Drift.of(own.team.kube, own.name, own.team.namespace, own.render())
    context.drift.must_have_changed_nothing(again)


@then('the differences name "{difference}"')
def the_differences_name(context: Context, difference: str) -> None:
    context.drift.must_name(difference)
