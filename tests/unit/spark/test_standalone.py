"""A standalone cluster: workers that are dead, a master that is silent, and another's application, are seen."""

import json
from collections import deque
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.spark.standalone import StandaloneCluster
from tests.support.recorded import RecordedKube, RecordedPlatform, pod

SILENT = Refused("reach it", 503, "connection refused")


NO_NODE = [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]


def master(*states: str, applications: tuple[str, ...] = ("spark-connect",), state: str = "RUNNING") -> dict[str, Any]:
    workers = [{"host": f"10.0.0.{number}", "state": state} for number, state in enumerate(states)]
    return {"workers": workers, "activeapps": [{"name": name, "state": state} for name in applications]}


def cluster(*answers: Any) -> StandaloneCluster:
    waiting = pod("spark-worker-0", "worker", phase="Pending", status={"conditions": NO_NODE})
    served = {"spark-master-0:8080/json/": deque(answers)}
    kube = RecordedKube(pod("spark-master-0", "master"), waiting, served=served)
    return StandaloneCluster.of(RecordedPlatform(kube))


def test_workers_that_take_work_are_proved(record: Record) -> None:
    cluster(master("ALIVE", "DEAD", "ALIVE")).must_have_workers(2)
    assert record.level is Level.EXECUTED
    assert record.items[0].content == b'[\n  "10.0.0.0",\n  "10.0.0.2"\n]'


def test_a_master_that_starts_again_is_asked_again(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "WORKERS", 30.0)
    cluster(SILENT, master(), master("ALIVE")).must_have_workers(1)
    assert record.proofs


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("answer", "count", "seen"),
    [
        (master("ALIVE", "DEAD"), 2, r"\['10\.0\.0\.0'\]"),
        (master("ALIVE", "ALIVE"), 1, r"\['10\.0\.0\.0', '10\.0\.0\.1'\]"),
        (SILENT, 0, "None"),
    ],
    ids=["a dead one", "one too many", "a silent master"],
)
def test_another_number_of_workers_is_seen(answer: Any, count: int, seen: str, record: Record) -> None:
    with pytest.raises(GaveUp, match=rf"{count} workers in team .*finds no node: 0/1 .*\nlast seen: {seen}"):
        cluster(answer).must_have_workers(count)
    assert not record.proofs


def test_the_connect_server_that_runs_there_is_proved(record: Record) -> None:
    cluster(master(applications=("word-count", "spark-connect"))).must_run_the_connect_server()
    assert record.level is Level.EXECUTED
    assert b"spark-connect" in record.items[-1].content


@pytest.mark.parametrize(
    ("applications", "runs"), [((), "nothing"), (("spark-connect-2", "word-count"), "spark-connect-2, word-count")]
)
def test_a_cluster_that_runs_something_else_is_seen(applications: tuple[str, ...], runs: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"runs {runs}, and not spark-connect"):
        cluster(master(applications=applications)).must_run_the_connect_server()
    assert not record.proofs


def test_a_connect_server_that_only_waits_for_workers_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="does not run spark-connect: it is WAITING"):
        cluster(master("ALIVE", state="WAITING")).must_run_the_connect_server()
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_a_connect_server_that_has_had_no_executor_is_proved(record: Record) -> None:
    for answer in (master("ALIVE"), master("ALIVE", applications=("word-count",), state="WAITING")):
        with pytest.raises(GaveUp, match=r"spark-connect that awaits its first executor .*finds no node: 0/1 "):
            cluster(answer).must_await_workers()
    assert not record.proofs
    cluster(master("ALIVE", state="WAITING")).must_await_workers()
    assert record.level is Level.EXECUTED
    assert b"WAITING" in record.items[-1].content


def completed(state: str, *names: str) -> StandaloneCluster:
    times = {"starttime": 1_000_000, "duration": 500}
    return cluster({"completedapps": [{"name": name, "state": state, **times} for name in names]})


@pytest.mark.usefixtures("one_look")
def test_an_application_that_the_cluster_has_run_is_proved(record: Record) -> None:
    ran = completed("FINISHED", "other-1", "count-1").must_have_run("count-1")
    assert (ran.began.timestamp(), ran.ended.timestamp()) == (1000, 1000.5)
    assert json.loads(record.items[0].content) == {"other-1": "FINISHED", "count-1": "FINISHED"}
    assert record.level is Level.EXECUTED
    for state in ("FAILED", "KILLED", "UNKNOWN"):
        with pytest.raises(CheckFailed, match=f"did not finish count-1: it is {state}"):
            completed(state, "count-1").must_have_run("count-1")
    with pytest.raises(GaveUp, match=r"the end of count-1 .*finds no node: 0/1 .*\nlast seen: {'count-2': 'FINISHED'}"):
        completed("FINISHED", "count-2").must_have_run("count-1")
    assert len(record.proofs) == 1


class Replacing(RecordedKube):
    """A cluster in which another pod comes for one that is deleted, if it is `ready`."""

    def __init__(self, *, ready: bool) -> None:
        super().__init__(pod("spark-master-0", "master", uid="first"))
        self.ready = ready

    def delete(self, *given: Any, **named: Any) -> None:
        super().delete(*given, **named)
        if self.ready:
            self.add(pod("spark-master-0", "master", uid="second"))


@pytest.mark.usefixtures("one_look")
def test_a_master_that_is_killed_gets_no_time_and_another_one_is_awaited() -> None:
    for kube in (Replacing(ready=True), Replacing(ready=False)):
        killed = StandaloneCluster.of(RecordedPlatform(kube))
        if kube.ready:
            killed.kill_master()
        else:
            with pytest.raises(GaveUp, match="the master pod that follows spark-master-0"):
                killed.kill_master()
        assert kube.deleted == [("Pod", "spark-master-0", 0)]
