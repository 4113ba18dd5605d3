"""Simulated nodes: the scheduler really places pods on them, but nothing runs there."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sparkproof.core import cells, evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import NODE_TYPE, OWNED, RUN
from sparkproof.kube.marked import made
from sparkproof.kube.objects import NODE, POD, SIMULATED, Manifest, Manifests, condition, is_simulated, selector
from sparkproof.spark.platform import Platform

_GPU = "nvidia.com/gpu"
# The label by which kwok stops a node's kubelet, and the taint that an operator then sets, so that Kubernetes replaces
# its pods at once: https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown
_FAILS = {"node-not-ready.stage.kwok.x-k8s.io": "true"}
_OUT_OF_SERVICE = {"key": "node.kubernetes.io/out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}


def counted(table: Iterable[Mapping[str, str]]) -> list[tuple[str, int]]:
    """Return the node type and the number of each row of a step's table; raises UsageError, ValueError."""
    for line in table:
        examples.path("nodes", line["type"])
    return [(line["type"], cells.read(line, "nodes", int)) for line in table]


@dataclass
class SimulatedNodes:
    """The simulated nodes of one scenario; each has a node type, which names a manifest in examples/nodes.

    The nodes of every type have taints, so that pods of other scenarios are not placed there.
    """

    kube: Kube
    run: str
    _types: dict[str, str] = field(default_factory=dict)
    _closed: set[str] = field(default_factory=set)

    @classmethod
    def create(cls, kube: Kube, nodes: Iterable[Mapping[str, str]], *, run: str) -> "SimulatedNodes":
        """Add nodes, given as [{"nodes": "2", "type": "NVIDIA GPU"}], labelled with the run's id."""
        simulated = cls(kube, run)
        for node_type, count in counted(nodes):
            simulated.add(node_type, count)
        return simulated

    def add(self, node_type: str, count: int = 1) -> None:
        """Add `count` nodes and wait until the scheduler can use them."""
        model = examples.node(node_type)
        for _ in range(count):
            name = f"{examples.file_name(node_type)}-{uuid.uuid4().hex[:6]}"
            self._types[name] = node_type
            self.kube.apply(_manifest(name, node_type, model, self.run))
        eventually(
            f"the readiness of {count} {node_type} nodes",
            lambda: [node["metadata"]["name"] for node in self._nodes(node_type) if not _is_usable(node)],
            lambda unready: not unready,
            within_s=timeouts.NODE_READY,
        )

    def cordon_one(self, node_type: str) -> None:
        """Mark one of the nodes as unschedulable, so that it gets no new pods."""
        name = min(self._open(node_type))
        self._closed.add(name)
        self.kube.patch(NODE, name, {"spec": {"unschedulable": True}})

    def fail_under(self, platform: Platform) -> None:
        """Let the node of the first executor fail, and take it out of service as an operator does.

        Returns when the control plane has removed its executors.
        """
        name = min(node for node in _places(platform.workloads.executors).values() if node in self._types)
        taints = [*examples.node(self._types[name])["spec"]["taints"], _OUT_OF_SERVICE]
        self._closed.add(name)
        self.kube.patch(NODE, name, {"metadata": {"labels": _FAILS}, "spec": {"taints": taints}})
        eventually(
            f"the end of the executors on {name}",
            lambda: [pod for pod, node in _places(platform.workloads.executors).items() if node == name],
            lambda left: not left,
            within_s=timeouts.PLACEMENT,
            explain=platform.why,
        )

    def remove(self) -> None:
        """Remove the nodes; pods that are still on them are removed too."""
        for name in self._types:
            self.kube.delete(NODE, name)

    def must_hold(self, platform: Platform, count: int, node_type: str) -> None:
        """Wait until `count` executors run on schedulable nodes of this type, and check that none is elsewhere."""
        wanted = self._open(node_type)
        places = eventually(
            f"{count} executors on {node_type} nodes",
            lambda: _places(platform.workloads.executors),
            lambda places: len(places) == count and set(places.values()) <= wanted,
            within_s=timeouts.PLACEMENT,
            unrecoverable=lambda places: _astray(places, wanted),
            explain=platform.why,
        )
        evidence.prove(Level.SIMULATED, f"{count} executors are on {node_type} nodes", places=places)

    def must_leave_waiting(self, platform: Platform, count: int, reason: str) -> None:
        """Wait until `count` executors wait for a node, and check that the scheduler says `reason` of each."""
        sentences = eventually(
            f"{count} executors that wait because of {reason!r}",
            lambda: [
                cause.sentence for pod in platform.workloads.executors for cause in diagnosis.of_pod(self.kube, pod)
            ],
            lambda found: len(found) == count and all(reason in sentence for sentence in found),
            within_s=timeouts.PLACEMENT,
            explain=platform.why,
        )
        evidence.prove(Level.SIMULATED, "; ".join(sentences))

    def must_keep_off(self, node_type: str, pod: Manifest) -> None:
        """Check that a pod is on no simulated node, and that this node type's taints refuse a copy of it.

        The copy selects no labels: without them, a node would refuse it even if the pod tolerated its taints.
        """
        name, node = pod["metadata"]["name"], pod["spec"]["nodeName"]
        if node in self._types:
            raise CheckFailed(f"{name} is on {node}.")
        copy = _copy(pod)
        copy["spec"].pop("nodeSelector", None)
        scheduled = self._offer(node_type, copy)
        words = scheduled.get("message", "")
        if scheduled["status"] == "True":
            raise CheckFailed(f"The scheduler puts a copy of {name} on a {node_type} node.")
        # A node of the type that lacks something else says so; those of other types do not have the label.
        if "taint" not in words or "Insufficient" in words:
            raise CheckFailed(f"A copy of {name} waits, but not because of the nodes' taints: {words}")
        evidence.prove(Level.SIMULATED, f"{name} is on {node}; a copy waits: {words}")

    def must_take_copy(self, node_type: str, pod: Manifest, *, asking_for: str) -> None:
        """Check that a copy of a pod that requests this resource in place of its GPU is placed on this node type."""
        scheduled = self._offer(node_type, _copy(pod, asking_for=asking_for))
        if scheduled["status"] != "True":
            raise CheckFailed(f"A copy that asks for {asking_for} waits: {scheduled['message']}")
        evidence.prove(Level.SIMULATED, f"A copy that asks for {asking_for} is on a {node_type} node")

    def _offer(self, node_type: str, pod: Manifest) -> Manifest:
        """Create a pod that may be placed on this node type only; return its condition PodScheduled."""
        name, namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        selector = {**pod["spec"].get("nodeSelector", {}), NODE_TYPE: examples.file_name(node_type)}
        self.kube.apply({**pod, "spec": {**pod["spec"], "nodeSelector": selector}})
        try:
            return eventually(
                f"the scheduler's decision on {name}, which may be placed on {node_type} nodes only",
                lambda: _scheduled(self.kube.get(POD, name, namespace) or {}),
                bool,
                within_s=timeouts.PLACEMENT,
            )
        finally:
            self.kube.delete(POD, name, namespace, grace_s=0)

    def evidence(self) -> None:
        """Keep the nodes and the names of the pods on them."""
        evidence.attach("simulated nodes", self._nodes())
        on_them = [pod for pod in self.kube.list(POD) if pod["spec"].get("nodeName") in self._types]
        evidence.attach("pods on simulated nodes", _places(on_them))

    def _nodes(self, node_type: str | None = None) -> Manifests:
        """Return the nodes as the API server has them, of one node type or all."""
        names = {name for name, own in self._types.items() if node_type in (None, own)}
        return [node for node in self.kube.list(NODE) if node["metadata"]["name"] in names]

    def _open(self, node_type: str) -> set[str]:
        """Return the names of the schedulable nodes of this node type."""
        return {name for name, own in self._types.items() if own == node_type} - self._closed


