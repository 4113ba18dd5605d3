"""A Spark standalone cluster as its master shows it: the workers it has, and the applications that they run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import POD

_UI_PORT = 8080


@dataclass(frozen=True)
class Cluster:
    """The standalone cluster of one release, reached through the API server's proxy.

    Source of the fields: org.apache.spark.deploy.JsonProtocol, which the master's web interface serves under /json/.
    """

    kube: Kube
    namespace: str
    release: str
    explain: Callable[[], Sequence[Cause]]

    @property
    def workers(self) -> list[str]:
        """The hosts of the workers that take work now."""
        return [worker["host"] for worker in self._master()["workers"] if worker["state"] == "ALIVE"]

    @property
    def applications(self) -> list[str]:
        """The names of the applications that hold or await workers now."""
        return [application["name"] for application in self._master()["activeapps"]]

    def kill_master(self) -> None:
        """Kill the master's pod."""
        self.kube.delete(POD, f"{self.release}-master-0", self.namespace, grace_s=0)

    def must_have_workers(self, count: int) -> None:
        """Wait until just this many workers take work."""
        hosts = eventually(
            f"{count} workers in {self.namespace}",
            self._workers_if_told,
            lambda hosts: hosts is not None and len(hosts) == count,
            within_s=timeouts.WORKERS,
            explain=self.explain,
        )
        evidence.prove(Level.EXECUTED, f"The master has {count} workers", workers=hosts)

    def must_run(self, application: str) -> None:
        """Check that the cluster, and not something else, runs this application."""
        names = self.applications
        if application not in names:
            raise CheckFailed(f"The standalone cluster runs {', '.join(names) or 'nothing'}, and not {application}.")
        evidence.prove(Level.EXECUTED, f"The standalone cluster runs {', '.join(names)}")

    def _workers_if_told(self) -> list[str] | None:
        """The workers' hosts; None while the master does not answer, because it starts again."""
        try:
            return self.workers
        except Refused:
            return None

    def _master(self) -> Any:
        return self.kube.proxy(f"{self.release}-master-0", _UI_PORT, "/json/", self.namespace)
