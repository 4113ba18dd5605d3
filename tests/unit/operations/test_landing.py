"""Landed objects: rows that are missing or twice, jobs that come unasked, and a number told to anybody, are seen."""

import json
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg.table import Table
from sparkproof.kube.objects import DEPLOYMENT, JOB, POD, SCALED_JOB, Manifest
from sparkproof.operations import landing
from sparkproof.operations.counter import Counter, CounterReply
from sparkproof.operations.landing import KilledIngest, Landing, by_object, one_each
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, manifest, pod

NAME = "lake.landing.orders"
ENV = {"BUCKET": "lakehouse", "LANDING": "landing", "DONE": "landed", "TABLE": NAME}
ROWS = [(1, 12.5), (2, 7.0)]
SAYS = {"type": "Ready", "status": "False", "reason": "TriggerError", "message": "not working"}


def job(name: str, ends: str = "Complete", owner: str = "ScaledJob", *, came: str = "") -> Manifest:
    conditions = [{"type": ends, "status": "True"}] if ends else []
    metadata = {"ownerReferences": [{"kind": owner}], "uid": name, "creationTimestamp": came or name}
    return manifest(JOB, name, metadata=metadata, status={"conditions": conditions})


def scaled_job(*conditions: Manifest) -> Manifest:
    container = {"env": [*({"name": name, "value": value} for name, value in ENV.items()), {"name": "KEY"}]}
    target = {"template": {"spec": {"containers": [container]}}}
    spec = {"jobTargetRef": target, "pollingInterval": 0}
    return manifest(SCALED_JOB, "spark-ingest", spec=spec, status={"conditions": list(conditions)})


class Cluster:
    """A platform whose folder has `left`, whose counter replies with these, and whose ingest made these jobs."""

    def __init__(
        self,
        *jobs: Manifest,
        left: Sequence[str] = (),
        replies: Sequence[Any] = (),
        rows: Any = ROWS,
        said: Sequence[Manifest] = (),
        lines: Sequence[str] = (),
        commits: int = 1,
    ) -> None:
        self.left, self.replies, self.rows, self.commits = list(left), deque(replies), rows, commits
        self.lines, self.ran = lines, list[Sequence[str]]()
        self.ingest = RecordedStreams(*lines, ended=not lines)
        labels = {"job-name": "a"}
        pods = [pod("spark-connect-0", "connect"), pod("counter-1", "ingest-counter")]
        pods.append(pod("ingest-1", "ingest", labels=labels))
        counter = recorded.workload(DEPLOYMENT, "spark-ingest-counter")
        self.kube = RecordedKube(
            *pods, counter, scaled_job(*said), *jobs, programs=self.run, logs_of={"ingest-1": "no such table"}
        )
        self.kube.on_delete = lambda *_: None

    def run(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        self.ran.append([name, *argv[3:]])
        if name == "counter-1":
            reply = self.replies.popleft() if self.replies else ""
            return RecordedStreams(reply if isinstance(reply, str) else json.dumps(reply), errors="no Python")
        if name == "ingest-1":
            return self.ingest
        answer: Any = dict.fromkeys(self.left, 1.0) if argv[3] == "list" else []
        return RecordedStreams(json.dumps(answer))

    def answers(self, statement: str) -> Any:
        if "snapshots" in statement:
            return [(number, "2026", "append", {"added-records": "2"}) for number in range(self.commits)]
        return self.rows if statement.startswith("SELECT") else []

    def landing(self, **more: Any) -> Landing:
        platform = RecordedPlatform(self.kube, answers=self.answers)
        return Landing(platform, Table(platform.open_session(), NAME), list(ROWS), **more)


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


def test_a_job_without_objects_is_seen(record: Record) -> None:
    Cluster().landing().must_not_have_begun()
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="Nothing landed, and the ingest began: a"):
        Cluster(job("a")).landing().must_not_have_begun()


def test_objects_wait_for_the_counter_and_keda_says_so(record: Record) -> None:
    Cluster(left=["x"], said=[SAYS]).landing().must_wait_for_the_counter()
    assert record.proofs[-1].seen == "1 objects waited; KEDA says TriggerError: not working"
    with pytest.raises(GaveUp, match="the word of KEDA that it cannot count objects"):
        Cluster(left=["x"], said=[{**SAYS, "status": "True"}]).landing().must_wait_for_the_counter()
    with pytest.raises(CheckFailed, match="0 objects waited"):
        Cluster(said=[SAYS]).landing().must_wait_for_the_counter()
    with pytest.raises(CheckFailed, match=r"there are the jobs \['a'\]"):
        Cluster(job("a"), left=["x"], said=[SAYS]).landing().must_wait_for_the_counter()


def test_an_ingest_is_killed_when_it_has_moved_an_object() -> None:
    cluster = Cluster(lines=["1 39"])
    killed = cluster.landing().kill_mid_ingest(one_each(40))
    assert (killed.job, killed.moved, killed.left) == ("a", 1, 39)
    assert cluster.ingest.written == ["kill"]
    assert cluster.ran[-1] == ["ingest-1", "lakehouse/landed", "lakehouse/landing"]
    with pytest.raises(GaveUp, match="the first object that the job moves cannot come any more, it ended"):
        Cluster().landing().kill_mid_ingest(one_each(1))


def test_a_killed_ingest_that_another_finishes_is_proved(record: Record) -> None:
    KilledIngest(Cluster(job("a", "Failed"), job("b")).landing(), "a", 1, 39).must_be_finished_by_another()
    assert "another job moved the 39 objects" in record.proofs[-1].seen


@pytest.mark.parametrize(
    ("cluster", "moved", "left", "says"),
    [
        (Cluster(job("a", "Failed"), job("b")), 0, 40, "0 objects were moved"),
        (Cluster(job("a", "Failed"), job("b")), 40, 0, "0 left at the kill"),
        (Cluster(job("a"), job("b")), 1, 39, "a had to fail"),
        (Cluster(job("a", "Failed")), 1, 39, "another job to succeed"),
        (Cluster(job("a", "Failed"), job("b"), commits=2), 1, 39, "2 commits, not one"),
    ],
    ids=["before", "after", "survived", "alone", "twice"],
)
def test_a_kill_that_shows_nothing_or_harms_is_seen(cluster: Cluster, moved: int, left: int, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        KilledIngest(cluster.landing(), "a", moved, left).must_be_finished_by_another()


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
