"""What a Prometheus reads of a platform, compared with what the platform's monitors choose."""

from collections.abc import Callable
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import SERVICE_MONITOR, Manifest
from sparkproof.observability.metrics import Metrics
from sparkproof.observability.prometheus import Prometheus
from sparkproof.spark.platform import Platform


@dataclass(frozen=True)
class Targets:
    """The targets of a platform in the cluster's Prometheus."""

    prometheus: Prometheus
    metrics: Metrics

    @classmethod
    def of(cls, platform: Platform) -> "Targets":
        """Return the targets of the platform's monitors."""
        return cls(Prometheus.on(platform.workloads.kube), Metrics.of(platform))

    @property
    def faults(self) -> list[str]:
        """A sentence for each program that Prometheus does not read, cannot read, or reads without being asked."""
        wanted = {(each.pod, each.port, each.path): each for each in self.metrics.endpoints}
        found = {(each.pod, each.port, each.path): each for each in self.prometheus.targets(self.metrics.namespace)}
        missing = [f"{each.component} is not read at {each.path}" for key, each in wanted.items() if key not in found]
        beside = [
            f"{each.pod} is read at {each.path}, which no monitor of the platform asks for"
            for key, each in found.items()
            if key not in wanted
        ]
        silent = [f"{each.pod} cannot be read at {each.path}: {each.fault}" for each in found.values() if each.fault]
        seen = {each.component for each in wanted.values()}
        chosen = [each["metadata"]["labels"][COMPONENT] for each in self.metrics.monitors if _is_of_a_service(each)]
        nobody = [f"{component} has a monitor that chooses nobody" for component in chosen if component not in seen]
        return sorted(missing + beside + silent + nobody + self.metrics.unserved)

    def must_be_read(self) -> None:
        """Wait until Prometheus reads all that the monitors choose, and nothing else; raises GaveUp with the faults."""
        self._await_all()
        read = self.prometheus.targets(self.metrics.namespace)
        seen = f"Prometheus reads {len(read)} targets of the platform"
        evidence.prove(Level.EXECUTED, seen, targets=[*map(vars, read)])

    def must_be_named(self, words: str) -> None:
        """Wait until one of the faults has these words."""
        seen = eventually(
            f"a target of which it is said that it {words}",
            lambda: [fault for fault in self.faults if words in fault],
            bool,
            within_s=timeouts.TARGETS,
        )
        evidence.prove(Level.EXECUTED, "; ".join(seen))

    def lose_monitor(self, component: str) -> None:
        """Delete the monitor of a component that is read, as somebody might."""
        self._await_all()
        self.metrics.kube.delete(SERVICE_MONITOR, self._monitor(component)["metadata"]["name"], self.metrics.namespace)

    def ask_elsewhere(self, component: str, path: str) -> Callable[[], object]:
        """Have one more monitor that reads a component at a path where it serves nothing; return what removes it."""
        kube, found = self.metrics.kube, self._monitor(component)
        name = f"{found['metadata']['name']}-elsewhere"
        endpoint = {**found["spec"]["endpoints"][0], "path": path}
        wrong: Manifest = {
            **found,
            "metadata": {**found["metadata"], "name": name},
            "spec": {**found["spec"], "endpoints": [endpoint]},
        }
        kube.apply(wrong)
        return lambda: kube.delete(SERVICE_MONITOR, name, self.metrics.namespace)

    def _await_all(self) -> None:
        eventually(
            "a Prometheus that reads all programs of the platform",
            lambda: self.faults,
            lambda faults: not faults,
            within_s=timeouts.TARGETS,
        )

    def _monitor(self, component: str) -> Manifest:
        """Return the ServiceMonitor of a component, as the chart renders it."""
        return next(
            each
            for each in self.metrics.monitors
            if _is_of_a_service(each) and each["metadata"]["labels"][COMPONENT] == component
        )


def _is_of_a_service(monitor: Manifest) -> bool:
    """True for a monitor of what is always there; a PodMonitor waits for drivers that somebody submits."""
    return bool(monitor["kind"] == SERVICE_MONITOR.name)
