"""The network between teams: connections, and the policies that allow or cut them."""

from behave import given, register_type, step, then, when

from sparkproof.core import examples
from sparkproof.platform.release import installed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.tenancy.network import GUESTS, SERVERS, ClientPod, Service

register_type(**TYPES)


@given("a data team with a service")
def a_data_team_with_a_service(context: Context) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.service = Service.start(context.team, context.suite.image)


@given("a client pod in the same namespace")
def a_client_pod_in_the_same_namespace(context: Context) -> None:
    context.client_pod = ClientPod.start(context.team, "client", context.suite.image)


@given("a client pod in another namespace")
def a_client_pod_in_another_namespace(context: Context) -> None:
    other = context.suite.team()
    context.add_cleanup(context.suite.remove, other)
    context.foreign_pod = ClientPod.start(other, "client", context.suite.image)


@given("a client pod in the platform's namespace")
def a_client_pod_in_the_platforms_namespace(context: Context) -> None:
    context.client_pod = ClientPod.beside(installed(context.platform), context.suite.image)
    context.add_cleanup(context.client_pod.remove)


@given("a pod that the platform lets in as {guest:Guest}")
def a_pod_that_the_platform_lets_in_as(context: Context, guest: str) -> None:
    context.guest = ClientPod.beside(installed(context.platform), context.suite.image, GUESTS[guest])
    context.add_cleanup(context.guest.remove)


@step('the data team applies the policy "{name:Policy}"')
def the_data_team_applies_the_policy(context: Context, name: str) -> None:
    context.team.apply(examples.policy(name))


@when('the data team deletes the policy "{name:Policy}"')
def the_data_team_deletes_the_policy(context: Context, name: str) -> None:
    context.team.delete_object(examples.policy(name))


@when('a stranger looks for the platform\'s "{server:Server}"')
def a_stranger_looks_for_the_platforms(context: Context, server: str) -> None:
    context.service = Service.of(context.platform, *SERVERS[server])


@step("the client pod in the same namespace can reach the service")
def the_client_pod_in_the_same_namespace_can_reach_the_service(context: Context) -> None:
    context.client_pod.must_reach(context.service)


@step("the client pod in the same namespace cannot reach the service")
def the_client_pod_in_the_same_namespace_cannot_reach_the_service(context: Context) -> None:
    context.client_pod.must_be_cut_off_from(context.service)


@step("the client pod in the same namespace can resolve the service's name")
def the_client_pod_in_the_same_namespace_can_resolve_the_services_name(context: Context) -> None:
    context.client_pod.must_look_up(context.service)


@step("the client pod in the other namespace can reach the service")
def the_client_pod_in_the_other_namespace_can_reach_the_service(context: Context) -> None:
    context.foreign_pod.must_reach(context.service)


@step("the client pod in the other namespace cannot reach the service")
def the_client_pod_in_the_other_namespace_cannot_reach_the_service(context: Context) -> None:
    context.foreign_pod.must_be_cut_off_from(context.service)


@then("the platform's own {caller:Caller} can reach the service")
def the_platforms_own_can_reach_the_service(context: Context, caller: str) -> None:
    ClientPod.of(context.platform, caller).must_reach(context.service)


@then("the pod that the platform lets in can reach the service")
def the_pod_that_the_platform_lets_in_can_reach_the_service(context: Context) -> None:
    context.guest.must_reach(context.service)


@then("the pod that the platform lets in cannot reach the service")
def the_pod_that_the_platform_lets_in_cannot_reach_the_service(context: Context) -> None:
    context.guest.must_be_cut_off_from(context.service)
