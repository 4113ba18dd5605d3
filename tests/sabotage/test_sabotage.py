"""Breaks the platform in one place and sees the criterion that guards it turn red, with the cause: `make sabotage`."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sabotages import SABOTAGES, Sabotage
from tests.support.sabotages_data import DATA
from tests.support.sabotages_governance import GOVERNANCE
from tests.support.sabotages_observability import OF_OBSERVABILITY
from tests.support.sabotages_scaling import OF_COST

pytestmark = pytest.mark.sabotage

ROOT = Path(__file__).resolve().parents[2]
# What a run is made of: the criteria, the code behind them, and the platform.
PARTS = ("charts", "docker", "docs", "examples", "features", "scripts", "sparkproof", "steps")
FILES = ("environment.py", "pyproject.toml")


EVERY = [*SABOTAGES, *DATA, *GOVERNANCE, *OF_OBSERVABILITY, *OF_COST]


@pytest.mark.parametrize("sabotage", EVERY, ids=lambda sabotage: sabotage.name)
def test_the_criterion_turns_red_with_the_cause(sabotage: Sabotage, tmp_path: Path) -> None:
    project = copy(tmp_path / "project")
    # Each chart has a copy of the library.
    for broken in (project / sabotage.file, *project.glob(f"charts/*/{sabotage.file}")):
        text, count = re.subn(sabotage.pattern, sabotage.replacement, broken.read_text())
        assert count == 1, "the sabotage must hit exactly one place"
        broken.write_text(text)
    name = f"^{sabotage.criterion}( -- .*)?$"
    run = subprocess.run(
        [sys.executable, "-m", "behave", "--format=null", f"--name={name}", "-D", f"reports={tmp_path}/reports"],
        cwd=project, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    (line,) = [json.loads(line) for line in (tmp_path / "reports/ledger.jsonl").read_text().splitlines()]
    if sabotage.needs and line["outcome"] == "skipped":
        pytest.skip(line["reason"])
    assert run.returncode == 1, run.stdout
    assert line["outcome"] in ("failed", "broken")
    assert sabotage.cause in line["reason"]


def copy(project: Path) -> Path:
    """The project in a folder of its own, where behave finds that folder's code first."""
    for part in PARTS:
        shutil.copytree(ROOT / part, project / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in FILES:
        shutil.copy(ROOT / file, project / file)
    return project
