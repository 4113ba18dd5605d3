"""Nodes that take no pods are named with the reason and with what is free."""

from typing import Any

import pytest

from sparkproof.core.errors import Reason
from sparkproof.kube import diagnosis, nodes
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import NODE, POD, SIMULATED
from tests.support.recorded import RecordedKube, manifest

READY = {"type": "Ready", "status": "True"}
SUMMARY = {"node": {"fs": {"availableBytes": 14_200_000_000}, "memory": {"availableBytes": 9_000_000_000}}}
FREE = " (14.2 GB of disk free, 9.0 GB of memory free)"


def node(name: str = "node-1", *conditions: str, ready: str = "True", **spec: Any) -> dict[str, Any]:
    found = [{"type": each, "status": "True"} for each in conditions]
    own = {"type": "Ready", "status": ready, "message": "" if ready == "True" else "the kubelet stopped"}
    return manifest(NODE, name, None, spec=spec, status={"conditions": [*found, own]})


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (node(), ""),
        (node("node-1", "DiskPressure"), "disk pressure"),
        (node("node-1", "MemoryPressure", "PIDPressure"), "memory pressure, too many processes"),
        (node(unschedulable=True), "cordoned"),
        (node(ready="False"), "not ready (the kubelet stopped)"),
        (node("node-1", "DiskPressure", unschedulable=True), "disk pressure, cordoned"),
        ({"spec": {}, "status": {}}, "not ready (its kubelet has said nothing yet)"),
    ],
)
def test_a_node_says_why_it_takes_no_pods(found: dict[str, Any], reason: str) -> None:
    assert nodes.closed(found) == reason


def test_a_node_under_pressure_is_named_with_what_is_free() -> None:
    kube = RecordedKube(node("node-1", "DiskPressure"), node("node-2"), served={"node node-1": SUMMARY})
    assert nodes.found_closed(kube) == [f"node node-1 takes no pods: disk pressure{FREE}"]
    assert not nodes.none_open(kube.list(NODE))
    closed = RecordedKube(node(unschedulable=True))
    assert nodes.found_closed(closed) == ["node node-1 takes no pods: cordoned"]
    assert nodes.none_open(closed.list(NODE))


def test_what_may_not_be_asked_is_left_out() -> None:
    refused = {"node node-1": Refused("ask the kubelet", 403, "forbidden")}
    kube = RecordedKube(node("node-1", "DiskPressure"), served=refused)
    assert nodes.found_closed(kube) == ["node node-1 takes no pods: disk pressure"]
    simulated = node(unschedulable=True)
    simulated["metadata"]["annotations"] = dict(SIMULATED)
    assert nodes.found_closed(RecordedKube(simulated)) == []


def test_the_first_cause_of_a_pod_without_a_node_is_the_nodes_condition() -> None:
    unplaced = {"type": "PodScheduled", "status": "False", "message": "1 node(s) had untolerated taint(s)"}
    kube = RecordedKube(
        node("node-1", "DiskPressure"),
        manifest(POD, "spark-0", status={"phase": "Pending", "conditions": [unplaced]}, spec={"containers": []}),
        served={"node node-1": SUMMARY},
    )
    causes = diagnosis.why(kube, "team")
    assert [cause.reason for cause in causes] == [Reason.UNSCHEDULABLE, Reason.UNSCHEDULABLE]
    assert causes[0].sentence == f"node node-1 takes no pods: disk pressure{FREE}"
    assert "untolerated taint" in causes[1].sentence


LOW = "The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 0. "
REJECTED = "Pod was rejected: The node had condition: [DiskPressure]. "
GREEDY = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "


def evicted(message: str) -> dict[str, Any]:
    ended = {"name": "main", "state": {"terminated": {"exitCode": 137, "reason": "Error"}}}
    status = {"phase": "Failed", "reason": "Evicted", "message": message, "containerStatuses": [ended]}
    return manifest(POD, "spark-0", status=status, spec={"nodeName": "node-1"})


def test_the_first_cause_of_an_evicted_pod_is_the_nodes_condition_and_what_is_free() -> None:
    full = {"node": {"fs": {"availableBytes": 0}, "memory": {"availableBytes": 9_000_000_000}}}
    kube = RecordedKube(node("node-1", "DiskPressure"), evicted(LOW), served={"node node-1": full})
    causes = diagnosis.why(kube, "team")
    assert [cause.sentence for cause in causes] == [
        "node node-1 takes no pods: disk pressure (0.0 GB of disk free, 9.0 GB of memory free)",
        f"pod spark-0 was evicted: {LOW.strip()} (0.0 GB of disk free, 9.0 GB of memory free)",
    ]


@pytest.mark.parametrize(
    ("message", "reason", "free"), [(LOW, Reason.NODE, FREE), (REJECTED, Reason.NODE, FREE), (GREEDY, Reason.OTHER, "")]
)
def test_a_pod_that_was_evicted_says_why_while_its_node_does_not_show_it(
    message: str, reason: Reason, free: str
) -> None:
    causes = diagnosis.why(RecordedKube(node("node-1"), evicted(message), served={"node node-1": SUMMARY}), "team")
    assert [(cause.reason, cause.sentence) for cause in causes] == [
        (reason, f"pod spark-0 was evicted: {message.strip()}{free}")
    ]


def test_the_memory_of_containers_is_that_of_their_own_pod() -> None:
    def counted(uid: str, **containers: dict[str, int]) -> dict[str, Any]:
        own = [{"name": name, "memory": memory} for name, memory in containers.items()]
        return {"podRef": {"uid": uid}, "containers": [*own, {"name": "new"}]}

    both = {"rssBytes": 3, "workingSetBytes": 5}
    known = [counted("other", main={"workingSetBytes": 9}), counted("own", main=both, side={"rssBytes": 2})]
    kube = RecordedKube(served={"node node-1": {"pods": [*known, {"podRef": {"uid": "starting"}}]}})
    own = manifest(POD, "spark-0", metadata={"uid": "own"}, spec={"nodeName": "node-1"})
    assert nodes.working_sets(kube, own) == {"main": 5}
    assert [nodes.memory_of(kube, own, name) for name in ("main", "side", "new", "none")] == [3, 2, None, None]
    for uid in ("starting", "unknown"):
        assert nodes.working_sets(kube, {**own, "metadata": {"uid": uid}}) == {}
