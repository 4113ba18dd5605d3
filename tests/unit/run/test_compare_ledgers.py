"""Two runs' ledgers are compared by title and version; whatever differs is named and exits 1."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests import compare_ledgers

LINE: dict[str, Any] = {
    "id": "features/a.feature::Rows",
    "name": "Rows",
    "feature": "A",
    "tags": ["spark.4.1.1", "iceberg"],
    "outcome": "passed",
    "reason": "",
    "level": "executed",
    "attempts": 1,
    "started": "2026-01-01T00:00:00.000+00:00",
    "duration_s": 1.0,
    "group": "a",
    "location": "features/a.feature:3",
}
OLDER = {**LINE, "tags": ["spark.3.5.8"], "id": "features/a.feature::Rows#2"}


def write(folder: Path, *lines: dict[str, Any], proofs: str = "") -> str:
    folder.mkdir()
    (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    if proofs:
        allure = folder / "allure-results"
        allure.mkdir()
        (allure / "seen.txt").write_text(proofs)
        (allure / "1-result.json").write_text(
            json.dumps(
                {
                    "start": 1,
                    "labels": [{"name": "ledger", "value": LINE["id"]}],
                    "attachments": [{"name": "what was seen", "source": "seen.txt"}],
                }
            )
        )
    return str(folder / "ledger.jsonl")


def test_a_run_is_the_same_although_its_files_times_and_order_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moved = {**LINE, "id": "features/b.feature::Rows", "location": "features/b.feature:9", "duration_s": 7.0}
    before = write(tmp_path / "before", LINE, OLDER)
    after = write(tmp_path / "after", OLDER, {**moved, "tags": ["users", "spark.4.1.1"]})
    assert compare_ledgers.main([before, after]) == 0
    assert capsys.readouterr().out.startswith("2 scenarios have the same results.\nProofs are not compared")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"outcome": "skipped"}, "Rows @spark.4.1.1: outcome passed -> skipped"),
        ({"level": None}, "Rows @spark.4.1.1: level executed -> none"),
        ({"name": "Fewer rows"}, "Fewer rows @spark.4.1.1: new, passed"),
        ({"tags": ["iceberg"]}, "Rows @spark.4.1.1: missing, was passed"),
    ],
)
def test_a_difference_is_named(
    changed: dict[str, Any], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = write(tmp_path / "before", LINE, OLDER)
    after = write(tmp_path / "after", {**LINE, **changed}, OLDER)
    assert compare_ledgers.main([before, after]) == 1
    assert message in capsys.readouterr().out.splitlines()


def test_lost_proofs_are_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = write(tmp_path / "before", LINE, proofs="executed: 7 rows\nexecuted: unchanged\nplanned: on a GPU\n")
    after = write(tmp_path / "after", LINE, proofs="executed: 8 rows\nplanned: on a GPU\n")
    assert compare_ledgers.main([before, before]) == 0
    assert compare_ledgers.main([before, after]) == 1
    assert "proofs 2 executed, 1 planned -> 1 executed, 1 planned" in capsys.readouterr().out


def test_what_is_no_ledger_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert compare_ledgers.main([str(tmp_path / "none.jsonl"), write(tmp_path / "after", LINE)]) == 2
    assert "A ledger cannot be read" in capsys.readouterr().err
    assert compare_ledgers.main([]) == 2
