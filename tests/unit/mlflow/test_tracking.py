"""The tracking server: which replies are answers and refusals, from where projects run, and what its memory is."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sparkproof.core import examples
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level, Record
from sparkproof.mlflow.runs import ProjectRun
from sparkproof.mlflow.tracking import Tracking, TrackingReply
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

NAMES = '{"experiments": [{"name": "Default"}, {"name": "prices"}]}'
RUN = {"info": {"run_id": "r1", "status": "FINISHED"}}


def test_an_answer_with_experiments_is_proved(record: Record) -> None:
    TrackingReply("/experiments/search", 200, NAMES).must_name_experiments()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "MLflow answered /experiments/search with 2 experiments"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (TrackingReply("x", 403, NAMES), "did not answer x: status 403"),
        (TrackingReply("x", 200, "OK"), "did not answer x: status 200, 'OK'"),
        (TrackingReply("x", 200, "[]"), "did not answer x"),
        (TrackingReply("x", 200, "{}"), r"answered x with the experiments \[\]; every server has Default"),
    ],
    ids=["refused", "a page of health", "no object", "no experiments"],
)
def test_what_is_no_list_of_experiments_is_seen(reply: TrackingReply, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        reply.must_name_experiments()
    assert not record.proofs


def test_a_refusal_is_told_by_its_status_and_its_reason(record: Record) -> None:
    refused = TrackingReply("x", 403, "Invalid Host header")
    assert refused.trouble == "MLflow refused x with status 403: Invalid Host header"
    refused.must_be_refused(403, "Invalid Host")
    assert len(record.proofs) == 1
    for status, reason in ((400, "Invalid Host"), (403, "Forbidden")):
        with pytest.raises(CheckFailed, match="did not refuse x with status"):
            refused.must_be_refused(status, reason)
    with pytest.raises(CheckFailed, match="status 200"):
        TrackingReply("x", 200, NAMES).must_be_refused(403, "Default")


class Server:
    """A tracking server and the pods from which it is asked; `answers` are its texts by a part of the path.

    What has no answer is unknown (404). `ended` is the exit code of a collection.
    """

    def __init__(self, answers: Mapping[str, Any], *, ended: int = 0, standalone: bool = False) -> None:
        self.answers, self.ended = answers, ended
        self.asked: list[tuple[str, Any]] = []
        destination = {"name": "MLFLOW_ARTIFACTS_DESTINATION", "value": "s3://lakehouse/mlflow"}
        server = {"nodeName": "node-1", "containers": [{"name": "mlflow", "env": [destination]}]}
        pods = [pod("mlflow-0", "mlflow", spec=server), pod("client-0", "client"), pod("submit-0", "submit")]
        master = [pod("spark-master-0", "master")] if standalone else []
        containers = [{"name": "mlflow", "memory": {"rssBytes": 400 * 2**20}}]
        self.served = {"node node-1": {"pods": [
            {"podRef": {"uid": "another"}, "containers": []},
            {"podRef": {"uid": pods[0]["metadata"]["uid"]}, "containers": containers},
        ]}}  # fmt: skip
        self.kube = RecordedKube(*pods, *master, programs=self._start, served=self.served)
        self.tracking = Tracking.of(RecordedPlatform(self.kube))

    def _start(self, name: str, argv: Sequence[str]) -> RecordedStreams:
        if argv[0] == "sh":
            self.asked.append((name, list(argv)))
            return RecordedStreams("no such run" if self.ended else "", exit_code=self.ended)
        return RecordedStreams(reply=lambda line: self._reply(name, json.loads(line)))

    def _reply(self, name: str, request: dict[str, Any]) -> str:
        self.asked.append((name, request))
        if request["op"] == "run":
            return json.dumps({"exit_code": 0, "output": "done", "keys": []})
        if request["op"] == "log":
            return json.dumps({"runs": {"r1": {"a": "1"}}})
        found = next((text for path, text in self.answers.items() if path in request["path"]), None)
        return json.dumps({"status": 404 if found is None else 200, "text": json.dumps(found)})


FOUND = {
    "get-by-name": {"experiment": {"experiment_id": "7"}},
    "runs/search": {"runs": [RUN]},
    "runs/get": {"run": RUN},
}


@pytest.mark.parametrize(
    ("how", "standalone", "place", "entry"),
    [
        ("run", False, "client-0", "main"),
        ("run", True, "client-0", "main"),
        ("submit", False, "submit-0", "kubernetes"),
        ("submit", True, "submit-0", "standalone"),
    ],
)
def test_a_project_runs_where_and_as_its_user_says(how: str, standalone: bool, place: str, entry: str) -> None:
    server = Server(FOUND, standalone=standalone)
    ended = getattr(server.tracking, how)("sum", {"rows": "3"})
    assert (ended.id, ended.status, ended.exit_code, ended.given) == ("r1", "FINISHED", 0, {"rows": "3"})
    where, request = server.asked[0]
    assert (where, request["entry"], request["parameters"]) == (place, entry, {"rows": "3"})
    assert set(request["files"]) == {"MLproject", "sum.py"}
    again = getattr(server.tracking, how)("sum", {"rows": "3"})
    assert again.id == "r1"
    experiments = {asked["experiment"] for _, asked in server.asked if asked["op"] == "run"}
    assert len(experiments) == 2


def test_a_run_that_the_server_does_not_know_is_tracked_as_nothing() -> None:
    assert Server({}).tracking.run("sum", {}).status == "nothing"


def test_two_runs_of_one_project_are_a_fault() -> None:
    with pytest.raises(CheckFailed, match="One run of the sum project is tracked as 2 runs"):
        Server({**FOUND, "runs/search": {"runs": [RUN, RUN]}}).tracking.run("sum", {})


def test_runs_at_once_are_those_of_one_experiment() -> None:
    at_once = Server(FOUND).tracking.run_at_once(1)
    assert (at_once.given, at_once.found) == ({"r1": {"a": "1"}}, [RUN])


def test_another_name_is_sent_as_such() -> None:
    server = Server({"experiments/search": {"experiments": []}})
    assert server.tracking.list_experiments("made-up.example").asked == "/experiments/search as made-up.example"
    assert server.tracking.list_experiments().asked == "/experiments/search"
    assert [request["host"] for _, request in server.asked] == ["made-up.example", ""]


def project() -> ProjectRun:
    return ProjectRun("sum", {}, RUN, 0, "")


def test_a_change_is_asked_of_the_run() -> None:
    server = Server({"log-parameter": {}})
    assert server.tracking.change_parameter(project(), "rows", "4").status == 200
    assert server.asked[0][1]["body"] == {"run_id": "r1", "key": "rows", "value": "4"}


def test_a_run_is_deleted_by_its_user_and_collected_in_the_servers_pod() -> None:
    server = Server({"runs/delete": {}})
    server.tracking.delete(project())
    (_, asked), (where, argv) = server.asked
    assert asked["body"] == {"run_id": "r1"}
    assert where == "mlflow-0"
    assert "mlflow gc" in argv[2]
    assert argv[3:] == ["r1"]


def test_a_deletion_or_a_collection_that_fails_is_told() -> None:
    with pytest.raises(CheckFailed, match="MLflow refused /runs/delete with status 404"):
        Server({}).tracking.delete(project())
    with pytest.raises(CheckFailed, match="The deleted run r1 was not collected: no such run"):
        Server({"runs/delete": {}}, ended=1).tracking.delete(project())


def test_a_run_that_is_still_there_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="did not refuse /runs/get with status 404"):
        Server(FOUND).tracking.must_not_have(project())
    assert not record.proofs


def test_memory_is_that_of_the_servers_own_container(record: Record) -> None:
    tracking = Server({}).tracking
    tracking.must_rest_within(400)
    assert record.proofs[0].seen == "The tracking server keeps 400 MiB at rest"
    with pytest.raises(CheckFailed, match="keeps 400 MiB at rest, more than 399 MiB"):
        tracking.must_rest_within(399)


def test_files_are_looked_for_as_spark_names_the_folder() -> None:
    assert Server({}).tracking.folder == "s3a://lakehouse/mlflow"


def test_a_project_that_is_not_there_is_refused_with_the_nearest() -> None:
    assert "sum" in examples.projects()
    with pytest.raises(UsageError, match="There is no 'summ' in examples/projects"):
        examples.project("summ")
