"""Whom a Prometheus would ask: what the monitors choose, and no pod that has ended."""

from typing import Any

from sparkproof.metrics import Endpoint, Metrics

NAMED = {"ports": [{"name": "ui", "containerPort": 4040}]}


class Cluster:
    """An API server with one Service and two pods, of which one has ended; both have all labels that are asked for."""

    def list(self, kind: Any, namespace: str, *, labels: str) -> list[dict[str, Any]]:
        assert (namespace, labels) == ("data", "role=driver")
        if kind.name == "Service":
            ports = [{"name": "ui", "targetPort": "ui"}]
            return [{"spec": {"selector": {"role": "driver"}, "ports": ports}}]
        return [
            {"metadata": {"name": name}, "spec": {"containers": [NAMED]}, "status": {"phase": phase}}
            for name, phase in (("first", "Succeeded"), ("second", "Running"))
        ]


def asked(kind: str, key: str) -> list[Endpoint]:
    monitor = {
        "kind": kind,
        "metadata": {"labels": {"app.kubernetes.io/component": "driver"}},
        "spec": {"selector": {"matchLabels": {"role": "driver"}}, key: [{"port": "ui", "path": "/metrics"}]},
    }
    kube: Any = Cluster()
    return Metrics(kube, "data", [monitor]).endpoints


def test_a_pod_that_has_ended_is_not_asked() -> None:
    assert asked("PodMonitor", "podMetricsEndpoints") == [Endpoint("driver", "second", 4040, "/metrics")]


def test_a_service_is_asked_at_the_pods_behind_it() -> None:
    assert asked("ServiceMonitor", "endpoints") == [Endpoint("driver", "second", 4040, "/metrics")]
