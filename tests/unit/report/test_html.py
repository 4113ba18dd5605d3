"""Allure's page of a run is made anew or not at all, and says of the run what its verdict says."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from sparkproof.core import process
from sparkproof.core.errors import SparkproofError
from sparkproof.core.process import CommandFailed, Completed
from sparkproof.report import html
from tests.support.runs import line, run_of


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    """The files of a run that passed, with an earlier page beside them."""
    run_of(tmp_path, line("a"), line("b", outcome="skipped", level=None))
    for name, text in (("allure-results/1-result.json", "{}"), ("allure-report/index.html", "of an earlier run")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Allure is told; "page" is what it makes, and it exits with 0 whatever happens."""
    told: dict[str, Any] = {"page": "<html><head></head><body><p>all</p></body></html>"}

    def run(argv: Sequence[str | Path], *, timeout_s: float, env: Mapping[str, str]) -> Completed:
        command = list(map(str, argv))
        told.update(json.loads(Path(command[command.index("--config") + 1]).read_text()))
        output = Path(command[command.index("--output") + 1])
        if told["page"]:
            output.mkdir()
            (output / "index.html").write_text(told["page"])
        assert timeout_s > 0 and env["ALLURE_NO_ANALYTICS"] == "1"
        return Completed(tuple(command), 0, "", "a plugin broke\n", 0.1)

    monkeypatch.setattr(html, "_allure", lambda: Path("allure"))
    monkeypatch.setattr(html, "_node", lambda: html._Node(Path("/opt/node"), ("npm",)))
    monkeypatch.setattr(process, "run", run)
    return told


def test_the_page_leads_back_to_the_statement_and_says_when_the_run_was(
    reports: Path, configured: dict[str, Any]
) -> None:
    page = html.generate(reports)
    assert page == reports / "allure-report/index.html"
    text = page.read_text()
    assert '<body><a id="statement" href="../statement.html">Acceptance statement</a><p>all</p>' in text
    assert "2026-11-23 12:00:00 UTC, 100.0 s (1 min 40 s)" in text
    assert configured["name"] == "Sparkproof: partial"
    assert configured["variables"] == {"verdict": "partial", "passed": "1", "skipped": "1", "proved: planned": "1"}
    assert "ledger" in configured["hideLabels"]


def test_an_earlier_page_is_not_taken_for_one_that_allure_did_not_make(
    reports: Path, configured: dict[str, Any]
) -> None:
    configured["page"] = ""
    with pytest.raises(CommandFailed, match="made no report: a plugin broke"):
        html.generate(reports)
    assert not (reports / "allure-report").exists()


def test_without_results_there_is_no_page(reports: Path) -> None:
    (reports / "allure-results/1-result.json").unlink()
    with pytest.raises(SparkproofError, match=r"There are no results in .*: run behave first"):
        html.generate(reports)
    assert (reports / "allure-report/index.html").exists()
