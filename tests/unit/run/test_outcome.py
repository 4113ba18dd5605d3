"""What behave left of a scenario becomes one outcome and one sentence, and none of them is good by accident."""

from pathlib import Path

import pytest
from behave.model import Scenario, Step
from behave.model_type import Status
from behave.parser import parse_feature

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.run.limits import OutOfTime
from sparkproof.run.outcome import (
    Judgement,
    Outcome,
    Unsupported,
    interrupted,
    judge,
    late,
    readable,
    sentence,
    trace_of,
)

CHECK = CheckFailed("2 rows came,\n3 were expected")


def scenario(*steps: tuple[str, Status, BaseException | None], text: str = "") -> Scenario:
    """A scenario of which these steps ended so: their keyword, their status, and their error."""
    lines = text or "".join(f"    {keyword} step {number}\n" for number, (keyword, _, _) in enumerate(steps))
    feature = parse_feature(f"Feature: F\n  Scenario: S\n{lines}")
    assert feature
    (found,) = feature.walk_scenarios()
    for step, (_, status, error) in zip(found.all_steps, steps, strict=True):
        step.status, step.exception = status, error
    return found


def ended(status: Status, *steps: tuple[str, Status, BaseException | None], **of: object) -> Scenario:
    found = scenario(*steps)
    found.set_status(status)
    for name, value in of.items():
        setattr(found, name, value)
    return found


PASSED = ("Given", Status.passed, None)


def test_a_scenario_whose_steps_passed_has_passed() -> None:
    assert judge(scenario(PASSED, ("Then", Status.passed, None))) == Judgement(Outcome.PASSED)


def test_a_step_that_was_stopped_has_no_trace_but_its_error() -> None:
    stop = KeyboardInterrupt()
    judged = judge(scenario(("Then", Status.error, stop)))
    assert judged == Judgement(Outcome.BROKEN, "the run was stopped in: Then step 0", "", stop)


def test_a_trace_has_the_lines_and_the_error() -> None:
    def of_a_step() -> None:
        raise ValueError("no room")

    with pytest.raises(ValueError, match="no room") as caught:
        of_a_step()
    trace = trace_of(caught.value)
    assert "in of_a_step" in trace
    assert trace.endswith("\nValueError: no room\n")


class Odd(ValueError):
    """An error of which Python cannot tell the cause, so that it shows none of it."""

    @property
    def __cause__(self) -> BaseException | None:  # type: ignore[override]
        raise RuntimeError


def test_an_error_that_python_cannot_show_is_shown_by_its_lines_its_class_and_its_text() -> None:
    def of_a_step() -> None:
        raise Odd("no room")

    with pytest.raises(ValueError, match="no room") as caught:
        of_a_step()
    trace = trace_of(caught.value)
    assert "in of_a_step" in trace
    assert trace.endswith("\nOdd: no room\n")


def test_a_scenario_that_outlasted_its_limit_is_broken_unless_it_failed() -> None:
    failed = Judgement(Outcome.FAILED, "2 rows came")
    assert late(failed, 3.0, 2.0) is failed
    broken = Judgement(Outcome.BROKEN, "it took 3.2 s, longer than its time limit of 2 s")
    assert late(Judgement(Outcome.PASSED), 3.21, 2.0) == broken


def test_a_scenario_without_steps_or_with_one_that_is_not_written_proves_nothing() -> None:
    assert judge(ended(Status.passed)) == Judgement(Outcome.SKIPPED, "it has no steps, so nothing was checked")
    unwritten = ended(Status.passed, PASSED, ("Then", Status.pending_warn, None))
    assert judge(unwritten) == Judgement(Outcome.SKIPPED, "step is not implemented yet: Then step 1")


@pytest.mark.parametrize(
    ("step", "outcome", "reason"),
    [
        (("Then", Status.failed, CHECK), Outcome.FAILED, "2 rows came,"),
        (("When", Status.failed, CHECK), Outcome.FAILED, "2 rows came,"),
        (("Given", Status.failed, CHECK), Outcome.BROKEN, "2 rows came, (in Given step 1)"),
        (("And", Status.failed, CHECK), Outcome.BROKEN, "2 rows came, (in And step 1)"),
        (("Then", Status.error, ValueError("no room")), Outcome.BROKEN, "ValueError: no room (in Then step 1)"),
        (("Then", Status.error, SparkproofError("no room")), Outcome.BROKEN, "no room (in Then step 1)"),
        (("Then", Status.hook_error, SparkproofError("hook")), Outcome.BROKEN, "hook (in Then step 1)"),
        (("Then", Status.hook_error, CHECK), Outcome.BROKEN, "2 rows came, (in Then step 1)"),
        (("Then", Status.error, KeyboardInterrupt()), Outcome.BROKEN, "the run was stopped in: Then step 1"),
        (("Then", Status.undefined, None), Outcome.BROKEN, "step is not defined: Then step 1"),
        (("Then", Status.pending, None), Outcome.BROKEN, "step is not implemented yet: Then step 1"),
        (("Then", Status.failed, None), Outcome.BROKEN, "Then step 1: was interrupted"),
    ],
)
def test_the_step_that_failed_says_what_the_scenario_is(
    step: tuple[str, Status, BaseException | None], outcome: Outcome, reason: str
) -> None:
    judged = judge(scenario(PASSED, step))
    assert (judged.outcome, judged.reason) == (outcome, reason)
    if isinstance(step[2], CheckFailed):
        assert judged.error is CHECK
        assert "3 were expected" in judged.trace


