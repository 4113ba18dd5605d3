"""Small behave projects for the tests of the runner, run as a user runs them."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

BEHAVE_OWN = "behave.runner:Runner"
OURS = "sparkproof.run:Runner"
# Some of behave's formatters list sets.
FIXED = {**os.environ, "PYTHONHASHSEED": "0"}


def behave(*args: str, cwd: Path, runner: str = OURS, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run behave in the project at `cwd` to its end."""
    command = [sys.executable, "-m", "behave", "--no-color", "-r", runner, *args]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False, env=FIXED)


def project(folder: Path, *, steps: str, environment: str = "", **features: str) -> Path:
    """Write a project into `folder`; each of `features` is the text of a feature file of that name."""
    (folder / "features/steps").mkdir(parents=True)
    (folder / "features/steps/steps.py").write_text(f"from behave import step\n{steps}")
    (folder / "features/environment.py").write_text(environment)
    for name, text in features.items():
        (folder / f"features/{name}.feature").write_text(text)
    return folder


def ledger(folder: Path) -> list[dict[str, Any]]:
    """The lines of the ledger in a project's reports folder."""
    return [json.loads(line) for line in (folder / "reports/ledger.jsonl").read_text().splitlines()]


def verdict(folder: Path) -> dict[str, Any]:
    """verdict.json of a project."""
    return dict(json.loads((folder / "reports/verdict.json").read_text()))
