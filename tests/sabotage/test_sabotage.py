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
        "spark-common/templates/_driver.tpl",
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
    Sabotage(
        "the oldest session first",
        "spark-common/templates/_connect.tpl",
        r"spark\.scheduler\.mode: FAIR",
        "spark.scheduler.mode: FIFO",
        "A short query does not wait for a long one",
        "no task of the work was waiting",
    ),
    Sabotage(
        "executors are not told that they have to go",
        "spark-common/templates/_settings.tpl",
        r'spark\.decommission\.enabled: "true"',
        'spark.decommission.enabled: "false"',
        "An executor that is told to go finishes its work on Spark 4.1.1.*",
        "tasks were lost",
    ),
    Sabotage(
        "executors belong to nobody",
        "spark-common/templates/_manager.tpl",
        r"spark\.kubernetes\.driver\.pod\.name: .*",
        'spark.ui.killEnabled: "false"',
        "Executors of Spark 4.1.1 give the right answer.*",
        "do not belong to spark-connect-0",
    ),
    Sabotage(
        "the server is not told its token",
        "spark-common/templates/_connect.tpl",
        r"SPARK_CONNECT_AUTHENTICATE_TOKEN",
        "SPARK_CONNECT_NO_TOKEN",
        "Only a user with the token is let in",
        "was not refused",
    ),
    Sabotage(
        "a warehouse for all releases of a namespace",
        "spark-common/templates/_warehouse.tpl",
        r"claimName: .*",
        "claimName: spark-warehouse",
        "Two platforms in one namespace are apart",
        "was not refused",
    ),
    Sabotage(
        "a warehouse that goes with its pod",
        "spark-common/templates/_warehouse.tpl",
        r"persistentVolumeClaim:\n    claimName: .*",
        "emptyDir: {}",
        "An upgrade of Spark keeps a team's tables",
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
    Sabotage(
        "a driver without the right to make executors",
        "spark-common/templates/_driver.tpl",
        r"verbs: \[create, ",
        "verbs: [",
        "An application runs in cluster mode on Spark 4.1.1.*",
        "word count application ended with",
    ),
    Sabotage(
        "a master that forgets",
        "spark-common/templates/_master.tpl",
        r"spark\.deploy\.recoveryMode: FILESYSTEM",
        "spark.deploy.recoveryMode: NONE",
        "A killed master comes back and knows its workers and applications",
        "runs nothing, and not spark-connect",
    ),
    Sabotage(
        "workers are not told that they have to go",
        "spark-common/templates/_worker.tpl",
        r'spark\.decommission\.enabled: "true"',
        'spark.decommission.enabled: "false"',
        "A worker that is told to go finishes its work",
        "tasks were lost",
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
