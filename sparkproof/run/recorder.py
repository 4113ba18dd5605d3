"""Stands for formatters and standard streams in a worker, and repeats in the parent what was called and printed."""

import base64
import functools
import io
import pickle
import sys
from collections.abc import Callable
from typing import Any

from behave.formatter.base import Formatter
from behave.formatter.json import JSONFormatter
from behave.matchers import NoMatch
from behave.model import Scenario

from sparkproof.run.allure_calls import repeat

Event = tuple[str, Any]

_OF_BEHAVE = frozenset(
    ("uri", "feature", "background", "rule", "rule_finished", "scenario", "step", "match", "result", "eof", "close")
)


class Recorder:
    """Stands for all formatters in a worker as far as behave calls them.

    `steps_of` gives the states of a scenario's steps: a project may run a scenario several times in one attempt.
    """

    name = "worker"

    def __init__(self, steps_of: Callable[[Scenario], Any]) -> None:
        self.steps_of = steps_of
        self.events: list[Event] = []
        self._steps = self._results = 0
        self._began = -1

    def begin(self) -> None:
        self.events = []
        self._steps = self._results = 0
        self._began = -1

    def scenario(self, scenario: Scenario) -> None:
        if self._began >= 0:
            self._keep_steps(scenario)
            self._steps = self._results = 0
        self._began = len(self.events)
        self.events.append(("scenario", None))

    def end(self, scenario: Scenario) -> list[Event]:
        """The events since `begin`."""
        if any(event == "steps" for event, _ in self.events):
            self._keep_steps(scenario)
        return self.events

    def step(self, _step: Any) -> None:
        self.events.append(("step", self._steps))
        self._steps += 1

    def match(self, _match: Any) -> None:
        self.events.append(("match", self._results))

    def result(self, _step: Any) -> None:
        self.events.append(("result", self._results))
        self._results += 1

    def printed(self) -> tuple[str, str]:
        """Everything that was written to standard output and to standard error since `begin`."""
        texts = ("".join(said for event, said in self.events if event == name) for name in ("stdout", "stderr"))
        return next(texts), next(texts)

    def _keep_steps(self, scenario: Scenario) -> None:
        self.events.insert(self._began, ("steps", self.steps_of(scenario)))


class StandIn:
    """Stands for one formatter in a worker for a project that looks it up: what it calls is called in the parent."""

    def __init__(self, formatter: Formatter, number: int, recorder: Recorder) -> None:
        self._formatter = formatter
        self._number = number
        self._recorder = recorder

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        return type(self._formatter)

    def __getattr__(self, name: str) -> Any:
        if name in _OF_BEHAVE:
            return _ignore
        found = getattr(self._formatter, name)
        return functools.partial(self._call, name) if callable(found) else found

    def _call(self, name: str, *args: Any, **kwargs: Any) -> None:
        if name == "embedding" and isinstance(self._formatter, JSONFormatter):
            base64.b64encode(args[1])  # the parent's would fail later, when its step has been called passed
        args, kwargs = tuple(map(_plain, args)), {key: _plain(value) for key, value in kwargs.items()}
        try:
            given = pickle.dumps((args, kwargs))
        except Exception as cannot:
            raise TypeError(f"{name}() cannot send this from a worker to its formatter: {cannot}") from None
        self._recorder.events.append(("call", (self._number, name, given)))


def _plain(value: Any) -> Any:
    """A text or bytes of the project's own class as what they are: the parent may not have that class."""
    if isinstance(value, str) and type(value) is not str:
        return str.__str__(value)
    return bytes(value) if isinstance(value, bytes) and type(value) is not bytes else value


def _ignore(*_args: Any) -> None:
    """Nothing: the recorder keeps what behave calls."""


def replay(
    scenario: Scenario,
    events: list[Event],
    formatters: list[Formatter],
    find_match: Callable[[Any], Any],
    put_steps: Callable[[Scenario, Any], None],
    broke: Callable[[Formatter, BaseException], None],
) -> None:
    """Repeat the events of a worker's recorder for `formatters` and the standard streams."""
    steps = list(scenario.all_steps)
    for event, what in events:
        if event in ("stdout", "stderr"):
            write(event, what)
        elif event == "steps":
            put_steps(scenario, what)
        elif event == "allure":
            repeat(*what)
        elif event == "call":
            number, name, given = what
            try:
                args, kwargs = pickle.loads(given)
                getattr(formatters[number], name)(*args, **kwargs)
            except Exception as error:
                broke(formatters[number], error)
        else:
            for formatter in formatters:
                if event == "scenario":
                    formatter.scenario(scenario)
                elif event == "match":
                    formatter.match(find_match(steps[what]) or NoMatch())
                else:
                    getattr(formatter, event)(steps[what])


def write(stream: str, text: str) -> None:
    """Write `text` to standard output or standard error, whatever characters it holds."""
    to = getattr(sys, stream)
    try:
        to.write(text)
    except UnicodeEncodeError:
        to.write(text.encode(to.encoding, "backslashreplace").decode(to.encoding))


class Printed(io.RawIOBase):
    """The bytes that a worker writes to one standard stream; programs that it starts write to `descriptor`."""

    def __init__(self, recorder: Recorder, name: str, descriptor: int) -> None:
        self._recorder = recorder
        self._name = name
        self._descriptor = descriptor

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._descriptor

    def write(self, content: Any) -> int:
        text = bytes(content).decode("utf-8", "backslashreplace")
        self._recorder.events.append((self._name, text))
        return len(content)


def stream(recorder: Recorder, name: str, descriptor: int) -> io.TextIOWrapper:
    """A standard stream, with its buffer and its file number, that prints into `recorder`."""
    return io.TextIOWrapper(
        Printed(recorder, name, descriptor),  # type: ignore[arg-type]
        encoding="utf-8",
        errors="surrogateescape",
        write_through=True,
    )


class NoInput(io.TextIOBase):
    """Standard input in a worker: there is none, and whoever reads is told so."""

    def readable(self) -> bool:
        return True

    def read(self, _size: int | None = -1) -> str:
        raise EOFError("a worker has no standard input: run with -j 1")

    def readline(self, _size: int = -1) -> str:  # type: ignore[override]
        return self.read()
