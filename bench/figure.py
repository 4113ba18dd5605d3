"""One measured number beside its promise, and the ways to take it."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`what` was measured, its `value` in `unit`, the promised `limit` (at most), and how it was taken."""

    what: str
    value: float
    unit: str
    limit: float | None = None
    how: str = ""

    @property
    def kept(self) -> bool:
        """Whether the promise holds; a figure without one only informs."""
        return self.limit is None or self.value <= self.limit


def seconds(act: Callable[[], object]) -> float:
    """Wall time of one call."""
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def median_s(act: Callable[[], object], *, runs: int) -> float:
    """Median wall time of `runs` calls."""
    return statistics.median(seconds(act) for _ in range(runs))


def command(argv: Sequence[str]) -> Callable[[], object]:
    """A call that runs `argv` quietly and raises CalledProcessError when it fails."""
    return lambda: subprocess.run(argv, check=True, capture_output=True)
