"""Kueue that is stopped and started: a pod of others that starts shows something only while Kueue is down."""

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import CLUSTER_QUEUE, DEPLOYMENT, POD, Manifest
from sparkproof.tenancy import kueue
from sparkproof.tenancy.team import Team
from tests.support.recorded import RecordedKube, manifest, pod, workload


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QUEUE", "POD_READY"):
        monkeypatch.setattr(timeouts, name, 0.1)


class Cluster(RecordedKube):
    """A cluster on which pods that are created are ready, if `ready`."""

    ready = "True"

    def apply(self, given: Manifest, *, dry_run: bool = False) -> Manifest:
        applied = super().apply(given, dry_run=dry_run)
        if applied["kind"] == "Pod":
            self.add({**applied, "status": {"conditions": [{"type": "Ready", "status": self.ready}]}})
        return applied


def kueues(replicas: int, **status: int) -> Manifest:
    found = workload(DEPLOYMENT, "kueue-controller-manager", of=replicas, **status)
    found["metadata"]["namespace"] = "kueue-system"
    return found


def its_pod() -> Manifest:
    found = pod("kueue-controller-manager-a")
    found["metadata"]["namespace"] = "kueue-system"
    return found


def test_kueue_is_stopped_when_its_pods_are_gone() -> None:
    kube = Cluster(kueues(1))
    kueue.stop(kube)
    assert (kube.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 0
    kube.add(its_pod())
    with pytest.raises(GaveUp, match="the end of Kueue"):
        kueue.stop(kube)


def test_kueue_is_started_when_it_has_rolled_out() -> None:
    kube = Cluster(kueues(1, availableReplicas=1))
    kueue.start(kube)
    kube.add(kueues(0, availableReplicas=0))
    with pytest.raises(GaveUp, match="the start of Kueue"):
        kueue.start(kube)
    assert (kube.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 1


def test_a_pod_of_others_starts_while_kueue_is_down(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    kube = Cluster()
    kueue.must_leave_alone(Team(kube, "other"), "spark")
    assert (record.level, record.proofs[-1].seen) == (
        Level.EXECUTED,
        "A pod of other started while Kueue was down",
    )
    started = kube.get(POD, "pod", "other") or {}
    assert started["spec"]["containers"][0]["image"] == "spark"
    monkeypatch.setattr(Cluster, "ready", "False")
    with pytest.raises(GaveUp, match="the readiness of a pod of other, which has no queue"):
        kueue.must_leave_alone(Team(kube, "other"), "spark")
    monkeypatch.setattr(Cluster, "ready", "True")
    kube.add(its_pod())
    with pytest.raises(CheckFailed, match="Kueue is not down: kueue-controller-manager-a is there"):
        kueue.must_leave_alone(Team(kube, "other"), "spark")


def test_quotas_of_a_run_are_swept_and_nothing_is_started_where_there_are_none() -> None:
    labels = {"app.kubernetes.io/managed-by": "sparkproof", "sparkproof.dev/run": "r"}
    kube = Cluster(manifest(CLUSTER_QUEUE, "team", None, labels=labels), kueues(0))
    assert kueue.sweep(kube, run="another") == []
    assert (kube.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 0
    assert kueue.sweep(kube, run="r") == ["team"]
    assert (kube.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 1
    assert kueue.made_by_runs(kube) == []
