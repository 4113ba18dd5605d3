"""The matrix of versions: each cell says what runs have proved of a part, and nothing that they have not."""

from datetime import timedelta
from pathlib import Path

import pytest

from sparkproof.build import versions
from sparkproof.core.errors import UsageError
from sparkproof.report import compatibility
from sparkproof.report.compatibility import PARTS, Matrix
from tests.support.runs import NOW, line, run_of

PROVED = line("a", tags=["iceberg", "connect"])._replace(version="4.1.1", level="executed")


def matrix(folder: Path, *lines: object, **run: object) -> Matrix:
    return compatibility.read([run_of(folder, *lines, **run)])  # type: ignore[arg-type]


def test_what_was_proved_is_counted_by_level_with_its_day(tmp_path: Path) -> None:
    found = matrix(tmp_path, PROVED, PROVED._replace(id="b"), PROVED._replace(id="c", level="admitted"))
    assert found.cell("iceberg", "4.1.1") == "1 admitted, 2 executed, 2026-11-23"


@pytest.mark.parametrize(("tag", "version"), [("iceberg", "4.1.0"), ("submit", "4.1.1")])
def test_what_no_criterion_was_about_is_not_tried(tag: str, version: str, tmp_path: Path) -> None:
    assert matrix(tmp_path, PROVED).cell(tag, version) == "not tried"


@pytest.mark.parametrize("outcome", ["failed", "broken"])
def test_one_that_failed_is_not_hidden_by_others(outcome: str, tmp_path: Path) -> None:
    found = matrix(tmp_path, PROVED, PROVED._replace(id="b", outcome=outcome, level=None))
    assert found.cell("iceberg", "4.1.1") == "**1 of 2 not proved**, 2026-11-23"


def test_what_failed_has_the_day_of_its_own_run(tmp_path: Path) -> None:
    run_of(tmp_path / "1", PROVED._replace(id="b", outcome="failed", level=None))
    run_of(tmp_path / "2", PROVED, began=NOW + timedelta(days=2))
    found = compatibility.read([tmp_path / "1", tmp_path / "2"])
    assert found.cell("iceberg", "4.1.1") == "**1 of 2 not proved**, 2026-11-23"


@pytest.mark.parametrize("outcome", ["unsupported", "skipped"])
def test_a_reason_is_given_where_nothing_was_proved(outcome: str, tmp_path: Path) -> None:
    found = matrix(tmp_path, PROVED._replace(outcome=outcome, level=None, reason="no GPU | none"))
    assert found.cell("iceberg", "4.1.1") == f"{outcome}: no GPU | none"
    assert f"{outcome}: no GPU / none" in found.markdown()


def test_what_was_not_run_is_not_tried(tmp_path: Path) -> None:
    assert matrix(tmp_path, PROVED._replace(outcome="not run", level=None)).cell("iceberg", "4.1.1") == "not tried"


def test_of_two_runs_the_later_one_counts(tmp_path: Path) -> None:
    failed = PROVED._replace(outcome="failed", level=None)
    first = run_of(tmp_path / "a", failed, PROVED._replace(id="b"))
    second = run_of(tmp_path / "b", PROVED, began=NOW + timedelta(days=2))
    for order in ([first, second], [second, first]):
        assert compatibility.read(order).cell("iceberg", "4.1.1") == "2 executed, 2026-11-23 to 2026-11-25"


def test_each_part_has_a_row_and_each_version_a_column(tmp_path: Path) -> None:
    rows = [row.strip("| ").split(" | ") for row in matrix(tmp_path, PROVED).markdown().splitlines()]
    assert rows[0] == [f"Spark {name}" for name in versions.names()]
    assert [row[0] for row in rows[2:]] == [part.name for part in PARTS.values()]
    iceberg = next(row for row in rows if row[0] == "Iceberg")
    assert iceberg[1:] == [
        "1.10.1: not tried", "1.10.1: not tried", "1.11.0: not tried", "1.11.0: 1 executed, 2026-11-23"
    ]  # fmt: skip


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no finished run"):
        compatibility.read([tmp_path])
