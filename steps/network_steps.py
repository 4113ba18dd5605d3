"""Connections between the pods of teams, and the network policies that allow or deny them."""

from behave import given, step, when

from sparkproof.core import examples
from sparkproof.tenancy.network import ClientPod, Service


@given("a data team with a service")
def a_data_team_with_a_service(context):
    context.team = context.suite.team()
    context.add_cleanup(context.team.delete)
    context.service = Service.start(context.team, context.suite.image)


@given("a client pod in the same namespace")
def a_client_pod_in_the_same_namespace(context):
    context.member = ClientPod.start(context.team, "client", context.suite.image)


@given("a client pod in another namespace")
def a_client_pod_in_another_namespace(context):
    other = context.suite.team()
    context.add_cleanup(other.delete)
    context.stranger = ClientPod.start(other, "client", context.suite.image)


@step('the data team applies the policy "{name}"')
def the_data_team_applies_the_policy(context, name):
    context.team.put(examples.policy(name))


@when('the data team deletes the policy "{name}"')
def the_data_team_deletes_the_policy(context, name):
    context.team.delete_object(examples.policy(name))


@step("the client pod in the same namespace can reach the service")
def the_client_pod_in_the_same_namespace_can_reach_the_service(context):
    context.member.must_reach(context.service)


@step("the client pod in the same namespace cannot reach the service")
def the_client_pod_in_the_same_namespace_cannot_reach_the_service(context):
    context.member.must_be_cut_off_from(context.service)


@step("the client pod in the same namespace can resolve the service's name")
def the_client_pod_in_the_same_namespace_can_resolve_the_services_name(context):
    context.member.must_look_up(context.service)


@step("the client pod in the other namespace can reach the service")
def the_client_pod_in_the_other_namespace_can_reach_the_service(context):
    context.stranger.must_reach(context.service)


@step("the client pod in the other namespace cannot reach the service")
def the_client_pod_in_the_other_namespace_cannot_reach_the_service(context):
    context.stranger.must_be_cut_off_from(context.service)
