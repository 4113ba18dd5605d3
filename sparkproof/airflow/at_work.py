"""A run whose task is at work, and whose worker is asked to end or is killed."""

import signal
from dataclasses import dataclass, replace

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import ENDED, DagRun
from sparkproof.airflow.spark_work import SparkWork
from sparkproof.airflow.submission import Submission
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import POD
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

# Sends a signal, by its number, to the process of the task with this id; prints how many there were.
_SIGNAL = """
import os, pathlib, sys
found = [
    int(each.parent.name)
    for each in pathlib.Path("/proc").glob("[0-9]*/cmdline")
    if each.read_bytes().rstrip(b"\\0 ").decode(errors="replace") == f"airflow worker -- {sys.argv[2]}"
]
for process in found:
    os.kill(process, int(sys.argv[1]))
print(len(found))
"""


@dataclass(frozen=True)
class RunAtWork:
    """The run with this id of a DAG, whose one task works in a pod of its own, on an application, or on Spark.

    `table` is the one that it is to write, if any.
    """

    platform: Platform
    dag: str
    run: str
    table: str = ""

    @classmethod
    def in_a_pod(cls, platform: Platform, dag: str) -> "RunAtWork":
        """Start a run, and wait until the pod of its task runs; raises GaveUp."""
        found = cls(platform, dag, Airflow.of(platform).start(dag))
        labels = f"dag_id={examples.path('dags', dag).stem},run_id={found.run}"
        eventually(
            f"the pod of a task of {found.run}",
            lambda: platform.workloads.kube.list(POD, platform.workloads.namespace, labels=labels),
            lambda pods: any(pod["status"].get("phase") == "Running" for pod in pods),
            within_s=timeouts.DAG_RUN,
            on=On.PODS,
            explain=platform.why,
        )
        return found

    @classmethod
    def with_an_application(cls, platform: Platform, program: str, mode: str) -> "RunAtWork":
        """Start a run that submits an application, and wait until that is at work; raises GaveUp."""
        submission = Submission.start_long(platform, program, mode)
        submission.await_executors()
        return cls(platform, submission.dag, submission.run)

    @classmethod
    def on_spark(cls, platform: Platform, dag: str) -> "RunAtWork":
        """Start a run, with a table of its own, and wait until it is at work on Spark; raises GaveUp."""
        table = platform.catalogs.unused_table("orders")
        found = cls(platform, dag, Airflow.of(platform).start(dag, table), table)
        SparkWork.begun(platform, found.run)
        return found

    @classmethod
    def amid_its_table(cls, platform: Platform, dag: str) -> "RunAtWork":
        """Start a run that writes a table in parts, and wait until one is written and it is at more; raises GaveUp."""
        found = cls.on_spark(platform, dag)
        eventually(
            f"a part of the table of {found.run}, and more work",
            # A statement follows when the one before it has committed.
            lambda: (len(platform.history.jobs(found.run)), len(platform.history.running(found.run))),
            lambda jobs: jobs[0] > jobs[1] > 0,
            within_s=timeouts.EXECUTORS,
        )
        return found

    def stop(self) -> None:
        """Ask the process of the run's task to end, as a node does that is drained."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the process of the run's task at once, as a node does whose memory is used up."""
        self._signal(signal.SIGKILL)

    def give_up(self) -> None:
        """Cancel the run if it has not ended."""
        airflow = Airflow.of(self.platform)
        if airflow.state(self.dag, self.run) not in ENDED:
            airflow.cancel(self.dag, self.run)

    def await_end(self) -> DagRun:
        """Wait for the end of the run, and return it."""
        return Airflow.of(self.platform).find(self.dag, self.run, self.table)

    def must_not_succeed(self) -> None:
        """Check that the run, whose task was asked to end before it had done its work, is not one that succeeded."""
        found = self.await_end()
        evidence.look_at(found)
        if found.state != "failed":
            raise CheckFailed(f"The worker of {self.run} was stopped amid its work, and the run is {found.state}.")
        evidence.prove(Level.EXECUTED, f"{self.run}, whose worker was stopped, is {found.state}")

    def _signal(self, number: signal.Signals) -> None:
        tasks = Airflow.of(self.platform).tasks(self.dag, self.run)
        scheduler = replace(self.platform.workloads.place("airflow"), container="scheduler")
        program = ["python3", "-c", _SIGNAL, str(int(number)), str(tasks[0]["id"])]
        _, said = run_to_end(scheduler, program, f"the {number.name} to {self.run}", timeouts.API_CALL)
        if said.strip() != "1":
            raise CheckFailed(f"Not one process of {self.run} got {number.name}, but {said.strip()}.")
