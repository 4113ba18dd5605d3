"""Keeps the results when code of others breaks: formatters, reporters, hooks of the run, whoever ends the process."""

import functools
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from behave.formatter.base import Formatter
from behave.reporter.base import Reporter

from sparkproof.core.errors import UsageError
from sparkproof.run import own_process
from sparkproof.run.context import end_fork
from sparkproof.run.limits import ends_more
from sparkproof.run.outcome import sentence
from sparkproof.run.results import Results

_OF_FORMATTERS = (
    "uri",
    "feature",
    "background",
    "rule",
    "rule_finished",
    "scenario",
    "step",
    "match",
    "result",
    "eof",
    "close",
)
_OF_REPORTERS = ("feature", "end")
UNREAD = "Nobody read what formatters and reporters write to its end, as after `| head`, so it is not complete."
# What ends or replaces the process; os.execl(), os.execvp() and the others call these.
_ENDS: dict[str, Callable[..., Any]] = {"_exit": own_process.end, "execv": os.execv, "execve": os.execve}


def noting_failure(name: str, hook: Callable[..., Any], results: Results) -> Callable[..., Any]:
    """The hook, with what it raises noted as a cause of failure: behave prints it and forgets it."""

    @functools.wraps(hook)
    def noting(*args: Any) -> Any:
        try:
            return hook(*args)
        except BaseException as broken:
            if not isinstance(broken, KeyboardInterrupt):
                results.cause(f"{name}: {sentence(broken)}")
            raise

    return noting


def guard(formatter: Formatter, results: Results) -> None:
    """A formatter that breaks is silenced and makes the run a failure; it must not take the other results with it."""
    _guard(formatter, _OF_FORMATTERS, f"Formatter {type(formatter).__name__}", results)


def guard_reporter(reporter: Reporter, results: Results) -> None:
    """A reporter that breaks is silenced and makes the run a failure."""
    _guard(reporter, _OF_REPORTERS, f"Reporter {type(reporter).__name__}", results)


def _guard(thing: Any, calls: tuple[str, ...], name: str, results: Results) -> None:
    broken: list[BaseException] = []

    def guarded(call: Callable[..., Any], *args: Any) -> Any:
        if broken:
            return None
        try:
            return call(*args)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            broken.append(error)
            unread = isinstance(error, BrokenPipeError)
            results.cause(UNREAD if unread else f"{name} broke: {sentence(error)}")
            return None

    for event in calls:
        call = getattr(thing, event, None)
        if call is not None:
            setattr(thing, event, functools.partial(guarded, call))


@contextmanager
def loading() -> Iterator[None]:
    """Name the module of the project that ends the program while it is loaded in the block; a fork ends there."""
    owner = own_process.pid()
    try:
        yield
        end_fork(owner, None)
    except BaseException as stop:
        end_fork(owner, stop)
        if not ends_more(stop):
            raise
        where = Path(traceback.extract_tb(stop.__traceback__)[-1].filename).name
        raise UsageError(f"{where} ended the program while it was loaded: {sentence(stop)}.") from None


def no_sudden_end(end_now: Callable[[], Callable[[str], object] | None] = lambda: None) -> None:
    """Let os._exit() and os.exec...() in a step be errors of the step: their exit code would be the run's.

    A thread that does so ends the run by what `end_now` returns, in a worker the worker. A process that a step forks
    ends as it asks to; C code that ends the process is out of reach.
    """
    owner, main = own_process.pid(), threading.main_thread()

    def guarded(name: str, end: Callable[..., Any]) -> Callable[..., Any]:
        def ending(*args: Any) -> Any:
            if own_process.pid() == owner:
                said = f"os.{name}({args[0] if args else ''})"
                if threading.current_thread() is main:
                    raise SystemExit(said)
                if act := end_now():
                    act(f"A thread of the project ended the program by {said}.")
            return end(*args)

        return ending

    for name, end in _ENDS.items():
        setattr(os, name, guarded(name, end))


def say(text: str) -> None:
    """Print `text` also where standard output cannot hold all of its characters."""
    try:
        print(text, flush=True)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
    except BrokenPipeError:
        leave_unread_output()
        print(text, file=sys.stderr)


def leave_unread_output() -> None:
    """Have the rest of standard output, which nobody reads, go nowhere, so that it is no error at the program's end."""
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
