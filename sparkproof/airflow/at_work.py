"""A run whose task is at work, and whose worker is asked to end."""

from dataclasses import dataclass, replace

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.submission import Submission
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import POD
from sparkproof.kube.places import run_to_end
from sparkproof.spark.platform import Platform

# Asks the process of the task with this id to end, as a node does that is drained; prints how many there were.
_STOP = """
import os, pathlib, signal, sys
found = [
    int(each.parent.name)
    for each in pathlib.Path("/proc").glob("[0-9]*/cmdline")
    if each.read_bytes().rstrip(b"\\0 ").decode(errors="replace") == f"airflow worker -- {sys.argv[1]}"
]
for process in found:
    os.kill(process, signal.SIGTERM)
print(len(found))
"""


@dataclass(frozen=True)
class RunAtWork:
    """The run with this id of a DAG, whose one task works in a pod of its own or has an application at work."""

    platform: Platform
    dag: str
    run: str

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

    def stop(self) -> None:
        """Ask the process of the run's task to end, as a node does that is drained."""
        tasks = Airflow.of(self.platform).tasks(self.dag, self.run)
        scheduler = replace(self.platform.workloads.place("airflow"), container="scheduler")
        program = ["python3", "-c", _STOP, str(tasks[0]["id"])]
        _, said = run_to_end(scheduler, program, f"the request to end to {self.run}", timeouts.API_CALL)
        if said.strip() != "1":
            raise CheckFailed(f"Not one process of {self.run} was asked to end, but {said.strip()}.")

    def must_not_succeed(self) -> None:
        """Check that the run, whose task was asked to end before it had done its work, is not one that succeeded."""
        found = Airflow.of(self.platform).find(self.dag, self.run, "")
        evidence.look_at(found)
        if found.state != "failed":
            raise CheckFailed(f"The worker of {self.run} was stopped amid its work, and the run is {found.state}.")
        evidence.prove(Level.EXECUTED, f"{self.run}, whose worker was stopped, is {found.state}")
