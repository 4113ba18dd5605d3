"""Workers that follow applications: one that comes late, goes early or late, or too many of them, are seen."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import SCALED_OBJECT, STATEFUL_SET
from sparkproof.scaling.workers import ElasticWorkers, Life, must_have_written
from sparkproof.spark.application import Application
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, manifest, pod

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
COOLDOWN_S = 20
# The application takes longer than idle workers stay.
TOOK_S = 40
APPLICATION = Application("word count", "client", "t", 0, "", "count-1")


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def workers(*lives: tuple[float, float | None], took_s: int = TOOK_S, **status: Any) -> ElasticWorkers:
    """Workers that came and went so many seconds after the application began, on a master that has run it."""
    ran = {"starttime": BEGAN.timestamp() * 1000, "duration": took_s * 1000}
    master = {"completedapps": [{"name": "count-1", "state": "FINISHED", **ran}]}
    spec = {"cooldownPeriod": COOLDOWN_S, "pollingInterval": 5}
    kube = RecordedKube(
        manifest(SCALED_OBJECT, "spark-worker", spec=spec, status=status),
        manifest(STATEFUL_SET, "spark-worker", spec={"replicas": 1}),
        served={"spark-master-0:8080/json/": master},
    )
    found = {
        str(number): Life(at(came), None if went is None else at(went)) for number, (came, went) in enumerate(lives)
    }
    return ElasticWorkers(RecordedPlatform(kube), found)


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "WORKERS", 0.1)


def test_workers_that_come_soon_enough_are_proved(record: Record) -> None:
    for came in (0, 14, 15):
        workers((came, None)).must_have_come_within(15, [APPLICATION])
        assert record.measured[-1] == ("from the application to the first worker", came, "s", "at most 15 s")
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("lives", "says"),
    [((), "No worker came"), ([(16, None)], "16 s after the application"), ([(-2, None)], "-2 s after")],
)
def test_one_that_comes_late_or_was_there_is_seen(lives: Any, says: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=says):
        workers(*lives).must_have_come_within(15, [APPLICATION])
    assert record.level is not Level.EXECUTED or len(record.proofs) == 1


def test_the_number_that_came_is_compared(record: Record) -> None:
    workers((1, None), (2, None)).must_have_been(2)
    assert b"Life" in record.items[-1].content
    with pytest.raises(CheckFailed, match="1 workers came, not 2"):
        workers((1, None)).must_have_been(2)


def kept(*lives: tuple[float, float | None], most: int = 2, apps: int = 3, later_s: int = 0) -> None:
    """Check the maximum for so many applications, of which the last began so much later."""
    found = workers(*lives)
    kube = found.platform.workloads.kube
    kube.patch(SCALED_OBJECT, "spark-worker", {"spec": {"maxReplicaCount": most}}, NAMESPACE)
    applications = [Application("sum", "client", "t", 0, "", f"sum-{number}") for number in range(apps)]
    completed = [
        {
            "name": each.submitted_as,
            "state": "FINISHED",
            "starttime": at(later_s if each is applications[-1] else 0).timestamp() * 1000,
            "duration": TOOK_S * 1000,
        }
        for each in applications
    ]
    found.platform.workloads.kube._served["spark-master-0:8080/json/"] = {"completedapps": completed}  # type: ignore[attr-defined]
    found.must_have_kept_to_the_maximum(applications)


def test_as_many_workers_as_there_may_be_are_proved(record: Record) -> None:
    kept((1, None), (2, 70))
    kept((1, 10), (2, 70), (10, None))
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "There were 2 workers at once, as many as there may be, for 3 applications"
    for lives, says in (
        (((1, None), (2, None), (3, None)), "There were 3 workers at once, and not 2"),
        (((1, 10), (11, None)), "There were 1 workers at once, and not 2"),
        ((), "There were 0 workers at once"),
    ):
        with pytest.raises(CheckFailed, match=says):
            kept(*lives)
    for apps, later_s in ((2, 0), (3, TOOK_S)):
        with pytest.raises(CheckFailed, match=f"{apps} applications, or not all at once, want no more than"):
            kept((1, None), (2, None), apps=apps, later_s=later_s)
    assert sum(each.seen.startswith("There were") for each in record.proofs) == 2


def test_a_worker_that_goes_before_the_end_is_seen() -> None:
    workers((1, None), (2, TOOK_S)).must_have_stayed_for([APPLICATION])
    with pytest.raises(CheckFailed, match="1 of 2 workers went before"):
        workers((1, None), (2, TOOK_S - 1)).must_have_stayed_for([APPLICATION])
    with pytest.raises(CheckFailed, match="0 of 0 workers went before"):
        workers().must_have_stayed_for([APPLICATION])


def test_an_application_in_which_no_idle_worker_would_go_shows_nothing() -> None:
    with pytest.raises(CheckFailed, match="took 20 s, in which no idle worker would have gone"):
        workers((1, None), took_s=COOLDOWN_S).must_have_stayed_for([APPLICATION])


def test_workers_go_after_their_cooldown_and_not_long_after(record: Record) -> None:
    workers((1, TOOK_S + COOLDOWN_S), (1, TOOK_S + COOLDOWN_S + 15)).must_go_within(15, [APPLICATION])
    assert record.items[-1].content == b"20"
    until = ("from the end of the applications to that of the workers", COOLDOWN_S + 15, "s", "at most 35 s")
    assert record.measured == [until]
    # KEDA looks every 5 s, so a worker may seem to go two looks too early.
    workers((1, TOOK_S + COOLDOWN_S - 10)).must_go_within(15, [APPLICATION])
    for went, says in ((1, "went 1 s"), (COOLDOWN_S - 11, "went 9 s"), (COOLDOWN_S + 16, "went 36 s")):
        with pytest.raises(CheckFailed, match=says):
            workers((1, TOOK_S + went)).must_go_within(15, [APPLICATION])
    for seen in (workers(), workers((1, None)), workers((1, None), (1, TOOK_S + COOLDOWN_S))):
        with pytest.raises(CheckFailed, match="Nobody saw the workers go"):
            seen.must_go_within(15, [APPLICATION])


def test_pods_are_noted_when_they_come_and_when_somebody_has_them_go() -> None:
    found = workers()
    worker = pod("spark-worker-0", "worker")
    worker["metadata"] |= {"uid": "a", "creationTimestamp": "2026-01-01T12:00:03Z"}
    found._note("ADDED", worker)
    assert found.lives == {"a": Life(at(3))}
    worker["metadata"]["deletionTimestamp"] = "2026-01-01T12:01:00Z"
    found._note("MODIFIED", worker)
    went = found.lives["a"].went
    found._note("DELETED", worker)
    assert went
    assert found.lives["a"].went == went


def stopped(status: str, replicas: int = 1) -> ElasticWorkers:
    """Workers that go at once when they are idle, and KEDA's word that it is ready or not."""
    found = workers(conditions=[{"type": "Ready", "status": status, "reason": "TriggerError", "message": "no route"}])
    kube = found.platform.workloads.kube
    kube.patch(SCALED_OBJECT, "spark-worker", {"spec": {"cooldownPeriod": 0, "pollingInterval": 0}}, NAMESPACE)
    kube.patch(STATEFUL_SET, "spark-worker", {"spec": {"replicas": replicas}}, NAMESPACE)
    return found


