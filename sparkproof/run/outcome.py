"""Outcomes of scenarios, and the judgement that derives them from behave's own statuses."""

import traceback
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from behave.model import Scenario, Step
from behave.model_type import Status

from sparkproof.core.errors import SparkproofError, first_line
from sparkproof.run.limits import Ended, OutOfTime


class Outcome(StrEnum):
    """The outcome of a selected scenario; the words of docs/verdict.md.

    A skipped scenario was asked for and a capability is absent; one that was not run was never asked: the run ended
    before its turn.
    """

    PASSED = "passed"
    FAILED = "failed"
    BROKEN = "broken"
    SKIPPED = "skipped"
    UNSUPPORTED = "unsupported"
    NOT_RUN = "not run"

    @property
    def bad(self) -> bool:
        return self in BAD


# Also as the words of a ledger: a member is equal to its word.
BAD = frozenset((Outcome.FAILED, Outcome.BROKEN))


class Unsupported(str):
    """A reason for `scenario.skip()`: the vendor has no such combination. Name the source in the text."""

    __slots__ = ()


class Judgement(NamedTuple):
    """An outcome, why in one sentence ("" when passed), the traceback if any, and the error it was read from."""

    outcome: Outcome
    reason: str = ""
    trace: str = ""
    error: BaseException | None = None


_PASSED = Judgement(Outcome.PASSED)


def judge(scenario: Scenario, cleanup_error: BaseException | None = None, troubles: Sequence[str] = ()) -> Judgement:
    """Read what behave left in `scenario` after a run.

    A check that did not hold (an AssertionError in a When or Then step) is a failure; whatever else goes wrong says
    nothing about the criterion and is broken. `cleanup_error` is what a clean-up raised, which behave does not keep.
    `troubles` are refusals and errors that no check has looked at: the first of them is the cause of a failed step.
    """
    status = scenario.status
    if status is Status.passed:
        return _passed(scenario)
    if status is Status.skipped:
        return _skipped(_skip_reason(scenario))
    culprit = next((step for step in scenario.all_steps if step.status.has_failed()), None)
    if culprit is not None:
        judged = _of_step(culprit)
        # A hook that refuses the scenario for its troubles names them itself.
        cause = "" if not troubles or troubles[0] in judged.reason else f"{troubles[0].rstrip('.')}; after that: "
        return judged._replace(reason=cause + judged.reason)
    if status is Status.cleanup_error:
        return _broken("clean-up", cleanup_error)
    if status is Status.hook_error:
        # error_message opens with "HOOK-ERROR in before_scenario: RuntimeError: ..."
        hook = (scenario.error_message or "").removeprefix("HOOK-ERROR in ").split(":", 1)[0]
        return _broken(hook, scenario.exception) if hook else Judgement(Outcome.BROKEN, "a hook was interrupted")
    if any(step.status is not Status.untested for step in scenario.all_steps):
        return Judgement(Outcome.BROKEN, "it was stopped before its end")
    return Judgement(Outcome.NOT_RUN, "the run was stopped before its first step")


def late(judged: Judgement, took_s: float, limit_s: float) -> Judgement:
    """The judgement on a scenario that did not end with its time limit: a step held the limit's error back."""
    if judged.outcome.bad:
        return judged
    return Judgement(Outcome.BROKEN, f"it took {took_s:.1f} s, longer than its time limit of {limit_s:g} s")


def interrupted(stop: BaseException) -> Judgement:
    """The judgement on a scenario that `stop` left half run."""
    if isinstance(stop, KeyboardInterrupt):
        return Judgement(Outcome.BROKEN, "the run was stopped", "", stop)
    return Judgement(Outcome.BROKEN, sentence(stop), trace_of(stop), stop)


def sentence(error: BaseException) -> str:
    """The first line of what `error` says; the failed expression for an assert without a message."""
    text = first_line(readable(error))
    if isinstance(error, AssertionError):
        return text or _asserted(error)
    if text:
        return text if isinstance(error, SparkproofError | Ended | OutOfTime) else f"{type(error).__name__}: {text}"
    return type(error).__name__


def trace_of(error: BaseException) -> str:
    """The traceback of `error` as text."""
    try:
        return readable("".join(traceback.format_exception(error)))
    except BaseException as broken:  # the project's own class: one made by type() has no module, for example
        if isinstance(broken, KeyboardInterrupt):
            raise
        lines = traceback.format_tb(error.__traceback__)
        return readable("".join([*lines, f"{type(error).__name__}: {readable(error)}\n"]))


def readable(said: object) -> str:
    """What was `said` as text that every file can hold: bytes that are no UTF-8 are escaped, other objects shown."""
    if type(said) is not str:
        try:
            said = str.__str__(str(said))  # str() of the project's own class may be another one of its classes
        except BaseException as broken:
            if isinstance(broken, KeyboardInterrupt):
                raise
            return f"a {type(said).__name__} that has no text"
    return said if said.isascii() else said.encode(errors="backslashreplace").decode()


def _asserted(error: AssertionError) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"`{frames[-1].line}` does not hold" if frames and frames[-1].line else "an assertion does not hold"


def _passed(scenario: Scenario) -> Judgement:
    """behave passes a scenario without steps, and a @wip scenario whose steps are not written: nothing is proved."""
    steps = list(scenario.all_steps)
    pending = next((step for step in steps if step.status is Status.pending_warn), None)
    if pending is not None:
        return _skipped(f"step is not implemented yet: {_phrase(pending)}")
    return _PASSED if steps else _skipped("it has no steps, so nothing was checked")


def _of_step(step: Step) -> Judgement:
    if step.status is Status.undefined:
        return Judgement(Outcome.BROKEN, f"step is not defined: {_phrase(step)}")
    if step.status is Status.pending:
        return Judgement(Outcome.BROKEN, f"step is not implemented yet: {_phrase(step)}")
    error = step.exception
    if error is None:
        said = first_line(step.error_message or "") or "was interrupted"
        return Judgement(Outcome.BROKEN, f"{_phrase(step)}: {said}")
    if step.status is Status.failed and step.step_type != "given":
        return Judgement(Outcome.FAILED, sentence(error), trace_of(error), error)
    if isinstance(error, KeyboardInterrupt):
        return Judgement(Outcome.BROKEN, f"the run was stopped in: {_phrase(step)}", "", error)
    return _broken(_phrase(step), error)


def _broken(where: str, error: BaseException | None) -> Judgement:
    if error is None:
        return Judgement(Outcome.BROKEN, f"{where} failed")
    return Judgement(Outcome.BROKEN, f"{sentence(error)} (in {where})", trace_of(error), error)


def _skipped(reason: object) -> Judgement:
    outcome = Outcome.UNSUPPORTED if isinstance(reason, Unsupported) else Outcome.SKIPPED
    return Judgement(outcome, readable(reason))


def _skip_reason(scenario: Scenario) -> object:
    entity = scenario
    while entity is not None:
        if entity.skip_reason:
            return entity.skip_reason
        entity = entity.parent
    return "skipped without a reason: give one to scenario.skip()"


def _phrase(step: Step) -> str:
    return f"{step.keyword} {step.name}"
