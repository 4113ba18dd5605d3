"""What is free is what nodes that take pods can give, less what pods that have not ended ask for."""

from typing import Any, cast

import yaml

from sparkproof.cluster import capacity
from sparkproof.core.resources import Resources
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import RESOURCE_QUOTA, Kind
from tests.support.recorded import NAMESPACE, RecordedKube, manifest

GIB = 2**30


def node(name: str, *, ready: str = "True", simulated: bool = False, cordoned: bool = False) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"} if simulated else {}},
        "spec": {"unschedulable": cordoned},
        "status": {
            "allocatable": {"cpu": "4", "memory": "8Gi", "nvidia.com/gpu": "2"},
            "conditions": [{"type": "Ready", "status": ready}],
        },
    }


def pod(on: str | None, *, phase: str = "Running", **requests: str) -> dict[str, Any]:
    return {
        "metadata": {"name": "p", "namespace": "n"},
        "spec": {"nodeName": on, "containers": [{"resources": {"requests": requests}}, {}]},
        "status": {"phase": phase},
    }


class Recorded:
    """Answers as an API server would, from lists."""

    def __init__(self, nodes: list[dict[str, Any]], pods: list[dict[str, Any]]) -> None:
        self._objects = {"Node": nodes, "Pod": pods}
        self.calls = 0

    def list(self, kind: Kind) -> list[dict[str, Any]]:
        self.calls += 1
        return self._objects[kind.name]


def test_free_is_allocatable_less_requested_in_two_calls() -> None:
    nodes = [node("a"), node("b", ready="False"), node("c", simulated=True), node("d", cordoned=True)]
    pods = [
        pod("a", cpu="500m", memory="1Gi"),
        pod("a", cpu="1", **{"nvidia.com/gpu": "1"}),
        pod("a", phase="Succeeded", cpu="2"),
        pod("b", cpu="2"),
        pod(None, cpu="2"),
    ]
    recorded = Recorded(nodes, pods)
    assert capacity.left_for(cast(Kube, recorded)) == Resources(cpu=2.5, memory=7 * GIB, gpus=1)
    assert recorded.calls == 2


def test_more_requested_than_there_is_leaves_nothing() -> None:
    left = capacity.left_for(cast(Kube, Recorded([node("a")], [pod("a", cpu="9")])))
    assert left and left.cpu == 0


def test_what_the_runs_own_teams_ask_for_does_not_count() -> None:
    pods = [pod("a", cpu="1"), {**pod("a", cpu="2"), "metadata": {"name": "p", "namespace": "own"}}]
    left = capacity.left_for(cast(Kube, Recorded([node("a")], pods)), {"own"})
    assert left and left.cpu == 3


def test_pods_that_are_about_to_come_take_room_and_those_of_others_or_that_work_brings_do_not() -> None:
    def waiting(namespace: str, owner: str, cpu: str) -> dict[str, Any]:
        about = {"name": "p", "namespace": namespace, "ownerReferences": [{"kind": owner}] if owner else []}
        return {**pod(None, cpu=cpu), "metadata": about}

    pods = [
        waiting("coming", "StatefulSet", "1"),
        waiting("coming", "ReplicaSet", "500m"),
        waiting("coming", "Pod", "2"),
        waiting("coming", "", "2"),
        waiting("others", "StatefulSet", "2"),
        {**waiting("coming", "StatefulSet", "2"), "status": {"phase": "Failed"}},
    ]
    left = capacity.left_for(cast(Kube, Recorded([node("a")], pods)), coming={"coming"})
    assert left and left.cpu == 2.5


def test_a_platform_asks_for_what_its_replicas_ask_for_together() -> None:
    def workload(kind: str, replicas: int | None = None, **requests: str) -> str:
        spec = {"replicas": replicas} if replicas else {}
        containers = [{"resources": {"requests": requests}}, {}]
        return yaml.safe_dump({"kind": kind, "spec": {**spec, "template": {"spec": {"containers": containers}}}})

    several = [
        workload("Deployment", 2, cpu="100m"),
        workload("StatefulSet", cpu="1", memory="1Gi"),
        workload("Job", cpu="4"),
    ]
    rendered = "---\n".join([*several, ""])
    assert capacity.asked_by(rendered) == Resources(cpu=1.2, memory=GIB)


def test_of_several_quotas_the_tightest_counts() -> None:
    def quota(name: str, hard: dict[str, str], used: dict[str, str]) -> dict[str, Any]:
        return manifest(RESOURCE_QUOTA, name, status={"hard": hard, "used": used})

    wide = quota("wide", {"requests.cpu": "8", "requests.memory": "8Gi"}, {"requests.cpu": "1"})
    tight = quota("tight", {"cpu": "4", "pods": "10"}, {"cpu": "3500m"})
    for both in ((wide, tight), (tight, wide)):
        assert capacity.left_by_quota(RecordedKube(*both), NAMESPACE) == Resources(cpu=0.5, memory=8 * GIB)
    assert capacity.left_by_quota(RecordedKube(tight), NAMESPACE) is None
