"""Whom a Prometheus would ask: what the monitors choose, but no pod that has ended or still waits for a node."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed, Reason
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.observability.metrics import Endpoint, Metrics

NAMED = {"ports": [{"name": "ui", "containerPort": 4040}]}


class Cluster:
    """An API server with one Service and three pods that have all labels which are asked for: one of them runs.

    `silent` is how often that one does not answer, or the last time with words for people.
    """

    def __init__(self, silent: int = 0) -> None:
        self.silent, self.asked = silent, list[tuple[str, str]]()

    def read(self, pod: str, port: int, path: str, namespace: str) -> str:
        assert (pod, port, path, namespace) == ("third", 4040, "/metrics/", "data")
        self.silent -= 1
        if self.silent >= 1:
            raise Refused("reach it", 503, "connection refused")
        return "<p>Spark is starting up.</p>" if self.silent == 0 else "tasks_total 3\n"

    def list(self, kind: Any, namespace: str, *, labels: str) -> list[dict[str, Any]]:
        assert namespace == "data"
        self.asked.append((kind.name, labels))
        if kind.name == "Service":
            ports = [{"name": "ui", "targetPort": "ui"}]
            return [{"spec": {"selector": {"app": "connect"}, "ports": ports}}]
        return [
            {"metadata": {"name": name}, "spec": {"containers": [NAMED]}, "status": status}
            for name, status in (
                ("first", {"phase": "Succeeded", "podIP": "10.0.0.1"}),
                ("second", {"phase": "Pending"}),
                ("third", {"phase": "Running", "podIP": "10.0.0.3"}),
            )
        ]


def metrics(cluster: Any, kind: str = "PodMonitor", key: str = "podMetricsEndpoints") -> Metrics:
    monitor = {
        "kind": kind,
        "metadata": {"labels": {"app.kubernetes.io/component": "driver"}},
        "spec": {"selector": {"matchLabels": {"role": "driver"}}, key: [{"port": "ui", "path": "/metrics"}]},
    }
    return Metrics(cluster, "data", [monitor])


def test_a_pod_that_has_ended_or_has_no_address_is_not_asked() -> None:
    cluster = Cluster()
    assert metrics(cluster).endpoints == [Endpoint("driver", "third", 4040, "/metrics")]
    assert cluster.asked == [("Pod", "role=driver")]


def test_a_service_is_asked_at_the_pods_behind_it() -> None:
    cluster = Cluster()
    found = metrics(cluster, "ServiceMonitor", "endpoints").endpoints
    assert found == [Endpoint("driver", "third", 4040, "/metrics")]
    # A monitor chooses Services by their labels, and these choose pods by others.
    assert cluster.asked == [("Service", "role=driver"), ("Pod", "app=connect")]


@pytest.mark.parametrize(
    ("kind", "key", "port", "told"),
    [
        ("ServiceMonitor", "endpoints", "ui", []),
        ("ServiceMonitor", "endpoints", "web", ["driver has a monitor of the port web, which no Service has"]),
        ("PodMonitor", "podMetricsEndpoints", "web", []),
    ],
)
def test_a_port_that_no_service_has_is_named(kind: str, key: str, port: str, told: list[str]) -> None:
    own = metrics(Cluster(), kind, key)
    endpoints = [{"port": "ui", "path": "/metrics"}, {"port": port, "path": "/metrics/executors"}]
    asked = [{**each, "spec": {**each["spec"], key: endpoints}} for each in own.monitors]
    assert replace(own, monitors=asked).unserved == told


def test_a_pod_that_does_not_answer_yet_is_asked_again() -> None:
    record = evidence.begin()
    metrics(Cluster(silent=2)).must_show("driver", "tasks_total", 3)
    (kept,) = record.items
    assert kept.name == "values"
    assert [(each["name"], each["value"]) for each in json.loads(kept.content)] == [("tasks_total", 3)]


def test_executors_that_have_gone_are_brought_back_before_the_next_look() -> None:
    cluster, woken = Cluster(), list[int]()
    cluster.read = lambda *_: f"tasks_total {len(woken)}\n"  # type: ignore[method-assign]
    own = replace(metrics(cluster), wake=lambda: woken.append(1))
    own.must_show("driver", "tasks_total", 2)
    assert len(woken) == 2
    own.must_show("driver", "tasks_total", 2)
    assert len(woken) == 2


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("component", "name", "least", "seen"),
    [
        ("driver", "tasks_total", 4, r"{'tasks_total': 3"),
        ("driver", "jobs_total", 1, "no such metric"),
        ("executor", "tasks_total", 3, "no such metric"),
        ("executor", "tasks_total", 0, "no such metric"),
    ],
)
def test_a_metric_that_is_too_small_or_of_another_component_is_seen(
    component: str, name: str, least: int, seen: str, record: evidence.Record
) -> None:
    with pytest.raises(GaveUp, match=f"{name} of {least} in the metrics of the {component} .*; last seen: {seen}"):
        metrics(Cluster()).must_show(component, name, least)
    assert not record.proofs


def test_one_that_never_answers_fails_with_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "METRICS", 0.1)
    with pytest.raises(GaveUp, match=r"within 0.1 s: .*connection refused") as raised:
        metrics(Cluster(silent=1000)).must_show("driver", "tasks_total", 3)
    assert [cause.reason for cause in raised.value.causes] == [Reason.OTHER]


def test_the_numbers_of_a_counter_are_added_up_by_their_labels() -> None:
    cluster = Cluster()
    cluster.read = lambda *_: (  # type: ignore[method-assign]
        '# TYPE failed counter\nfailed{dag="a",task="x"} 1\nfailed{dag="a",task="y"} 2\nfailed{dag="b",task="x"} 4\n'
        "# TYPE failed_tasks gauge\nfailed_tasks 9\n# TYPE tasks_failed gauge\ntasks_failed 9\n"
    )
    own = metrics(cluster)
    assert own.sum_of("driver", "failed", dag="a") == 3
    assert own.sum_of("driver", "failed") == 7
    assert own.sum_of("driver", "failed", dag="c") == 0
    with pytest.raises(CheckFailed, match="choose no pod of the airflow"):
        own.sum_of("airflow", "failed")
