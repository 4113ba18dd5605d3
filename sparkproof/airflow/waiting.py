"""A run that waits since its DAG is paused, and what becomes of it when the DAG is resumed."""

from dataclasses import dataclass

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark.platform import Platform

# A DAG of a task that takes no time, whose runs show that Airflow is at work.
_ANOTHER = "with orders"
_WAITS = "queued"


@dataclass(frozen=True)
class WaitingRun:
    """The run with this id of a paused DAG; `table` is the one that it is to write."""

    airflow: Airflow
    dag: str
    run: str
    table: str

    @classmethod
    def start(cls, platform: Platform, dag: str) -> "WaitingRun":
        """Start a run of a DAG that is paused, with a table that no other scenario uses."""
        airflow, table = Airflow.of(platform), platform.catalogs.unused_table("orders")
        return cls(airflow, dag, airflow.start(dag, table), table)

    def cancel(self) -> None:
        """Cancel the run while it waits."""
        self.airflow.cancel(self.dag, self.run)

    def let_begin(self) -> DagRun:
        """Resume the DAG, and return the run when it has ended."""
        self.airflow.resume(self.dag)
        return self.airflow.find(self.dag, self.run, self.table)

    def must_wait(self) -> None:
        """Check that Airflow, which runs other DAGs, has the run and has it wait."""
        self.airflow.run(_ANOTHER, "").must_succeed()
        found = self.airflow.state(self.dag, self.run)
        if found != _WAITS:
            raise CheckFailed(f"The run {self.run} of {self.dag}, which is paused, does not wait: it is {found}.")
        evidence.prove(Level.EXECUTED, f"{self.run} of {self.dag} waits, and a run of {_ANOTHER} did not")

    def must_stay_cancelled(self) -> None:
        """Check that the run, which was cancelled while it waited, never begins: the next one of the DAG does."""
        self.airflow.resume(self.dag)
        self.airflow.run(self.dag, "").must_succeed()
        found = self.airflow.find(self.dag, self.run, self.table)
        evidence.look_at(found)
        tried = [each.id for each in found.tasks.values() if each.tries]
        if found.state != "failed" or tried:
            raise CheckFailed(
                f"{self.run} of {self.dag} was cancelled while it waited, and is {found.state}; "
                f"it began {', '.join(tried) or 'nothing'}."
            )
        evidence.prove(Level.EXECUTED, f"{self.run} of {self.dag} never began, and the next run did")
