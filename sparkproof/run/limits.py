"""A time limit for a scenario, so that one that hangs ends, is cleaned up and says so."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class OutOfTime(Exception):
    """The scenario has not ended within the time that -D timeout allows."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise OutOfTime in the main thread when the block still runs after `seconds`; 0 is no limit."""
    if not seconds:
        yield
        return

    def too_late(_signal: int, _frame: FrameType | None) -> None:
        raise OutOfTime(f"it had not ended after {seconds:g} s, the limit that -D timeout sets")

    before = signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
