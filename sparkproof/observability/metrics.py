"""What a platform's programs tell of themselves in Prometheus' form, read where the platform's own monitors say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import POD, SERVICE, Manifest, has_ended, selector
from sparkproof.spark.platform import Platform


class Untold(CheckFailed):
    """An endpoint told no metrics."""


@dataclass(frozen=True)
class Endpoint:
    """Where one pod of a component tells its metrics."""

    component: str
    pod: str
    port: int
    path: str


@dataclass(frozen=True)
class Metric:
    """One value that a component told: its name as Prometheus stores it, and the labels beside it."""

    component: str
    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Metrics:
    """The monitors of a release, which say where a Prometheus would ask, and whom it would find there."""

    kube: Kube
    namespace: str
    monitors: Sequence[Manifest]

    @classmethod
    def of(cls, platform: Platform) -> "Metrics":
        """Return the monitors that the platform's chart renders, even if the cluster knows no such objects."""
        rendered = yaml.safe_load_all(platform.render(values={"monitoring": {"enabled": True}}))
        found = [each for each in rendered if each and each["kind"].endswith("Monitor")]
        return cls(platform.workloads.kube, platform.workloads.namespace, found)

    @property
    def endpoints(self) -> list[Endpoint]:
        """All endpoints of all pods that the monitors choose."""
        return [found for monitor in self.monitors for found in self._of(monitor)]

    def scrape(self) -> list[Metric]:
        """Ask each endpoint, as a Prometheus would.

        Raises Untold where one answers nothing, or in another form, CheckFailed where one would be asked twice.
        """
        endpoints = self.endpoints
        if twice := {endpoint for endpoint in endpoints if endpoints.count(endpoint) > 1}:
            raise CheckFailed(f"The monitors have the same asked twice: {', '.join(map(str, twice))}.")
        return [metric for endpoint in endpoints for metric in self._ask(endpoint)]

    def must_tell(self, component: str, name: str, at_least: float) -> None:
        """Wait until a metric of the component whose name ends so adds up to this much, all labels together."""
        silences: list[Cause] = []

        def told() -> list[Metric]:
            silences.clear()
            try:
                return [each for each in self.scrape() if each.component == component and each.name.endswith(name)]
            except Untold as untold:
                # A pod that starts or goes answers nothing for a moment, or words for people.
                silences.append(Cause(Reason.OTHER, str(untold)))
                return []

        seen = eventually(
            f"{name} of {at_least:g} in the metrics of the {component}",
            told,
            lambda metrics: bool(metrics) and sum(metric.value for metric in metrics) >= at_least,
            within_s=timeouts.METRICS,
            explain=lambda: silences,
        )
        evidence.prove(Level.EXECUTED, f"The {component} tells {seen[0].name}", told=[*map(vars, seen)])

    def _of(self, monitor: Manifest) -> Iterator[Endpoint]:
        component = monitor["metadata"]["labels"][COMPONENT]
        for labels, asked in self._asked(monitor):
            for pod in filter(_is_target, self.kube.list(POD, self.namespace, labels=selector(labels))):
                for port, path in asked:
                    yield Endpoint(component, pod["metadata"]["name"], _port(pod, port), path)

    def _asked(self, monitor: Manifest) -> Iterator[tuple[Mapping[str, str], list[tuple[Any, str]]]]:
        """The labels of pods that are asked together, and the port and path at which each of them is asked."""
        labels = monitor["spec"]["selector"]["matchLabels"]
        if monitor["kind"] == "PodMonitor":
            yield labels, [(asked["port"], asked["path"]) for asked in monitor["spec"]["podMetricsEndpoints"]]
            return
        for service in self.kube.list(SERVICE, self.namespace, labels=selector(labels)):
            behind = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
            # A component may have several Services; Prometheus asks those that have the port.
            asked = [each for each in monitor["spec"]["endpoints"] if each["port"] in behind]
            yield service["spec"]["selector"], [(behind[each["port"]], each["path"]) for each in asked]

    def _ask(self, endpoint: Endpoint) -> Iterator[Metric]:
        # The API server's proxy wants a path that a folder has; Spark answers it like the other.
        path = f"{endpoint.path.rstrip('/')}/"
        try:
            text = self.kube.read(endpoint.pod, endpoint.port, path, self.namespace)
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    yield Metric(endpoint.component, sample.name, sample.labels, sample.value)
        except Refused as silent:
            raise Untold(str(silent)) from None
        except ValueError as wrong:
            raise Untold(f"What {endpoint.pod} tells at {path} is not in Prometheus' form: {wrong}.") from None


def _is_target(pod: Manifest) -> bool:
    """Whether a Prometheus asks the pod.

    Pods that have ended keep their labels: the operator has Prometheus drop them (prometheus-operator #5049). One that
    has no address yet, as it waits for a node, is no target of Prometheus' own discovery.
    """
    return not has_ended(pod) and bool(pod["status"].get("podIP"))


def _port(pod: Manifest, port: Any) -> int:
    """The number of a container's port, given by number or by name."""
    named = {
        each.get("name"): each["containerPort"] for one in pod["spec"]["containers"] for each in one.get("ports", [])
    }
    return port if isinstance(port, int) else int(named[port])
