"""The metrics of a platform's programs, read in Prometheus' format at the endpoints that its monitors choose."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from sparkproof.kube.objects import POD, SERVICE, SERVICE_MONITOR, Manifest, has_ended, selector
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS
from sparkproof.spark.platform import Platform


class NoMetrics(CheckFailed):
    """An endpoint gave no metrics."""


@dataclass(frozen=True)
class Endpoint:
    """The port and path of a pod at which a component exports its metrics."""

    component: str
    pod: str
    port: int
    path: str


@dataclass(frozen=True)
class Metric:
    """One value of a component, with its name and labels as Prometheus stores them."""

    component: str
    name: str
    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True)
class Metrics:
    """The metrics of a release; its monitors choose the pods and the endpoints that a Prometheus reads.

    `wake` brings executors back, which go when they are idle, as on a slow machine before anybody has looked.
    """

    kube: Kube
    namespace: str
    monitors: Sequence[Manifest]
    wake: Callable[[], object] = lambda: None

    @classmethod
    def of(cls, platform: Platform) -> "Metrics":
        """Return the metrics of the monitors that the platform's chart renders, even if the cluster knows none."""
        rendered = yaml.safe_load_all(platform.render(values={"monitoring": {"enabled": True}}))
        found = [each for each in rendered if each and each["kind"].endswith("Monitor")]
        workloads = platform.workloads
        return cls(
            workloads.kube, workloads.namespace, found, lambda: platform.open_session().run(A_QUERY_FOR_EXECUTORS)
        )

    @property
    def endpoints(self) -> list[Endpoint]:
        """All endpoints of all pods that the monitors choose."""
        return [found for monitor in self.monitors for found in self._of(monitor)]

    @property
    def unserved(self) -> list[str]:
        """A sentence for each port that a monitor of Services asks for and that none of its Services has."""
        told = []
        for monitor in (each for each in self.monitors if each["kind"] == SERVICE_MONITOR.name):
            labels = monitor["spec"]["selector"]["matchLabels"]
            services = self.kube.list(SERVICE, self.namespace, labels=selector(labels))
            served = {port["name"] for service in services for port in service["spec"]["ports"]}
            asked = {each["port"] for each in monitor["spec"]["endpoints"]}
            component = monitor["metadata"]["labels"][COMPONENT]
            told += [f"{component} has a monitor of the port {port}, which no Service has" for port in asked - served]
        return told

    def scrape(self) -> list[Metric]:
        """Read each endpoint, as a Prometheus would, and return all values.

        Raises NoMetrics when an endpoint does not answer or not in Prometheus' format, and CheckFailed when the
        monitors choose an endpoint twice.
        """
        endpoints = self.endpoints
        if twice := {endpoint for endpoint in endpoints if endpoints.count(endpoint) > 1}:
            raise CheckFailed(f"The monitors have Prometheus read these twice: {', '.join(map(str, twice))}.")
        return [metric for endpoint in endpoints for metric in self._ask(endpoint)]

    def sum_of(self, component: str, name: str, **labels: str) -> float:
        """Return the sum of the component's metrics of just this name that have these labels; 0 if there are none."""
        own = [each for each in self.endpoints if each.component == component]
        if not own:
            raise CheckFailed(f"The monitors choose no pod of the {component}, so nobody reads its metrics.")
        # The parser gives each counter OpenMetrics' ending, whether the program has it or not.
        names = {name, f"{name}_total"}
        found = (metric for endpoint in own for metric in self._ask(endpoint) if metric.name in names)
        return sum(metric.value for metric in found if labels.items() <= metric.labels.items())

    def must_show(self, component: str, name: str, at_least: float) -> None:
        """Wait until the component's metrics whose names end with `name` add up to `at_least`, over all labels."""
        failures: list[Cause] = []

        def values() -> list[Metric]:
            failures.clear()
            try:
                found = [each for each in self.scrape() if each.component == component and each.name.endswith(name)]
                if sum(metric.value for metric in found) < at_least:
                    self.wake()
                return found
            except NoMetrics as failed:
                # A pod that starts or ends does not answer for a moment, or answers with a page for people.
                failures.append(Cause(Reason.OTHER, str(failed)))
                return []

        seen = eventually(
            f"{name} of {at_least:g} in the metrics of the {component}",
            values,
            lambda metrics: bool(metrics) and sum(metric.value for metric in metrics) >= at_least,
            within_s=timeouts.METRICS,
            explain=lambda: failures,
            show=lambda metrics: {metric.name: metric.value for metric in metrics} or "no such metric",
        )
        evidence.prove(Level.EXECUTED, f"The {component} shows {seen[0].name}", values=[*map(vars, seen)])

    def _of(self, monitor: Manifest) -> Iterator[Endpoint]:
        component = monitor["metadata"]["labels"][COMPONENT]
        for labels, asked in self._asked(monitor):
            for pod in filter(_is_target, self.kube.list(POD, self.namespace, labels=selector(labels))):
                for port, path in asked:
                    yield Endpoint(component, pod["metadata"]["name"], _port(pod, port), path)

    def _asked(self, monitor: Manifest) -> Iterator[tuple[Mapping[str, str], list[tuple[Any, str]]]]:
        """Yield the labels that choose pods, with the ports and paths at which each of these pods is read."""
        labels = monitor["spec"]["selector"]["matchLabels"]
        if monitor["kind"] == "PodMonitor":
            yield labels, [(asked["port"], asked["path"]) for asked in monitor["spec"]["podMetricsEndpoints"]]
            return
        for service in self.kube.list(SERVICE, self.namespace, labels=selector(labels)):
            behind = {port["name"]: port["targetPort"] for port in service["spec"]["ports"]}
            # A component may have several Services; Prometheus reads those that have the port.
            asked = [each for each in monitor["spec"]["endpoints"] if each["port"] in behind]
            yield service["spec"]["selector"], [(behind[each["port"]], each["path"]) for each in asked]

    def _ask(self, endpoint: Endpoint) -> Iterator[Metric]:
        # The API server's proxy needs a path with a slash at its end; Spark answers it like the path without.
        path = f"{endpoint.path.rstrip('/')}/"
        try:
            text = self.kube.read(endpoint.pod, endpoint.port, path, self.namespace)
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    yield Metric(endpoint.component, sample.name, sample.labels, sample.value)
        except Refused as refused:
            raise NoMetrics(str(refused)) from None
        except ValueError as wrong:
            raise NoMetrics(f"The answer of {endpoint.pod} at {path} is not in Prometheus' format: {wrong}.") from None


def _is_target(pod: Manifest) -> bool:
    """True if a Prometheus reads the pod.

    Pods that have ended keep their labels; the operator makes Prometheus drop them (prometheus-operator #5049). A pod
    that has no address yet, because it waits for a node, is no target of Prometheus' own discovery.
    """
    return not has_ended(pod) and bool(pod["status"].get("podIP"))


def _port(pod: Manifest, port: Any) -> int:
    """Return the number of a container's port, which is given by number or by name."""
    named = {
        each.get("name"): each["containerPort"] for one in pod["spec"]["containers"] for each in one.get("ports", [])
    }
    return port if isinstance(port, int) else int(named[port])
