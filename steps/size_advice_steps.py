"""Advice on the sizes of pods, by what they were measured to use."""

from behave import given, register_type, then, when

from sparkproof.scaling import rightsizing
from sparkproof.scaling.size_advice import SizeAdvice
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond

register_type(**TYPES)


@given("the platform operator has asked for advice on the size of the {component:Sized}")
def the_platform_operator_has_asked_for_advice_on_the_size_of_the(context: Context, component: str) -> None:
    context.size_advice = SizeAdvice.ask(context.platform, component)
    context.add_cleanup(context.size_advice.remove)


@when("the data team runs work for {count:d} executors, and it is measured what that takes")
@asks_beyond("the kubelets of the platform's nodes")
def the_data_team_runs_work_for_executors_and_it_is_measured_what_that_takes(context: Context, count: int) -> None:
    context.work = context.size_advice.during_work(context.platform, executors=count)


@when("the platform operator asks for advice on the size of the executors")
def the_platform_operator_asks_for_advice_on_the_size_of_the_executors(context: Context) -> None:
    context.size_advice = SizeAdvice.ask_for_executors(context.platform)
    context.add_cleanup(context.size_advice.remove)


@when("the platform operator asks for advice on the size of a workload of which nothing runs")
def the_platform_operator_asks_for_advice_on_the_size_of_a_workload_of_which_nothing_runs(context: Context) -> None:
    context.size_advice = SizeAdvice.ask_for_idle(context.team.kube, context.team.namespace)
    context.add_cleanup(context.size_advice.remove)


@then("no less memory is advised than was used, and at most {percent:d} % more")
def no_less_memory_is_advised_than_was_used_and_at_most_more(context: Context, percent: int) -> None:
    context.size_advice.must_follow_use(percent)


@then("all that is advised is there on a node")
def all_that_is_advised_is_there_on_a_node(context: Context) -> None:
    context.size_advice.must_fit_nodes()


@then("nothing was restarted or resized for it")
def nothing_was_restarted_or_resized_for_it(context: Context) -> None:
    context.size_advice.must_have_changed_nothing()


@then('nothing is advised because "{reason}"')
def nothing_is_advised_because(context: Context, reason: str) -> None:
    context.size_advice.must_be_none(reason)


@then("the calculator advises the executors' memory from what they did")
def the_calculator_advises_the_executors_memory_from_what_they_did(context: Context) -> None:
    rightsizing.must_advise_executors(context.platform)
