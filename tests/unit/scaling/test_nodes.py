"""Simulated nodes: no node type takes what does not tolerate it, no probe takes one for a device, no check is blind."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.cluster.capabilities import Capabilities
from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.kube.labels import EMBEDDED, NODE_TYPE, OWNED
from sparkproof.kube.objects import POD, Manifest
from sparkproof.scaling import nodes
from sparkproof.scaling.nodes import SimulatedNodes
from tests.support.recorded import RecordedKube, RecordedPlatform, executor

FULL = Cause(Reason.QUOTA, "exceeded quota: team")
NODE_TYPES = sorted(path.stem for path in (examples.FOLDER / "nodes").glob("*.yaml"))


def platform(*nodes: str, **rest: Any) -> RecordedPlatform:
    """A platform with executors on these nodes."""
    found = [executor(f"exec-{number}", node=node, **rest) for number, node in enumerate(nodes)]
    return RecordedPlatform(RecordedKube(*found))


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "PLACEMENT", 0.1)


def pool(kube: RecordedKube) -> SimulatedNodes:
    return SimulatedNodes.create(kube, [{"nodes": "2", "type": "NVIDIA GPU"}], run="r")


@pytest.mark.parametrize("node_type", NODE_TYPES)
def test_every_node_type_is_kept_for_those_who_tolerate_it(node_type: str) -> None:
    taints = examples.node(node_type)["spec"]["taints"]
    assert any(taint["effect"] == "NoSchedule" for taint in taints)


@pytest.mark.parametrize("node_type", NODE_TYPES)
def test_no_simulated_node_is_taken_for_a_device(node_type: str) -> None:
    kube = RecordedKube()
    SimulatedNodes.create(kube, [{"nodes": "1", "type": node_type}], run="r")
    supports = Capabilities(kube).all(["gpu", "amd-gpu", "intel-gpu", "simulated-nodes"])
    assert not any(support.enabled for support in supports.values())


def test_only_an_embedded_cluster_may_have_simulated_nodes() -> None:
    kube = RecordedKube()
    assert "-D cluster=embedded" in Capabilities(kube).of("simulated-nodes").reason
    kube.apply({"kind": "Node", "metadata": {"name": "sparkproof", "labels": {EMBEDDED: "true"}}})
    assert Capabilities(kube).of("simulated-nodes").enabled


def test_executors_on_open_nodes_of_the_flavour_are_held() -> None:
    kube = RecordedKube()
    made = pool(kube)
    made.must_hold(platform(*kube.names("Node")), 2, "NVIDIA GPU")
    assert evidence.current().level is evidence.Level.SIMULATED
    (kept,) = evidence.current().items
    held = dict(zip(("exec-0", "exec-1"), kube.names("Node"), strict=True))
    assert (kept.name, json.loads(kept.content)) == ("places", held)


@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_executors_is_not_held(count: int) -> None:
    kube = RecordedKube()
    made = pool(kube)
    found = replace(platform(*kube.names("Node")[:1] * count), causes=[FULL])
    with pytest.raises(CheckFailed, match=r"1 executors on NVIDIA GPU nodes did not come .*: exceeded quota: team"):
        made.must_hold(found, 1, "NVIDIA GPU")
    assert not evidence.current().proofs


def test_an_executor_elsewhere_or_on_a_closed_node_is_seen() -> None:
    kube = RecordedKube()
    made = pool(kube)
    with pytest.raises(CheckFailed, match="exec-0 is on another"):
        made.must_hold(platform("another"), 1, "NVIDIA GPU")
    made.cordon_one("NVIDIA GPU")
    with pytest.raises(CheckFailed, match=f"exec-0 is on {kube.names('Node')[0]}"):
        made.must_hold(platform(kube.names("Node")[0]), 1, "NVIDIA GPU")


def driver(node: str, **spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "driver", "namespace": "team"}, "spec": {"nodeName": node, "containers": [], **spec}}


TAINTED = {"status": "False", "message": "0/3 nodes are available: 2 node(s) had untolerated taint(s)"}


def test_a_driver_whose_copy_is_refused_for_the_taint_is_kept_off() -> None:
    kube = RecordedKube(scheduled=TAINTED)
    pool(kube).must_keep_off("NVIDIA GPU", driver("real"))
    assert not kube.list(POD)
    assert evidence.current().level is evidence.Level.SIMULATED


@pytest.mark.parametrize(
    ("scheduled", "words"),
    [
        ({"status": "True"}, "puts a copy of driver on a NVIDIA GPU node"),
        ({"status": "False", "message": "Insufficient cpu"}, "not because of the nodes' taints: Insufficient cpu"),
        ({"status": "False", "message": "1 Insufficient cpu, 5 node(s) had untolerated taint(s)"}, "not because of"),
        ({"status": "False"}, "not because of the nodes' taints: $"),
    ],
)
def test_a_driver_whose_copy_is_taken_or_lacks_something_else_is_not(scheduled: dict[str, str], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        pool(RecordedKube(scheduled=scheduled)).must_keep_off("NVIDIA GPU", driver("real"))


def test_a_copy_of_a_driver_may_be_placed_on_every_node_of_the_type_but_for_the_taint() -> None:
    asked: list[Manifest] = []
    kube = RecordedKube(scheduled=TAINTED, refuse=lambda applied: asked.append(applied))
    pool(kube).must_keep_off("NVIDIA GPU", driver("real", nodeSelector={"disk": "fast"}))
    assert asked[-1]["spec"]["nodeSelector"] == {NODE_TYPE: "nvidia-gpu"}


def test_a_driver_on_a_simulated_node_is_seen() -> None:
    kube = RecordedKube(scheduled=TAINTED)
    made = pool(kube)
    with pytest.raises(CheckFailed, match="driver is on nvidia-gpu"):
        made.must_keep_off("NVIDIA GPU", driver(kube.names("Node")[0]))
    assert not evidence.current().proofs


def test_a_sweep_leaves_the_real_nodes() -> None:
    kube = RecordedKube()
    pool(kube)
    kube.apply({"kind": "Node", "metadata": {"name": "real", "labels": OWNED}})
    assert len(nodes.sweep(kube, run="r")) == 2
    assert kube.names("Node") == ["real"]


WAITING = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available: 3 Insufficient gpu"}


def waiting(*messages: str) -> RecordedPlatform:
    """A platform whose executors wait for a node, each with these words of the scheduler."""
    found = [
        executor(f"exec-{number}", phase="Pending", status={"conditions": [{**WAITING, "message": words}]})
        for number, words in enumerate(messages)
    ]
    return RecordedPlatform(RecordedKube(*found))


def crashing() -> RecordedPlatform:
    """A platform whose executor has a node, and a program that crashes."""
    container = {"name": "executor", "state": {}, "lastState": {"terminated": {"exitCode": 52}}}
    status = {"conditions": [], "containerStatuses": [container]}
    return RecordedPlatform(RecordedKube(executor(status=status)))


def test_executors_that_crash_do_not_wait_for_a_node() -> None:
    with pytest.raises(CheckFailed, match=r"1 executors that wait because of .*; last seen: .*exited with 52"):
        pool(RecordedKube()).must_leave_waiting(crashing(), 1, "Insufficient gpu")
    assert not evidence.current().proofs


def test_executors_that_wait_for_the_reason_are_proved() -> None:
    pool(RecordedKube()).must_leave_waiting(waiting("Insufficient gpu", "Insufficient gpu"), 2, "Insufficient gpu")
    assert evidence.current().level is evidence.Level.SIMULATED


@pytest.mark.parametrize(
    "spark",
    [
        waiting("Insufficient gpu"),
        waiting(*["Insufficient gpu"] * 3),
        waiting("Insufficient gpu", "a taint"),
        platform("a", "b"),
    ],
    ids=["one too few", "one too many", "another reason", "none waits"],
)
def test_executors_that_do_not_wait_for_the_reason_are_seen(spark: RecordedPlatform) -> None:
    words = "2 executors that wait because of 'Insufficient gpu' did not come .*: exceeded quota: team"
    with pytest.raises(CheckFailed, match=words):
        pool(RecordedKube()).must_leave_waiting(replace(spark, causes=[FULL]), 2, "Insufficient gpu")
    assert not evidence.current().proofs


def asking(name: str) -> dict[str, Any]:
    """An executor that asks for a GPU."""
    return executor(name, spec={"containers": [{"name": "c", "resources": {"limits": {"nvidia.com/gpu": "1"}}}]})


def test_a_copy_that_asks_for_another_device_is_placed() -> None:
    asked: list[Manifest] = []
    kube = RecordedKube(scheduled={"status": "True"}, refuse=lambda applied: asked.append(applied))
    pool(kube).must_take_copy("NVIDIA GPU", asking("exec-0"), asking_for="amd.com/gpu")
    assert "amd.com/gpu" in str(asked[-1]["spec"])
    assert "nvidia.com/gpu" not in str(asked[-1]["spec"]["containers"])
    assert evidence.current().level is evidence.Level.SIMULATED
    assert not kube.list(POD)


@pytest.mark.parametrize("scheduled", [TAINTED, {"status": "False", "message": "Insufficient amd.com/gpu"}])
def test_a_copy_that_is_not_placed_is_seen_with_the_schedulers_words(scheduled: dict[str, str]) -> None:
    with pytest.raises(CheckFailed, match=r"A copy that asks for amd.com/gpu waits: .*(taint|Insufficient)"):
        pool(RecordedKube(scheduled=scheduled)).must_take_copy("NVIDIA GPU", asking("exec-0"), asking_for="amd.com/gpu")
    assert not evidence.current().proofs


def test_a_copy_of_which_the_scheduler_says_nothing_is_given_up_and_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    kube = RecordedKube()
    made = pool(kube)
    monkeypatch.setattr(nodes, "_scheduled", lambda _: {})
    with pytest.raises(CheckFailed, match="the scheduler's decision on exec-0-copy"):
        made.must_take_copy("NVIDIA GPU", asking("exec-0"), asking_for="amd.com/gpu")
    assert not kube.list(POD)
