"""Two runs are compared by what they proved: what the later one proved less of is named, and nothing else is less."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sparkproof import cli
from sparkproof.core.errors import UsageError
from sparkproof.report import promotion

LINE: dict[str, Any] = {
    "id": "features/a.feature::Rows", "name": "Rows", "feature": "A", "tags": ["spark.4.1.1", "iceberg"],
    "outcome": "passed", "reason": "", "level": "executed", "attempts": 1, "started": "2026-01-01T00:00:00.000+00:00",
    "duration_s": 1.0, "group": "a", "location": "features/a.feature:3",
}  # fmt: skip
OTHER = {**LINE, "id": "features/a.feature::Files", "name": "Files", "level": "planned"}


def run(folder: Path, cluster: str, *lines: dict[str, Any]) -> str:
    folder.mkdir()
    (folder / "verdict.json").write_text(json.dumps({"verdict": "success", "run": "r", "cluster": cluster}))
    (folder / "ledger.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(folder)


def compare(tmp_path: Path, *after: dict[str, Any]) -> tuple[int, str]:
    before = run(tmp_path / "dev", "context:dev", LINE, OTHER)
    done = CliRunner().invoke(cli.app, ["compare", before, run(tmp_path / "prod", "context:prod", *after)])
    return done.exit_code, done.output


def test_the_same_proofs_are_no_difference_whatever_the_files_and_times(tmp_path: Path) -> None:
    moved = {**LINE, "id": "features/b.feature::Rows", "duration_s": 9.0, "tags": ["users", "spark.4.1.1"]}
    assert compare(tmp_path, OTHER, moved) == (0, "Proved alike: 2.\n")


def test_what_neither_run_proved_is_not_proved_alike(tmp_path: Path) -> None:
    skipped = {**OTHER, "outcome": "skipped", "reason": "no storage", "level": None}
    before = run(tmp_path / "dev", "context:dev", LINE, skipped)
    after = run(tmp_path / "prod", "context:prod", LINE, {**skipped, "reason": "no GPU"})
    done = CliRunner().invoke(cli.app, ["compare", before, after])
    assert (done.exit_code, done.output) == (0, "Proved alike: 1. Proved by neither: 1.\n")


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (
            [{**LINE, "outcome": "skipped", "reason": "no storage", "level": None}, OTHER],
            "Rows @spark.4.1.1: passed, executed, then skipped (no storage)",
        ),
        ([{**LINE, "outcome": "failed", "reason": "7 rows"}, OTHER], "passed, executed, then failed (7 rows)"),
        ([LINE, {**OTHER, "level": "rendered"}], "Files @spark.4.1.1: passed, planned, then passed, rendered"),
        ([OTHER], "Rows @spark.4.1.1: passed, executed, then not selected"),
        ([{**LINE, "tags": ["spark.4.1.0"]}, OTHER], "Rows @spark.4.1.1: passed, executed, then not selected"),
    ],
)
def test_what_is_proved_less_is_named_and_ends_with_1(after: list[dict[str, Any]], said: str, tmp_path: Path) -> None:
    code, output = compare(tmp_path, *after)
    assert code == 1
    less = output.partition("Other differences")[0]
    assert f"Proved in {tmp_path / 'dev'} (context:dev) and less in {tmp_path / 'prod'} (context:prod):" in less
    assert said in less
    assert less.count("\n- ") == 1


def test_more_proof_is_another_difference(tmp_path: Path) -> None:
    new = {**LINE, "id": "features/a.feature::New", "name": "New"}
    code, output = compare(tmp_path, LINE, {**OTHER, "level": "accelerated"}, new)
    assert code == 0
    assert "Files @spark.4.1.1: passed, planned, then passed, accelerated" in output
    assert "New @spark.4.1.1: not selected, then passed, executed" in output
    assert "and less in" not in output


def test_a_folder_without_a_run_is_refused_in_a_sentence(tmp_path: Path) -> None:
    before = Path(run(tmp_path / "dev", "context:dev", LINE))
    with pytest.raises(UsageError, match="none"):
        promotion.read(before, tmp_path / "none")
