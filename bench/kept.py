"""Runs criteria on platforms that are kept, so that the next run finds them warm, and removes these platforms."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from sparkproof.build import versions

# The criteria of one version of Spark, as tags: a machine with two cores has no capacity for four warm platforms.
ONE_VERSION = " and ".join(f"not @spark.{each}" for each in versions.names() if each != versions.default())


def ledger(folder: Path, *selection: str) -> list[dict[str, Any]]:
    """Run these scenarios, with reports in `folder`, and return the ledger; raises CalledProcessError if one fails."""
    subprocess.run(
        [
            *(sys.executable, "-m", "behave", "--format=null"),
            *selection,
            *("-D", "keep=true", "-D", f"reports={folder}"),
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    return [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]


def sweep() -> None:
    """Remove the platforms."""
    subprocess.run([Path(sys.executable).with_name("sparkproof"), "sweep", "--kept"], check=True)
