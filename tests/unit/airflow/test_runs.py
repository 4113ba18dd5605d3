"""What became of a run: success, failure with its tries, tasks that were stopped, and whose work Spark did."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.airflow.runs import AirflowReply, DagRun, Task, orders
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.objects import EVENT
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, job, manifest, stage, task

TWICE = ["AnalysisException: [UNRESOLVED_COLUMN] amont"] * 2
WRITE = Task("write", "success", 1, 499500, [])
ASK = Task("ask", "failed", 2, None, TWICE)
STOPPED = Task("publish", "upstream_failed", 0, None, [])
RAN = Task("publish", "success", 1, None, [])


def run(state: str, *tasks: Task) -> DagRun:
    return DagRun("daily sums", "r1", state, {each.id: each for each in tasks}, "lake.s.orders")


def test_success_is_proved(record: Record) -> None:
    run("success", WRITE).must_succeed()
    assert record.level is Level.EXECUTED
    assert run("success", WRITE).trouble is None


@pytest.mark.parametrize(
    "found",
    [
        run("failed", ASK),
        run("running", WRITE),
        run("success", WRITE, ASK),
        run("success", WRITE, STOPPED),
        run("success"),
    ],
    ids=["failed", "still running", "a task failed", "a task did not run", "no tasks"],
)
def test_what_is_no_success_is_seen(found: DagRun, record: Record) -> None:
    with pytest.raises(CheckFailed, match="did not succeed"):
        found.must_succeed()
    assert not record.proofs


def test_a_failure_is_proved_with_its_tries(record: Record) -> None:
    failed = run("failed", ASK)
    assert failed.trouble == f"The run of daily sums is failed: ask {'; '.join(TWICE)}"
    failed.must_fail("ask", 2, "UNRESOLVED_COLUMN")
    assert record.proofs[0].seen == "ask of daily sums failed 2 times"
    assert record.items[0].content.decode().splitlines() == TWICE


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (run("success", ASK), "is success and its task ask failed, not failed"),
        (run("failed", replace(ASK, state="success")), "its task ask success"),
        (run("failed", replace(ASK, tries=1)), "was tried 1 times"),
        (run("failed", replace(ASK, errors=TWICE[:1])), "1 of them failed because of 'UNRESOLVED_COLUMN'"),
        (run("failed", replace(ASK, errors=["KeyError: x"] * 2)), "0 of them failed because"),
        (run("failed", WRITE), "has no task ask, but write"),
    ],
    ids=["the run succeeded", "the task succeeded", "tried once", "one told", "another reason", "no such task"],
)
def test_another_failure_is_seen(found: DagRun, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_fail("ask", 2, "UNRESOLVED_COLUMN")
    assert not record.proofs


def test_a_success_at_the_second_try_is_told_from_others(record: Record) -> None:
    again = replace(WRITE, tries=2)
    run("success", again).must_have_succeeded_at("write", 2)
    assert record.proofs[-1].seen == "write of daily sums succeeded at try 2"
    for found, words in (
        (run("success", WRITE), "write of daily sums is success after 1 tries"),
        (run("failed", again), "and its run is failed"),
        (run("running", replace(again, state="running")), "is running after 2 tries, and its run is running"),
        (run("failed", replace(WRITE, state="failed", errors=["KeyError: x"])), "a success at try 2: KeyError: x"),
    ):
        with pytest.raises(CheckFailed, match=words):
            found.must_have_succeeded_at("write", 2)
    assert len(record.proofs) == 1


def test_a_task_that_was_stopped_is_told_from_one_that_ran(record: Record) -> None:
    run("failed", STOPPED).must_have_stopped("publish")
    assert len(record.proofs) == 1
    for found in (RAN, replace(STOPPED, state="skipped"), replace(STOPPED, tries=1)):
        with pytest.raises(CheckFailed, match="was not stopped"):
            run("failed", found).must_have_stopped("publish")


def test_the_last_lines_of_a_task_that_ran_elsewhere_are_shown() -> None:
    said = [f"line {number}" for number in range(30)]
    with pytest.raises(CheckFailed, match=r"in a pod of its own: line 10; .*; line 29$"):
        run("success", replace(RAN, said=said)).must_have_run_in_a_pod(
            "publish", "42", RecordedPlatform(RecordedKube())
        )


def test_what_a_task_handed_on_is_compared_with_its_type(record: Record) -> None:
    run("success", WRITE).must_have_handed_on("write", 499500)
    assert len(record.proofs) == 1
    wrong: list[Any] = [None, 499501, "499500", 499500.0, {"__classname__": "numpy.int64", "__data__": 499500}]
    for value in wrong:
        with pytest.raises(CheckFailed, match="handed on"):
            run("success", replace(WRITE, value=value)).must_have_handed_on("write", 499500)


def spark(*tags: str, executor: str = "1") -> RecordedPlatform:
    """A platform whose Spark ran one job, which carries these tags."""
    ran = {**job("r1", 4), "jobTags": list(tags)}
    plan = {"id": 7, "status": "COMPLETED", "successJobIds": [1], "planDescription": "plan", "nodes": [], "duration": 1}
    driver = RecordedDriver(jobs=[ran], stages=[stage(4)], tasks={4: [task(executor)]}, executions=[plan])
    return RecordedPlatform(driver=driver)


def test_work_of_the_platforms_executors_for_airflows_account_is_proved(record: Record) -> None:
    own = ("SparkConnect_OperationTag_User_airflow_Session_1_Operation_2", "SparkConnect_Session_1_Tag_r1")
    run("success", WRITE).must_have_worked_on(spark(*own))
    assert record.proofs[0].seen == "Tasks completed by executor: {'1': 1}"


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (
            spark("SparkConnect_OperationTag_User_anna_Session_1_Operation_2", "x_r1"),
            r"done for \['anna'\], not airflow",
        ),
        (spark("x_r1"), "done for nobody"),
        (spark("SparkConnect_OperationTag_User_airflow_Session_1_Operation_2", "x_r2"), "done for nobody"),
        (
            spark("SparkConnect_OperationTag_User_airflow_Session_1_Operation_2", "x_r1", executor="driver"),
            "Executors did not do the work",
        ),
    ],
    ids=["another's", "nobody's", "another run's", "the driver's own"],
)
def test_work_of_others_is_seen(platform: RecordedPlatform, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        run("success", WRITE).must_have_worked_on(platform)
    assert not record.proofs


def test_a_run_that_is_still_there_is_the_same(record: Record) -> None:
    run("success", WRITE).must_be_the_same_as(run("success", WRITE))
    assert len(record.proofs) == 1
    for later in (run("failed", WRITE), run("success"), run("success", replace(WRITE, value=1))):
        with pytest.raises(CheckFailed, match="Airflow now has"):
            run("success", WRITE).must_be_the_same_as(later)


def test_a_refusal_is_told_by_its_status_and_its_reason(record: Record) -> None:
    refused = AirflowReply("a start", 403, '{"detail": "Forbidden"}')
    assert refused.trouble == "Airflow refused a start with status 403"
    refused.must_be_refused(403, "Forbidden")
    assert len(record.proofs) == 1
    assert record.items == [("refusal", "text/plain", b'{"detail": "Forbidden"}')]
    with pytest.raises(CheckFailed, match=r"Airflow refused a start with status 403: .*Forbidden"):
        refused.must_list("r1")
    for status, reason in ((401, "Forbidden"), (403, "Not authenticated")):
        with pytest.raises(CheckFailed, match="did not refuse a start with status"):
            refused.must_be_refused(status, reason)
    with pytest.raises(CheckFailed, match="status 200"):
        AirflowReply("a start", 200, "{}").must_be_refused(403, "")


def test_a_list_of_runs_has_to_have_the_run(record: Record) -> None:
    for runs, found in (([], "no run"), (["r2"], r"\['r2'\]")):
        reply = AirflowReply("a list", 200, json.dumps({"dag_runs": [{"dag_run_id": each} for each in runs]}))
        with pytest.raises(CheckFailed, match=f"answered a list without the run r1, with {found}"):
            reply.must_list("r1")
    assert not record.proofs
    AirflowReply("a list", 200, '{"dag_runs": [{"dag_run_id": "r2"}, {"dag_run_id": "r1"}]}').must_list("r1")
    assert (record.level, record.proofs[0].seen) == (Level.EXECUTED, "Airflow answered a list with the run r1")
    assert (record.items[-1].name, json.loads(record.items[-1].content)) == ("runs", ["r2", "r1"])


def errors(**files: str) -> AirflowReply:
    found = [f'{{"filename": "{name}.py", "stack_trace": "{reason}"}}' for name, reason in files.items()]
    return AirflowReply("errors", 200, f'{{"import_errors": [{", ".join(found)}]}}')


def test_the_file_that_cannot_be_read_is_named_alone(record: Record) -> None:
    errors(broken="No module named x").must_name("broken.py", "No module named x")
    assert len(record.proofs) == 1
    assert b"No module named x" in record.items[-1].content
    for found, words in (
        (errors(), "does not say that broken.py"),
        (errors(broken="SyntaxError"), "does not say"),
        (errors(other="No module named x"), "does not say"),
        (errors(broken="No module named x", other="y"), "also cannot read other.py"),
    ):
        with pytest.raises(CheckFailed, match=words):
            found.must_name("broken.py", "No module named x")


def test_a_table_of_orders_holds_whole_numbers_and_words() -> None:
    assert orders([{"id": "1", "amount": "10"}, {"id": "2", "amount": "ten"}]) == [(1, 10), (2, "ten")]


def printed(line: str, *known: str) -> tuple[DagRun, RecordedPlatform]:
    """A run whose task printed this line, on a platform that knows events of these pods."""
    events = [
        manifest(EVENT, f"e{number}", involvedObject={"kind": "Pod", "name": name}, lastTimestamp="2026-11-27")
        for number, name in enumerate(known)
    ]
    ran = run("success", replace(RAN, said=["[base] begins", line]))
    return ran, RecordedPlatform(RecordedKube(*events))


def test_a_task_in_a_pod_of_its_own_is_proved(record: Record) -> None:
    ran, platform = printed("[base] 42 in compute-x1", "spark-airflow-0", "compute-x1")
    ran.must_have_run_in_a_pod("publish", "42", platform)
    assert record.proofs[-1].seen == "publish of daily sums printed '42' in its own pod compute-x1"


@pytest.mark.parametrize(
    ("line", "pods"),
    [
        ("[base] 42 in compute-x1", ()),
        ("[base] 42 in compute-x1", ("compute-x2",)),
        ("[base] 43 in compute-x1", ("compute-x1",)),
        ("42 in spark-airflow-0", ("spark-airflow-0",)),
    ],
    ids=["no pod", "another pod", "other words", "Airflow's own pod"],
)
def test_a_task_elsewhere_is_seen(line: str, pods: tuple[str, ...], record: Record) -> None:
    ran, platform = printed(line, *pods)
    with pytest.raises(CheckFailed, match=rf"did not print '42' in a pod of its own: .*{re.escape(line)}$"):
        ran.must_have_run_in_a_pod("publish", "42", platform)
    assert not record.proofs


def test_a_pod_of_another_namespace_is_no_pod_of_the_platform(record: Record) -> None:
    ran, platform = printed("42 in compute-x1", "compute-x2")
    elsewhere = {"kind": "Pod", "name": "compute-x1"}
    platform.kube.add(manifest(EVENT, "e1", "other", involvedObject=elsewhere, lastTimestamp="2026-11-27"))
    with pytest.raises(CheckFailed, match="did not print '42' in a pod of its own"):
        ran.must_have_run_in_a_pod("publish", "42", platform)
    assert not record.proofs
