"""An application that a run submitted: where its driver ran, how it ended, and what is left of it."""

from typing import Any

import pytest

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.airflow.submission import Submission
from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.patience import STRETCH
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import Manifest
from sparkproof.spark.history import APPLICATIONS
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, job, pod

NAME = "word-count-r1"


def of_application(role: str, exit_code: int | None = None) -> Manifest:
    state = {"running": {}} if exit_code is None else {"terminated": {"exitCode": exit_code}}
    found = pod(f"{NAME}-{role}", "driver")
    found["metadata"]["labels"] |= {"spark-role": role, "spark-app-name": NAME}
    found["status"]["containerStatuses"] = [{"name": "driver", "state": state}]
    return found


def submission(
    mode: str, *pods: Manifest, ended: str = "SUCCEEDED", host: str = "10.0.0.9", programs: str = ""
) -> Submission:
    airflow, history = pod("airflow-0", "airflow"), pod("history-0", "history-server")
    airflow["status"]["podIP"] = "10.0.0.9"
    pages = {
        "": [{"id": "app-1", "name": NAME, "attempts": [{"completed": True}]}],
        "/app-1/jobs": [job("t", 0, status=ended)],
        "/app-1/allexecutors": [{"id": "driver", "hostPort": f"{host}:7079"}],
    }
    served = {f"history-0:18080{APPLICATIONS}{path}": page for path, page in pages.items()}
    listed = RecordedStreams(programs, ended=True, exit_code=0)
    kube = RecordedKube(airflow, history, *pods, served=served, programs=lambda _pod, _argv: listed)
    return Submission(RecordedPlatform(kube), "word count", mode, "r1")


def test_a_driver_in_a_pod_of_its_own_is_proved_by_its_exit_code(record: Record) -> None:
    submission("cluster", of_application("driver", 0)).must_have_ended_with(0)
    submission("cluster", of_application("driver", 1), ended="FAILED").must_have_ended_with(1)
    assert record.proofs[1].seen == f"The driver of {NAME} ran in the pod {NAME}-driver, which ended with 0"


@pytest.mark.parametrize(
    ("pods", "words"),
    [
        ([], "ended with no pod"),
        ([of_application("driver", 1)], r"ended with \[1\]"),
        ([of_application("driver")], r"ended with \[None\]"),
    ],
    ids=["no driver", "another exit code", "still running"],
)
def test_another_end_of_a_driver_is_seen(pods: list[Manifest], words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        submission("cluster", *pods).must_have_ended_with(0)
    assert not record.proofs


def test_a_history_that_says_otherwise_is_seen() -> None:
    with pytest.raises(CheckFailed, match="not as FAILED"):
        submission("cluster", of_application("driver", 1)).must_have_ended_with(1)


def test_a_driver_beside_its_task_is_proved_by_its_address(record: Record) -> None:
    submission("client").must_have_ended_with(0)
    assert record.proofs[-1].seen == f"The driver of {NAME} ran in Airflow's pod at 10.0.0.9"
    for elsewhere in (submission("client", host="10.0.0.3"), submission("client", of_application("driver", 0))):
        with pytest.raises(CheckFailed, match="and not beside its task"):
            elsewhere.must_have_ended_with(0)


@pytest.mark.usefixtures("one_look")
def test_pods_that_are_left_are_seen(record: Record) -> None:
    submission("cluster").must_leave_nothing()
    assert len(record.proofs) == 1
    for role in ("driver", "executor"):
        with pytest.raises(GaveUp, match=f"^the end of all pods and programs of .*{NAME}-{role}"):
            submission("cluster", of_application(role)).must_leave_nothing()
    with pytest.raises(GaveUp, match="java"):
        submission("client", programs="java").must_leave_nothing()
    assert len(record.proofs) == 1


def test_programs_are_looked_for_where_tasks_run(monkeypatch: pytest.MonkeyPatch) -> None:
    containers: list[str | None] = []

    def start(*_: Any, container: str | None = None) -> RecordedStreams:
        containers.append(container)
        return RecordedStreams(ended=True, exit_code=0)

    monkeypatch.setattr(RecordedKube, "exec", start)
    submission("client").must_leave_nothing()
    assert containers == ["scheduler"]


def test_a_run_is_asked_for_a_program_by_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    class Server:
        def start(self, *named: str, **parameters: Any) -> str:
            asked.append((named, parameters))
            return "r1"

        def find(self, dag: str, run: str, table: str, within_s: float) -> DagRun:
            assert within_s == timeouts.APPLICATION
            return DagRun(dag, run, "success", {}, table)

    monkeypatch.setattr(Airflow, "of", lambda _: Server())
    started = Submission.start(RecordedPlatform(), "word count", "client", "SELECT 1")
    wanted = {"program": "word-count.py", "mode": "client", "arguments": ["SELECT 1"]}
    assert asked == [(("submitted application", started.table), wanted)]
    assert (started.name, started.await_end().table) == (NAME, started.table)
    long = Submission.start_long(RecordedPlatform(), "word count", "client")
    (seconds,) = asked[1][1]["arguments"]
    # Three executors share twelve tasks, and a wait is stretched on a busy machine.
    assert long.run == "r1" and 12 / 3 * int(seconds) > STRETCH * timeouts.WORK_GONE


@pytest.mark.usefixtures("one_look")
def test_a_run_is_cancelled_when_its_application_is_at_work(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled: list[str] = []
    server = type("Server", (), {"cancel": lambda _self, _dag, run: cancelled.append(run)})
    monkeypatch.setattr(Airflow, "of", lambda _: server())
    submission("cluster", of_application("executor")).cancel()
    assert cancelled == ["r1"]
    with pytest.raises(GaveUp, match=f"executors of {NAME}"):
        submission("cluster", of_application("driver")).cancel()
    assert cancelled == ["r1"]
