"""A race between writers: lost and doubled changes are seen, and so are refusals that no conflict explains."""

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.iceberg.race import Race, WriteAttempt, must_match
from sparkproof.spark.session import Answer

CONFLICT = "(org.apache.iceberg.exceptions.ValidationException) Found conflicting files that can contain records"


def attempt(trip: int, refusal: str | None = None, *, began: float = 0.0) -> WriteAttempt:
    return WriteAttempt(trip, Answer("MERGE", "tag", 1.0, refusal=refusal), began, began + 1.0)


def test_a_table_with_all_that_was_accepted_is_right() -> None:
    record = evidence.begin()
    must_match({0: 2, 1: 1}, [(0, 1, 2.0), (1, 1, 1.0)])
    assert record.proofs


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([(0, 1, 2.0)], "Trip 1 is there 0 times, with fare 0.0"),
        ([(0, 2, 2.0), (1, 1, 1.0)], "Trip 0 is there 2 times"),
        ([(0, 1, 1.0), (1, 1, 1.0)], "with fare 1.0; 2 changes were accepted"),
        ([(0, 1, 2.0), (1, 1, 1.0), (7, 1, 1.0)], "Trip 7 is there 1 times, with fare 1.0; 0 changes were accepted"),
    ],
    ids=["lost", "doubled", "undone", "refused and there"],
)
def test_a_row_too_few_or_too_many_is_seen(found: list[tuple[int, int, float]], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        must_match({0: 2, 1: 1}, found)


def test_only_a_conflict_may_refuse_who_comes_second() -> None:
    evidence.begin()
    Race(((attempt(0), attempt(0, CONFLICT)),)).must_have_accepted_one_each()
    with pytest.raises(CheckFailed, match="other than a conflict: disk full"):
        Race(((attempt(0), attempt(0, "disk full")),)).must_have_accepted_one_each()


def test_a_round_that_nobody_wins_is_seen() -> None:
    evidence.begin()
    rounds = ((attempt(0), attempt(0, CONFLICT)), (attempt(1, "disk full"), attempt(1, CONFLICT)))
    with pytest.raises(CheckFailed, match="No change was accepted in round 1: disk full"):
        Race(rounds).must_have_accepted_one_each()


def test_writers_that_never_met_prove_nothing() -> None:
    with pytest.raises(CheckFailed, match="one statement ended before the other began"):
        Race(((attempt(0), attempt(1, began=5.0)),)).must_all_be_accepted()


def test_a_refused_addition_is_seen() -> None:
    with pytest.raises(CheckFailed, match="1 changes were refused"):
        Race(((attempt(0), attempt(1, CONFLICT)),)).must_all_be_accepted()


def test_changes_that_were_all_accepted_are_proved(record: evidence.Record) -> None:
    Race(((attempt(0), attempt(1, began=1.0)), (attempt(2, began=1.0), attempt(3)))).must_all_be_accepted()
    assert record.level is evidence.Level.EXECUTED
    assert record.proofs[0].seen == "All 4 changes were accepted"
    Race(((attempt(0), attempt(0, f"{CONFLICT}\nat line 1\nat line 2")),)).must_have_accepted_one_each()
    assert record.proofs[1].seen == "In 1 rounds 1 changes were accepted, 1 refused"
    assert record.items[-1].content.decode() == CONFLICT
