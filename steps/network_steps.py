"""The network between teams: connections, and the policies that allow or cut them."""

from behave import given, step, when

from sparkproof.core import examples
from sparkproof.suite.context import Context
from sparkproof.tenancy.network import ClientPod, Service


@given("a data team with a service")
def a_data_team_with_a_service(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.service = Service.start(context.team, context.suite.image)


@given("a pod of the data team")
def a_pod_of_the_data_team(context: Context) -> None:
    context.client_pod = ClientPod.start(context.team, "member", context.suite.image)


@given("a pod of another team")
def a_pod_of_another_team(context: Context) -> None:
    other = context.suite.team()
    context.add_cleanup(context.suite.remove, other)
    context.foreign_pod = ClientPod.start(other, "stranger", context.suite.image)


@step('the data team applies the policy "{name}"')
def the_data_team_applies_the_policy(context: Context, name: str) -> None:
    context.team.apply(examples.policy(name))


@when('the data team takes the policy "{name}" back')
def the_data_team_takes_the_policy_back(context: Context, name: str) -> None:
    context.team.delete_object(examples.policy(name))


@step("the data team's pod can reach the service")
def the_data_teams_pod_can_reach_the_service(context: Context) -> None:
    context.client_pod.must_reach(context.service)


@step("the data team's pod cannot reach the service")
def the_data_teams_pod_cannot_reach_the_service(context: Context) -> None:
    context.client_pod.must_be_cut_off_from(context.service)


@step("the data team's pod can look up the service's name")
def the_data_teams_pod_can_look_up_the_services_name(context: Context) -> None:
    context.client_pod.must_look_up(context.service)


@step("the other team's pod can reach the service")
def the_other_teams_pod_can_reach_the_service(context: Context) -> None:
    context.foreign_pod.must_reach(context.service)


@step("the other team's pod cannot reach the service")
def the_other_teams_pod_cannot_reach_the_service(context: Context) -> None:
    context.foreign_pod.must_be_cut_off_from(context.service)
