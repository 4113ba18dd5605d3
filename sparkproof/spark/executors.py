"""The executors of a Connect server: their number, their owner and their end."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.objects import POD, Manifest
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Workloads

A_QUERY_FOR_EXECUTORS = "SELECT sum(id) FROM range(0, 100, 1, 2)"


def ensure_one(platform: Platform) -> None:
    """Wait until there is an executor; where idle ones have gone, a query starts one. Raises GaveUp."""
    if not platform.executor_places:
        platform.open_session().run(A_QUERY_FOR_EXECUTORS)
    eventually(
        "an executor of the platform",
        lambda: platform.executor_places,
        bool,
        within_s=timeouts.EXECUTORS,
        on=On.PODS,
        explain=platform.why,
    )


@dataclass(frozen=True)
class Executors:
    """The executor pods of a platform's Connect server."""

    platform: Platform

    @classmethod
    def of(cls, platform: Platform) -> "Executors":
        """Return the executors of this platform; each property then shows those that exist at that moment."""
        return cls(platform)

    @property
    def pods(self) -> list[Manifest]:
        """The pods that exist now and have not ended."""
        return self._workloads.executors

    @property
    def names(self) -> list[str]:
        """The names of these pods."""
        return [pod["metadata"]["name"] for pod in self.pods]

    def one(self) -> Manifest:
        """Return the pod of an executor; where idle ones have gone, a query starts one."""
        ensure_one(self.platform)
        return self.pods[0]

    def must_be(self, count: int) -> None:
        """Wait until exactly `count` executors exist."""
        eventually(
            f"{count} executors in {self._workloads.namespace}",
            lambda: len(self.pods),
            lambda seen: seen == count,
            within_s=timeouts.EXECUTORS_GONE,
            on=On.PODS,
            explain=self.platform.why,
        )
        evidence.prove(Level.EXECUTED, f"{count} executors exist")

    def must_belong_to_the_driver(self) -> None:
        """Check that the driver's pod owns each executor, so that Kubernetes removes both together."""
        driver = self._workloads.pod("connect")["metadata"]
        owners = {
            pod["metadata"]["name"]: [owner["uid"] for owner in pod["metadata"].get("ownerReferences", [])]
            for pod in [self.one(), *self.pods]
        }
        others = [name for name, uids in owners.items() if uids != [driver["uid"]]]
        if others:
            raise CheckFailed(f"{', '.join(others)} do not belong to {driver['name']} alone.")
        evidence.prove(Level.EXECUTED, f"{', '.join(owners)} belong to {driver['name']}")

    def must_be_gone(self, executors: Sequence[str]) -> None:
        """Wait until none of these executors exists any more; raises CheckFailed when there were none."""
        if not executors:
            raise CheckFailed("The driver had no executors that could have gone with it.")
        for name in executors:
            self._workloads.kube.must_be_gone(POD, name, self._workloads.namespace, within_s=timeouts.EXECUTORS_GONE)
        evidence.prove(Level.EXECUTED, f"{', '.join(executors)} went with their driver")

    @property
    def _workloads(self) -> Workloads:
        return self.platform.workloads
