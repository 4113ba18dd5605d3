"""A run at work whose worker is asked to end or killed: which process is, and which end of the run is right."""

import shutil
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sparkproof.airflow import at_work as module
from sparkproof.airflow.at_work import RunAtWork
from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from tests.support.recorded import (
    RecordedDriver,
    RecordedKube,
    RecordedPlatform,
    RecordedStreams,
    job,
    pod,
)


def at_work(
    monkeypatch: pytest.MonkeyPatch, *, state: str = "failed", stopped: str = "1", sent: list[Any] | None = None
) -> RunAtWork:
    """A run that ends in this state, where a program says how many processes got its signal."""

    def start(name: str, argv: Any) -> RecordedStreams:
        assert (name, argv[-1]) == ("airflow-0", "t1")
        (sent if sent is not None else []).append(int(argv[-2]))
        return RecordedStreams(stopped, exit_code=0)

    class Server:
        def start(self, _dag: str, _table: str = "") -> str:
            return "r1"

        def state(self, _dag: str, _run: str) -> str:
            return state

        def cancel(self, _dag: str, run: str) -> None:
            (sent if sent is not None else []).append(f"cancelled {run}")

        def tasks(self, _dag: str, _run: str) -> list[dict[str, Any]]:
            return [{"id": "t1"}]

        def find(self, dag: str, run: str, table: str) -> DagRun:
            assert (dag, run, table) == ("long pod", "r1", "")
            return DagRun(dag, run, state, {}, table)

    kube = RecordedKube(pod("airflow-0", "airflow"), programs=start)
    platform = RecordedPlatform(kube)
    monkeypatch.setattr(Airflow, "of", lambda found: Server() if found is platform else None)
    return RunAtWork(platform, "long pod", "r1")


def test_the_process_of_the_task_gets_a_signal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[Any] = []
    run = at_work(monkeypatch, sent=sent)
    run.stop()
    run.kill()
    assert sent == [signal.SIGTERM, signal.SIGKILL]
    with pytest.raises(CheckFailed, match="Not one process of r1 got SIGTERM, but 0"):
        at_work(monkeypatch, stopped="0").stop()
    with pytest.raises(CheckFailed, match="Not one process of r1 got SIGKILL, but 2"):
        at_work(monkeypatch, stopped="2").kill()


@pytest.mark.parametrize(
    ("state", "cancelled"),
    [("running", ["cancelled r1"]), ("queued", ["cancelled r1"]), ("success", []), ("failed", [])],
)
def test_a_run_that_goes_on_is_given_up(monkeypatch: pytest.MonkeyPatch, state: str, cancelled: list[Any]) -> None:
    sent: list[Any] = []
    at_work(monkeypatch, state=state, sent=sent).give_up()
    assert sent == cancelled


@pytest.mark.usefixtures("one_look")
def test_a_run_is_at_work_on_spark_when_a_job_of_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = at_work(monkeypatch).platform
    assert isinstance(platform, RecordedPlatform)
    platform.driver = RecordedDriver(jobs=[job("r1", 5, status="RUNNING")])
    found = RunAtWork.on_spark(platform, "long pod")
    assert (found.run, found.table.split(".")[-1]) == ("r1", "orders")
    platform.driver = RecordedDriver(jobs=[job("r1", 4)])
    with pytest.raises(GaveUp, match="the work of r1 on Spark"):
        RunAtWork.on_spark(platform, "long pod")


@pytest.mark.usefixtures("one_look")
def test_a_run_is_amid_its_table_when_one_job_has_ended_and_another_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = at_work(monkeypatch).platform
    assert isinstance(platform, RecordedPlatform)
    ended, busy = job("r1", 4), job("r1", 5, number=2, status="RUNNING")
    platform.driver = RecordedDriver(jobs=[ended, busy])
    assert RunAtWork.amid_its_table(platform, "long pod").run == "r1"
    platform.driver = RecordedDriver(jobs=[busy])
    with pytest.raises(GaveUp, match="a part of the table of r1, and more work"):
        RunAtWork.amid_its_table(platform, "long pod")


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
    for run in ("r2", "r1"):
        running = pod(f"compute-{run}", "task", labels={"dag_id": "long-pod", "run_id": run})
        with pytest.raises(GaveUp, match="the pod of a task of r1"):
            RunAtWork.in_a_pod(platform, "long pod")
        platform.workloads.kube.add(running)  # type: ignore[attr-defined]
    assert RunAtWork.in_a_pod(platform, "long pod").run == "r1"


@contextmanager
def worker(task: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is named as Airflow names the worker of a task."""
    waits = shutil.which("cat")
    assert waits
    process = subprocess.Popen([f"airflow worker -- {task}"], executable=waits, stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_only_the_worker_of_the_task_gets_the_signal() -> None:
    """Other tasks of the platform's Airflow work beside it."""
    own, longer = uuid.uuid4().hex, f"{uuid.uuid4().hex}-2"

    def send(task: str) -> str:
        program = [sys.executable, "-c", module._SIGNAL, str(int(signal.SIGTERM)), task]
        return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()

    with worker(own) as asked, worker(longer) as other:
        assert send(longer.removesuffix("-2")) == "0"
        assert send(own) == "1"
        assert asked.wait(timeout=20) == -signal.SIGTERM
        assert other.poll() is None
