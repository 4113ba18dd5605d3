"""Tracked runs: how they ended for user and server, their settings against Spark's own, and runs that were mixed."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.mlflow.runs import Json, ProjectRun, RunsAtOnce
from sparkproof.spark.history import APPLICATIONS
from sparkproof.spark.history_server import HistoryServer
from tests.support import recorded
from tests.support.recorded import RecordedPlace, RecordedPlatform

SETTINGS = {"spark.app.id": "app-1", "spark.executor.memory": "1g"}


def tracked(status: str = "FINISHED", number: str = "r1", metrics: Any = (("sum", 3.0),), **parameters: str) -> Json:
    """A run as the server has it; an underscore in a parameter's name stands for a dot."""
    return {
        "info": {"run_id": number, "status": status, "artifact_uri": f"mlflow-artifacts:/1/{number}/artifacts"},
        "data": {
            "params": [{"key": key.replace("_", "."), "value": value} for key, value in parameters.items()],
            "metrics": [{"key": key, "value": value} for key, value in metrics],
        },
    }


def project(run: Json, exit_code: int = 0, output: str = "no such table\n") -> ProjectRun:
    return ProjectRun("sum", {"rows": "3"}, run, exit_code, output)


RIGHT = tracked(spark_app_id="app-1", spark_executor_memory="1g", rows="3")


def test_a_run_that_ended_well_for_user_and_server_is_proved(record: Record) -> None:
    project(RIGHT).must_be_finished("sum", 3)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "The sum project is tracked as FINISHED, its sum as 3"
    assert not record.unread


@pytest.mark.parametrize(
    ("run", "exit_code", "words"),
    [
        (tracked("FAILED"), 0, "tracked as FAILED, not FINISHED, and ended with 0"),
        (tracked("RUNNING"), 0, "tracked as RUNNING, not FINISHED"),
        (RIGHT, 1, "tracked as FINISHED, not FINISHED, and ended with 1: no such table"),
        ({}, 0, "tracked as nothing, not FINISHED"),
        (tracked(metrics=[("sum", 4.0)]), 0, r"metrics are \{'sum': 4.0\}, not sum 3"),
        (tracked(metrics=()), 0, "metrics are {}, not sum 3"),
    ],
    ids=["failed", "running", "failed for its user", "not tracked", "another sum", "no sum"],
)
def test_what_did_not_end_well_is_seen(run: Json, exit_code: int, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        project(run, exit_code).must_be_finished("sum", 3)
    assert not record.proofs


def test_a_run_that_failed_for_user_and_server_is_proved(record: Record) -> None:
    project(tracked("FAILED", metrics=()), 1).must_be_failed("no such table")
    assert record.proofs[0].seen == "The sum project is tracked as FAILED"
    assert b"no such table" in record.items[-1].content


@pytest.mark.parametrize(
    ("run", "exit_code", "output", "words"),
    [
        (tracked("FINISHED", metrics=()), 1, "no such table", "tracked as FINISHED, not FAILED"),
        (tracked("FAILED", metrics=()), 0, "no such table", "ended with 0"),
        (tracked("FAILED", metrics=()), 1, "no memory", "did not fail because of 'no such table': no memory"),
        (tracked("FAILED"), 1, "no such table", r"failed, and has the metrics \{'sum': 3.0\}"),
    ],
    ids=["a success for the server", "a success for its user", "another reason", "a result"],
)
def test_another_end_is_no_failure(run: Json, exit_code: int, output: str, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        project(run, exit_code, output).must_be_failed("no such table")
    assert not record.proofs


def test_the_settings_of_the_live_session_are_proved(record: Record) -> None:
    project(RIGHT).must_have_settings_of(RecordedPlatform(), recorded.session(*SETTINGS.items()))
    assert "All 2 settings of the platform's live session, app-1, are tracked" in record.proofs[-1].seen
    assert (record.items[-1].name, json.loads(record.items[-1].content)) == ("settings", SETTINGS)


def test_a_setting_of_the_projects_own_session_is_tracked_with_the_others(record: Record) -> None:
    own, live = {"spark.sql.shuffle": "7"}, recorded.session(*SETTINGS.items())
    run = tracked(spark_app_id="app-1", spark_executor_memory="1g", spark_sql_shuffle="7", rows="3")
    with pytest.raises(CheckFailed, match=r"spark.sql.shuffle is tracked as None and is '7'"):
        project(RIGHT).must_have_settings_of(RecordedPlatform(), live, own)
    with pytest.raises(CheckFailed, match=r"spark.sql.shuffle is tracked as '7' and is None"):
        project(run).must_have_settings_of(RecordedPlatform(), live)
    with pytest.raises(CheckFailed, match=r"Other sessions have \[\('spark.sql.shuffle', '7'\)\] too"):
        project(run).must_have_settings_of(RecordedPlatform(), recorded.session(*SETTINGS.items(), *own.items()), own)
    assert not record.proofs
    project(run).must_have_settings_of(RecordedPlatform(), live, own)
    assert "All 3 settings of the platform's live session, app-1, are tracked" in record.proofs[-1].seen


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (tracked(spark_app_id="app-2", spark_executor_memory="1g", rows="3"), "spark.app.id is tracked as 'app-2'"),
        (tracked(spark_app_id="app-1", spark_executor_memory="2g", rows="3"), "is tracked as '2g' and is '1g'"),
        (tracked(spark_app_id="app-1", rows="3"), "spark.executor.memory is tracked as None and is '1g'"),
        (tracked(spark_app_id="app-1", spark_executor_memory="1g"), "rows is tracked as None and is '3'"),
        (tracked(spark_app_id="app-1", spark_executor_memory="1g", rows="3", more="x"), "more is tracked as 'x'"),
    ],
    ids=["another application", "another value", "a setting missing", "a parameter missing", "one too many"],
)
def test_what_the_session_did_not_have_is_named(run: Json, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        project(run).must_have_settings_of(RecordedPlatform(), recorded.session(*SETTINGS.items()))
    with pytest.raises(CheckFailed, match=words):
        project(run).must_have_settings_in_history(history("r1"))
    assert not record.proofs


def history(name: str) -> HistoryServer:
    """A History Server that knows one application, of this name."""
    attempts = [{"completed": True}]
    served = {
        APPLICATIONS: [{"id": "app-1", "name": name, "attempts": attempts}],
        f"{APPLICATIONS}/app-1/environment": {
            "sparkProperties": [*([*each] for each in SETTINGS.items()), ["spark.scheduler.mode", "FIFO"]]
        },
    }
    return HistoryServer(RecordedPlace(served=served))


def test_the_settings_in_the_history_are_those_of_the_runs_own_application(record: Record) -> None:
    project(RIGHT).must_have_settings_in_history(history("r1"))
    warehouse = {"key": "spark.sql.warehouse.dir", "value": "file:/tmp/spark-warehouse"}
    params = [*RIGHT["data"]["params"], warehouse]
    project({**RIGHT, "data": {**RIGHT["data"], "params": params}}).must_have_settings_in_history(history("r1"))
    assert "of the application in Spark's history, app-1, are tracked" in record.proofs[-1].seen


def test_a_file_is_read_where_the_server_keeps_it(record: Record) -> None:
    session = recorded.session(answers={"text.`s3a://lakehouse/mlflow/1/r1/artifacts/sum.txt`": [("3",)]})
    project(RIGHT).must_have_stored("s3a://lakehouse/mlflow", session, "sum.txt", "3")
    assert record.proofs[-1].seen.startswith(
        "A client without keys stored s3a://lakehouse/mlflow/1/r1/artifacts/sum.txt"
    )


def test_a_client_with_keys_or_another_text_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="has keys of the object store: AWS_ACCESS_KEY_ID"):
        replace(project(RIGHT), keys=["AWS_ACCESS_KEY_ID"]).must_have_stored(
            "s3a://b", recorded.session(("3",)), "f", "3"
        )
    with pytest.raises(CheckFailed, match="'4'"):
        project(RIGHT).must_have_stored("s3a://b", recorded.session(("4",)), "f", "3")
    elsewhere = {**RIGHT, "info": {**RIGHT["info"], "artifact_uri": "/tmp/r1"}}
    with pytest.raises(CheckFailed, match="keeps its files at /tmp/r1, and not by way of the server"):
        project(elsewhere).must_have_stored("s3a://b", recorded.session(("3",)), "f", "3")
    assert not record.proofs


