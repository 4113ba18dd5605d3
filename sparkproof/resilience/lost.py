"""A single component that is lost, while the quota of its namespace has no room for another or while it has."""

from dataclasses import dataclass, field

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.labels import COMPONENT, SPARK_ROLE
from sparkproof.kube.objects import POD, Manifest
from sparkproof.resilience.pods import kill_all, victims
from sparkproof.spark.platform import Platform
from sparkproof.spark.workloads import Starts, Workloads, starts_of
from sparkproof.tenancy.team import Team

# The components that a platform can lose, in users' words.
SINGLE = {
    "standalone master": "master",
    "standalone workers": "worker",
    "History Server": "history-server",
    "Airflow": "airflow",
    "MLflow": "mlflow",
    "JupyterLab": "jupyter",
}


@dataclass
class LostComponent:
    """The pods of one component, which are killed; `name` is one of SINGLE.

    `_lost` are its pods that were killed, `_rest` the other pods of the platform from before that.
    """

    workloads: Workloads
    name: str
    _lost: Starts = field(default_factory=dict)
    _rest: dict[str, Starts] = field(default_factory=dict)

    @classmethod
    def of(cls, platform: Platform, name: str) -> "LostComponent":
        """Return the component of a platform; it is not lost yet."""
        return cls(platform.workloads, name)

    def lose_without_room(self) -> None:
        """Kill its pods while the namespace may have no other pod; raises GaveUp, CheckFailed."""
        self._note()
        self._team.limit({"pods": "0"})
        kill_all(self.workloads, self._component)

    def lose_with_room(self) -> None:
        """Kill its pods while the namespace may have as many pods as it has, and one more; raises CheckFailed."""
        self._note()
        self._team.limit({"pods": str(len(self.workloads.kube.list(POD, self.workloads.namespace)) + 1)})
        for pod in self._pods:
            self.workloads.end(pod["metadata"]["name"], killed=True)

    def give_room(self) -> None:
        """Let the namespace have as many pods as it wants."""
        self._team.lift_limit()

    def end(self) -> None:
        """Undo all, and wait until the platform is ready; raises GaveUp."""
        self.give_room()
        self.workloads.must_be_ready()

    def must_stay_away(self, words: str) -> None:
        """Wait until the platform says with these words why the component does not come, and check that it did not."""
        own = f" {self.workloads.release}-{self._component}"
        found = eventually(
            f"a cause with {words!r} for the absence of the {self.name}",
            lambda: [cause.sentence for cause in self.workloads.why() if own in cause.sentence],
            lambda causes: any(words in cause for cause in causes),
            within_s=timeouts.PLACEMENT,
            show=lambda causes: causes or "no cause",
        )
        if came := [pod["metadata"]["name"] for pod in self._pods]:
            raise CheckFailed(f"The {self.name} is there, though it was to be lost: {', '.join(came)}.")
        cause = next(cause for cause in found if words in cause)
        evidence.prove(Level.EXECUTED, f"The {self.name} does not come: {cause}")

    def must_have_left_the_rest(self) -> None:
        """Check that no other pod of the platform has ended or started again since the component was lost."""
        if not self._rest:
            raise CheckFailed(f"The platform has nothing but the {self.name}, so that nothing else could go on.")
        now = self._others
        if changed := sorted(name for name, starts in self._rest.items() if now.get(name) != starts):
            raise CheckFailed(f"With the {self.name}, others ended or started again: {', '.join(changed)}.")
        evidence.prove(Level.EXECUTED, f"Without the {self.name}, {', '.join(sorted(self._rest))} went on")

    def must_come_back(self) -> None:
        """Wait until as many new pods of the component are ready as were lost; raises GaveUp."""
        began = clock.elapsed()
        eventually(
            f"the {self.name} that follows the lost one",
            lambda: self._pods,
            lambda pods: len(pods) == len(self._lost) and not self._lost.keys() & starts_of(pods) and _ready(pods),
            within_s=timeouts.POD_READY,
            on=On.PODS,
            explain=lambda: self.workloads.why(self._component),
            show=lambda pods: {pod["metadata"]["name"]: pod["status"].get("phase") for pod in pods} or "no such pod",
        )
        evidence.prove(Level.EXECUTED, f"The {self.name} is there again after {clock.elapsed() - began:.1f} s")

    def _note(self) -> None:
        victims(self.workloads, self._component, "lost")
        self._lost, self._rest = starts_of(self._pods), self._others

    @property
    def _pods(self) -> list[Manifest]:
        return self.workloads.pods_of(self._component)

    @property
    def _others(self) -> dict[str, Starts]:
        """The other pods that are meant to stay; executors may go when they are idle."""
        labels = ((pod, pod["metadata"]["labels"]) for pod in self.workloads.staying)
        others = (pod for pod, own in labels if own.get(COMPONENT) != self._component and SPARK_ROLE not in own)
        return {pod["metadata"]["name"]: starts_of([pod]) for pod in others}

    @property
    def _component(self) -> str:
        return SINGLE[self.name]

    @property
    def _team(self) -> Team:
        return Team(self.workloads.kube, self.workloads.namespace)


def _ready(pods: list[Manifest]) -> bool:
    return all(map(diagnosis.ready, pods))
