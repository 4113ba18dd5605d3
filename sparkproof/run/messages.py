"""Messages from a worker to the parent: the state that behave left in a scenario, and its events in order."""

import io
import pickle
import sys
from dataclasses import dataclass, field
from typing import Any

from behave.capture import Captured, ManyCaptured
from behave.formatter.base import Formatter
from behave.matchers import NoMatch
from behave.model import Feature, Rule, Scenario
from behave.model_type import Status

from sparkproof.run.attempt import Attempt

Event = tuple[str, Any]


@dataclass(frozen=True, slots=True)
class Ran:
    """One attempt that a worker has made; `failed` is behave's own word on it."""

    attempt: Attempt
    state: "State"
    events: list[Event]
    failed: bool


@dataclass(slots=True)
class Opened:
    """The effects of a worker's hooks of a feature or rule; `printed` is their standard output and error."""

    entity: int
    error: "Error | None" = None
    hook_failed: bool = False
    cleanup_failed: bool = False
    skipped: bool = False
    skip_reason: str | None = None
    printed: tuple[str, str] = ("", "")
    captured: list[tuple[str, str, str, str, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Error:
    """An exception in a form that can be sent: pickled where that works, else by its name and text."""

    message: str | None
    pickled: bytes | None
    name: str
    text: str
    is_assertion: bool

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
        except Exception:  # whatever a class of the project's does when it is copied, its name and text are sent
            pickled = None
        return cls(entity.error_message, pickled, type(error).__name__, str(error), isinstance(error, AssertionError))

    def put(self, entity: Any) -> None:
        """Give `entity` this error, without the traceback, which cannot be sent."""
        entity.error_message = self.message
        entity.exc_traceback = None
        if self.pickled is not None:
            entity.exception = pickle.loads(self.pickled)
        else:
            stand_in = type(self.name, (AssertionError if self.is_assertion else Exception,), {})
            entity.exception = stand_in(self.text)


@dataclass(frozen=True, slots=True)
class State:
    """The state of a scenario after an attempt, as far as formatters and reporters read it."""

    status: int
    hook_failed: bool
    skipped: bool
    skip_reason: str | None
    error: Error | None
    captured: list[tuple[str, str, str, str, bool]]
    steps: list[tuple[Any, ...]]

    @classmethod
    def of(cls, scenario: Scenario) -> "State":
        return cls(
            scenario.status.value,
            scenario.hook_failed,
            scenario.should_skip,
            scenario.skip_reason,
            Error.of(scenario),
            captures(scenario.captured),
            [_step(step) for step in scenario.all_steps],
        )

    def put(self, scenario: Scenario) -> None:
        """Bring `scenario`, the parent's own, into this state."""
        scenario.hook_failed = self.hook_failed
        scenario.should_skip = self.skipped
        scenario.skip_reason = self.skip_reason
        scenario.exception = scenario.error_message = None
        if self.error:
            self.error.put(scenario)
        recapture(scenario.captured, self.captured)
        for step, (status, duration, *rest) in zip(scenario.all_steps, self.steps, strict=True):
            step.reset()
            step.status = Status(status)
            step.duration = duration
            if rest:
                step.hook_failed, error, captured = rest
                if error:
                    error.put(step)
                recapture(step.captured, captured)
        scenario.set_status(Status(self.status))


def _step(step: Any) -> tuple[Any, ...]:
    if step.status is Status.passed and not step.captured.captures:
        return step.status.value, step.duration
    return step.status.value, step.duration, step.hook_failed, Error.of(step), captures(step.captured)


def captures(captured: ManyCaptured) -> list[tuple[str, str, str, str, bool]]:
    """Return what behave has captured in a form that can be sent."""
    return [(one.stdout, one.stderr, one.log, one.name, bool(one.failed)) for one in captured.captures]


def recapture(captured: ManyCaptured, crossed: list[tuple[str, str, str, str, bool]]) -> None:
    """Let `captured` hold what was sent, and nothing else."""
    captured.reset()
    captured.captures = [Captured(*one) for one in crossed]


class Stream(io.TextIOBase):
    """Stands for standard output or standard error in a worker: what is written becomes an event of that name."""

    encoding = "utf-8"

    def __init__(self, recorder: "Recorder", name: str) -> None:
        self._recorder = recorder
        self._name = name

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self._recorder.events.append((self._name, text))
        return len(text)


@dataclass(slots=True)
class Recorder:
    """Stands for all formatters in a worker, and keeps the calls of them and the printed texts in order."""

    events: list[Event] = field(default_factory=list)
    _steps: int = 0
    _results: int = 0

    def begin(self) -> None:
        self.events = []
        self._steps = self._results = 0

    def scenario(self, _scenario: Scenario) -> None:
        self.events.append(("scenario", None))

    def step(self, _step: Any) -> None:
        self.events.append(("step", self._steps))
        self._steps += 1

    def match(self, _match: Any) -> None:
        self.events.append(("match", self._results))

    def result(self, _step: Any) -> None:
        self.events.append(("result", self._results))
        self._results += 1

    def embedding(self, media_type: str, data: Any) -> None:
        self.events.append(("embedding", (media_type, data)))

    def printed(self) -> tuple[str, str]:
        """Everything that was written to standard output and to standard error since `begin`."""
        texts = ("".join(said for event, said in self.events if event == name) for name in ("stdout", "stderr"))
        return next(texts), next(texts)


def replay(scenario: Scenario, events: list[Event], formatters: list[Formatter], find_match: Any) -> None:
    """Repeat the events of a worker's recorder for `formatters` and the standard streams."""
    steps = list(scenario.all_steps)
    for event, what in events:
        if event in ("stdout", "stderr"):
            print(what, end="", file=getattr(sys, event))
            continue
        for formatter in formatters:
            if event == "scenario":
                formatter.scenario(scenario)
            elif event in ("step", "result"):
                getattr(formatter, event)(steps[what])
            elif event == "match":
                formatter.match(find_match(steps[what]) or NoMatch())
            elif hasattr(formatter, "embedding"):
                formatter.embedding(*what)


def entities(features: list[Feature]) -> list[Feature | Rule]:
    """Every feature, each followed by its rules: the numbers that a parent and its workers know them by."""
    return [entity for feature in features for entity in (feature, *feature.rules)]
