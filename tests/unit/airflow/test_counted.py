"""How many tasks failed, in Airflow's metrics: before and after, what is missing, and what counts the wrong way."""

from collections.abc import Iterator, Mapping

import pytest

from sparkproof.airflow.counted import FAILURES, SUCCESSES, Counted
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp


def counted(before: Mapping[str, float], after: Mapping[str, float]) -> Counted:
    """What was counted of a DAG, with a Prometheus that has other numbers later."""
    asked: Iterator[Mapping[str, float]] = iter([before, before])

    def count(name: str, dag: str) -> float:
        assert dag == "without-orders"
        return next(asked, after).get(name, 0)

    return Counted.now("without orders", count)


def test_a_failure_that_was_never_counted_before_is_counted(record: Record) -> None:
    counted({}, {FAILURES: 1}).must_have_grown(1, 0)
    counted({FAILURES: 2, SUCCESSES: 4}, {FAILURES: 2, SUCCESSES: 5}).must_have_grown(0, 1)
    assert len(record.proofs) == 2
    assert [(each.name, each.content) for each in record.items[:2]] == [("failures", b"1"), ("successes", b"0")]


@pytest.mark.usefixtures("one_look")
def test_what_is_not_counted_is_seen(record: Record) -> None:
    with pytest.raises(GaveUp, match="1 more failures and 0 more successes of without orders"):
        counted({FAILURES: 1}, {FAILURES: 1}).must_have_grown(1, 0)
    with pytest.raises(GaveUp, match="0 more failures and 1 more successes"):
        counted({SUCCESSES: 4}, {SUCCESSES: 4}).must_have_grown(0, 1)
    with pytest.raises(GaveUp, match="1 more failures and 1 more successes"):
        counted({}, {FAILURES: 1}).must_have_grown(1, 1)
    assert not record.proofs


def test_what_is_counted_twice_or_as_the_other_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="2 more failures and 0 more successes"):
        counted({}, {FAILURES: 2}).must_have_grown(1, 0)
    with pytest.raises(CheckFailed, match="0 more failures and 1 more successes"):
        counted({}, {SUCCESSES: 1}).must_have_grown(1, 0)
    assert not record.proofs
