"""Breaks the platform in one place and sees the criterion that guards it turn red, with the cause: `make sabotage`."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Sabotage:
    """A change of one chart file: the `pattern` is replaced; the `criterion` must fail and say `cause`."""

    name: str
    file: str
    pattern: str
    replacement: str
    criterion: str
    cause: str


SABOTAGES = [
    Sabotage(
        "Iceberg's SQL extensions left out",
        "spark-common/templates/_settings.tpl",
        r"spark\.sql\.extensions: .*\n",
        "",
        "A snapshot is found again by its name",
        "PARSE_SYNTAX_ERROR",
    ),
    Sabotage(
        "the driver may not create pods",
        "spark-common/templates/_connect.tpl",
        r"verbs: \[create, ",
        "verbs: [",
        "The driver may manage its executors",
        "may not create pods",
    ),
    Sabotage(
        "shuffle tracking off",
        "spark-common/templates/_settings.tpl",
        r'shuffleTracking\.enabled: "true"\n',
        'shuffleTracking.enabled: "false"\n',
        "Executors come with the work and go when it is done",
        "shuffleTracking.enabled",
    ),
    Sabotage(
        "executors never go",
        "spark-common/templates/_settings.tpl",
        r"executorIdleTimeout: .*",
        "executorIdleTimeout: 1h",
        "Executors come with the work and go when it is done",
        "0 executors in",
    ),
    Sabotage(
        "executors get the driver's account",
        "spark-common/templates/_manager.tpl",
        r'(authenticate\.executor\.serviceAccountName: .*"component" )"executor"',
        r'\1"connect"',
        "An executor may do nothing",
        "may get pods",
    ),
]


@pytest.mark.parametrize("sabotage", SABOTAGES, ids=lambda sabotage: sabotage.name)
def test_the_criterion_turns_red_with_the_cause(sabotage: Sabotage, tmp_path: Path) -> None:
    charts = shutil.copytree(ROOT / "charts", tmp_path / "charts", symlinks=True)
    broken = charts / sabotage.file
    text, count = re.subn(sabotage.pattern, sabotage.replacement, broken.read_text())
    assert count == 1, "the sabotage must hit exactly one place"
    broken.write_text(text)
    run = subprocess.run(
        [sys.executable, "-m", "behave", "--format=null", f"--name=^{sabotage.criterion}$", "-D", f"charts={charts}",
         "-D", f"reports={tmp_path}/reports"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout
    (line,) = [json.loads(line) for line in (tmp_path / "reports/ledger.jsonl").read_text().splitlines()]
    assert line["outcome"] in ("failed", "broken")
    assert sabotage.cause in line["reason"]
