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
