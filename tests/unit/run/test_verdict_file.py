"""A verdict without a run: its word and its causes, when the run ended, and what changed since the one before."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sparkproof.run import changes
from sparkproof.run.plan import About
from sparkproof.run.verdict import Run, decide, write
from tests.support.runs import NOW, line, run_of


def verdict(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "verdict.json").read_text(encoding="utf-8")))


def test_a_run_ends_as_many_seconds_after_its_begin_as_it_took(tmp_path: Path) -> None:
    write(tmp_path, Run("0a1b2c3d", "behave", NOW, 100.12345), decide([line("a")], 1), [line("a")], About())
    found = verdict(tmp_path)
    assert found["duration_s"] == 100.123
    assert (found["started"], found["ended"]) == (
        NOW.isoformat(),
        (NOW + timedelta(seconds=100)).isoformat(),
    )


def test_what_changed_since_the_run_before_stands_in_the_verdict(tmp_path: Path) -> None:
    run_of(tmp_path, line("a"), line("b"))
    assert verdict(tmp_path)["changes"] is None
    changes.keep(tmp_path)
    run_of(tmp_path, line("a", outcome="failed"), line("c"))
    assert verdict(tmp_path)["changes"] == {
        "run": "0a1b2c3d",
        "since": NOW.isoformat(),
        "differences": [{"id": "a", "before": "passed, planned", "after": "failed"}],
        "new": ["c"],
        "gone": ["b"],
    }


@pytest.mark.parametrize("missing", ["verdict.json", "ledger.jsonl"])
def test_a_run_that_did_not_finish_is_nothing_to_compare_with(missing: str, tmp_path: Path) -> None:
    run_of(tmp_path, line("a"))
    (tmp_path / missing).unlink()
    changes.keep(tmp_path)
    assert not (tmp_path / "previous").exists()
    run_of(tmp_path, line("a", outcome="failed"))
    assert verdict(tmp_path)["changes"] is None


@pytest.mark.parametrize(
    ("outcomes", "word", "code"),
    [
        (["passed", "passed"], "success", 0),
        (["passed", "skipped"], "partial", 0),
        (["passed", "unsupported"], "partial", 0),
        (["skipped", "unsupported"], "unproven", 3),
        (["passed", "failed", "skipped"], "failure", 1),
        (["passed", "broken"], "failure", 1),
        (["passed", "not run"], "failure", 1),
        ([], "failure", 1),
    ],
)
def test_words_and_exit_codes(outcomes: list[str], word: str, code: int) -> None:
    judged = decide([line("id", outcome=outcome) for outcome in outcomes], len(outcomes))
    assert (judged.verdict, judged.exit_code) == (word, code)
    assert [cause.partition(":")[0] for cause in judged.causes] == ([] if outcomes else ["Nothing was selected"])


def test_a_lost_line_a_cause_and_a_stricter_wish_make_it_worse() -> None:
    passed = line("id")
    lost = decide([passed], 2)
    assert (lost.verdict, lost.causes) == ("failure", ["2 scenarios were selected, but 1 are in the ledger."])
    assert decide([passed], 1, ["after_all: it broke"]).verdict == "failure"
    assert decide([passed, line("id", outcome="skipped")], 2, require="success").exit_code == 1
    assert decide([line("id", attempts=2)], 1).verdict == "success"
    flaky = decide([line("id", attempts=2)], 1, require="stable")
    assert (flaky.verdict, [cause[:29] for cause in flaky.causes]) == ("failure", ["1 passed only when repeated, "])
