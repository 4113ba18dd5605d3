"""The ways in which a component of a platform is disturbed, each undone by `end`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sparkproof.core import timeouts
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.objects import Manifest
from sparkproof.resilience.pods import EXECUTOR, pods_of, victims
from sparkproof.resilience.reconfigured import Reconfigured, ReconfiguredAndRestarted
from sparkproof.resilience.silent import CutOff, Hung
from sparkproof.resilience.unreplaced import RightsLost
from sparkproof.spark.workloads import Workloads, scale

# The components that can be disturbed, in users' words.
COMPONENTS: Mapping[str, str] = {
    "Connect server": "connect",
    "executor": EXECUTOR,
    "REST catalog": "rest-catalog",
    "Hive Metastore": "hive-metastore",
    "database": "postgres",
    "object store": "object-store",
}


class Disturbance(Protocol):
    """A disturbance of one component; `lasts_s` are the seconds for which it is left alone."""

    lasts_s: float

    def begin(self) -> None:
        """Disturb the component, and return when it is disturbed; raises GaveUp, CheckFailed."""

    @property
    def is_over(self) -> bool:
        """True if the component is as it was without anybody's help."""

    def end(self) -> None:
        """Undo the disturbance; one that is undone or did not begin is fine."""


@dataclass
class Killed:
    """The pod of a component, or the oldest executor, is killed without notice."""

    workloads: Workloads
    component: str
    lasts_s: float = 150.0
    _before: set[str] = field(default_factory=set)
    _victim: str = ""

    def begin(self) -> None:
        found = victims(self.workloads, self.component, "killed")
        self._before = {pod["metadata"]["uid"] for pod in found}
        self._victim = found[0]["metadata"]["uid"]
        self.workloads.end(found[0]["metadata"]["name"], killed=True)
        eventually(
            f"the end of {found[0]['metadata']['name']}",
            lambda: [pod["metadata"]["uid"] for pod in self._pods()],
            lambda uids: self._victim not in uids,
            within_s=timeouts.POD_READY,
        )

    @property
    def is_over(self) -> bool:
        """True if the pod is gone and as many others are ready; executors come back when they are needed."""
        found = {pod["metadata"]["uid"]: pod for pod in self._pods()}
        enough = len(found) >= len(self._before) or self.component == EXECUTOR
        return self._victim not in found and enough and all(map(diagnosis.ready, found.values()))

    def end(self) -> None:
        """Do nothing: a killed pod is replaced, or it is not."""

    def _pods(self) -> list[Manifest]:
        return pods_of(self.workloads, self.component)


@dataclass
class ScaledToZero:
    """A component has no pods."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0
    _had: int | None = None

    def begin(self) -> None:
        self._had = scale(self.workloads, self.component, 0)
        eventually(
            f"the end of the {self.component}",
            lambda: [pod["metadata"]["name"] for pod in self.workloads.pods_of(self.component)],
            lambda names: not names,
            within_s=timeouts.POD_READY,
        )

    @property
    def is_over(self) -> bool:
        """True if somebody has started the component again."""
        return bool(self.workloads.pods_of(self.component))

    def end(self) -> None:
        if self._had:
            scale(self.workloads, self.component, self._had)
            self.workloads.must_be_ready()
        self._had = None


@dataclass
class WithoutWorkers(ScaledToZero):
    """A standalone cluster has no workers, and its driver has started again since: it has had no executor yet."""

    component: str = "worker"

    def begin(self) -> None:
        super().begin()
        self.workloads.restart("connect", killed=True)


# The disturbances, in words that follow the name of a component.
DISTURBANCES: Mapping[str, Callable[[Workloads, str], Disturbance]] = {
    "is killed": Killed,
    "is scaled to zero": ScaledToZero,
    "hangs": Hung,
    "is cut off": CutOff,
    "loses its rights": RightsLost,
    "has its catalog's address changed by hand": Reconfigured,
    "has its catalog's address changed by hand and starts again": ReconfiguredAndRestarted,
}


def disturbance(workloads: Workloads, component: str, does: str) -> Disturbance:
    """Return the disturbance of one of COMPONENTS, by words of DISTURBANCES."""
    return DISTURBANCES[does](workloads, COMPONENTS[component])
