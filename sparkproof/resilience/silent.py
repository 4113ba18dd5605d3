"""Disturbances in which a component is there and gives no answer: its programs are stopped, or nobody reaches it."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.labels import COMPONENT, OWNED, RELEASE
from sparkproof.kube.objects import NETWORK_POLICY, Manifest
from sparkproof.kube.places import last_words
from sparkproof.resilience.pods import EXECUTOR, pods_of, victims
from sparkproof.spark.workloads import Starts, Workloads, starts_of
from sparkproof.tenancy.network import ClientPod, Service
from sparkproof.tenancy.team import Team

# Signals every program of a container but its first, which the kernel spares, and prints which are stopped then. A
# component that is the first program itself cannot be stopped by this.
_SIGNAL = r"kill -{signal} -1; grep --files-with-matches '^State:.T' /proc/[0-9]*/status; true"
_CUT_OFF = "sparkproof-cut-off"


@dataclass
class Hung:
    """The programs of a component's pod, or of the oldest executor, are stopped; its connections stay open."""

    workloads: Workloads
    component: str
    # A probe that asks once a minute gives up after three minutes, and who is stopped does not end within its time.
    lasts_s: float = 420.0
    _before: Starts = field(default_factory=dict)
    _victim: Manifest = field(default_factory=dict)

    def begin(self) -> None:
        found = victims(self.workloads, self.component, "stopped")
        self._before, self._victim = starts_of(found), found[0]
        name = self._victim["metadata"]["name"]
        eventually(f"the stop of {name}", lambda: self._signal("STOP"), bool, within_s=timeouts.TOOL)

    @property
    def is_over(self) -> bool:
        """True if the pod, or its container, was replaced and all is ready; executors come back when needed."""
        return self._is_replaced and all(map(diagnosis.ready, self._pods()))

    def end(self) -> None:
        if self._victim and not self._is_replaced:
            self._signal("CONT")
        self._victim = {}

    def _signal(self, signal: str) -> Collection[str]:
        """Send a signal to the programs of the pod; return those that are stopped then. Raises SparkproofError."""
        place = self.workloads.place_of(self._victim)
        program = place.exec(["bash", "-c", _SIGNAL.format(signal=signal)])
        stopped = program.finish(timeouts.TOOL)
        if wrong := last_words(program):
            raise SparkproofError(f"{place.name} took no signal: {wrong}")
        return stopped.split()

    @property
    def _is_replaced(self) -> bool:
        own, now = self._victim["metadata"]["uid"], starts_of(self._pods())
        enough = len(now) >= len(self._before) or self.component == EXECUTOR
        return enough and now.get(own, self._before[own] + 1) > self._before[own]

    def _pods(self) -> list[Manifest]:
        """Return the component's pods but those that are about to be removed, as Spark removes a lost executor."""
        found = pods_of(self.workloads, self.component)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]


@dataclass
class CutOff:
    """A policy lets nobody in to a component, whose pod is replaced so that no open connection stays."""

    workloads: Workloads
    component: str
    lasts_s: float = 60.0

    def begin(self) -> None:
        own = self.workloads
        victims(own, self.component, "cut off")
        self._team.apply(self._policy)
        own.restart(self.component, killed=True)
        client = ClientPod(self._team, own.pod("client")["metadata"]["name"])
        client.must_be_cut_off_from(Service(own.kube, own.namespace, f"{own.release}-{self.component}"))

    @property
    def is_over(self) -> bool:
        """True if somebody has removed the policy."""
        return self.workloads.kube.get(NETWORK_POLICY, _CUT_OFF, self.workloads.namespace) is None

    def end(self) -> None:
        self._team.delete_object(self._policy)

    @property
    def _policy(self) -> Manifest:
        labels = {RELEASE: self.workloads.release, COMPONENT: self.component}
        return {
            "apiVersion": NETWORK_POLICY.api_version,
            "kind": NETWORK_POLICY.name,
            "metadata": {"name": _CUT_OFF, "labels": OWNED},
            "spec": {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]},
        }

    @property
    def _team(self) -> Team:
        return Team(self.workloads.kube, self.workloads.namespace)
