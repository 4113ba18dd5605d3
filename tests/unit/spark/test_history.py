"""Spark's own record: whose tasks they were, and how jobs ended; what is another statement's does not count."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.spark.history import APPLICATIONS, DriverRest, Operator, must_be_executors
from sparkproof.spark.history_server import HistoryServer
from tests.support.recorded import (
    RecordedDriver,
    RecordedKube,
    RecordedPlace,
    RecordedPlatform,
    job,
    pod,
    session,
    stage,
    task,
)

PLAN = {
    "id": 7,
    "status": "COMPLETED",
    "successJobIds": [1],
    "planDescription": "== Final Plan == BatchScan",
    "nodes": [{"nodeName": "BatchScan", "metrics": [{"name": "number of output rows", "value": "2"}]}],
    "duration": 120,
}
OTHER = {**PLAN, "id": 8, "successJobIds": [2], "planDescription": "another"}


def rest(
    tasks: Mapping[int, Sequence[Any]], *, stages: Sequence[Any] = (stage(4), stage(9)), **plan: Any
) -> DriverRest:
    jobs = [job("tag-a", 4), job("tag-b", 9, number=2)]
    return DriverRest(RecordedDriver(jobs=jobs, stages=stages, tasks=tasks, executions=[{**PLAN, **plan}, OTHER]))


def test_work_is_that_of_its_own_tag_and_of_no_longer_one() -> None:
    others = DriverRest(RecordedDriver(jobs=[job("tag-a", 4), job("tag-a-2", 9, number=2)]))
    assert others.jobs("tag-a") == [1]


def test_tasks_that_executors_completed_are_proved_with_the_plan(record: Record) -> None:
    found = rest({4: [task("1"), task("2"), task("1")], 9: [task("driver")]})
    found.must_have_run_on_executors("tag-a")
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "Tasks completed by executor: {'1': 2, '2': 1}"
    assert record.items[0].content == b"== Final Plan == BatchScan"
    assert found.execution("tag-a").operators == (Operator("BatchScan", {"number of output rows": "2"}),)


@pytest.mark.parametrize(
    ("tasks", "stages", "words"),
    [
        ([task("1"), task("driver")], [stage(4)], r"by {'1': 1, 'driver': 1}"),
        ([], [stage(4)], "by nobody"),
        ([task("1")], [stage(4, status="FAILED")], "by nobody"),
    ],
    ids=["the driver took part", "no task", "no stage was completed"],
)
def test_work_that_executors_did_not_do_is_seen(
    tasks: Sequence[Any], stages: Sequence[Any], words: str, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=f"Executors did not do the work; tasks were completed {words}"):
        rest({4: tasks}, stages=stages).must_have_run_on_executors("tag-a")
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize("plan", [{"status": "RUNNING"}, {"successJobIds": []}], ids=["running", "of another"])
def test_a_statement_that_has_not_finished_is_given_up(plan: dict[str, Any], record: Record) -> None:
    with pytest.raises(GaveUp, match="the finished execution of tag-a in Spark's history did not come"):
        rest({4: [task("1")]}, **plan).must_have_run_on_executors("tag-a")
    assert not record.proofs


def test_who_worked_are_executors_alone(record: Record) -> None:
    must_be_executors({"1": 3, "2": 1})
    for wrong, words in (({}, "nobody"), ({"driver": 1}, "{'driver': 1}"), ({"1": 3, "driver": 1}, "'1': 3, 'driver'")):
        with pytest.raises(CheckFailed, match=f"Executors did not do the count; tasks were completed by .*{words}"):
            must_be_executors(wrong, "the count")
    assert not record.proofs


def test_a_task_that_failed_was_completed_by_nobody(record: Record) -> None:
    found = rest({4: [task("1"), task("2", status="FAILED"), task("driver", status="KILLED")]})
    assert found.workers("tag-a") == {"1": 1}
    with pytest.raises(CheckFailed, match="tasks were completed by nobody"):
        rest({4: [task("1", status="FAILED")]}).must_have_run_on_executors("tag-a")
    assert not record.proofs


def test_lost_and_waiting_tasks_are_those_of_the_statement_alone() -> None:
    stages = [
        stage(4, status="ACTIVE", numTasks=10, numCompleteTasks=3, numActiveTasks=2, numFailedTasks=1),
        stage(9, status="ACTIVE", numTasks=9, numFailedTasks=5, numKilledTasks=5),
    ]
    running = [task("1", host="10.0.0.1", status="RUNNING"), task("2", host="10.0.0.2")]
    found = rest({4: running, 9: [task("3", host="10.0.0.3", status="RUNNING")]}, stages=stages)
    assert found.lost_tasks("tag-a") == 1
    assert found.stages_at_work("tag-a") == {4}
    assert found.waiting_tasks("tag-a", {4, 9}) == 5
    assert found.waiting_tasks("tag-a", {9}) == 0
    assert found.hosts_at_work("tag-a", 1) == ["10.0.0.1"]


@pytest.mark.usefixtures("one_look")
def test_executors_that_do_not_come_are_told_with_the_cause() -> None:
    found = rest({4: [task("1", status="RUNNING")]}, stages=[stage(4, status="ACTIVE")])
    full = Cause(Reason.OTHER, "exec-2 finds no room")
    with pytest.raises(GaveUp, match=r"2 executors at work for tag-a did not come .*exec-2 finds no room"):
        found.hosts_at_work("tag-a", 2, lambda: [full])


def test_all_tasks_and_executions_count_and_not_the_first_page_of_them() -> None:
    """Spark shows twenty, the oldest first, to whoever does not ask for more."""
    earlier = [{**OTHER, "id": number} for number in range(100, 140)]
    many = RecordedDriver(jobs=[job("tag-a", 4)], stages=[stage(4)], tasks={4: [task("1")] * 30})
    assert DriverRest(many).workers("tag-a") == {"1": 30}
    many.executions = [*earlier, PLAN]
    assert DriverRest(many).execution("tag-a").plan == "== Final Plan == BatchScan"


def test_tasks_are_those_of_the_attempt_that_was_completed() -> None:
    again = RecordedDriver(jobs=[job("tag-a", 4)], stages=[{**stage(4), "attemptId": 1}], tasks={4: [task("2")]})
    assert DriverRest(again).workers("tag-a") == {"2": 1}


def test_an_executor_at_work_is_not_one_that_was_at_its_address_before() -> None:
    executors = [{"id": each, "isActive": each == "2", "hostPort": "10.0.0.1:7079"} for each in ("2", "1")]
    found = DriverRest(RecordedDriver(executors=executors))
    assert found.executor_at("10.0.0.1") == "2"
    with pytest.raises(CheckFailed, match=r"The driver knows no executor at 10\.0\.0\.2"):
        found.executor_at("10.0.0.2")


def server(*, completed: bool = True, jobs: Sequence[Any] = (job("tag-a", 4),), known: bool = True) -> HistoryServer:
    pages = {"/app-1": {"attempts": [{"completed": completed}]}, "/app-1/jobs": jobs}
    served = {f"{APPLICATIONS}{path}": page for path, page in pages.items()}
    return HistoryServer(RecordedPlace(served=served if known else {}))


def starting() -> HistoryServer:
    """A server in whose pod nobody listens yet."""
    refused = Refused("reach it", 503, "connection refused")
    return HistoryServer(RecordedPlace(served={f"{APPLICATIONS}/app-1": refused}))


def test_the_end_of_a_statements_jobs_is_proved(record: Record) -> None:
    server().must_show("app-1", "tag-a", "SUCCEEDED")
    server(jobs=[job("tag-a", 4, status="FAILED"), job("tag-b", 5)]).must_show("app-1", "tag-a", "FAILED")
    assert record.level is Level.EXECUTED
    assert record.proofs[1].seen == "The history of app-1 shows that the statement's jobs FAILED"


@pytest.mark.parametrize(
    ("jobs", "end", "seen"),
    [
        ([job("tag-a", 4)], "FAILED", r"\['SUCCEEDED'\]"),
        ([job("tag-a", 4, status="FAILED")], "SUCCEEDED", r"\['FAILED'\]"),
        ([job("tag-a", 4), job("tag-a", 5, status="RUNNING")], "SUCCEEDED", r"\['SUCCEEDED', 'RUNNING'\]"),
        ([job("tag-b", 4)], "SUCCEEDED", r"\[\]"),
        ([], "SUCCEEDED", r"\[\]"),
    ],
    ids=["success for failure", "failure for success", "only some", "another statement's", "none"],
)
def test_jobs_that_ended_otherwise_are_seen(jobs: list[Any], end: str, seen: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"the jobs of tag-a ended as {seen}, not as {end}"):
        server(jobs=jobs).must_show("app-1", "tag-a", end)
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    "silent",
    [server(completed=False), server(known=False), starting()],
    ids=["still runs", "unknown", "the server starts"],
)
def test_an_application_whose_end_is_not_known_is_given_up(silent: HistoryServer, record: Record) -> None:
    with pytest.raises(GaveUp, match="app-1 in the history did not come"):
        silent.must_show("app-1", "tag-a", "SUCCEEDED")
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_a_record_is_that_of_a_driver_that_has_ended() -> None:
    with pytest.raises(GaveUp, match="the end of app-1 in the history"):
        server(completed=False).record_of("app-1")
    assert server().record_of("app-1").application == "app-1"


def listed(name: str = "count-1", *, completed: bool = True, **tasks: int) -> HistoryServer:
    pages = {
        "": [{"id": "app-1", "name": name, "attempts": [{"completed": completed}]}],
        "/app-1/allexecutors": [{"id": id_, "completedTasks": count} for id_, count in tasks.items()],
    }
    return HistoryServer(RecordedPlace(served={f"{APPLICATIONS}{path}": page for path, page in pages.items()}))


@pytest.mark.usefixtures("one_look")
def test_an_application_that_executors_ran_is_proved(record: Record) -> None:
    listed(driver=0, first=3, second=0).must_have_run_on_executors("count-1")
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "Tasks of count-1 (app-1) completed by executor: {'first': 3}"


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("found", "words"),
    [
        (listed(driver=2, first=3), r"by {'driver': 2, 'first': 3}"),
        (listed(driver=0, first=0), "by nobody"),
        (listed(), "by nobody"),
        (listed("count-2", first=3), "the end of count-1 in the history did not come"),
        (listed(completed=False, first=3), "the end of count-1 in the history did not come"),
    ],
    ids=["the driver took part", "no task", "no executor", "another application", "still running"],
)
def test_an_application_that_executors_did_not_run_is_seen(found: HistoryServer, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_have_run_on_executors("count-1")
    assert not record.proofs


def test_of_two_applications_of_a_name_the_one_that_has_ended_is_looked_at() -> None:
    """A task of Airflow that is tried again submits under the name of its first try."""
    pages = {
        "": [{"id": f"app-{each}", "name": "x", "attempts": [{"completed": each == 1}]} for each in (2, 1)],
        "/app-1/jobs": [job("t", 1)],
    }
    served = {f"{APPLICATIONS}{path}": page for path, page in pages.items()}
    HistoryServer(RecordedPlace(served=served)).must_have_ended("x", "SUCCEEDED")


def submitted(*statuses: str) -> HistoryServer:
    """A server that knows an application whose jobs ended so, the first one last in its list."""
    jobs = [job("t", number, number=number, status=status) for number, status in enumerate(statuses)]
    pages = {
        "": [{"id": "app-1", "name": "count-1", "attempts": [{"completed": True}]}],
        "/app-1/jobs": jobs[::-1],
        "/app-1/allexecutors": [
            {"id": "1", "hostPort": "10.0.0.2:7079"},
            {"id": "driver", "hostPort": "10.0.0.1:7079"},
        ],
    }
    return HistoryServer(RecordedPlace(served={f"{APPLICATIONS}{path}": page for path, page in pages.items()}))


def test_the_end_of_an_application_is_that_of_its_last_job(record: Record) -> None:
    submitted("SUCCEEDED", "SUCCEEDED").must_have_ended("count-1", "SUCCEEDED")
    submitted("SUCCEEDED", "FAILED").must_have_ended("count-1", "FAILED")
    assert len(record.proofs) == 2
    assert submitted().driver_of("count-1") == "10.0.0.1"


@pytest.mark.parametrize(
    ("statuses", "end"),
    [((), "SUCCEEDED"), (("FAILED", "SUCCEEDED"), "SUCCEEDED"), (("FAILED", "SUCCEEDED"), "FAILED"), ((), "FAILED")],
    ids=["no job", "one failed", "the last one succeeded", "no job that failed"],
)
def test_another_end_of_an_application_is_seen(statuses: Sequence[str], end: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"not as {end}"):
        submitted(*statuses).must_have_ended("count-1", end)
    assert not record.proofs


def test_a_session_is_of_the_driver_that_serves_it_and_leaves_tasks_to_executors() -> None:
    own = session(answers={"SET spark.app.id": [("spark.app.id", "app-1")]})
    other = session(answers={"SET spark.app.id": [("spark.app.id", "local-1")]})
    assert DriverRest(RecordedDriver()).why_not_of(own) is None
    assert "local-1 serves the session" in str(DriverRest(RecordedDriver()).why_not_of(other))
    # Ids of one cluster begin alike.
    alike = session(answers={"SET spark.app.id": [("spark.app.id", "app-12")]})
    assert "app-12 serves the session" in str(DriverRest(RecordedDriver()).why_not_of(alike))
    assert "has 4 cores for tasks" in str(DriverRest(RecordedDriver(cores=4)).why_not_of(own))


def test_a_server_that_refuses_is_not_one_that_does_not_know_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "ARCHIVE", 60.0)
    broken = HistoryServer(RecordedPlace(served={f"{APPLICATIONS}/app-1": Refused("reach it", 403, "no rights")}))
    with pytest.raises(Refused, match="no rights"):
        broken.must_show("app-1", "tag-a", "SUCCEEDED")


def test_the_server_is_where_the_platform_runs_it() -> None:
    served = {
        f"spark-history-server-0:18080{APPLICATIONS}/app-1": {"attempts": [{"completed": True}]},
        f"spark-history-server-0:18080{APPLICATIONS}/app-1/jobs": [job("tag-a", 4)],
    }
    kube = RecordedKube(pod("spark-history-server-0", "history-server"), served=served)
    HistoryServer.of(RecordedPlatform(kube)).must_show("app-1", "tag-a", "SUCCEEDED")
