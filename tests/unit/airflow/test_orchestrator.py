"""Airflow's users: who asks for what and with which proof, and how a run's end becomes its tasks."""

import base64
import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import pytest

from sparkproof.airflow import orchestrator
from sparkproof.airflow.orchestrator import VIEWER, Airflow
from sparkproof.airflow.runs import Task
from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import SECRET
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, manifest, pod

TASK: dict[str, Any] = {"id": "write", "state": "success", "tries": 1, "value": 4, "errors": []}


class Server:
    """An Airflow that answers calls by their method, one text after another, and a run's end with TASK."""

    def __init__(self, answers: Mapping[str, Sequence[tuple[int, Any]]], *, echoes: bool = True) -> None:
        self.answers = {method: list(found) for method, found in answers.items()}
        self.asked: list[dict[str, Any]] = []
        self.echoes = echoes
        users = {"engineer": "e-pass", "viewer": "v-pass"}
        secret = manifest(
            SECRET, "airflow", data={name: base64.b64encode(text.encode()).decode() for name, text in users.items()}
        )
        given = [
            {"name": f"PASSWORD_OF_{name}", "valueFrom": {"secretKeyRef": {"name": "airflow", "key": name}}}
            for name in users
        ]
        server = pod("airflow-0", "airflow", spec={"containers": [{"name": "airflow", "env": given}]})
        self.kube = RecordedKube(secret, server, pod("client-0", "client"), programs=self._start)
        self.airflow = Airflow.of(RecordedPlatform(self.kube))

    def _start(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        assert (name, list(argv[:2])) == ("client-0", ["python3", "-uc"])
        return RecordedStreams(reply=self._reply)

    def _reply(self, line: str) -> str:
        asked = json.loads(line)
        self.asked.append(asked)
        if asked["op"] == "end":
            return json.dumps({"run": {"state": "success"}, "tasks": [TASK]})
        found = self.answers[asked["method"]]
        status, text = found.pop(0) if len(found) > 1 else found[0]
        if self.echoes and status == 200 and asked["method"] == "POST":
            text = {"dag_run_id": asked["body"]["dag_run_id"]}
        return json.dumps({"status": status, "text": json.dumps(text)})


def test_a_run_is_started_by_an_engineer_and_followed_to_its_end() -> None:
    server = Server({"POST": [(200, {})]})
    found = server.airflow.run("daily sums", "lake.s.orders", more=1)
    started, followed = server.asked
    assert started["path"] == "/api/v2/dags/daily-sums/dagRuns"
    assert started["body"]["conf"] == {"table": "lake.s.orders", "more": 1}
    assert (started["name"], started["password"], started["token"]) == ("engineer", "e-pass", "")
    assert followed["run"] == started["body"]["dag_run_id"] == found.id
    assert followed["dag"] == "daily-sums"
    assert (found.state, found.tasks, found.table) == ("success", {"write": Task(**TASK)}, "lake.s.orders")
    assert "e-pass" not in repr(server.airflow)


def test_a_run_has_more_time_where_the_machine_is_overloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server({"POST": [(200, {})]})
    for times in (1, 3):
        monkeypatch.setattr(orchestrator, "stretched", partial(float.__mul__, float(times)))
        server.airflow.run("daily sums", "lake.s.orders")
        assert server.asked[-1]["patience_s"] == times * timeouts.DAG_RUN


@pytest.mark.usefixtures("one_look")
def test_a_dag_that_is_not_there_yet_is_awaited() -> None:
    server = Server({"POST": [(404, {"detail": "not found"})]})
    with pytest.raises(GaveUp, match="the DAG daily sums in Airflow"):
        server.airflow.run("daily sums", "lake.s.orders")


def test_a_refused_start_and_another_run_are_seen() -> None:
    with pytest.raises(CheckFailed, match="refused engineer's start of daily sums with status 409"):
        Server({"POST": [(409, {})]}).airflow.run("daily sums", "lake.s.orders")
    with pytest.raises(CheckFailed, match="and not the run"):
        Server({"POST": [(200, {"dag_run_id": "another"})]}, echoes=False).airflow.run("daily sums", "lake.s.orders")


def test_each_user_brings_a_proof_of_its_own() -> None:
    server = Server({"GET": [(200, {})], "POST": [(403, {})]})
    server.airflow.list_runs("daily sums", VIEWER)
    server.airflow.list_runs_with("guessed", "daily sums")
    server.airflow.list_runs_with("", "daily sums")
    assert server.airflow.try_start("daily sums", VIEWER).status == 403
    assert server.airflow.try_start_with("guessed", "daily sums").status == 403
    proofs = [(each["name"], each["password"], each["token"]) for each in server.asked]
    viewer, guesser = ("viewer", "v-pass", ""), ("", "", "guessed")
    assert proofs == [viewer, guesser, ("", "", ""), viewer, guesser]


def test_the_newest_runs_are_asked_for_first() -> None:
    """Airflow gives a page of runs, and scenarios that share a platform make more than one has."""
    server = Server({"GET": [(200, {"dag_runs": []})]})
    server.airflow.list_runs("daily sums", VIEWER)
    assert server.asked[0]["path"] == "/api/v2/dags/daily-sums/dagRuns?order_by=-start_date"


def test_files_that_cannot_be_read_are_awaited() -> None:
    files = {"import_errors": [{"filename": "x.py", "stack_trace": "no"}]}
    server = Server({"GET": [(200, {"import_errors": []}), (200, files)]})
    assert server.airflow.import_errors().answer == files


def test_a_run_is_cancelled_by_an_engineer() -> None:
    server = Server({"PATCH": [(200, {"state": "failed"})]})
    server.airflow.cancel("daily sums", "r1")
    asked = server.asked[0]
    assert (asked["method"], asked["path"]) == ("PATCH", "/api/v2/dags/daily-sums/dagRuns/r1")
    assert (asked["body"], asked["name"]) == ({"state": "failed"}, "engineer")
    with pytest.raises(CheckFailed, match="did not cancel r1; it is running"):
        Server({"PATCH": [(200, {"state": "running"})]}).airflow.cancel("daily sums", "r1")
    with pytest.raises(CheckFailed, match="refused the end of r1 with status 403"):
        Server({"PATCH": [(403, {})]}).airflow.cancel("daily sums", "r1")


def test_a_dag_is_paused_and_resumed_by_an_engineer() -> None:
    server = Server({"PATCH": [(200, {"is_paused": True}), (200, {"is_paused": False})]})
    server.airflow.pause("daily sums")
    server.airflow.resume("daily sums")
    asked = [(each["method"], each["path"], each["body"], each["name"]) for each in server.asked]
    path = "/api/v2/dags/daily-sums"
    assert asked == [("PATCH", path, {"is_paused": waits}, "engineer") for waits in (True, False)]
    with pytest.raises(CheckFailed, match="did not change the pause of daily sums"):
        Server({"PATCH": [(200, {"is_paused": False})]}).airflow.pause("daily sums")
    with pytest.raises(CheckFailed, match="refused no pause of daily sums with status 403"):
        Server({"PATCH": [(403, {})]}).airflow.resume("daily sums")


@pytest.mark.usefixtures("one_look")
def test_a_dag_that_is_not_there_yet_is_awaited_before_it_is_paused() -> None:
    with pytest.raises(GaveUp, match="the DAG daily sums in Airflow"):
        Server({"PATCH": [(404, {})]}).airflow.pause("daily sums")


def test_the_state_of_a_run_is_asked_for() -> None:
    server = Server({"GET": [(200, {"state": "queued"})]})
    assert server.airflow.state("daily sums", "r1") == "queued"
    assert server.asked[0]["path"] == "/api/v2/dags/daily-sums/dagRuns/r1"
    with pytest.raises(CheckFailed, match="refused the state of r1 with status 404"):
        Server({"GET": [(404, {})]}).airflow.state("daily sums", "r1")
