"""Simulated nodes: no node type takes what does not tolerate it, no probe takes one for a device, no check is blind."""

from typing import Any, cast

import pytest

from sparkproof.cluster.capabilities import Capabilities
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import EMBEDDED, OWNED
from sparkproof.kube.objects import POD, Kind
from sparkproof.scaling import nodes
from sparkproof.scaling.nodes import SimulatedNodes
from sparkproof.spark.platform import Platform

NODE_TYPES = sorted(path.stem for path in (examples.FOLDER / "nodes").glob("*.yaml"))


class Recorded:
    """Answers as an API server would whose scheduler says `scheduled` of every new pod."""

    def __init__(self, scheduled: dict[str, str] | None = None) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self._scheduled = scheduled

    def apply(self, manifest: dict[str, Any]) -> None:
        status = {**manifest.get("status", {}), "conditions": [{"type": "Ready", "status": "True"}]}
        if manifest["kind"] == "Pod":
            status["conditions"] = [{"type": "PodScheduled", **(self._scheduled or {})}]
        self.objects[manifest["kind"], manifest["metadata"]["name"]] = {**manifest, "status": status}

    def get(self, kind: Kind, name: str, _namespace: str | None = None) -> dict[str, Any] | None:
        return self.objects.get((kind.name, name))

    def list(self, kind: Kind, *_: Any, **__: Any) -> list[dict[str, Any]]:
        return [found for (own, _), found in self.objects.items() if own == kind.name]

    def delete(self, kind: Kind, name: str, *_: Any, **__: Any) -> None:
        self.objects.pop((kind.name, name), None)

    def patch(self, *_: Any) -> None:
        """Take any change."""


class Spark:
    """A platform with these executors."""

    def __init__(self, *on: str) -> None:
        self.executors = [
            {"metadata": {"name": f"exec-{number}"}, "spec": {"nodeName": node}, "status": {"phase": "Running"}}
            for number, node in enumerate(on)
        ]

    def why(self) -> list[Any]:
        return []

    @property
    def workloads(self) -> "Spark":
        return self


def platform(*nodes: str) -> Platform:
    return cast(Platform, Spark(*nodes))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "PLACEMENT", 0.1)
    evidence.begin()


def pool(kube: Recorded) -> SimulatedNodes:
    return SimulatedNodes.create(cast(Kube, kube), [{"nodes": "2", "type": "NVIDIA GPU"}], run="r")


def names(kube: Recorded) -> list[str]:
    return sorted(name for kind, name in kube.objects if kind == "Node")


@pytest.mark.parametrize("node_type", NODE_TYPES)
def test_every_node_type_is_kept_for_those_who_tolerate_it(node_type: str) -> None:
    taints = examples.node(node_type)["spec"]["taints"]
    assert any(taint["effect"] == "NoSchedule" for taint in taints)


@pytest.mark.parametrize("node_type", NODE_TYPES)
def test_no_simulated_node_is_taken_for_a_device(node_type: str) -> None:
    kube = Recorded()
    SimulatedNodes.create(cast(Kube, kube), [{"nodes": "1", "type": node_type}], run="r")
    supports = Capabilities(cast(Kube, kube)).all(["gpu", "amd-gpu", "intel-gpu", "simulated-nodes"])
    assert not any(support.enabled for support in supports.values())


def test_only_an_embedded_cluster_may_have_simulated_nodes() -> None:
    kube = Recorded()
    assert "-D cluster=embedded" in Capabilities(cast(Kube, kube)).of("simulated-nodes").reason
    kube.apply({"kind": "Node", "metadata": {"name": "sparkproof", "labels": {EMBEDDED: "true"}}})
    assert Capabilities(cast(Kube, kube)).of("simulated-nodes").enabled


def test_executors_on_open_nodes_of_the_flavour_are_held() -> None:
    kube = Recorded()
    made = pool(kube)
    made.must_hold(platform(*names(kube)), 2, "NVIDIA GPU")
    assert evidence.current().level is evidence.Level.SIMULATED


@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_executors_is_not_held(count: int) -> None:
    kube = Recorded()
    made = pool(kube)
    with pytest.raises(CheckFailed, match="1 executors on NVIDIA GPU nodes did not come"):
        made.must_hold(platform(*names(kube)[:1] * count), 1, "NVIDIA GPU")


def test_an_executor_elsewhere_or_on_a_closed_node_is_seen() -> None:
    kube = Recorded()
    made = pool(kube)
    with pytest.raises(CheckFailed, match="exec-0 is on another"):
        made.must_hold(platform("another"), 1, "NVIDIA GPU")
    made.cordon_one("NVIDIA GPU")
    with pytest.raises(CheckFailed, match=f"exec-0 is on {names(kube)[0]}"):
        made.must_hold(platform(names(kube)[0]), 1, "NVIDIA GPU")


def driver(node: str) -> dict[str, Any]:
    return {"metadata": {"name": "driver", "namespace": "team"}, "spec": {"nodeName": node, "containers": []}}


TAINTED = {"status": "False", "message": "0/3 nodes are available: 2 node(s) had untolerated taint(s)"}


def test_a_driver_whose_copy_is_refused_for_the_taint_is_kept_off() -> None:
    kube = Recorded(TAINTED)
    pool(kube).must_keep_off("NVIDIA GPU", driver("real"))
    assert not kube.list(POD)


@pytest.mark.parametrize(
    ("scheduled", "words"),
    [
        ({"status": "True"}, "puts a copy of driver on a NVIDIA GPU node"),
        ({"status": "False", "message": "Insufficient cpu"}, "not because of the nodes' taints"),
    ],
)
def test_a_driver_whose_copy_is_taken_or_lacks_something_else_is_not(scheduled: dict[str, str], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        pool(Recorded(scheduled)).must_keep_off("NVIDIA GPU", driver("real"))


def test_a_driver_on_a_simulated_node_is_seen() -> None:
    kube = Recorded(TAINTED)
    made = pool(kube)
    with pytest.raises(CheckFailed, match="driver is on nvidia-gpu"):
        made.must_keep_off("NVIDIA GPU", driver(names(kube)[0]))


def test_a_sweep_leaves_the_real_nodes() -> None:
    kube = Recorded()
    pool(kube)
    kube.apply({"kind": "Node", "metadata": {"name": "real", "labels": OWNED}})
    assert len(nodes.sweep(cast(Kube, kube))) == 2
    assert names(kube) == ["real"]
