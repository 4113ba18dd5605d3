"""A verdict, its ledger and its reports are those of one run, or every reader refuses them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sparkproof.core.errors import UsageError
from sparkproof.run import finished
from tests.support.projects import behave, project
from tests.support.runs import line, run_of, usual

STEPS = """
@step("it passes")
def passes(context): ...
"""


def without_last_line(folder: Path) -> None:
    ledger = folder / "ledger.jsonl"
    ledger.write_text("".join(ledger.read_text().splitlines(keepends=True)[:-1]))


def emptied(folder: Path) -> None:
    (folder / "ledger.jsonl").write_text("")


def of_another_run(folder: Path) -> None:
    ledger = folder / "ledger.jsonl"
    ledger.write_text(ledger.read_text().replace("0a1b2c3d", "ffffffff"))


def repeated(folder: Path) -> None:
    ledger = folder / "ledger.jsonl"
    ledger.write_text(ledger.read_text() * 2)


def called_good(folder: Path) -> None:
    record = json.loads((folder / "verdict.json").read_text())
    (folder / "verdict.json").write_text(json.dumps(record | {"verdict": "partial"}))


def of_an_unknown_run(folder: Path) -> None:
    record = json.loads((folder / "verdict.json").read_text())
    (folder / "verdict.json").write_text(json.dumps(record | {"run": "", "files": {}}))


def changed(**changes: object) -> Callable[[Path], None]:
    """Change what the verdict says; None takes it out."""

    def change(folder: Path) -> None:
        record = json.loads((folder / "verdict.json").read_text()) | changes
        kept = {name: value for name, value in record.items() if value is not None}
        (folder / "verdict.json").write_text(json.dumps(kept))

    return change


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (without_last_line, "the verdict has 1 passed, 1 failed, 1 skipped; the ledger has 1 passed, 1 skipped."),
        (emptied, "ledger.jsonl is not what the run wrote: 1 with digest"),
        (emptied, " then, 1 with digest e3b0c44298fc now."),
        (of_another_run, "3 of 3 lines of the ledger are not those of run 0a1b2c3d."),
        (repeated, "The ledger has more than one line for a."),
        (called_good, "The verdict is partial; what the ledger holds is failure."),
        (of_an_unknown_run, "names no run, so nothing ties it to the files beside it."),
        (changed(files={}), "names no run, so nothing ties it to the files beside it."),
        (changed(files=None), "names no run, so nothing ties it to the files beside it."),
        (changed(flaky=7), "flaky: the verdict has 7; the ledger has 0."),
        (changed(flaky=None), "flaky: the verdict has nothing; the ledger has 0."),
    ],
)  # fmt: skip
def test_files_that_are_not_one_runs_are_refused(tamper: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    run = usual(tmp_path, outcome="failed")
    assert list(finished.read(run).contradictions()) == []
    tamper(run)
    assert any(said in each for each in finished.read(run).contradictions())


def test_a_verdict_is_held_to_what_its_run_selected(tmp_path: Path) -> None:
    run = usual(tmp_path)
    changed(selection={"selected": 4})(run)
    assert list(finished.read(run).contradictions()) == ["The verdict is partial; what the ledger holds is failure."]
    changed(selection=None)(run)
    assert list(finished.read(run).contradictions()) == []


def test_a_run_may_have_failed_beyond_its_scenarios(tmp_path: Path) -> None:
    run = run_of(tmp_path, line("a"), causes=("after_all: gathered",))
    assert list(finished.read(run).contradictions()) == []


@pytest.mark.parametrize(
    "changes", [{"verdict": "good"}, {"verdict": None}, {"started": "noon"}, {"selection": 3}, {"files": 3}]
)
def test_a_verdict_that_no_run_wrote_is_refused(changes: dict[str, object], tmp_path: Path) -> None:
    changed(**changes)(usual(tmp_path))
    with pytest.raises(UsageError, match=r"holds no finished run \(.+\): run behave first, or name its folder\.$"):
        finished.read(tmp_path)


@pytest.mark.parametrize("lost", ["verdict.json", "ledger.jsonl"])
def test_a_run_that_did_not_finish_is_refused(lost: str, tmp_path: Path) -> None:
    (usual(tmp_path) / lost).unlink()
    with pytest.raises(UsageError, match="holds no finished run"):
        finished.read(tmp_path)


@pytest.mark.parametrize("report", ["allure-results", "junit", "ledger.jsonl", "run.log"])
def test_reports_of_another_run_are_refused(report: str, tmp_path: Path) -> None:
    plan = "from sparkproof.run import Plan\nplan = Plan(allure=True, junit=True)"
    project(tmp_path, steps=STEPS, environment=plan, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    behave(cwd=tmp_path)
    shutil.copytree(tmp_path / "reports", tmp_path / "earlier")
    behave(cwd=tmp_path)
    assert list(finished.read(tmp_path / "reports").contradictions()) == []
    own, foreign = tmp_path / "reports" / report, tmp_path / "earlier" / report
    if own.is_dir():
        shutil.rmtree(own)
        shutil.copytree(foreign, own)
    else:
        shutil.copy(foreign, own)
    said = "\n".join(finished.read(tmp_path / "reports").contradictions())
    assert f"{report} is not what the run wrote" in said
