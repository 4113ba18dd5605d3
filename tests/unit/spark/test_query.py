"""A query that waits: an answer, another cause, and one that was there before, are no proof of what it waits for."""

from collections.abc import Callable

import pytest

from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.spark.query import Query
from tests.support.recorded import Answers, RecordedKube, RecordedPlatform, executor, pod

pytestmark = pytest.mark.usefixtures("one_look")
QUOTA = Cause(Reason.QUOTA, "spark-connect-0 was refused: exceeded quota: team")
MEMORY = Cause(Reason.MEMORY, "container connect was killed for memory")


def query(*causes: Cause, before: tuple[Cause, ...] = (), waits: bool = True, total: int = 6) -> Query:
    """A query of four tasks, on a platform whose causes of trouble were `before` and are these since it started.

    It is answered with `total` unless it `waits`.
    """
    answers: Answers = {"SET spark.executor.cores": [("spark.executor.cores", "2")], "range(0, 4, 1, 4)": [(total,)]}
    platform = RecordedPlatform(RecordedKube(), answers=answers, causes=before, waits=waits)
    told = [before]
    session = platform.open_session()
    session.client.explain = lambda: told[0]
    platform.open_session = lambda: session  # type: ignore[method-assign]
    started = Query.start(platform, executors=2)
    told[0] = (*before, *causes)
    return started


def test_the_cause_that_came_with_the_query_is_proved(record: Record) -> None:
    query(MEMORY, QUOTA).must_wait_because("exceeded quota")
    assert record.level is Level.SIMULATED
    assert record.proofs[0].seen == f"The query times out with the cause: {QUOTA.sentence}"
    assert "SELECT sum(id) FROM range(0, 4, 1, 4)" in record.items[0].content.decode()


@pytest.mark.parametrize(
    ("causes", "before"),
    [((), ()), ((MEMORY,), ()), ((), (QUOTA,))],
    ids=["no cause", "another", "one that was there before"],
)
def test_another_cause_is_not_taken_for_it(
    causes: tuple[Cause, ...], before: tuple[Cause, ...], record: Record
) -> None:
    with pytest.raises(GaveUp, match="the cause 'exceeded quota' did not come"):
        query(*causes, before=before).must_wait_because("exceeded quota")
    assert not record.proofs


def test_a_query_that_is_answered_did_not_wait(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"did not wait; it gave \[\(6,\)\]"):
        query(QUOTA, waits=False).must_wait_because("exceeded quota")
    assert not record.proofs


def test_a_query_that_has_waited_is_answered_rightly(record: Record) -> None:
    query(waits=False).must_be_answered()
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("waiting", "words"),
    [
        (lambda: query(QUOTA), "Spark's answer to 'SELECT sum"),
        (lambda: query(waits=False, total=3), r"gave \[\(3,\)\], not \[\(6,\)\]"),
    ],
    ids=["none", "a wrong one"],
)
def test_a_query_without_its_right_answer_is_seen(waiting: Callable[[], Query], words: str, record: Record) -> None:
    with pytest.raises((CheckFailed, GaveUp), match=words):
        waiting().must_be_answered()
    assert not record.proofs


def test_whoever_gives_up_must_be_told_the_cause_too(record: Record) -> None:
    waiting = query(QUOTA)
    told = iter([[QUOTA], [MEMORY]])
    waiting.started.session.client.explain = lambda: next(told)
    with pytest.raises(GaveUp, match="killed for memory"):
        waiting.must_wait_because("exceeded quota")
    assert not record.proofs


def test_a_cause_of_before_that_is_told_at_the_end_is_none_of_the_querys(record: Record) -> None:
    waiting = query(before=(QUOTA,))
    new = Cause(QUOTA.reason, f"{QUOTA.sentence} (another)")
    told = iter([[QUOTA, new], [QUOTA]])
    waiting.started.session.client.explain = lambda: next(told)
    with pytest.raises(GaveUp):
        waiting.must_wait_because("exceeded quota")
    assert not record.proofs


def test_its_end_takes_its_executors_away() -> None:
    ended = query()
    kube = ended.workloads.kube
    assert isinstance(kube, RecordedKube)
    kube.add(executor("exec-0", phase="Pending"), pod("spark-0", "connect"))
    with pytest.raises(GaveUp, match="the end of the executors"):
        ended.end()
    assert kube.names("Pod") == ["spark-0"]
    ended.end()
