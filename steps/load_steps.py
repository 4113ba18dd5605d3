"""Load: data engineers at the same time, what each team gets, and the memory that sessions take."""

from behave import register_type, then, when

from sparkproof.operations.load import Load, Teams
from sparkproof.operations.sessions import DriverMemory
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


@when("{numbers:Numbers} data engineers work at the same time, step by step, until answers take {limit:g} s")
def data_engineers_work_at_the_same_time_step_by_step_until_answers_take_s(
    context: Context, numbers: list[int], limit: float
) -> None:
    context.load = Load.by_steps(context.platform, numbers, limit)


@when("{numbers:Numbers} data engineers work at the same time, step by step, and one asks for what is not there")
def data_engineers_work_at_the_same_time_step_by_step_and_one_asks_for_what_is_not_there(
    context: Context, numbers: list[int]
) -> None:
    context.load = Load.by_steps(context.platform, numbers, float("inf"), wrong=True)


@then("the load of {count:d} data engineers is carried, with no error and no wrong answer")
def the_load_of_data_engineers_is_carried_with_no_error_and_no_wrong_answer(context: Context, count: int) -> None:
    context.load.must_be_carried(count)


@then('the load has stopped after {count:d} step, because "{reason}"')
def the_load_has_stopped_after_step_because(context: Context, count: int, reason: str) -> None:
    context.load.must_have_stopped(count, reason)


@when('{count:d} data engineers of "{team}" and {others:d} of "{other}" work at the same time')
def data_engineers_of_and_of_work_at_the_same_time(
    context: Context, count: int, team: str, others: int, other: str
) -> None:
    context.teams = Teams.share(context.platform, {team: count, other: others})


@when('"{flood}" floods the platform while a data engineer of "{other}" asks short questions')
def floods_the_platform_while_a_data_engineer_of_asks_short_questions(context: Context, flood: str, other: str) -> None:
    context.teams = Teams.flooded(context.platform, flood, other)


@then('"{team}" gets {least:d} to {most:d} % of the answers')
def gets_to_of_the_answers(context: Context, team: str, least: int, most: int) -> None:
    context.teams.must_get(team, least, most)


@then('"{team}" is answered at least {times:d} times as fast as "{flood}"')
def is_answered_at_least_times_as_fast_as(context: Context, team: str, times: int, flood: str) -> None:
    context.teams.must_not_starve(team, flood, times)


@then('"{team}" is not always answered {times:d} times as fast as "{flood}"')
def is_not_always_answered_times_as_fast_as(context: Context, team: str, times: int, flood: str) -> None:
    context.teams.must_starve(team, flood, times)


@when("sessions are opened and closed one after another")
def sessions_are_opened_and_closed_one_after_another(context: Context) -> None:
    context.memory = DriverMemory.after_sessions(context.platform, context.suite.settings.sessions, close=True)


@when("sessions are opened one after another and stay open")
def sessions_are_opened_one_after_another_and_stay_open(context: Context) -> None:
    context.memory = DriverMemory.after_sessions(context.platform, context.suite.settings.sessions, close=False)


@then("the driver's memory is as it was")
def the_drivers_memory_is_as_it_was(context: Context) -> None:
    context.memory.must_be_flat()


@then("the driver's memory has grown")
def the_drivers_memory_has_grown(context: Context) -> None:
    context.memory.must_have_grown()
