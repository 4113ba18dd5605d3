"""How long a criterion takes on a warm platform, and how much of that is not Spark's own work."""

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.figure import Figure, command, median_s

_BEHAVE = [sys.executable, "-m", "behave"]
_TITLE = "An earlier snapshot still holds its rows in the hadoop catalog"
_RUNS = 5


def measure() -> Iterator[Figure]:
    """Medians of several runs after one that warms the platform, which is removed afterwards."""
    yield Figure(
        "behave --dry-run", median_s(command([*_BEHAVE, "--dry-run"]), runs=_RUNS), "s", 2.0, f"median of {_RUNS}"
    )
    with tempfile.TemporaryDirectory() as folder:
        try:
            lines = [_one_run(Path(folder)) for _ in range(_RUNS + 1)][1:]
        finally:
            subprocess.run([sys.executable, "-c", "from sparkproof.cli import main; main()", "sweep"], check=True)
    how = f"median of {_RUNS} warm runs"
    yield Figure("a warm time-travel scenario", statistics.median(line["duration_s"] for line in lines), "s", 6.0, how)
    shares = [100 * (1 - line["spent"]["spark"] / line["duration_s"]) for line in lines]
    yield Figure("of that, not Spark's own work", statistics.median(shares), "%", 20.0, how)


def _one_run(folder: Path) -> dict[str, Any]:
    """The ledger's line of one run of the scenario on a platform that is kept."""
    subprocess.run(
        [*_BEHAVE, "--format=null", f"--name={_TITLE}", "-D", "keep=true", "-D", f"reports={folder}"],
        check=True, capture_output=True,
    )  # fmt: skip
    return dict(json.loads((folder / "ledger.jsonl").read_text()))
