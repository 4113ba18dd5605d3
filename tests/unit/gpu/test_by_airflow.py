"""Queries that runs of Airflow plan or ask: no plan, other rows, no files and another operator are seen."""

import json
from typing import Any

import pytest

from sparkproof.airflow.runs import DagRun, Task
from sparkproof.airflow.submission import Submission
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.gpu.by_airflow import AskedByRun, PlannedByRun
from sparkproof.iceberg import Table
from sparkproof.spark.history import APPLICATIONS
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, Reply, job, pod, session, stage, task

QUERY = "SELECT zone, count(*) AS trips FROM trips GROUP BY zone"
PRINTED = {
    "explanation": "*Exec <HashAggregateExec> will run on GPU\n  !Exec <BatchScanExec> cannot run on GPU because x\n",
    "rules": ["com.nvidia.spark.rapids.GpuOverrides"],
    "shim": "",
}
METRICS = {"number of result data files": "8", "number of scanned data manifests": "2"}


def ended(said: list[str], value: Any = None) -> DagRun:
    return DagRun(
        "submitted application", "r1", "success", {"ask": Task("ask", "success", 1, value, (), said)}, "l.d.t"
    )


def planned(*said: str, metrics: dict[str, str] = METRICS) -> PlannedByRun:
    shown = [{"name": name, "value": value} for name, value in metrics.items()]
    execution = {"id": 3, "status": "COMPLETED", "successJobIds": [1], "planDescription": "== Plan ==", "duration": 5}
    pages = {
        "": [{"id": "app-1", "name": "plan-for-gpu-r1", "attempts": [{"completed": True}]}],
        "/app-1/jobs": [job("planned-query", 7)],
        "/app-1/sql?details=false&planDescription=false&length=1000": [execution],
        "/app-1/sql/3?details=true&planDescription=true": {
            **execution,
            "nodes": [{"nodeName": "BatchScan lake.d.trips", "metrics": shown}],
        },
    }
    served = {f"history-0:18080{APPLICATIONS}{path}": page for path, page in pages.items()}
    platform = RecordedPlatform(RecordedKube(pod("history-0", "history-server"), served=served))
    return PlannedByRun(Submission(platform, "plan for GPU", "cluster", "r1"), ended(list(said)), QUERY)


def trips(*rows: tuple[Any, ...], written: tuple[Any, ...] = ()) -> Table:
    return Table(session(answers={"l.d.t": [written] if written else rows, "": rows}), "lake.d.trips")


def test_the_plan_is_what_the_driver_printed_among_other_lines() -> None:
    plan = planned("{broken", "[1]", '{"other": 1}', json.dumps(PRINTED), "bye").plan
    assert (plan.statement, plan.rapids, len(plan.operators)) == (QUERY, "RAPIDS", 2)


def test_a_forced_shim_is_part_of_the_label() -> None:
    forced = {**PRINTED, "shim": "com.nvidia.spark.rapids.shims.spark411.SparkShimServiceProvider"}
    assert planned(json.dumps(forced)).plan.rapids == "RAPIDS (forced, with the shim of spark411)"


@pytest.mark.parametrize("said", [(), ("bye",), (json.dumps({"explanation": "", "rules": []}),)])
def test_a_run_without_a_plan_is_seen(said: tuple[str, ...]) -> None:
    with pytest.raises(CheckFailed, match="The run r1 printed no plan of RAPIDS"):
        _ = planned(*said).plan


def test_what_the_run_wrote_is_compared_with_the_answer(record: Record) -> None:
    planned().must_have_answered(trips(("Soho", 2)))
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"gave \[\('Soho', 1\)\], not \[\('Soho', 2\)\]"):
        planned().must_have_answered(trips(("Soho", 2), written=("Soho", 1)))


def test_icebergs_files_are_shown_beside_the_plan(record: Record) -> None:
    planned(json.dumps(PRINTED)).must_show_iceberg()
    assert record.level is Level.PLANNED
    assert record.proofs[0].seen == "Iceberg chose 8 files from 2 manifests, and RAPIDS would read them"
    assert '"HashAggregate"' in record.items[0].content.decode()


@pytest.mark.parametrize("none", METRICS)
def test_a_query_that_read_no_file_or_no_manifest_is_seen(none: str) -> None:
    with pytest.raises(CheckFailed, match="Iceberg's metrics show no file or no manifest"):
        planned(json.dumps(PRINTED), metrics={**METRICS, none: "0"}).must_show_iceberg()


def asked(*rows: list[str], operators: tuple[str, ...] = ("GpuBatchScan",)) -> AskedByRun:
    shown = [{"name": name, "value": value} for name, value in METRICS.items()]
    execution = {
        "id": 3, "status": "COMPLETED", "successJobIds": [1], "planDescription": "== Plan ==", "duration": 5,
        "nodes": [{"nodeName": name, "metrics": shown} for name in operators],
    }  # fmt: skip
    stages = [{**stage(7), "accumulatorUpdates": [{"name": "gpuTime", "value": "00:00:00.024"}]}]
    platform = RecordedPlatform(driver=RecordedDriver([job("r1", 7)], stages, {7: [task("1")]}, executions=[execution]))
    return AskedByRun(platform, ended([], [list(row) for row in rows]), QUERY)


def test_a_query_on_the_gpu_has_its_operators_and_the_cpus_answer(record: Record) -> None:
    query = asked(["Soho", "2"], ["Camden", "1"])
    query.must_be_accelerated(["BatchScan"], trips(("Camden", 1), ("Soho", 2)))
    query.must_show_iceberg()
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "Iceberg chose 8 files from 2 manifests for the run's query on the GPU"
    assert record.items[-1].name == "metrics"
    shown = json.loads(record.items[-1].content)
    assert (shown["iceberg"]["files"], shown["rapids"]) == (8, {"gpuTime": ["00:00:00.024"]})


def test_the_cpu_answers_with_rapids_off_which_is_restored() -> None:
    said: list[str] = []

    def answers(statement: str) -> Reply:
        said.append(statement)
        return [("Soho", 2)]

    cpu = Table(session(answers=answers), "lake.d.trips")
    asked(["Soho", "2"]).must_be_accelerated(["BatchScan"], cpu)
    assert said[-3:] == ["SET spark.rapids.sql.enabled = false", QUERY, "RESET spark.rapids.sql.enabled"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (asked(["Soho", "2"], operators=("BatchScan",)), "RAPIDS executed nothing of r1, without BatchScan"),
        (asked(["Soho", "3"]), r"The run's query gave \[\['Soho', '3'\]\], the CPU \[\['Soho', '2'\]\]"),
        (asked(), r"The run's query gave \[\], the CPU"),
    ],
    ids=["on the CPU", "another answer", "no answer"],
)
def test_a_query_that_the_cpu_did_or_answers_otherwise_is_seen(query: AskedByRun, words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        query.must_be_accelerated(["BatchScan"], trips(("Soho", 2)))
