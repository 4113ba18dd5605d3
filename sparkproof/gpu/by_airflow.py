"""A query that a run of Airflow has RAPIDS plan where there is no GPU, or execute where there is one."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.airflow.submission import Submission
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.gpu.planned import RapidsPlan
from sparkproof.gpu.support import label_with, switch_rapids
from sparkproof.gpu.work import must_have_executed
from sparkproof.iceberg import Table
from sparkproof.iceberg.scan import Scan
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform

# The application that plans, the tag of the jobs by which it answers, and the DAG that asks Spark.
_PROGRAM, _TAG = "plan for GPU", "planned-query"
_DAG, _TASK = "query of trips", "ask"


@dataclass(frozen=True)
class PlannedByRun:
    """A query that an application of a run planned for a GPU and answered on the CPU; `run` has succeeded."""

    submission: Submission
    run: DagRun
    query: str

    @classmethod
    def of(cls, platform: Platform, trips: Table, query: str) -> "PlannedByRun":
        """Have a run submit the application that plans a query on a table; raises CheckFailed if the run fails."""
        submission = Submission.start(platform, _PROGRAM, "cluster", f"{trips.catalog}.{trips.database}", query)
        run = submission.await_end()
        run.must_succeed()
        submission.must_have_ended_with(0)
        return cls(submission, run, query)

    @cached_property
    def plan(self) -> RapidsPlan:
        """The plan that the application's driver printed; raises CheckFailed if it printed none."""
        said = [line for task in self.run.tasks.values() for line in task.said]
        printed: Mapping[str, Any] | None = next(filter(None, map(_plan_in, said)), None)
        if printed is None:
            raise CheckFailed(f"The run {self.run.id} printed no plan of RAPIDS; its last words: {said[-1:]}.")
        return RapidsPlan(label_with(printed["shim"]), self.query, printed["explanation"], printed["rules"])

    def must_have_answered(self, trips: Table) -> None:
        """Check that the rows that the run wrote are those that the platform's Connect server gives."""
        expected = trips.session.run(self.query)
        Table(trips.session, self.run.table).read().must_hold(expected.rows)

    def must_show_iceberg(self) -> None:
        """Check that the run's history has the files that Iceberg chose for the query; show them beside the plan."""
        execution = HistoryServer.of(self.submission.platform).execution_of(self.submission.name, _TAG)
        scan = Scan.of(execution).must_have_chosen()
        on_gpu = [each.name for each in self.plan.operators if each.on_gpu]
        evidence.prove(
            Level.PLANNED,
            f"Iceberg chose {scan.files} files from {scan.manifests} manifests, and {self.plan.rapids} would read them",
            metrics={"iceberg": asdict(scan), "on a GPU": on_gpu, "milliseconds on the CPU": execution.duration_ms},
        )


@dataclass(frozen=True)
class AskedByRun:
    """A query that the task of a run asked of a platform's Connect server; `run` has succeeded."""

    platform: Platform
    run: DagRun
    query: str

    @classmethod
    def of(cls, platform: Platform, trips: Table, query: str) -> "AskedByRun":
        """Have a run ask a query on a table; raises CheckFailed if the run fails."""
        run = Airflow.of(platform).run(_DAG, "", database=f"{trips.catalog}.{trips.database}", query=query)
        run.must_succeed()
        run.must_have_worked_on(platform)
        return cls(platform, run, query)

    def must_be_accelerated(self, names: Collection[str], trips: Table) -> None:
        """Check that RAPIDS executed these operators of the run's query, and that the CPU gives the same rows."""
        must_have_executed(self.platform, self.run.id, names)
        switch_rapids(trips.session, on=False)
        on_cpu = trips.session.run(self.query)
        switch_rapids(trips.session, on=None)
        told = sorted([str(value) for value in row] for row in on_cpu.rows)
        if sorted(self.run.tasks[_TASK].value) != told:
            raise CheckFailed(f"The run's query gave {self.run.tasks[_TASK].value}, the CPU {told}.")
        evidence.prove(Level.EXECUTED, f"The run's query gave what the CPU gives, {len(told)} rows")

    def must_show_iceberg(self) -> None:
        """Check that one execution has the GPU's operators and the files that Iceberg chose; show both together."""
        scan = Scan.of(self.platform.history.execution(self.run.id)).must_have_chosen()
        evidence.prove(
            Level.EXECUTED,
            f"Iceberg chose {scan.files} files from {scan.manifests} manifests for the run's query on the GPU",
            metrics={"iceberg": asdict(scan), "rapids": self.platform.history.counters(self.run.id)},
        )


def at_first_snapshot(trips: Table) -> str:
    """Return the query that counts the trips of the table's first snapshot by zone."""
    return f"SELECT zone, count(*) AS trips FROM trips VERSION AS OF {trips.snapshots[0].id} GROUP BY zone"


def _plan_in(line: str) -> Mapping[str, Any] | None:
    """Return the plan that a line of a log holds, or None."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and {"explanation", "rules", "shim"} <= found.keys() else None
