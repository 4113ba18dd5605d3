"""A run's work on Spark: what never began has not ended, what runs on is seen, and a session is open or closed."""

from collections.abc import Callable

import pytest

from sparkproof.airflow.spark_work import SparkWork
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from tests.support.recorded import RecordedDriver, RecordedPlatform, job, opening

OWN = "SparkConnect_OperationTag_User_airflow_Session_s-1_Operation_o-1"
CLOSED = "[INVALID_HANDLE.SESSION_CLOSED] Session was closed."


def work(*statuses: str, tags: tuple[str, ...] = (OWN, "x-r1")) -> SparkWork:
    """The work of a run whose jobs are in these states."""
    jobs = [
        {**job("r1", number, number=number, status=status), "jobTags": list(tags)}
        for number, status in enumerate(statuses)
    ]
    return SparkWork.of(RecordedPlatform(driver=RecordedDriver(jobs=jobs)), "r1")


def test_work_that_has_ended_is_proved(record: Record) -> None:
    ended = work("FAILED", "SUCCEEDED")
    ended.must_end_soon()
    ended.must_have_ended()
    assert [proof.level for proof in record.proofs] == [Level.EXECUTED] * 2
    assert record.proofs[0].seen == "No job of r1 runs on Spark any more, of 2 jobs"


@pytest.mark.usefixtures("one_look")
def test_work_that_goes_on_is_seen(record: Record) -> None:
    with pytest.raises(GaveUp, match="the end of the work of r1 on Spark"):
        work("RUNNING", "FAILED").must_end_soon()
    with pytest.raises(CheckFailed, match=r"The jobs \[0\] of r1 still run"):
        work("RUNNING", "FAILED").must_have_ended()
    assert not record.proofs


@pytest.mark.parametrize("check", [SparkWork.must_end_soon, SparkWork.must_have_ended])
def test_work_that_never_began_has_not_ended(check: Callable[[SparkWork], None], record: Record) -> None:
    with pytest.raises(CheckFailed, match="knows no job of r1"):
        check(work())
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_work_is_awaited_until_it_runs() -> None:
    work("RUNNING").must_begin()
    with pytest.raises(GaveUp, match="the work of r1 on Spark"):
        work("FAILED").must_begin()


def test_a_closed_session_is_told_from_an_open_one(record: Record) -> None:
    asked: list[str] = []
    work("FAILED").must_have_closed_its_session(opening(CLOSED, asked))
    assert asked == ["sc://c:15002/;user_id=airflow;session_id=s-1"]
    assert len(record.proofs) == 1
    with pytest.raises(CheckFailed, match="is still open on the server"):
        work("FAILED").must_have_closed_its_session(opening(None, asked))
    with pytest.raises(CheckFailed, match="not because of 'SESSION_CLOSED'"):
        work("FAILED").must_have_closed_its_session(opening("UNAVAILABLE", asked))


def test_a_session_that_was_left_is_told_from_a_closed_one(record: Record) -> None:
    work("FAILED").must_have_left_its_session(opening(None, []))
    assert record.proofs[-1].seen == "The session of r1 is still open"
    with pytest.raises(CheckFailed, match="SESSION_CLOSED"):
        work("FAILED").must_have_left_its_session(opening(CLOSED, []))


def test_a_run_without_one_session_is_seen() -> None:
    with pytest.raises(CheckFailed, match="of nobody"):
        work("FAILED", tags=("x-r1",)).must_have_closed_its_session(opening(CLOSED, []))
