"""A run at work whose worker is asked to end: which process is asked, and which end of the run is right."""

from typing import Any

import pytest

from sparkproof.airflow.at_work import RunAtWork
from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod


def at_work(monkeypatch: pytest.MonkeyPatch, *, state: str = "failed", stopped: str = "1") -> RunAtWork:
    """A run that ends in this state, where a program says how many processes it asked to end."""

    def start(name: str, argv: Any) -> RecordedStreams:
        assert (name, argv[-1]) == ("airflow-0", "t1")
        return RecordedStreams(stopped, exit_code=0)

    class Server:
        def start(self, _dag: str) -> str:
            return "r1"

        def tasks(self, _dag: str, _run: str) -> list[dict[str, Any]]:
            return [{"id": "t1"}]

        def find(self, dag: str, run: str, table: str) -> DagRun:
            assert (dag, run, table) == ("long pod", "r1", "")
            return DagRun(dag, run, state, {}, table)

    kube = RecordedKube(pod("airflow-0", "airflow"), programs=start)
    platform = RecordedPlatform(kube)
    monkeypatch.setattr(Airflow, "of", lambda found: Server() if found is platform else None)
    return RunAtWork(platform, "long pod", "r1")


def test_the_process_of_the_task_is_asked_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work(monkeypatch).stop()
    with pytest.raises(CheckFailed, match="Not one process of r1 was asked to end, but 0"):
        at_work(monkeypatch, stopped="0").stop()


def test_only_a_failure_is_right(monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    at_work(monkeypatch).must_not_succeed()
    assert record.proofs[-1].seen == "r1, whose worker was stopped, is failed"
    for state in ("success", "running"):
        with pytest.raises(CheckFailed, match=f"was stopped amid its work, and the run is {state}"):
            at_work(monkeypatch, state=state).must_not_succeed()
    assert len(record.proofs) == 1


@pytest.mark.usefixtures("one_look")
def test_a_run_is_at_work_when_its_own_pod_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = at_work(monkeypatch).platform
    with pytest.raises(GaveUp, match="the pod of a task of r1"):
        RunAtWork.in_a_pod(platform, "long pod")
    running = pod("compute-1", "task")
    running["metadata"]["labels"] |= {"dag_id": "long-pod", "run_id": "r1"}
    running["status"]["phase"] = "Running"
    platform.workloads.kube.add(running)  # type: ignore[attr-defined]
    assert RunAtWork.in_a_pod(platform, "long pod").run == "r1"