def made_by_runs(kube: Kube, labels: str = RUN) -> Manifests:
    """Return the simulated nodes that runs added and that carry these labels."""
    return [node for node in made(kube, NODE, labels=f"{selector(OWNED)},{labels}") if is_simulated(node)]


def sweep(kube: Kube, *, run: str) -> list[str]:
    """Remove the simulated nodes that `run` added, and return their names."""
    names = [node["metadata"]["name"] for node in made_by_runs(kube, selector({RUN: run}))]
    for name in names:
        kube.delete(NODE, name)
    return names


def _manifest(name: str, node_type: str, model: Manifest, run: str) -> Manifest:
    """Return a node's manifest, with the labels, taints and resources of its node type."""
    own = {**OWNED, RUN: run, NODE_TYPE: examples.file_name(node_type), "kubernetes.io/hostname": name}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": SIMULATED, "labels": {**model["metadata"]["labels"], **own}},
        "spec": model["spec"],
        "status": {"capacity": model["status"]["allocatable"], **model["status"]},
    }


def _is_usable(node: Manifest) -> bool:
    """True if the node is ready and the control plane has removed its taints for nodes that are not."""
    return diagnosis.ready(node) and not any(
        taint["key"].startswith("node.kubernetes.io/") for taint in node["spec"].get("taints", [])
    )


def _places(pods: Iterable[Manifest]) -> dict[str, str]:
    """Return the nodes of the running pods, by the pods' names."""
    return {pod["metadata"]["name"]: pod["spec"]["nodeName"] for pod in pods if pod["status"].get("phase") == "Running"}


def _astray(places: Mapping[str, str], wanted: Collection[str]) -> str | None:
    """Return which pod is on another than the wanted nodes; None when there is no such pod."""
    return next((f"{pod} is on {node}" for pod, node in places.items() if node not in wanted), None)


def _scheduled(pod: Manifest) -> Manifest:
    """Return a pod's condition PodScheduled; {} before the scheduler has seen it."""
    return condition(pod, "PodScheduled")


def _copy(pod: Manifest, *, asking_for: str = _GPU) -> Manifest:
    """Return a copy of a pod without owner and node, which requests this resource in place of a GPU."""
    metadata = {"name": f"{pod['metadata']['name']}-copy", "namespace": pod["metadata"]["namespace"], "labels": OWNED}
    spec = {key: value for key, value in pod["spec"].items() if key != "nodeName"}
    spec["containers"] = [
        {**container, "resources": _renamed(container["resources"], asking_for)} for container in spec["containers"]
    ]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


def _renamed(resources: Manifest, asking_for: str) -> Manifest:
    return {
        bound: {asking_for if name == _GPU else name: amount for name, amount in amounts.items()}
        for bound, amounts in resources.items()
    }
