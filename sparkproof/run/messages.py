"""Messages from a worker to the parent: what an attempt was, and the state that behave left in its scenario."""

import pickle
from collections.abc import Sequence
from typing import Any, NamedTuple

from behave.capture import Captured, ManyCaptured
from behave.model import Feature, Rule, Scenario
from behave.model_type import Status

from sparkproof.run.attempt import Attempt
from sparkproof.run.faces import Face, left_behind
from sparkproof.run.frames import Frame, frames, traceback_of
from sparkproof.run.outcome import readable
from sparkproof.run.recorder import Event


class Ran(NamedTuple):
    """One attempt that a worker has made; `failed` is behave's own word on it.

    `run_failed` and `aborted` are what the worker's context says of the whole run by then, `stop` its configuration.
    """

    attempt: Attempt
    state: "State"
    events: list[Event]
    failed: bool
    run_failed: bool
    aborted: bool
    stop: bool


class Opened(NamedTuple):
    """The effects of a worker's hooks of a feature or rule; `printed` is their standard output and error."""

    entity: int
    error: "Error | None"
    hook_failed: bool
    cleanup_failed: bool
    skipped: bool
    skip_reason: str | None
    printed: tuple[str, str]
    captured: list[tuple[str, str, str, str, bool]]
    left: dict[str, Any]
    aborted: bool
    stop: bool


class Error(NamedTuple):
    """An exception in a form that can be sent: pickled where that works, else by its name and text."""

    message: str | None
    pickled: bytes | None
    name: str
    text: str
    is_assertion: bool
    frames: list[Frame]

    @classmethod
    def of(cls, entity: Any) -> "Error | None":
        """The error that behave keeps in a step, scenario, rule or feature, or None."""
        error = entity.exception
        if error is None and entity.error_message is None:
            return None
        pickled: bytes | None = None
        try:
            pickled = pickle.dumps(error)
            pickle.loads(pickled)
        except BaseException as strange:  # whatever a class of the project's does when it is copied
            if isinstance(strange, KeyboardInterrupt):
                raise
            pickled = None  # its name and text are sent
        message = None if entity.error_message is None else readable(entity.error_message)
        is_assertion = isinstance(error, AssertionError)
        return cls(message, pickled, type(error).__name__, readable(error), is_assertion, frames(entity.exc_traceback))

    def put(self, entity: Any) -> None:
        """Give `entity` this error, with a traceback that names the same lines."""
        entity.error_message = self.message
        entity.exc_traceback = traceback_of(self.frames)
        entity.exception = self._exception()

    def _exception(self) -> BaseException:
        if self.pickled is not None:
            try:
                found = pickle.loads(self.pickled)
                if isinstance(found, BaseException):
                    return found
            except BaseException as strange:  # its module may be one that only the worker could import
                if isinstance(strange, KeyboardInterrupt):
                    raise
        stand_in = type(self.name, (AssertionError if self.is_assertion else Exception,), {})
        return stand_in(self.text)  # type: ignore[no-any-return]


class State(NamedTuple):
    """The state of a scenario after an attempt, as far as formatters and reporters read it."""

    status: int
    hook_failed: bool
    skipped: bool
    skip_reason: str | None
    error: Error | None
    captured: list[tuple[str, str, str, str, bool]]
    steps: list[tuple[Any, ...]]
    face: Face | None
    left: dict[str, Any]

    @classmethod
    def of(cls, scenario: Scenario, *, changed: bool) -> "State":
        """The state of `scenario`; one that is `changed` looks other than the parent's."""
        return cls(
            scenario.status.value,
            scenario.hook_failed,
            scenario.should_skip,
            scenario.skip_reason if scenario.skip_reason is None else readable(scenario.skip_reason),
            Error.of(scenario),
            captures(scenario.captured),
            steps_of(scenario),
            Face.of(scenario) if changed else None,
            left_behind(scenario),
        )

    def put(self, scenario: Scenario) -> None:
        """Bring `scenario`, the parent's own, into this state."""
        if self.face:
            self.face.put(scenario)
        vars(scenario).update(self.left)
        scenario.hook_failed = self.hook_failed
        scenario.should_skip = self.skipped
        scenario.skip_reason = self.skip_reason
        scenario.exception = scenario.error_message = None
        if self.error:
            self.error.put(scenario)
        recapture(scenario.captured, self.captured)
        put_steps(scenario, self.steps)
        scenario.set_status(Status(self.status))


def steps_of(scenario: Scenario) -> list[tuple[Any, ...]]:
    """The states of a scenario's steps."""
    return [_step(step) for step in scenario.all_steps]


def put_steps(scenario: Scenario, states: list[tuple[Any, ...]]) -> None:
    """Bring the steps of `scenario` into these states."""
    for step, (status, duration, *rest) in zip(scenario.all_steps, states, strict=True):
        step.reset()
        step.status = Status(status)
        step.duration = duration
        if rest:
            step.hook_failed, error, captured, left = rest
            if error:
                error.put(step)
            recapture(step.captured, captured)
            vars(step).update(left)


def _step(step: Any) -> tuple[Any, ...]:
    left = left_behind(step)
    if step.status is Status.passed and not step.captured.captures and not left:
        return step.status.value, step.duration
    return step.status.value, step.duration, step.hook_failed, Error.of(step), captures(step.captured), left


def captures(captured: ManyCaptured) -> list[tuple[str, str, str, str, bool]]:
    """Return what behave has captured in a form that can be sent."""
    return [(one.stdout, one.stderr, one.log, one.name, bool(one.failed)) for one in captured.captures]


def recapture(captured: ManyCaptured, crossed: list[tuple[str, str, str, str, bool]]) -> None:
    """Let `captured` hold what was sent, and nothing else."""
    captured.reset()
    captured.captures = [Captured(*one) for one in crossed]


def entities(features: Sequence[Feature]) -> list[Feature | Rule]:
    """Every feature, each followed by its rules: the numbers that a parent and its workers know them by."""
    return [entity for feature in features for entity in (feature, *feature.rules)]
