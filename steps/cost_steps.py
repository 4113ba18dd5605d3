"""The cost of applications, on executors that stay and on some that are taken back."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table
from sparkproof.scaling import cost
from sparkproof.scaling.cost import Interrupted
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


@given('the "{name:Application}" application has run on executors that stay')
def the_application_has_run_on_executors_that_stay(context: Context, name: str) -> None:
    context.stayed = cost.run_undisturbed(context.platform, name)
    context.add_cleanup(Table(context.session, context.stayed.table).drop)


@when('the data team submits the "{name:Application}" application, and {count:d} of its executors are taken back')
def the_data_team_submits_the_application_and_of_its_executors_are_taken_back(
    context: Context, name: str, count: int
) -> None:
    context.interrupted = Interrupted.submit(context.platform, name, "taken_back", executors=count)
    context.application = context.interrupted.application
    context.add_cleanup(Table(context.session, context.application.table).drop)


@then("the work that was lost with {count:d} executors was done again")
def the_work_that_was_lost_with_executors_was_done_again(context: Context, count: int) -> None:
    context.interrupted.must_have_been_made_good(count)


@then("its result is that of the application whose executors stayed")
def its_result_is_that_of_the_application_whose_executors_stayed(context: Context) -> None:
    context.application.must_have_written_the_same(context.session, context.stayed)


@then("spot nodes cost at least {percent:d} % less than on-demand ones")
def spot_nodes_cost_at_least_less_than_on_demand_ones(context: Context, percent: int) -> None:
    cost.must_save(context.platform, context.stayed, context.application, percent=percent)
