"""The acceptance statement says what a run proved, what it did not and why, on a page that needs nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sparkproof.cli import app
from sparkproof.core.errors import UsageError
from sparkproof.report import statement
from sparkproof.run.ledger import Line
from sparkproof.run.plan import About
from tests.support.browser import Browser
from tests.support.runs import NOW, line, run_of

ABOUT = About(
    cluster="embedded",
    versions={"kubernetes": "v1.36.3", "spark": "4.1.0, 4.1.1", "iceberg": "1.11.0", "java": "17", "rapids": "26.08.1"},
    artifacts={"chart spark-4.1": "0.2.0 (a3978f6b3a6e)", "image spark:4.1.1": "sparkproof/spark:4.1.1-0123456789ab"},
    commit="0123456789ab",
    changed=["charts/spark-4.1/values.yaml"],
)
NO_GPU = "no node offers nvidia.com/gpu: add a GPU node"
TABLES, GPUS = "features/iceberg/tables.feature", "features/gpu/gpu.feature"
LINES = [
    line("p", name="A table keeps its snapshots", location=f"{TABLES}:3", version="4.1.1", level="executed",
         measured=({"what": "lost work", "value": 12.345, "unit": "s", "promise": "at most 24 h"},
                   {"what": "rows | read", "value": 1234.5, "unit": "rows", "promise": ""})),
    line("f", name="Two <writers> race", location=f"{TABLES}:6", version="4.1.0", outcome="failed", level=None,
         reason="2 rows came, 3 were | expected"),
    line("b", name="A catalog starts", location=f"{TABLES}:9", outcome="broken", level=None, reason="no pod",
         measured=({"what": "a broken one's time", "value": 1, "unit": "s", "promise": "at most 1 s"},)),
    line("s", name="A GPU joins -- @1.2 joins", location=f"{GPUS}:2", outcome="skipped", level=None, reason=NO_GPU),
    line("t", name="A GPU sorts", location=f"{GPUS}:2", outcome="skipped", level=None, reason=NO_GPU),
    line("u", location=f"{GPUS}:7", outcome="unsupported", level=None, reason="no shim for 4.1.0"),
    line("n", location=f"{GPUS}:8", outcome="not run", level=None, reason="Stopped by Ctrl-C."),
]  # fmt: skip


def text_of(page: Path) -> str:
    """The words of an HTML page, without its tags and its style."""
    body = re.sub(r"<style>.*?</style>", "", page.read_text(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def section(text: str, title: str, following: str) -> str:
    return text.rpartition(f" {title} ")[2].partition(f" {following} ")[0]


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of(tmp_path, *LINES, about=ABOUT)


def test_the_page_names_the_run_and_what_it_tested(run: Path) -> None:
    text = text_of(statement.write(run))
    for fact in (
        "failure 1 failed, 1 broke, 1 not run, 3 skipped or unsupported. 1 of 7 selected criteria are proved. 7 of 8",
        "Began 2026-11-23 12:00:00 UTC Ended 2026-11-23 12:01:40 UTC Duration 100.0 s (1 min 40 s) Command behave",
        "Cluster embedded Kubernetes v1.36.3 Spark 4.1.0, 4.1.1 Iceberg 1.11.0 Java 17 RAPIDS 26.08.1",
        "Commit of the suite 0123456789ab, and 1 changed file: charts/spark-4.1/values.yaml",
        "Chart spark-4.1 0.2.0 (a3978f6b3a6e) Image spark:4.1.1 sparkproof/spark:4.1.1-0123456789ab",
        "Not selected, so this statement says nothing about them: 1 of features.",
        "passed 1 failed 1 broken 1 skipped 2 unsupported 1 not run 1 selected 7",
        "rendered 0 admitted 0 simulated 0 planned 0 executed 1 accelerated 0 proved 1",
        "gpu - 0 0 0 0 0 0 4 0 4 iceberg - 0 0 0 0 0 0 0 1 1 iceberg 4.1.0 0 0 0 0 0 0 0 1 1",
        "iceberg 4.1.1 0 0 0 0 1 0 0 0 1 all - 0 0 0 0 1 0 4 2 7",
    ):
        assert fact in text


def test_what_is_not_proved_stands_apart_from_what_failed(run: Path) -> None:
    text = text_of(statement.write(run))
    failed = section(text, "What failed", "What was not proved")
    unproved = section(text, "What was not proved", "Release rules")
    assert "failed F: Two <writers> race 4.1.0 2 rows came, 3 were | expected no" in failed
    assert "broken F: A catalog starts" in failed
    assert f"2 skipped: {NO_GPU} F: A GPU joins (joins) F: A GPU sorts" in unproved
    assert "1 unsupported: no shim for 4.1.0" in unproved
    assert "1 not run: Stopped by Ctrl-C." in unproved
    assert "skipped" not in failed
    assert "failed" not in unproved
    assert "broken" not in unproved


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (LINES[:1], "success All 1 selected criteria are proved."),
        ([LINES[0], LINES[3]], "partial Nothing failed. 1 of 2 selected criteria are proved; not proved: 1."),
        (LINES[3:4], "unproven Nothing is proved: all 1 selected criteria were skipped or are unsupported."),
        ([], "failure The run itself failed. 0 of 0 selected criteria are proved."),
    ],
)
def test_the_verdict_in_a_sentence(lines: list[Line], said: str, tmp_path: Path) -> None:
    assert said in text_of(statement.write(run_of(tmp_path, *lines)))


def test_the_gate_says_who_is_excused_until_when(run: Path) -> None:
    assert "No rules were applied to this run" in text_of(statement.write(run))
    (run / "gate.yaml").write_text(
        "oldest_h: null\nknown_issues:\n- {id: f, owner: data team, expires: 2999-01-31}\n"
        "- {id: p, owner: me, expires: 2999-01-01}\n"
    )
    assert CliRunner().invoke(app, ["gate", str(run), "--rules", str(run / "gate.yaml")]).exit_code == 1
    text = text_of(run / "statement.html")
    assert "2 rows came, 3 were | expected by data team until 2999-01-31" in text
    rules = section(text, "Release rules", "What changed since the run before")
    assert "refused . The verdict without what is excused (1) is failure" in rules
    assert "Excused by data team until 2999-01-31: f" in rules
    judged = f"Release rules of {run}/gate.yaml: 3 are broken; criteria excused: 1."
    assert judged in text.partition(" The run Began ")[0], "it stands beside the verdict"
    assert "p passed: its excuse can go." in rules


def test_what_passed_only_when_repeated_is_said(tmp_path: Path) -> None:
    run = run_of(tmp_path, LINES[0]._replace(attempts=2), LINES[1]._replace(outcome="failed", attempts=2))
    text = text_of(statement.write(run))
    assert "Passed only when repeated: 1." in text
    assert "A table keeps its snapshots 4.1.1 passed at attempt 2 executed" in text
    assert "Two <writers> race 4.1.0 failed - 1.0" in text
    assert "| passed at attempt 2 | executed |" in (run / "statement.md").read_text()


def test_many_changed_files_are_counted_by_folder(tmp_path: Path) -> None:
    changed = [*(f"charts/{number}.yaml" for number in range(6)), *(f"steps/{number}.py" for number in range(3))]
    text = text_of(statement.write(run_of(tmp_path, *LINES, about=replace(ABOUT, changed=changed))))
    assert "and 9 changed files: 6 of charts, 3 of steps; verdict.json names them" in text


def test_a_judgement_of_another_run_is_not_shown(run: Path) -> None:
    judged = {"run": "ffffffff", "rules": "r", "judged": "", "broken": [], "remarks": [], "excused": []}
    (run / "gate.json").write_text(json.dumps(judged))
    assert "No rules were applied to this run" in text_of(statement.write(run))


def test_changes_since_the_run_before(tmp_path: Path) -> None:
    (tmp_path / "previous").mkdir()
    better = [each._replace(outcome="passed", level="executed") for each in LINES[:2]]
    run_of(tmp_path / "previous", *better, LINES[3], line("gone"), began=NOW - timedelta(days=1))
    text = text_of(statement.write(run_of(tmp_path, *LINES)))
    changed = section(text, "What changed since the run before", "Every criterion")
    assert (
        "The run before is 0a1b2c3d of 2026-11-22 12:00:00 UTC. 4 criteria of this run are not in it; 1 of" in changed
    )
    assert "Criterion Before Now f passed, executed failed" in changed


def changed_ledger(folder: Path) -> None:
    ledger = folder / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace('"failed"', '"passed"'))


def of_a_version_without_ids(folder: Path) -> None:
    known = json.loads((folder / "verdict.json").read_text())
    kept = ("verdict", "exit_code", "causes", "outcomes", "levels", "flaky", "duration_s", "cluster", "versions")
    (folder / "verdict.json").write_text(json.dumps({name: known[name] for name in kept}))


@pytest.mark.parametrize("tamper", [changed_ledger, of_a_version_without_ids])
def test_files_that_are_not_one_runs_are_called_so(tamper: Callable[[Path], None], run: Path) -> None:
    assert "not those of one run" not in text_of(statement.write(run))
    tamper(run)
    assert "These files are not those of one run" in text_of(statement.write(run))
    assert "**These files are not those of one run**" in (run / "statement.md").read_text()


def test_only_pages_that_can_be_made_are_linked(run: Path) -> None:
    links = ("allure-report/index.html", "timeline.html")
    page = statement.write(run).read_text()
    assert [link in page for link in links] == [False, False]
    (run / "timeline.json").touch()
    page = statement.write(run).read_text()
    assert [link in page for link in links] == [False, True]
    (run / "allure-results").mkdir()
    page = statement.write(run).read_text()
    assert [link in page for link in links] == [True, True]


def test_the_markdown_page_says_the_same(run: Path) -> None:
    statement.write(run)
    text = (run / "statement.md").read_text()
    assert text.startswith("# Acceptance statement: failure\n\n1 failed, 1 broke, 1 not run, 3 skipped")
    assert "| failed | F: Two &lt;writers> race | 4.1.0 | 2 rows came, 3 were \\| expected | no |" in text
    assert f"### 2 skipped: {NO_GPU}\n\n- F: A GPU joins (joins)\n- F: A GPU sorts\n\n### 1 not run" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.M):
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1, table


def test_what_proved_criteria_have_measured_stands_beside_what_is_promised(run: Path, tmp_path: Path) -> None:
    measured = section(text_of(statement.write(run)), "What was measured", "What failed")
    assert measured == (
        "What Measured Promised Criterion Version "
        "lost work 12.3 s at most 24 h F: A table keeps its snapshots 4.1.1 "
        "rows | read 1234 rows - F: A table keeps its snapshots 4.1.1"
    )
    text = (run / "statement.md").read_text()
    assert "| lost work | 12.3 s | at most 24 h | F: A table keeps its snapshots | 4.1.1 |\n| rows \\| read |" in text
    bare = statement.write(run_of(tmp_path / "bare", line("a")))
    assert "What was measured" not in bare.read_text() + bare.with_name("statement.md").read_text()


def test_there_is_no_statement_without_a_finished_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no finished run"):
        statement.write(tmp_path)


def test_the_page_needs_nothing_else(run: Path) -> None:
    page = statement.write(run).read_text()
    assert not re.findall(r"<script|<link|<img|@import|url\(|https?://", page)


@pytest.mark.parametrize("width", [500, 800, 1280])
def test_a_browser_shows_the_page_without_scrolling_sideways(width: int, run: Path, tmp_path: Path) -> None:
    browser = Browser(tmp_path)
    script = "document.documentElement.scrollWidth <= innerWidth && verdict.offsetHeight > 50"
    assert browser.measured(statement.write(run), width, script) == "true"


def test_the_page_can_be_printed(run: Path, tmp_path: Path) -> None:
    printed = Browser(tmp_path).pdf(statement.write(run), tmp_path / "statement.pdf")
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) in (2, 3)
