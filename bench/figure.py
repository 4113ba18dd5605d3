"""One measured value with its promised limit, and functions that measure."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """The measured `value` of `what` in `unit`, the promised maximum `limit`, and `how` it was measured."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    how: str = ""

    @property
    def kept(self) -> bool:
        """True if the promise holds; a figure without a limit is for information only."""
        return self.limit is None or self.value <= self.limit


def seconds(act: Callable[[], object]) -> float:
    """Return the wall time of one call."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median_s(act: Callable[[], object], *, runs: int) -> float:
    """Return the median wall time of `runs` calls."""
    return statistics.median(seconds(act) for _ in range(runs))


def command(argv: Sequence[str]) -> Callable[[], object]:
    """Return a function that runs `argv` quietly and raises CalledProcessError if it fails."""
    return lambda: subprocess.run(argv, check=True, capture_output=True)
