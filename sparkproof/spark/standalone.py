"""A Spark standalone cluster as its master shows it: its workers, and the applications that they run."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import POD
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads, scale

_UI_PORT = 8080


@dataclass(frozen=True)
class Ran:
    """The time in which the master had an application, waiting or at work."""

    began: datetime
    ended: datetime


@dataclass(frozen=True)
class StandaloneCluster:
    """The standalone cluster of one platform, reached through the API server's proxy.

    Source of the fields: org.apache.spark.deploy.JsonProtocol, which the master's web interface serves under /json/.
    """

    workloads: Workloads

    @classmethod
    def of(cls, platform: Platform) -> "StandaloneCluster":
        """Return the cluster whose workers run the platform's executors."""
        return cls(platform.workloads)

    @property
    def workers(self) -> list[str]:
        """The hosts of the workers that take work now."""
        return [worker["host"] for worker in self._master()["workers"] if worker["state"] == "ALIVE"]

    @property
    def applications(self) -> dict[str, str]:
        """The states of the applications that hold workers ("RUNNING") or await them ("WAITING"), by name."""
        return {application["name"]: application["state"] for application in self._master()["activeapps"]}

    def kill_master(self) -> None:
        """Kill the master's pod, and wait until another one is ready; raises GaveUp."""
        (pod,) = self.workloads.pods_of("master")
        self.workloads.end(pod["metadata"]["name"], killed=True)
        self.workloads.await_next("master", pod)

    def stop_master(self) -> None:
        """Have no master until `start_master`."""
        scale(self.workloads, "master", 0)
        self.workloads.kube.must_be_gone(POD, self._master_pod, self.workloads.namespace, within_s=timeouts.WORKERS)

    def start_master(self) -> None:
        """Have the master again, and wait until it is ready."""
        scale(self.workloads, "master", 1)
        self.workloads.must_be_ready()

    def must_have_workers(self, count: int) -> None:
        """Wait until exactly `count` workers take work."""
        hosts = eventually(
            f"{count} workers in {self.workloads.namespace}",
            self._workers_if_answered,
            lambda hosts: hosts is not None and len(hosts) == count,
            within_s=timeouts.WORKERS,
            on=On.PODS,
            explain=self.workloads.why,
        )
        evidence.prove(Level.EXECUTED, f"The master has {count} workers", workers=hosts)

    def must_run_the_connect_server(self) -> None:
        """Check that the cluster, and not something else, runs the platform's Connect server: it got workers."""
        application, states = f"{self.workloads.release}-connect", self.applications
        if application not in states:
            raise CheckFailed(f"The standalone cluster runs {', '.join(states) or 'nothing'}, and not {application}.")
        if states[application] != "RUNNING":
            raise CheckFailed(f"The standalone cluster does not run {application}: it is {states[application]}.")
        evidence.prove(Level.EXECUTED, f"The standalone cluster runs {', '.join(states)}", states=states)

    def must_await_workers(self) -> None:
        """Wait until the platform's Connect server is an application that has had no executor yet."""
        application = f"{self.workloads.release}-connect"
        states = eventually(
            f"the application {application} that awaits its first executor",
            lambda: self.applications,
            lambda states: states.get(application) == "WAITING",
            within_s=timeouts.WORKERS,
            explain=self.workloads.why,
        )
        evidence.prove(Level.EXECUTED, f"{application} has had no executor yet", states=states)

    def must_have_run(self, application: str) -> "Ran":
        """Wait until the master counts the application of this name among those that it has completed."""
        done = eventually(
            f"the end of {application} at the master in {self.workloads.namespace}",
            lambda: {each["name"]: each for each in self._master()["completedapps"]},
            lambda completed: application in completed,
            within_s=timeouts.WORKERS,
            explain=self.workloads.why,
            show=_states,
        )
        found = done[application]
        if found["state"] != "FINISHED":
            raise CheckFailed(f"The standalone cluster did not finish {application}: it is {found['state']}.")
        evidence.prove(
            Level.EXECUTED,
            f"The standalone cluster has finished {application}, whose tasks its master gives to executors only",
            completed_applications=_states(done),
        )
        began = datetime.fromtimestamp(found["starttime"] / 1000, UTC)
        return Ran(began, began + timedelta(milliseconds=found["duration"]))

    def _workers_if_answered(self) -> list[str] | None:
        """Return the workers' hosts; None while the master does not answer because it restarts."""
        try:
            return self.workers
        except Refused:
            return None

    def _master(self) -> Any:
        return self.workloads.kube.proxy(self._master_pod, _UI_PORT, "/json/", self.workloads.namespace)

    @property
    def _master_pod(self) -> str:
        return f"{self.workloads.release}-master-0"


def _states(applications: Mapping[str, Any]) -> Mapping[str, str]:
    return {name: each["state"] for name, each in applications.items()}
