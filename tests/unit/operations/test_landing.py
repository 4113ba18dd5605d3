"""Landed objects: rows that are missing or twice, jobs that come unasked, and a number told to anybody, are seen."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core import clock, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg.table import Table
from sparkproof.kube.objects import DEPLOYMENT, POD
from sparkproof.operations import landing
from sparkproof.operations.counter import Counter, CounterReply
from sparkproof.operations.landing import Landing, by_object, one_each
from tests.support import recorded
from tests.support.landing import NAME, ROWS, Cluster, job, scaled_job
from tests.support.recorded import RecordedKube, RecordedPlatform

SAYS = {"type": "Ready", "status": "False", "reason": "TriggerError", "message": "not working"}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "INGEST", 0.1)


def asked(*numbers: int) -> list[Any]:
    return [{"status": 200, "body": {"objects": 0, "asked": number}} for number in numbers]


def test_a_landing_begins_with_an_empty_table_and_jobs_that_do_not_count() -> None:
    cluster = Cluster(job("old"), job("of-a-person", owner="CronJob"))
    found = Landing.begin(RecordedPlatform(cluster.kube, answers=lambda _: []), cluster.landing().table.session)
    assert (found.known, found.jobs, found.rows) == ({"old"}, [], [])
    assert found.table.name == NAME
    removed = [call[1:3] for call in cluster.ran]
    assert removed == [["remove", "lakehouse/landing"], ["remove", "lakehouse/landed"]]
    cluster.kube.add(job("new"), job("by-hand", owner="CronJob"))
    assert [each["metadata"]["name"] for each in found.jobs] == ["new"]


def test_nobody_begins_while_a_job_is_at_work() -> None:
    with pytest.raises(GaveUp, match="the end of the jobs of the ingest"):
        Cluster(job("old", "")).landing().close()


def test_a_platform_without_an_ingest_is_named() -> None:
    platform = RecordedPlatform(RecordedKube())
    with pytest.raises(CheckFailed, match="Nothing in team says what starts the ingest"):
        Landing.begin(platform, platform.open_session())


def test_orders_are_written_as_the_objects_of_the_table_say() -> None:
    cluster = Cluster()
    found = cluster.landing()
    found.land(by_object([{"object": "north", "order": "3", "amount": "1.5"}]))
    ((_, verb, files),) = cluster.ran
    assert (verb, json.loads(files)) == (
        "write", {"lakehouse/landing/north.json": '{"order_id": 3, "amount": 1.5}\n'}
    )  # fmt: skip
    assert found.rows == [*ROWS, (3, 1.5)]
    assert one_each(2) == {"order-1": [(1, 1.5)], "order-2": [(2, 3.0)]}


def test_rows_that_are_there_once_are_proved(record: Record) -> None:
    Cluster(job("a", "Failed"), job("b")).landing().must_be_loaded()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "a, b brought 2 rows into the table"


def test_only_what_the_objects_say_of_a_row_is_compared() -> None:
    session = recorded.session(answers={f"SELECT order_id, amount FROM {NAME}": ROWS})
    replace(Cluster(job("a")).landing(), table=Table(session, NAME)).must_be_loaded()


@pytest.mark.parametrize(
    ("cluster", "says"),
    [
        (Cluster(job("a"), rows=[*ROWS, ROWS[0]]), "not "),
        (Cluster(job("a"), rows=ROWS[:1]), "not "),
    ],
    ids=["twice", "missing"],
)
def test_rows_that_are_twice_or_missing_are_seen(cluster: Cluster, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        cluster.landing().must_be_loaded()


@pytest.mark.parametrize(
    "cluster",
    [
        Cluster(),
        Cluster(job("a", "")),
        Cluster(job("a", "Failed")),
        Cluster(job("a"), left=["x.json"]),
    ],
    ids=["no job", "at work", "failed", "an object is left"],
)
def test_an_ingest_that_does_not_end_is_seen(cluster: Cluster) -> None:
    with pytest.raises(GaveUp, match="the end of the ingest in team"):
        cluster.landing().must_be_loaded()


def test_what_an_ingest_waits_for_is_named() -> None:
    cluster = Cluster(job("a"), left=["x.json"])
    refusal = {"type": "PodScheduled", "status": "False", "message": "no node has room"}
    cluster.kube.add(recorded.pod("ingest-2", "ingest", status={"conditions": [refusal]}))
    says = r"within 0\.1 s: pod ingest-2 finds no node: no node has room\nlast seen: 1 objects and the jobs \['a'\]"
    with pytest.raises(GaveUp, match=says):
        cluster.landing().must_be_loaded()


def test_jobs_that_fail_again_and_again_are_given_up_with_their_words() -> None:
    with pytest.raises(GaveUp, match="3 jobs failed, the last with: no such table"):
        failed = [job("a", "Failed", came="z"), *(job(name, "Failed") for name in "bcd")]
        Cluster(*failed).landing(known={"b"}).must_be_loaded()
    with pytest.raises(GaveUp, match="the last with: its pod is gone"):
        Cluster(*(job(name, "Failed") for name in "xyz")).landing().must_be_loaded()


def test_an_ingest_at_rest_is_proved_while_keda_asks(record: Record) -> None:
    Cluster(job("a"), replies=asked(5, 9)).landing().must_be_at_rest()
    assert record.proofs[-1].seen == "No object is left, and no job followed a"
    with pytest.raises(GaveUp, match="3 questions of KEDA"):
        Cluster(job("a"), replies=asked(*range(5, 50))).landing().must_be_at_rest()
    with pytest.raises(CheckFailed, match="1 objects are left"):
        Cluster(job("a"), left=["x"], replies=asked(1, 5)).landing().must_be_at_rest()


def test_a_job_that_follows_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(job("a"))
    monkeypatch.setattr(Counter, "await_asking", lambda *_: cluster.kube.add(job("b")))
    with pytest.raises(CheckFailed, match=r"the jobs were \['a'\], and they are \['a', 'b'\]"):
        cluster.landing().must_be_at_rest()


def spans(*seconds: tuple[int, int], polling_s: int = 5) -> Landing:
    """A landing whose jobs began and ended at these seconds; a failed job has no time of completion."""
    jobs = []
    for number, (begin, end) in enumerate(seconds):
        one = job("abc"[number], "Failed" if number else "Complete")
        one["status"]["startTime"] = f"2026-01-01T12:00:{begin:02}Z"
        one["status"]["conditions"][0]["lastTransitionTime"] = f"2026-01-01T12:00:{end:02}Z"
        if not number:
            one["status"]["completionTime"] = f"2026-01-01T12:00:{end:02}Z"
        jobs.append(one)
    cluster = Cluster(*jobs)
    cluster.kube.add(scaled_job(polling_s=polling_s))
    return cluster.landing()


def test_jobs_that_were_at_work_one_after_another_are_proved(record: Record) -> None:
    spans((0, 20), (20, 30)).must_have_worked_one_by_one()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "2 ingests were at work one after another, the longest for 20 s"
    with pytest.raises(CheckFailed, match="An ingest began at 12:00:19, and one before it ended at 12:00:20 only"):
        spans((0, 20), (19, 30)).must_have_worked_one_by_one()
    with pytest.raises(CheckFailed, match="No ingest was at work for more than 5 s, and KEDA looks every 5 s"):
        spans((0, 5), (7, 9)).must_have_worked_one_by_one()
    with pytest.raises(CheckFailed, match="No ingest was at work for more than 0 s"):
        spans().must_have_worked_one_by_one()
    assert len(record.proofs) == 1


def test_a_job_without_objects_is_seen(record: Record) -> None:
    Cluster().landing().must_not_have_begun()
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="Nothing landed, and the ingest began: a"):
        Cluster(job("a")).landing().must_not_have_begun()


def test_objects_wait_for_the_counter_and_keda_says_so(record: Record) -> None:
    Cluster(left=["x"], said=[SAYS]).landing().must_wait_for_the_counter()
    assert record.proofs[-1].seen == "1 objects waited; KEDA says TriggerError: not working"
    with pytest.raises(GaveUp, match=r"the word of KEDA .* 0 s after they landed did not come within 0\.1 s"):
        Cluster(left=["x"], said=[{**SAYS, "status": "True"}]).landing().must_wait_for_the_counter()
    with pytest.raises(CheckFailed, match="0 objects waited"):
        Cluster(said=[SAYS]).landing().must_wait_for_the_counter()
    with pytest.raises(CheckFailed, match=r"there are the jobs \['a'\]"):
        Cluster(job("a"), left=["x"], said=[SAYS]).landing().must_wait_for_the_counter()


def test_the_word_of_keda_counts_only_after_it_has_looked_some_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: 100.0)
    with pytest.raises(GaveUp, match="the word of KEDA that it cannot count objects"):
        Cluster(left=["x"], said=[SAYS]).landing().must_wait_for_the_counter()


REFUSED = CounterReply("without a key", 401, {"reason": "The number is for who brings the key"})
TOLD = CounterReply("with the key", 200, {"objects": 5, "asked": 1})


def test_a_number_is_told_or_refused(record: Record) -> None:
    TOLD.must_tell(5)
    REFUSED.must_be_refused("for who brings the key")
    assert record.level is Level.EXECUTED
    assert len(record.proofs) == 2
    checks: list[tuple[Callable[[], None], str]] = [
        (lambda: TOLD.must_tell(4), "was not told 4 objects, but got 200"),
        (lambda: REFUSED.must_tell(5), "was not told 5 objects, but got 401"),
        (lambda: TOLD.must_be_refused("key"), "had to be refused, and got 200"),
        (lambda: CounterReply("x", 503, {"reason": "key"}).must_be_refused("key"), "had to be refused, and got 503"),
        (lambda: CounterReply("x", 401, {"reason": "key", "objects": 1}).must_be_refused("key"), "had to be refused"),
        (lambda: REFUSED.must_be_refused("not the key"), "but not because of 'not the key'"),
        (lambda: CounterReply("x", 401, {}).must_be_refused("key"), "but not because of 'key': {}"),
    ]
    for check, says in checks:
        with pytest.raises(CheckFailed, match=says):
            check()


def test_a_refusal_is_trouble_and_a_number_is_none() -> None:
    assert REFUSED.trouble == "Who asked without a key got 401: The number is for who brings the key"
    assert TOLD.trouble is None


def test_the_counter_is_asked_with_the_key_that_is_said() -> None:
    cluster = Cluster(replies=asked(1) * 3)
    counter = Counter.of(cluster.landing().platform)
    for asks in ("without a key", "with another key", "with the key"):
        assert counter.ask(asks).body["asked"] == 1
    assert [call[1] for call in cluster.ran] == ["", "Bearer another", "Bearer $"]
    with pytest.raises(SparkproofError, match="The counter does not answer: no Python"):
        counter.ask("with the key")


def test_a_counter_that_does_not_say_how_often_it_was_asked_proves_nothing() -> None:
    silent = {"status": 503, "body": {"reason": "The object store does not say"}}
    with pytest.raises(CheckFailed, match="does not say how often it was asked: 503"):
        Counter.of(Cluster(replies=[silent]).landing().platform).await_asking(1)


def test_a_counter_is_stopped_and_started() -> None:
    cluster = Cluster()
    own = cluster.landing().platform.workloads
    counter = Counter(own)
    cluster.kube.delete(POD, "counter-1", own.namespace)
    counter.stop()
    found = own.kube.get(DEPLOYMENT, "spark-ingest-counter", own.namespace)
    assert found
    assert found["spec"]["replicas"] == 0
    cluster.kube.add(recorded.workload(DEPLOYMENT, "spark-ingest-counter"))
    counter.start()


def test_what_there_was_is_kept(record: Record) -> None:
    Cluster(job("a")).landing().evidence()
    assert [each.name for each in record.items] == ["scaled job", "jobs"]
    assert landing._LOOKS == 3
