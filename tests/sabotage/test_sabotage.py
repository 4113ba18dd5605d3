"""Breaks the platform in one place and sees the criterion that guards it turn red, with the cause: `make sabotage`.

Faults that do not touch each other's criteria are tried in one run.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sabotage import seen
from tests.sabotage.batches import Batch, batches, name, patterns
from tests.support.every_sabotage import EVERY
from tests.support.sabotages import Sabotage

pytestmark = pytest.mark.sabotage

ROOT = Path(__file__).resolve().parents[2]
SPARKPROOF = Path(sys.executable).with_name("sparkproof")
# What a run is made of: the criteria, the code behind them, and the platform.
PARTS = ("charts", "docker", "docs", "examples", "features", "scripts", "sparkproof", "steps")
FILES = ("environment.py", "pyproject.toml")
NOT_HERE = "the cluster lacks what the criterion needs"


@pytest.fixture(scope="session")
def keeping() -> Iterator[set[str]]:
    """The runs that keep platforms for the sabotages that follow; after the last one, what these kept is removed."""
    runs: set[str] = set()
    yield runs
    for run in sorted(runs):
        subprocess.run([SPARKPROOF, "sweep", "--kept", "--run", run], cwd=ROOT, timeout=600, check=True)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run all rows, or with --unseen those that were not seen killed since they became what they are."""
    if "batch" in metafunc.fixturenames:
        record = seen.read() if metafunc.config.getoption("--unseen") else {}
        rows = [row for row in EVERY if not (entry := seen.current(row, record)) or entry.outcome != seen.KILLED]
        metafunc.parametrize("batch", batches(rows), ids=name)


def test_each_criterion_turns_red_with_the_cause(batch: Batch, tmp_path: Path, keeping: set[str]) -> None:
    project = copy(tmp_path / "project")
    for sabotage in batch:
        for path, text in sabotage.broken(project).items():
            path.write_text(text)
    images = any(sabotage.file.startswith("docker/") for sabotage in batch)
    if images:
        name_images_anew(project)
    options = [*patterns(batch), "-D", f"reports={tmp_path}/reports"]
    # A platform that is installed from what is unchanged serves the next sabotage as well.
    kept = [] if any(sabotage.changes_platforms for sabotage in batch) else ["-D", "keep=true"]
    run = subprocess.run(
        [sys.executable, "-m", "behave", "--format=null", *options, *kept],
        cwd=project, capture_output=True, text=True, timeout=sum(each.limit_s for each in batch), check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in (tmp_path / "reports/ledger.jsonl").read_text().splitlines()]
    if images and os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1") == "1":
        # They fill the disk soon; another worker's platforms may still need its own.
        subprocess.run([SPARKPROOF, "images", "--prune"], cwd=ROOT, timeout=600, check=True)
    if kept:
        keeping.add(lines[0]["run"])
    wrong = [told for sabotage in batch if (told := judged(sabotage, lines))]
    if wrong == [NOT_HERE]:
        pytest.skip(lines[0]["reason"])
    assert wrong == [], run.stdout
    assert run.returncode == 1


def judged(sabotage: Sabotage, lines: list[dict[str, Any]]) -> str:
    """Keep what a run has shown of a fault; return what is wrong with that, or "" if it was killed."""
    (line,) = [each for each in lines if re.search(sabotage.scenario, each["name"])]
    if sabotage.needs and line["outcome"] == "skipped":
        return NOT_HERE
    found = seen.Seen.of(sabotage, line)
    told = f"{sabotage.name}: {line['outcome']}: {line['reason']}"
    # What did not run, and what broke by another cause, says nothing of the fault.
    if line["outcome"] not in ("passed", "failed", "broken"):
        return told
    if line["outcome"] == "broken" and found.outcome != seen.KILLED:
        return told
    seen.keep(sabotage.name, found)
    return "" if found.outcome == seen.KILLED else told


def name_images_anew(project: Path) -> None:
    """Have the charts name the images by what these hold now; platforms would have those without the fault."""
    named = project / "charts/spark-4.1/versions.yaml"
    before = named.read_text()
    program = [sys.executable, "-c", "from sparkproof.cli import main; main()", "charts"]
    # Once all is written, it asks for a new version of each chart.
    subprocess.run(program, cwd=project, capture_output=True, timeout=120, check=False)
    assert named.read_text() != before, "The fault is in no image that a chart names."


def copy(project: Path) -> Path:
    """The project in a folder of its own, where behave finds that folder's code first."""
    for part in PARTS:
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, project / file)
    return project
