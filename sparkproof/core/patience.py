"""How long a wait lasts: the time that it is given, and more on a machine that has too much to do."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PROC = Path("/proc/stat")
# The programs for each core with which the limits of waits were chosen: those of a run on two cores with two workers.
_USUAL = 4
# No wait lasts longer than this many times its limit.
STRETCH = 5


def crowding() -> float:
    """The programs that want to run for each core of this machine, or 0 where the system does not say.

    https://docs.kernel.org/filesystems/proc.html#miscellaneous-kernel-statistics-in-proc-stat
    """
    try:
        lines = dict(line.split(" ", 1) for line in _PROC.read_text().splitlines())
        return int(lines["procs_running"]) / (os.cpu_count() or 1)
    except (OSError, KeyError, ValueError):
        return 0.0


def stretched(within_s: float, measure: Callable[[], float] = crowding) -> float:
    """Return the seconds that a limit lasts on this machine now: up to STRETCH times as long on an overloaded one."""
    return within_s * min(STRETCH, max(1.0, measure() / _USUAL))


class Patience:
    """Ends a wait when `within_s` seconds have passed, of which each counts less while the machine is overloaded.

    A second counts half when twice as many programs as usual want to run. `measure` says how many do.
    """

    def __init__(self, within_s: float, measure: Callable[[], float] = crowding) -> None:
        self._within_s, self._measure = within_s, measure
        self._counted = self._elapsed = 0.0
        self.most = 0.0

    def __call__(self, state: Any) -> bool:
        """Return True if the wait is over; `state` is tenacity's."""
        programs = self._measure()
        self.most = max(self.most, programs)
        passed, self._elapsed = state.seconds_since_start - self._elapsed, state.seconds_since_start
        self._counted += passed * min(1.0, _USUAL / programs if programs else 1.0)
        return not self.has_time or self._elapsed >= STRETCH * self._within_s

    @property
    def has_time(self) -> bool:
        """True while the seconds that count are less than the limit."""
        return self._counted < self._within_s

    @property
    def waited_s(self) -> float:
        """The seconds that have passed, each whole."""
        return self._elapsed
