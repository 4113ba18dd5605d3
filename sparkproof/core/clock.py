"""The time of this machine, which a project that freezes or moves its own clock does not change.

A run waits and measures by a clock that only goes forward, and counts the time of day from the moment when it began.
"""

import time

# Libraries that freeze time replace the functions that they find as names in modules: in a tuple they find none.
_REAL = (time.perf_counter, time.time)
_AT_START = (time.perf_counter(), time.time())


def elapsed() -> float:
    """Seconds since a point that is the same for a parent and its workers; it never goes back."""
    return _REAL[0]()


def now() -> float:
    """The time of day, in seconds since the epoch."""
    return _REAL[0]() - _AT_START[0] + _AT_START[1]


def moved() -> float:
    """The seconds by which the project's time of day differs from the machine's."""
    return time.time() - now()