def test_a_step_that_left_only_a_message_gives_its_first_line() -> None:
    found = scenario(PASSED, ("Then", Status.failed, None))
    step: Step = list(found.all_steps)[1]
    step.error_message = "\n  it ended\nthere"
    assert judge(found).reason == "Then step 1: it ended"


def test_troubles_come_first_unless_the_reason_names_them() -> None:
    failed = scenario(PASSED, ("Then", Status.failed, CheckFailed("3 rows came")))
    assert judge(failed, None, ["Spark refused it.", "later"]).reason == "Spark refused it; after that: 3 rows came"
    assert judge(failed, None, ["3 rows came"]).reason == "3 rows came"
    assert judge(failed, None, ["Spark refused it."]).outcome is Outcome.FAILED


def test_what_went_wrong_outside_of_steps_is_named_by_its_place() -> None:
    hook = ended(
        Status.hook_error, PASSED, exception=ValueError("no"), error_message="HOOK-ERROR in before_scenario: ValueError"
    )
    assert judge(hook).reason == "ValueError: no (in before_scenario)"
    assert judge(hook).outcome is Outcome.BROKEN
    assert judge(ended(Status.hook_error, PASSED)) == Judgement(Outcome.BROKEN, "a hook was interrupted")
    wordy = ended(Status.hook_error, PASSED, exception=ValueError("no"), error_message="HOOK-ERROR in x: Value: a: b")
    assert judge(wordy).reason == "ValueError: no (in x)"
    halfway = ended(Status.untested, PASSED, ("Then", Status.untested, None))
    assert judge(halfway) == Judgement(Outcome.BROKEN, "it was stopped before its end")
    cleaned = judge(ended(Status.cleanup_error, PASSED), SparkproofError("it stays"))
    assert (cleaned.outcome, cleaned.reason) == (Outcome.BROKEN, "it stays (in clean-up)")
    assert judge(ended(Status.cleanup_error, PASSED)) == Judgement(Outcome.BROKEN, "clean-up failed")
    never = judge(ended(Status.untested, ("Given", Status.untested, None)))
    assert never == Judgement(Outcome.NOT_RUN, "the run was stopped before its first step")


def test_a_skipped_scenario_says_why_and_what_the_vendor_lacks_is_unsupported() -> None:
    skipped = ended(Status.skipped, ("Given", Status.skipped, None), skip_reason="no GPU")
    assert judge(skipped) == Judgement(Outcome.SKIPPED, "no GPU")
    lacking = ended(Status.skipped, ("Given", Status.skipped, None), skip_reason=Unsupported("no shim"))
    assert judge(lacking) == Judgement(Outcome.UNSUPPORTED, "no shim")
    silent = ended(Status.skipped, ("Given", Status.skipped, None))
    assert judge(silent).reason == "skipped without a reason: give one to scenario.skip()"
    silent.parent.skip_reason = "the whole feature"
    assert judge(silent).reason == "the whole feature"


def test_an_attempt_that_was_ended_from_outside_is_broken() -> None:
    stopped = interrupted(stop := KeyboardInterrupt())
    assert stopped == Judgement(Outcome.BROKEN, "the run was stopped", "", stop)
    late = interrupted(OutOfTime("it had not ended after 5 s"))
    assert (late.outcome, late.reason) == (Outcome.BROKEN, "it had not ended after 5 s")
    assert "OutOfTime" in late.trace
    assert isinstance(late.error, OutOfTime)


def test_a_text_that_cannot_be_written_is_readable() -> None:
    assert readable("é \ud800") == "é \\ud800"
    assert readable("plain") == "plain"

    class Silent:
        def __str__(self) -> str:
            raise ValueError

    assert readable(Silent()) == "a Silent that has no text"


def test_an_error_is_one_sentence() -> None:
    assert sentence(ValueError("\n no room \nat all")) == "ValueError: no room"
    assert sentence(ValueError()) == "ValueError"
    assert sentence(SparkproofError()) == "SparkproofError"
    assert sentence(AssertionError("2 rows")) == "2 rows"
    assert sentence(AssertionError()) == "an assertion does not hold"
    try:
        assert Path() == Path("x")
    except AssertionError as failed:
        failed.args = ()
        assert sentence(failed) == '`assert Path() == Path("x")` does not hold'
        assert "Traceback" in trace_of(failed)


@pytest.mark.parametrize("outcome", Outcome)
def test_only_failed_and_broken_are_bad(outcome: Outcome) -> None:
    assert outcome.bad == (outcome in (Outcome.FAILED, Outcome.BROKEN))
