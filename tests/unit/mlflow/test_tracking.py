"""The tracking server: which replies are answers and refusals, from where projects run, and what its memory is."""

from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.mlflow import tracking
from sparkproof.mlflow.runs import ProjectRun
from sparkproof.mlflow.tracking import StartedRun, Tracking, TrackingReply
from tests.support.recorded import pod
from tests.support.tracking import Server

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


def test_a_run_that_the_server_does_not_find_is_gone(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    tracking, said = Server({}).tracking, "Run with id=r1 not found"
    monkeypatch.setattr(Tracking, "call", lambda _, path: TrackingReply(path, 404, said))
    tracking.must_not_have(project())
    assert record.proofs[0].seen == "MLflow refused /runs/get?run_id=r1 with status 404"
    said = "No such page"
    with pytest.raises(CheckFailed, match="because of 'not found'"):
        tracking.must_not_have(project())


def test_a_run_that_is_still_there_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="did not refuse /runs/get with status 404"):
        Server(FOUND).tracking.must_not_have(project())
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_memory_is_that_of_the_servers_own_container(record: Record) -> None:
    tracking = Server({}).tracking
    tracking.must_rest_within(400)
    assert record.proofs[0].seen == "The tracking server keeps 400 MiB at rest"
    assert record.measured == [("memory of the tracking server at rest", 400, "MiB", "at most 400 MiB")]
    with pytest.raises(
        GaveUp, match=r"at most 399 MiB in the memory of the tracking server did not come.*last seen: 400 MiB"
    ):
        tracking.must_rest_within(399)


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("later", "words"),
    [
        (1300 * 2**20, r"came to keep 1300 MiB in memory, and at most 400 MiB"),
        (None, r"Nobody counts the memory of the tracking server any more: it looks well\."),
    ],
)
def test_a_server_that_comes_to_keep_more_or_is_not_counted_is_not_at_rest(
    later: int | None, words: str, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    kept = iter([400 * 2**20, later])
    monkeypatch.setattr(Tracking, "_memory", lambda _: next(kept))
    with pytest.raises(CheckFailed, match=words):
        Server({}).tracking.must_rest_within(400)
    assert not record.proofs


def test_memory_that_was_too_much_for_a_moment_was_not_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = iter([400 * 2**20])
    monkeypatch.setattr(Tracking, "_memory", lambda _: next(kept))
    monkeypatch.setattr(tracking, "watch", lambda _: [400 * 2**20, 500 * 2**20, 390 * 2**20])
    with pytest.raises(CheckFailed, match="came to keep 500 MiB"):
        Server({}).tracking.must_rest_within(400)


@pytest.mark.usefixtures("one_look")
def test_a_server_that_is_not_counted_since_it_was_killed_is_named_with_the_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = iter([400 * 2**20, None])
    monkeypatch.setattr(Tracking, "_memory", lambda _: next(kept))
    server = Server({})
    own = server.tracking.workloads.pod("mlflow")
    killed = {"name": "mlflow", "state": {}, "lastState": {"terminated": {"reason": "OOMKilled", "exitCode": 137}}}
    own["status"]["containerStatuses"] = [killed]
    homeless = {"type": "PodScheduled", "status": "False", "message": "no room"}
    server.kube.add(own, pod("client-0", "client", status={"conditions": [homeless]}))
    causes = "container mlflow of pod mlflow-0 was killed for memory; pod client-0 finds no node: no room"
    with pytest.raises(CheckFailed, match=rf"any more: {causes}\."):
        server.tracking.must_rest_within(400)


@pytest.mark.usefixtures("one_look")
def test_memory_that_nobody_has_counted_yet_proves_nothing(record: Record) -> None:
    server = Server({})
    server.served["node node-1"]["pods"].pop()
    with pytest.raises(GaveUp, match="last seen: not counted yet"):
        server.tracking.must_rest_within(400)
    assert not record.proofs


def test_files_are_looked_for_as_spark_names_the_folder() -> None:
    assert Server({}).tracking.folder == "s3a://lakehouse/mlflow"


def state(status: str, started_s_ago: float = 60) -> dict[str, Any]:
    """What the server has of a run in this state."""
    started = int((clock.now() - started_s_ago) * 1000)
    return {**FOUND, "runs/get": {"run": {"info": {"run_id": "r1", "status": status, "start_time": started}}}}


def test_a_started_run_is_killed_where_it_was_started() -> None:
    server = Server(FOUND)
    started = server.tracking.start("patient", {"seconds": "60"})
    assert started.id == "r1"
    started.kill()
    where, request = server.asked[-1]
    assert (where, request["op"], request["process"]) == ("client-0", "kill", 71)


def started(server: Server) -> StartedRun:
    return StartedRun(server.tracking.workloads.place("client"), 71, "r1")


def test_a_lost_run_that_is_tracked_as_killed_is_proved(record: Record) -> None:
    server = Server(state("KILLED"), ended=1, lost="r1 bold-owl-1: silent for 40 s")
    server.tracking.must_find_lost(started(server))
    assert record.proofs[0].seen == "The run r1 was found as lost, and is tracked as KILLED"
    assert server.asked[0] == ("mlflow-0", ["/opt/sparkproof/lost_runs.py", "--after", "30", "--end"])
    assert server.asked[1][1]["path"].endswith("run_id=r1")
    assert record.items[-1].content == b"r1 bold-owl-1: silent for 40 s"


@pytest.mark.usefixtures("one_look")
def test_a_run_that_stays_unnoticed_or_running_is_seen(record: Record) -> None:
    for lost, ended in (("", 0), ("r2 bold-owl-1: silent for 40 s", 1)):
        unnoticed = Server(state("RUNNING"), ended=ended, lost=lost)
        with pytest.raises(GaveUp, match="the report that names the run r1 as lost"):
            unnoticed.tracking.must_find_lost(started(unnoticed))
    running = Server(state("RUNNING"), ended=1, lost="r1 bold-owl-1: silent for 40 s")
    with pytest.raises(CheckFailed, match="The lost run r1 is tracked as RUNNING, and not as KILLED"):
        running.tracking.must_find_lost(started(running))
    assert not record.proofs


def test_a_report_that_broke_is_no_report() -> None:
    for lost, ended in (("Traceback", 2), ("", 1), ("r1", 0)):
        broken = Server(state("RUNNING"), ended=ended, lost=lost)
        with pytest.raises(CheckFailed, match=f"The report of lost runs ended with {ended}"):
            broken.tracking.must_find_lost(started(broken))


def test_a_run_that_works_is_not_among_the_lost(record: Record) -> None:
    server = Server(state("RUNNING"))
    server.tracking.must_not_find_lost(started(server))
    assert len(record.proofs) == 1
    assert record.items[-1].name == "report"
    ((_, report),) = [asked for asked in server.asked if isinstance(asked[1], list)]
    assert report[-2:] == ["--after", "30"]
    assert {request["path"].partition("run_id=")[2] for _, request in server.asked if "op" in request} == {"r1"}
    for answers, lost in ((state("RUNNING"), "r1 bold-owl-1: silent for 40 s"), (state("FINISHED"), "")):
        wrong = Server(answers, ended=1 if lost else 0, lost=lost)
        with pytest.raises(CheckFailed, match="The run r1 works, is tracked as"):
            wrong.tracking.must_not_find_lost(started(wrong))


@pytest.mark.usefixtures("one_look")
def test_a_run_that_is_young_says_nothing_of_lost_ones() -> None:
    young = Server(state("RUNNING", started_s_ago=1))
    with pytest.raises(GaveUp, match="30 seconds of the run r1"):
        young.tracking.must_not_find_lost(started(young))
