"""Ingests that are killed: one that goes on, rows that are committed twice, and a kill that came too late, are seen."""

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.operations.killed_ingest import KilledIngest, KilledMidCommit
from sparkproof.operations.landing import one_each
from tests.support.landing import Cluster, job


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "INGEST", 0.1)


def test_an_ingest_is_killed_when_it_has_moved_an_object() -> None:
    cluster = Cluster(lines=["1 39"])
    killed = KilledIngest.after_commit(cluster.landing(), one_each(40))
    assert (killed.job, killed.moved, killed.left) == ("a", 1, 39)
    assert cluster.ingest.written == ["kill"]
    assert cluster.ran[-1] == ["ingest-1", "lakehouse/landed", "lakehouse/landing"]
    with pytest.raises(GaveUp, match="the first object that the job moves cannot come any more, it ended"):
        KilledIngest.after_commit(Cluster().landing(), one_each(1))


def test_a_killed_ingest_that_another_finishes_is_proved(record: Record) -> None:
    KilledIngest(Cluster(job("a", "Failed"), job("b")).landing(), "a", 1, 39).must_be_finished_by_another()
    assert "another job moved the 39 objects" in record.proofs[-1].seen


@pytest.mark.parametrize(
    ("cluster", "moved", "left", "says"),
    [
        (Cluster(job("a", "Failed"), job("b")), 0, 40, "0 objects were moved"),
        (Cluster(job("a", "Failed"), job("b")), 40, 0, "0 left at the kill"),
        (Cluster(job("a"), job("b")), 1, 39, "a had to fail"),
        (Cluster(job("b")), 1, 39, "a had to fail"),
        (Cluster(job("a", "Failed")), 1, 39, "another job to succeed"),
        (Cluster(job("a", "Failed"), job("b"), commits=2), 1, 39, r"2 rows landed, and the commits .* added \[2, 2\]"),
        (Cluster(job("a", "Failed"), job("b"), commits=0), 1, 39, r"2 rows landed, and the commits .* added \[\]"),
    ],
    ids=["before", "after", "survived", "vanished", "alone", "twice", "never"],
)
def test_a_kill_that_shows_nothing_or_harms_is_seen(cluster: Cluster, moved: int, left: int, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        KilledIngest(cluster.landing(), "a", moved, left).must_be_finished_by_another()


@pytest.mark.parametrize(("with_spark", "told"), [(False, "go on"), (True, "kill")])
def test_an_ingest_is_killed_while_spark_stands_still(*, with_spark: bool, told: str) -> None:
    cluster = Cluster(job("a", "Failed"))
    killed = KilledMidCommit.kill(cluster.landing(), one_each(2), with_spark=with_spark)
    assert (killed.job, killed.completed, killed.written) == ("a", 0, ("a-m0.avro",))
    assert list(killed.since.values()) == [0]
    assert cluster.driver.written == [told]
    assert [call[:2] for call in cluster.ran] == [
        ["spark-connect-0", "mid-commit"], ["spark-connect-0", "write"], ["ingest-1"]
    ]  # fmt: skip


def test_spark_goes_on_where_the_ingest_does_not_end() -> None:
    cluster = Cluster(job("a", ""))
    with pytest.raises(GaveUp, match="the end of a, which was killed"):
        KilledMidCommit.kill(cluster.landing(), one_each(2), with_spark=False)
    assert cluster.driver.written == ["go on"]


def test_an_ingest_that_another_makes_good_is_proved(record: Record) -> None:
    landing = Cluster(job("a", "Failed"), job("b")).landing()
    KilledMidCommit(landing, "a", 0, ("a-m0.avro",), {}).must_be_made_good()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen.startswith("a was killed while Spark committed; another job")
    assert b"a-m0.avro" in record.items[-1].content


@pytest.mark.parametrize(
    ("cluster", "completed", "written", "says"),
    [
        (Cluster(job("a", "Failed"), job("b")), 1, ("m",), "a had 1 commits at its kill"),
        (Cluster(job("a", "Failed"), job("b")), 0, (), r"a had 0 commits at its kill, and \(\) of the next"),
        (Cluster(job("a"), job("b")), 0, ("m",), "a had to fail"),
        (Cluster(job("a", "Failed")), 0, ("m",), "another job to succeed"),
        (Cluster(job("a", "Failed"), job("b"), commits=2), 0, ("m",), "2 commits, not one"),
        (Cluster(job("a", "Failed"), job("b"), commits=0), 0, ("m",), "0 commits, not one"),
    ],
    ids=["late", "early", "survived", "alone", "twice", "lost"],
)
def test_a_kill_in_mid_commit_that_shows_nothing_or_harms_is_seen(
    cluster: Cluster, completed: int, written: tuple[str, ...], says: str, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=says):
        KilledMidCommit(cluster.landing(), "a", completed, written, {}).must_be_made_good()
    assert not record.proofs
