"""Seconds of the Iceberg and GPU criteria on warm platforms, and the share that is not Spark's own work."""

import statistics
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import kept
from bench.figure import Figure, command, median_s, seconds

_BEHAVE = [sys.executable, "-m", "behave"]
_TITLE = "An earlier snapshot still holds its rows in the hadoop catalog"
_RUNS = 5
# The criterion of killed_writer installs its own platform, so it is never warm.
_CRITERIA = sorted(str(path) for path in Path("features/iceberg").glob("*.feature") if path.stem != "killed_writer")


def measure() -> Iterator[Figure]:
    """Measure medians after warm-up runs, and remove the platforms afterwards."""
    yield Figure(
        "behave --dry-run", median_s(command([*_BEHAVE, "--dry-run"]), runs=_RUNS), "s", 2.0, f"median of {_RUNS}"
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            travels = [kept.ledger(Path(folder), f"--name={_TITLE}")[0] for _ in range(_RUNS + 1)][1:]
            yield from _figures("a warm time-travel scenario", travels, 6.0, f"median of {_RUNS} warm runs")
            criteria = [kept.ledger(Path(folder), f"--tags={kept.ONE_VERSION}", *_CRITERIA) for _ in range(2)][1]
            yield from _figures("a warm Iceberg scenario", criteria, 4.0, f"median of {len(criteria)}, once warm")
            kept.sweep()
            gpu = (partial(kept.ledger, Path(folder), "--tags=@gpu", f"-j={jobs}") for jobs in (2, 1, 2))
            _, one, two = map(seconds, gpu)
        finally:
            kept.sweep()
    yield Figure("behave --tags=@gpu", one, "s", 180.0, "one run, on warm platforms")
    yield Figure("with -j 2, of that", two / one, "", 0.7, "one run each, on warm platforms")


def _figures(what: str, lines: list[dict[str, Any]], limit_s: float, how: str) -> Iterator[Figure]:
    yield Figure(what, statistics.median(line["duration_s"] for line in lines), "s", limit_s, how)
    shares = [100 * (1 - line["spent"].get("spark", 0.0) / line["duration_s"]) for line in lines]
    yield Figure("of that, not Spark's own work", statistics.median(shares), "%", 20.0, how)
