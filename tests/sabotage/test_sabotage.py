"""Breaks the platform in one place and sees the criterion that guards it turn red, with the cause: `make sabotage`."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sabotage import seen
from tests.support.every_sabotage import EVERY
from tests.support.sabotages import Sabotage

pytestmark = pytest.mark.sabotage

ROOT = Path(__file__).resolve().parents[2]
# What a run is made of: the criteria, the code behind them, and the platform.
PARTS = ("charts", "docker", "docs", "examples", "features", "scripts", "sparkproof", "steps")
FILES = ("environment.py", "pyproject.toml")


@pytest.fixture(scope="session")
def keeping() -> Iterator[set[str]]:
    """The runs that keep platforms for the sabotages that follow; after the last one, what these kept is removed."""
    runs: set[str] = set()
    yield runs
    sparkproof = Path(sys.executable).with_name("sparkproof")
    for run in sorted(runs):
        subprocess.run([sparkproof, "sweep", "--kept", "--run", run], cwd=ROOT, timeout=600, check=True)


@pytest.mark.parametrize("sabotage", EVERY, ids=lambda sabotage: sabotage.name)
def test_the_criterion_turns_red_with_the_cause(sabotage: Sabotage, tmp_path: Path, keeping: set[str]) -> None:
    project = copy(tmp_path / "project")
    for path, text in sabotage.broken(project).items():
        path.write_text(text)
    if sabotage.file.startswith("docker/"):
        name_images_anew(project)
    options = [f"--name={sabotage.scenario}", "-D", f"reports={tmp_path}/reports"]
    # A platform that is installed from what is unchanged serves the next sabotage as well.
    kept = [] if sabotage.changes_platforms else ["-D", "keep=true"]
    run = subprocess.run(
        [sys.executable, "-m", "behave", "--format=null", *options, *kept],
        cwd=project, capture_output=True, text=True, timeout=sabotage.limit_s, check=False,
    )  # fmt: skip
    (line,) = [json.loads(line) for line in (tmp_path / "reports/ledger.jsonl").read_text().splitlines()]
    if kept:
        keeping.add(line["run"])
    if sabotage.needs and line["outcome"] == "skipped":
        pytest.skip(line["reason"])
    assert line["outcome"] in ("passed", "failed", "broken"), line["reason"]
    found = seen.Seen.of(sabotage, line)
    # What broke by another cause says nothing of the fault.
    assert line["outcome"] != "broken" or found.outcome == seen.KILLED, line["reason"]
    seen.keep(sabotage.name, found)
    assert found.outcome == seen.KILLED, f"{line['reason']}\n{run.stdout}"
    assert run.returncode == 1


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