def test_workers_that_nobody_can_count_for_stay_and_somebody_says_why(record: Record) -> None:
    stopped("False").must_stay_without_master()
    assert "TriggerError: no route" in record.proofs[0].seen
    with pytest.raises(GaveUp, match="the word of KEDA that it cannot count"):
        stopped("True").must_stay_without_master()
    with pytest.raises(CheckFailed, match="no worker that could stay"):
        stopped("False", replicas=0).must_stay_without_master()


def test_workers_have_to_stay_two_looks_of_keda_longer_than_idle_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[tuple[str, float]] = []

    def at_once(awaiting: str, observe: Callable[[], Any], *_: Any, within_s: float, **__: Any) -> Any:
        waits.append((awaiting, within_s))
        return observe()

    monkeypatch.setattr("sparkproof.scaling.workers.eventually", at_once)
    silent = {"type": "Ready", "status": "False", "reason": "TriggerError", "message": "no route"}
    workers(conditions=[silent]).must_stay_without_master()
    ((awaiting, within_s),) = waits
    assert awaiting.endswith(", 30 s after the master went"), "a cooldown of 20 s, and two looks of 5 s"
    assert within_s == 30 + timeouts.WORKERS


def test_a_worker_that_goes_while_nobody_can_count_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([2, 1])
    monkeypatch.setattr(ElasticWorkers, "wanted", property(lambda _: next(numbers)))
    with pytest.raises(GaveUp, match="there are 1 workers, not 2"):
        stopped("False").must_stay_without_master()


def test_workers_follow_again_when_keda_is_ready_and_the_idle_ones_are_gone(record: Record) -> None:
    stopped("True").must_follow_again()
    assert record.level is Level.EXECUTED
    with pytest.raises(GaveUp, match="the word of KEDA that it counts"):
        stopped("False").must_follow_again()


def test_a_worker_that_is_there_is_awaited_before_any_is_watched() -> None:
    platform = RecordedPlatform(
        RecordedKube(pod("spark-worker-0", "worker")), causes=[Cause(Reason.OTHER, "KEDA is gone")]
    )
    with pytest.raises(GaveUp, match=r"the end of all workers in team .*: KEDA is gone\nlast seen: .*spark-worker-0"):
        ElasticWorkers(platform).must_be_none()
    ElasticWorkers.watch(RecordedPlatform(RecordedKube())).close()


def test_each_application_has_to_write_its_rows() -> None:
    session = recorded.session((66,))
    must_have_written(session, [APPLICATION, APPLICATION], [(66,)])
    with pytest.raises(CheckFailed, match="67"):
        must_have_written(session, [APPLICATION], [(67,)])


def test_a_second_autoscaler_is_only_tried() -> None:
    first = manifest(SCALED_OBJECT, "spark-worker", spec={})
    kube = RecordedKube(first)
    ElasticWorkers(RecordedPlatform(kube)).second().must_be_admitted()
    assert kube.names("ScaledObject") == ["spark-worker"]
    refusing = RecordedKube(first, refuse=lambda _: Refused("apply", 403, "already managed"))
    ElasticWorkers(RecordedPlatform(refusing)).second().must_be_refused("already managed")


def test_workers_that_nothing_scales_are_named() -> None:
    found = ElasticWorkers(RecordedPlatform(RecordedKube()))
    with pytest.raises(CheckFailed, match="Nothing in team says what the workers follow"):
        _ = found.scaled_object
