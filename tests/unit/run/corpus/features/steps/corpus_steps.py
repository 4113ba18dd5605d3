"""Steps that pass, fail, break, skip, wait and print."""

import asyncio
import logging
import sys

from behave import given, register_type, step, then, when
from behave.api.async_step import async_run_until_complete
from behave.api.pending_step import StepNotImplementedError
from behave.runner import Context

register_type(Count=int)


@step("nothing")
def nothing(context: Context) -> None:
    """Passes."""


@step("a step whose before_step breaks")
def before_step_breaks(context: Context) -> None:
    """Passes, if it runs."""


@step("a step whose after_step breaks")
def after_step_breaks(context: Context) -> None:
    """Passes."""


@given("a set-up that does not hold")
def set_up_does_not_hold(context: Context) -> None:
    raise AssertionError("the bucket is missing")


@then("a check that does not hold")
def does_not_hold(context: Context) -> None:
    raise AssertionError("2 rows came, 3 were expected\nand more is said here")


@then("a bare assert")
def bare_assert(context: Context) -> None:
    total = 2
    assert total == 3


@step("an error")
def an_error(context: Context) -> None:
    raise ValueError("no such table")


@step("a step that is not written yet")
def pending(context: Context) -> None:
    raise StepNotImplementedError("later")


@when("the step skips its scenario")
def skips(context: Context) -> None:
    context.scenario.skip("seen in the middle")


@when("{count:Count} lines are printed")
def prints(context: Context, count: int) -> None:
    for number in range(count):
        print(f"line {number}")
    print("to stderr", file=sys.stderr)
    logging.getLogger("corpus").warning("to the log")


@when("the user waits asynchronously")
@async_run_until_complete
async def waits(context: Context) -> None:
    await asyncio.sleep(0.001)


@then("the table has {count:Count} rows")
def has_rows(context: Context, count: int) -> None:
    assert len(context.table.rows) == count, f"{len(context.table.rows)} rows"


@then('the text is "{text}"')
def is_text(context: Context, text: str) -> None:
    assert context.text == text, context.text


@then('the feature "{name}" is open')
def is_open(context: Context, name: str) -> None:
    assert (context.opened, context.seen_by_all, context.feature.name) == (name, "before_all", name)


@then('the rule "{name}" is open')
def is_ruled(context: Context, name: str) -> None:
    assert (context.ruled, context.rule.name) == (name, name)


@when("steps are run by a step")
def nested(context: Context) -> None:
    context.execute_steps("Given nothing\nThen a check that does not hold")


@when("something is attached")
def attached(context: Context) -> None:
    context.attach("text/plain", b"attached")


@given("a fact is kept")
def kept(context: Context) -> None:
    assert "fact" not in context, "a scenario saw another's fact"
    context.fact = 1
