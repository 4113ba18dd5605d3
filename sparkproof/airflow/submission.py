"""An application that a run of a DAG submitted: its driver, how it ended, and the pods that it has."""

from dataclasses import dataclass, replace

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import POD, Manifest
from sparkproof.kube.places import run_to_end
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform

# The DAG that submits the application that a run names, and the container of a driver's pod.
_DAG = "submitted application"
_DRIVER = "driver"
# The seconds that each task of long work takes: all take longer than the longest wait, on a busy machine too.
_LONG_S = 120
# Prints the programs with a word among their arguments, a line each.
_PROGRAMS_OF = (
    "python3",
    "-c",
    """
import os, pathlib, sys
for each in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
    try:
        words = each.read_text().split("\\0")
    except OSError:
        continue
    if any(sys.argv[1] in word for word in words) and int(each.parent.name) != os.getpid():
        print(words[0])
""",
)


@dataclass(frozen=True)
class Submission:
    """The application of a program ("word count") that the run with this id submitted in "client" or "cluster" mode.

    `table` is the one that it is to write.
    """

    platform: Platform
    program: str
    mode: str
    run: str
    table: str = ""

    @classmethod
    def start(cls, platform: Platform, program: str, mode: str, *arguments: str) -> "Submission":
        """Start a run that submits an application, with arguments after the name of its table."""
        table = platform.catalogs.unused_table("result")
        asked = {"program": examples.application(program), "mode": mode, "arguments": list(arguments)}
        return cls(platform, program, mode, Airflow.of(platform).start(_DAG, table, **asked), table)

    @classmethod
    def start_long(cls, platform: Platform, program: str, mode: str) -> "Submission":
        """Start a run that submits an application whose work does not end by itself while its end is awaited."""
        return cls.start(platform, program, mode, str(_LONG_S))

    def await_end(self) -> DagRun:
        """Wait for the end of the run, and return it."""
        return Airflow.of(self.platform).find(_DAG, self.run, self.table, timeouts.APPLICATION)

    def await_executors(self) -> None:
        """Wait until executors of the application run; raises GaveUp."""
        eventually(
            f"executors of {self.name}",
            lambda: self.pods("executor"),
            lambda pods: any(pod["status"].get("phase") == "Running" for pod in pods),
            within_s=timeouts.APPLICATION,
            on=On.PODS,
            explain=self.platform.why,
        )

    @property
    def dag(self) -> str:
        """The DAG whose run submitted the application."""
        return _DAG

    @property
    def name(self) -> str:
        """The name by which Spark knows the application, its pods' label too."""
        return f"{examples.file_name(self.program)}-{self.run}"

    def pods(self, role: str) -> list[Manifest]:
        """Return the application's pods of a role ("driver", "executor") that exist now."""
        workloads = self.platform.workloads
        labels = f"{SPARK_ROLE}={role},{SPARK_APPLICATION}={self.name}"
        return workloads.kube.list(POD, workloads.namespace, labels=labels)

    def cancel(self) -> None:
        """Cancel the run, whose application is at work."""
        self.await_executors()
        Airflow.of(self.platform).cancel(_DAG, self.run)

    def must_have_ended_with(self, exit_code: int) -> None:
        """Check where the driver ran and its exit code there, and that Spark's history says the same of its jobs."""
        workloads, drivers = self.platform.workloads, self.pods(_DRIVER)
        if self.mode == "cluster":
            ended = [_exit_code(pod) for pod in drivers]
            if ended != [exit_code]:
                raise CheckFailed(
                    f"The drivers of {self.name} ended with {ended or 'no pod'}, not one with {exit_code}."
                )
            where = f"the pod {drivers[0]['metadata']['name']}, which ended with {exit_code}"
        else:
            host = HistoryServer.of(self.platform).driver_of(self.name)
            own = workloads.pod("airflow")["status"]["podIP"]
            if drivers or host != own:
                raise CheckFailed(f"The driver of {self.name} ran at {host}, and not beside its task at {own}.")
            where = f"Airflow's pod at {own}"
        HistoryServer.of(self.platform).must_have_ended(self.name, "FAILED" if exit_code else "SUCCEEDED")
        evidence.prove(Level.EXECUTED, f"The driver of {self.name} ran in {where}")

    def must_leave_nothing(self) -> None:
        """Wait until none of the application's pods, of which there were some, and of its programs is left.

        The driver in client mode, and what submits in cluster mode, are programs in Airflow's pod.
        """
        eventually(
            f"the end of all pods and programs of {self.name}",
            lambda: (
                [pod["metadata"]["name"] for role in (_DRIVER, "executor") for pod in self.pods(role)]
                + self._programs()
            ),
            lambda left: not left,
            within_s=timeouts.WORK_GONE,
        )
        evidence.prove(Level.EXECUTED, f"No pod and no program of {self.name} is left, whose executors were at work")

    def _programs(self) -> list[str]:
        """The programs in Airflow's pod that were started for the application."""
        scheduler = replace(self.platform.workloads.place("airflow"), container="scheduler")
        program = [*_PROGRAMS_OF, self.name]
        _, found = run_to_end(scheduler, program, f"the list of {self.name}'s programs", timeouts.API_CALL)
        return found.splitlines()


def _exit_code(pod: Manifest) -> int | None:
    """Return the exit code of a driver's pod; None while it runs."""
    states = [each["state"] for each in pod["status"].get("containerStatuses", ()) if each["name"] == _DRIVER]
    return next((state["terminated"]["exitCode"] for state in states if "terminated" in state), None)
