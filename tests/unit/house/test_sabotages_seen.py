"""What was seen of deliberate faults is kept as it was, and the page of it is honest and fresh."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.sabotage import __main__ as own_page
from tests.sabotage import page, seen
from tests.sabotage.seen import KILLED, OTHER_CAUSE, SURVIVED, Seen
from tests.support.every_sabotage import EVERY
from tests.support.sabotages import Sabotage

ROOT = Path(__file__).resolve().parents[3]
TITLE = "The driver may manage its executors"
ROW = Sabotage("no pods", "charts/a.tpl", "create", "", TITLE, "may not create pods")


def line(outcome: str, reason: str) -> dict[str, Any]:
    return {
        "name": TITLE,
        "outcome": outcome,
        "reason": reason,
        "started": "2026-11-27T14:22:04.451+00:00",
        "version": "4.1.1",
    }


@pytest.mark.parametrize(
    ("outcome", "reason", "found"),
    [
        ("failed", "spark may not create pods. It may get them.", KILLED),
        ("broken", "spark may not create pods", KILLED),
        ("failed", "No executor came. Perhaps the node is full.", OTHER_CAUSE),
        ("passed", "", SURVIVED),
    ],
)
def test_a_fault_is_killed_by_a_red_criterion_that_names_the_cause(outcome: str, reason: str, found: str) -> None:
    one = Seen.of(ROW, line(outcome, reason))
    assert (one.outcome, one.said) == (found, reason.partition(".")[0] + "." * ("." in reason))
    assert (one.criterion, one.date, one.spark) == (TITLE, "2026-11-27", "4.1.1")


def test_a_long_sentence_is_cut_and_says_so() -> None:
    assert seen.first("Spark 4.1.1 said\n nothing.  More.") == "Spark 4.1.1 said nothing."
    assert len(seen.first("x" * 400)) == 240
    assert seen.first("x" * 400).endswith("x ...")


def test_what_is_kept_takes_the_place_of_what_was_seen_before(tmp_path: Path) -> None:
    path = tmp_path / "seen.yaml"
    red, green = (Seen.of(ROW, line(*one)) for one in (("failed", "may not create pods"), ("passed", "")))
    for name, one in (("b", red), ("a", green), ("b", red)):
        seen.keep(name, one, path)
    assert seen.read(path) == {"a": green, "b": red}
    assert list(seen.read(path)) == ["a", "b"]


@pytest.mark.parametrize("changed", ["file", "pattern", "replacement", "criterion", "cause"])
def test_a_row_that_has_changed_since_counts_as_never_run(changed: str) -> None:
    entries = {"no pods": Seen.of(ROW, line("failed", "may not create pods"))}
    (row,) = page.rows([ROW], entries, ROOT / "features")
    assert (row.seen, row.area) == (entries["no pods"], "security")
    other: dict[str, Any] = {changed: f"{TITLE}.*"}
    (row,) = page.rows([replace(ROW, **other)], entries, ROOT / "features")
    assert row.seen is None


def test_the_page_counts_each_row_once_and_lists_what_was_not_killed() -> None:
    rows = [replace(ROW, name=name) for name in ("killed", "green", "other", "new")]
    lines = (line("failed", "may not create pods"), line("passed", ""), line("failed", "a | b"))
    entries = {row.name: Seen.of(row, each) for row, each in zip(rows[:3], lines, strict=True)}
    text = page.written(page.rows(rows, entries, ROOT / "features"))
    assert "Of 4 rows, 1 were seen killed, 2 ran and were not killed, and 1 never ran." in text
    assert "| security | 4 | 1 | 2 | 1 | 2026-11-27 |" in text
    assert "## Never run\n- security: new\n" in text
    assert "- security: green (survived)\n- security: other (other cause)\n" in text
    assert "a \\| b" in text


def test_the_page_follows_the_record() -> None:
    assert (ROOT / "docs" / "sabotages.md").read_text() == own_page.text(), "run `make docs`"


def test_what_was_seen_is_of_rows_that_exist() -> None:
    assert set(seen.read()) - {row.name for row in EVERY} == set()
