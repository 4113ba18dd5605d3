"""Limits that may end a scenario early: its time limit, and Ctrl-C where it is let in."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(BaseException):
    """The scenario has not ended within its time limit; a step that catches every Exception does not catch it."""


class Ended(Exception):
    """What would have ended more than its own step, hook or clean-up, as an error of that one alone."""

    @classmethod
    def by(cls, stop: BaseException) -> "Ended":
        """The error that stands for `stop`: the end of a time limit, sys.exit(), a cancelled task."""
        if isinstance(stop, OutOfTime):
            return cls(str(stop))
        said = stop.code if isinstance(stop, SystemExit) else stop
        return cls(f"it ended the program by {type(stop).__name__}: {said}")


def ends_more(stop: BaseException | None) -> bool:
    """Return True for an exception that behave does not catch; Ctrl-C is left as it is."""
    return stop is not None and not isinstance(stop, Exception | KeyboardInterrupt)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the main thread when the block still runs after `seconds`; 0 is no limit."""
    if not seconds:
        yield
        return

    def too_late(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"it had not ended after {seconds:g} s, its time limit")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Keep Ctrl-C from this thread while the block runs; a process that is forked in it keeps it waiting as well."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def interruptible() -> Iterator[None]:
    """Let Ctrl-C in while the block runs, where it is kept waiting otherwise."""
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
