"""Nodes that take no pods, with the reason (a pressure, a cordon, a silent kubelet), and the memory of their pods."""

from collections.abc import Iterable, Mapping

from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import NODE, Manifest, Manifests, is_simulated

_PRESSURES: Mapping[str, str] = {
    "DiskPressure": "disk pressure",
    "MemoryPressure": "memory pressure",
    "PIDPressure": "too many processes",
    "NetworkUnavailable": "no network",
}


def closed(node: Manifest) -> str:
    """Return why a node takes no pods that tolerate nothing, in words ("disk pressure, cordoned"); "" if it does."""
    conditions = {each["type"]: each for each in node.get("status", {}).get("conditions", [])}
    found = [words for name, words in _PRESSURES.items() if conditions.get(name, {}).get("status") == "True"]
    ready = conditions.get("Ready", {})
    if ready.get("status") != "True":
        found.append(f"not ready ({ready.get('message') or 'its kubelet has said nothing yet'})")
    if node["spec"].get("unschedulable"):
        found.append("cordoned")
    return ", ".join(found)


def found_closed(kube: Kube, nodes: Iterable[Manifest] | None = None) -> list[str]:
    """Return one sentence for each node that takes no pods, with the free disk and memory of one under pressure.

    Simulated nodes are left out. Without the right to list nodes, nothing is known and the list is empty.
    """
    try:
        listed = kube.list(NODE) if nodes is None else nodes
    except Refused as refused:
        if refused.code != 403:
            raise
        return []
    reasons = {node["metadata"]["name"]: closed(node) for node in listed if not is_simulated(node)}
    unusable = {name: reason for name, reason in reasons.items() if reason}
    return [
        f"node {name} takes no pods: {reason}{free(kube, name) if 'pressure' in reason else ''}"
        for name, reason in unusable.items()
    ]


def none_open(nodes: Manifests) -> bool:
    """True if there are nodes and none of them, apart from simulated ones, takes pods."""
    return bool(nodes) and all(is_simulated(node) or closed(node) for node in nodes)


def memory_of(kube: Kube, pod: Manifest, container: str) -> int | None:
    """Return the bytes that a pod's container keeps in memory, without cached files; None until its kubelet counts."""
    return _memory(kube, pod, "rssBytes").get(container)


def working_sets(kube: Kube, pod: Manifest) -> Mapping[str, int]:
    """Return the bytes that each container of a pod cannot do without, cached files that are in use among them.

    A container that its kubelet does not count yet is left out.
    """
    return _memory(kube, pod, "workingSetBytes")


def _memory(kube: Kube, pod: Manifest, count: str) -> Mapping[str, int]:
    """Return this count of the kubelet's of the memory of each container of a pod."""
    known = kube.node_summary(pod["spec"]["nodeName"])["pods"]
    own = (each.get("containers", ()) for each in known if each["podRef"]["uid"] == pod["metadata"]["uid"])
    counts = {each["name"]: each.get("memory", {}).get(count) for containers in own for each in containers}
    return {container: int(found) for container, found in counts.items() if found is not None}


def free(kube: Kube, node: str) -> str:
    """Return the free disk and memory of a node, in brackets; "" where its kubelet may not be asked."""
    try:
        summary = kube.node_summary(node)["node"]
    except Refused:
        return ""
    found = {what: summary.get(name, {}).get("availableBytes") for what, name in (("disk", "fs"), ("memory", "memory"))}
    parts = [f"{amount / 1e9:.1f} GB of {what} free" for what, amount in found.items() if amount is not None]
    return f" ({', '.join(parts)})" if parts else ""
