"""The kube-state-metrics that the embedded cluster gets: it comes after who reads it, and keeps the labels of Jobs."""

from typing import Any

import pytest

from sparkproof.embedded import added, kube_state_metrics, prometheus
from sparkproof.kube.objects import Manifest
from tests.support.recorded import RecordedKube


class Cluster(RecordedKube):
    """An API server on which workloads run at once."""

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
        meta = {**manifest["metadata"], "generation": 1}
        status = {"observedGeneration": 1, **counts}
        return super().apply({**manifest, "metadata": meta, "status": status}, dry_run=dry_run)


@pytest.fixture(name="cluster")
def started(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A cluster on which it was started; nothing is built."""
    cluster = Cluster()
    monkeypatch.setattr(added, "image", lambda program: f"localhost/sparkproof/{program}:v1")
    monkeypatch.setattr(prometheus, "start", lambda kube: kube.add({"kind": "Prometheus", "metadata": {"name": "it"}}))
    kube_state_metrics.start(cluster)
    return cluster


def only(cluster: Cluster, kind: str) -> Any:
    (found,) = [each for (own, _, _), each in cluster.objects.items() if own == kind]
    return found


def test_it_runs_beside_a_prometheus_that_is_there_before_it(cluster: Cluster) -> None:
    kinds = [kind for kind, _, _ in cluster.objects]
    assert kinds[0] == "Prometheus"
    (container,) = only(cluster, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "localhost/sparkproof/kube-state-metrics:v1"


def test_it_reads_jobs_cron_jobs_and_secrets_and_nothing_else(cluster: Cluster) -> None:
    (container,) = only(cluster, "Deployment")["spec"]["template"]["spec"]["containers"]
    assert "--resources=cronjobs,jobs,secrets" in container["args"]
    verbs = ["list", "watch"]
    rules = [
        {"apiGroups": ["batch"], "resources": ["cronjobs", "jobs"], "verbs": verbs},
        {"apiGroups": [""], "resources": ["secrets"], "verbs": verbs},
    ]
    assert only(cluster, "ClusterRole")["rules"] == rules


def test_the_monitor_keeps_the_labels_of_jobs_and_finds_the_port(cluster: Cluster) -> None:
    (endpoint,) = only(cluster, "PodMonitor")["spec"]["podMetricsEndpoints"]
    assert endpoint["honorLabels"] is True
    pod = only(cluster, "Deployment")["spec"]["template"]
    assert endpoint["port"] in [port["name"] for port in pod["spec"]["containers"][0]["ports"]]
    assert only(cluster, "PodMonitor")["spec"]["selector"]["matchLabels"].items() <= pod["metadata"]["labels"].items()