def test_a_file_that_is_there_all_the_same_is_seen(record: Record) -> None:
    gone = recorded.session(answers={"s3a://b/1/r1/artifacts/sum.txt": "[PATH_NOT_FOUND] no such path"})
    project(RIGHT).must_not_have_stored("s3a://b", gone, "sum.txt")
    assert len(record.proofs) == 1
    with pytest.raises(CheckFailed):
        project(RIGHT).must_not_have_stored("s3a://b", recorded.session(("3",)), "sum.txt")


def test_a_run_that_changed_is_shown_as_it_was_and_is(record: Record) -> None:
    project(RIGHT).must_be_the_same_as(dict(RIGHT))
    assert len(record.proofs) == 1
    assert b"FINISHED" in record.items[-1].content
    with pytest.raises(CheckFailed, match=r"The run r1 was .*FINISHED.*, and now is .*FAILED"):
        project(RIGHT).must_be_the_same_as(tracked("FAILED"))


def test_an_end_without_success_is_trouble_until_somebody_looks(record: Record) -> None:
    assert project(RIGHT).trouble is None
    assert project(tracked("FAILED"), 1).trouble == "The sum project ended with 1"
    assert project(RIGHT).to_read == "The sum project is tracked as FINISHED"
    assert record.unread


GIVEN = {"r1": {"a": "1"}, "r2": {"a": "2"}}


def test_runs_that_kept_their_own_parameters_are_proved(record: Record) -> None:
    runs = RunsAtOnce(GIVEN, [tracked(number="r1", a="1"), tracked(number="r2", a="2")])
    assert (runs.trouble, runs.to_read) == (None, "2 runs are tracked")
    runs.must_not_mix(2)
    assert record.level is Level.EXECUTED
    assert record.items[-1].name == "runs"


@pytest.mark.parametrize(
    ("found", "unfinished"),
    [
        ([tracked(number="r1", a="2"), tracked(number="r2", a="1")], "none"),
        ([tracked(number="r1", a="1")], "none"),
        ([tracked(number="r1", a="1"), tracked(number="r2", a="2", b="3")], "none"),
        ([tracked(number="r1", a="1"), tracked("RUNNING", number="r2", a="2")], r"\['r2'\]"),
    ],
    ids=["mixed", "one lost", "one parameter too many", "one without an end"],
)
def test_runs_that_were_mixed_or_lost_are_seen(found: list[Json], unfinished: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"2 runs were to be tracked; .*not finished: {unfinished}\\.$"):
        RunsAtOnce(GIVEN, found).must_not_mix(2)
    assert not record.proofs


def test_fewer_runs_than_asked_for_prove_nothing() -> None:
    with pytest.raises(CheckFailed, match="8 runs were to be tracked; 1 were"):
        RunsAtOnce({"r1": {"a": "1"}}, [tracked(number="r1", a="1")]).must_not_mix(8)
