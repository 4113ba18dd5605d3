"""Pools of simulated nodes that a real Karpenter adds and removes, and what becomes of the pods on them."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import TooSlow, eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.marked import made
from sparkproof.kube.objects import EVENT, NODE, NODE_CLAIM, NODE_POOL, POD, Kind, Manifest, Manifests, selector
from sparkproof.spark.platform import Platform

_POOL = "karpenter.sh/nodepool"
_CAPACITY, _TYPE = "karpenter.sh/capacity-type", "node.kubernetes.io/instance-type"
_CLASS = {"apiVersion": "karpenter.kwok.sh/v1alpha1", "kind": "KWOKNodeClass", "metadata": {"name": "default"}}
DRIVER, WORK = "copy-of-the-driver", "work-beside-it"
# What keeps Karpenter from moving a pod: https://karpenter.sh/docs/concepts/disruption/#pod-level-controls
_STAYS = "karpenter.sh/do-not-disrupt"


@dataclass
class NodePool:
    """A pool of one scenario; its file in examples/node-pools says which nodes it has."""

    kube: Kube
    run: str
    name: str
    model: Mapping[str, Any]
    pods: list[tuple[str, str]] = field(default_factory=list)
    taken: tuple[str, datetime] = ("", datetime.min)

    @classmethod
    def create(cls, kube: Kube, name: str, *, run: str, cores: int = 0) -> "NodePool":
        """Make a pool of this name in examples, with at most so many cores; 0 for no limit."""
        own = examples.node_pool(name)
        pool = cls(kube, run, f"{examples.file_name(name)}-{uuid.uuid4().hex[:6]}", own)
        template = {**own["spec"]["template"], "metadata": {"labels": {**OWNED, RUN: run}}}
        spec = {**own["spec"], "template": template, **({"limits": {"cpu": str(cores)}} if cores else {})}
        kube.apply({**_CLASS, "spec": {"nodeRegistrationDelay": "2s"}})
        metadata = {"name": pool.name, "labels": {**OWNED, RUN: run}}
        kube.apply({"apiVersion": NODE_POOL.api_version, "kind": NODE_POOL.name, "metadata": metadata, "spec": spec})
        return pool

    def remove(self) -> None:
        """Remove the pool and wait until its nodes are gone, with the pods that the scenario put there."""
        for name, namespace in self.pods:
            self.kube.delete(POD, name, namespace, grace_s=0)
        self.kube.delete(NODE_POOL, self.name)
        self._await_end(self._ending)

    @property
    def nodes(self) -> Manifests:
        """The nodes of the pool."""
        return self.kube.list(NODE, labels=selector({_POOL: self.name}))

    def must_bring(self, platform: Platform, count: int, within_s: float = timeouts.PLACEMENT) -> None:
        """Check that so many executors run on nodes of the pool that came so soon after they began to wait."""
        executors = eventually(
            f"{count} executors on nodes of {self.name}",
            lambda: platform.workloads.executors,
            lambda pods: len(pods) == count and all(pod["status"].get("phase") == "Running" for pod in pods),
            within_s=timeouts.PLACEMENT,
            explain=platform.why,
        )
        nodes = {node["metadata"]["name"]: node for node in self.nodes}
        came: list[float] = []
        for pod in executors:
            node = nodes.get(pod["spec"]["nodeName"])
            if node is None:
                raise CheckFailed(f"{pod['metadata']['name']} is on {pod['spec']['nodeName']}, not on {self.name}.")
            after = (_began(node) - _began(pod)).total_seconds()
            if not 0 <= after <= within_s:
                raise CheckFailed(f"The node of {pod['metadata']['name']} came {after:.0f} s after it.")
            came.append(after)
        kinds = {name: _kind(node) for name, node in nodes.items()}
        evidence.measured("from the pending executor to its node", max(came), "s", f"at most {within_s:g} s")
        evidence.prove(Level.SIMULATED, f"{count} executors are on {len(nodes)} new nodes", nodes=kinds)

    def must_be_of(self, capacity_type: str, instance_type: str) -> None:
        """Check that all nodes of the pool are of this kind: what they cost, and how large they are."""
        kinds = {_kind(node) for node in self.nodes}
        if kinds != {(capacity_type, instance_type)}:
            raise CheckFailed(f"The nodes of {self.name} are {kinds or 'none'}, not {capacity_type} {instance_type}.")
        evidence.prove(Level.SIMULATED, f"All nodes are {capacity_type} {instance_type}")

    def must_be_empty(self) -> None:
        """Wait until the pool has no nodes."""
        self._await_end(self._names)
        evidence.prove(Level.SIMULATED, f"{self.name} has no node")

    def must_refuse(self, platform: Platform, count: int, reason: str) -> None:
        """Wait until Karpenter says `reason` of so many executors, and check that there is no node."""
        own = platform.workloads
        said = eventually(
            f"Karpenter's word on {count} executors",
            lambda: {pod["metadata"]["name"]: self._said(POD, pod["metadata"]["name"]) for pod in own.executors},
            lambda words: len(words) == count and all(reason in word for word in words.values()),
            within_s=timeouts.PLACEMENT,
            explain=platform.why,
        )
        if self.nodes:
            raise CheckFailed(f"{self.name} has {len(self.nodes)} nodes beyond its limit.")
        evidence.prove(Level.SIMULATED, f"{count} executors wait, and there is no node", said=said)

    def take_back_under(self, platform: Platform) -> None:
        """Have the provider take back the node of the first executor, with the notice that the pool grants."""
        name = platform.workloads.executors[0]["spec"]["nodeName"]
        self.taken = name, datetime.now(UTC)
        (claim,) = (each for each in self._claims if each.get("status", {}).get("nodeName") == name)
        self.kube.delete(NODE_CLAIM, claim["metadata"]["name"])

    def must_be_left_in_time(self) -> None:
        """Wait until no pod is on the node that was taken back, which has to be so before its deadline.

        Raises TooSlow where that took longer on a machine that has too much to do.
        """
        (node, since), notice = self.taken, self._notice_s
        eventually(
            f"the end of the pods on {node} before its provider takes it",
            lambda: [pod["metadata"]["name"] for pod in self._on(node)],
            lambda names: not names,
            within_s=notice,
        )
        after = (datetime.now(UTC) - since).total_seconds()
        # A wait lasts longer than its limit on an overloaded machine alone.
        if after >= notice:
            raise TooSlow(
                f"{node} was empty after {after:.0f} s, on a machine that is too slow to judge its {notice} s."
            )
        evidence.prove(Level.SIMULATED, f"{node} was empty {after:.0f} s after its notice of {notice} s")

    def put_driver(self, platform: Platform, cores: int, *, protected: bool = True) -> None:
        """Put work for so many cores onto a node of the pool, and a copy of the platform's driver beside it."""
        driver = platform.workloads.pod("connect")
        self.put(driver, WORK, str(cores), protected=False)
        self.put(driver, DRIVER, "1", protected=protected)
        if len(self.nodes) != 1:
            raise CheckFailed(f"The driver and the work are on {len(self.nodes)} nodes, and not on one.")

    def put(self, pod: Manifest, name: str, cores: str, *, protected: bool = True) -> None:
        """Put a copy of a pod onto a node of the pool; without its protection from autoscalers, if not `protected`."""
        namespace = pod["metadata"]["namespace"]
        own = pod["metadata"].get("annotations", {})
        kept = {key: value for key, value in own.items() if key == _STAYS and protected}
        resources = {"requests": {"cpu": cores, "memory": "256Mi"}}
        spec = {
            "containers": [{"name": "copy", "image": pod["spec"]["containers"][0]["image"], "resources": resources}],
            "tolerations": [{"key": taint["key"], "operator": "Exists"} for taint in self._taints],
            "nodeSelector": {_POOL: self.name},
            "securityContext": pod["spec"].get("securityContext", {}),
        }
        spec["containers"][0]["securityContext"] = pod["spec"]["containers"][0].get("securityContext", {})
        metadata = {"name": name, "namespace": namespace, "labels": OWNED, "annotations": kept}
        self.pods.append((name, namespace))
        self.kube.apply({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        eventually(
            f"the start of {name} on {self.name}",
            lambda: self.kube.get(POD, name, namespace) or {},
            lambda found: found.get("status", {}).get("phase") == "Running",
            within_s=timeouts.PLACEMENT,
        )

    def end(self, name: str) -> None:
        """End a pod that was put onto the pool."""
        self.kube.delete(POD, name, self._namespace(name), grace_s=0)

    def must_keep(self, name: str) -> None:
        """Wait until Karpenter says that it may not empty the node of this pod, which has to be there still."""
        found = self.kube.get(POD, name, self._namespace(name)) or {}
        node = found.get("spec", {}).get("nodeName", "")
        said = eventually(
            f"Karpenter's word on {node}, which has room that nobody uses",
            lambda: self._said(NODE, node),
            lambda word: name in word and _STAYS in word,
            within_s=timeouts.NODES_GONE,
            unrecoverable=lambda _: None if self.kube.get(POD, name, self._namespace(name)) else f"{name} is gone",
        )
        evidence.prove(Level.SIMULATED, f"{name} stays: {said}")

    def must_evict(self, name: str) -> None:
        """Wait until a pod is gone because Karpenter emptied its node."""
        eventually(
            f"the end of {name}",
            lambda: self.kube.get(POD, name, self._namespace(name)),
            lambda found: found is None,
            within_s=timeouts.NODES_GONE,
        )
        said = self._said(POD, name)
        if not any(reason in said for reason in ("Evicted", "Disrupted")):
            raise CheckFailed(f"{name} is gone, but Karpenter does not say that it evicted it: {said or 'nothing'}")
        evidence.prove(Level.SIMULATED, f"{name} was evicted: {said}")

    def evidence(self) -> None:
        """Keep the pool's nodes and claims."""
        evidence.attach("nodes of the pool", self.nodes)
        evidence.attach("claims of the pool", self._claims)

    def _ending(self) -> list[str]:
        """Return the nodes that are left; what came after its claim had gone, nobody else removes."""
        names = self._names()
        if not self._claims:
            for name in names:
                self.kube.delete(NODE, name)
        return names

    def _names(self) -> list[str]:
        return [node["metadata"]["name"] for node in self.nodes]

    def _await_end(self, left: Callable[[], list[str]]) -> None:
        """Wait until no node is `left`; raises GaveUp."""
        eventually(f"the end of the nodes of {self.name}", left, lambda names: not names, within_s=timeouts.NODES_GONE)

    @property
    def _claims(self) -> Manifests:
        return self.kube.list(NODE_CLAIM, labels=selector({_POOL: self.name}))

    @property
    def _notice_s(self) -> int:
        return int(self.model["spec"]["template"]["spec"]["terminationGracePeriod"].removesuffix("s"))

    @property
    def _taints(self) -> Manifests:
        return list(self.model["spec"]["template"]["spec"]["taints"])

    def _namespace(self, pod: str) -> str:
        return dict(self.pods)[pod]

    def _on(self, node: str) -> Manifests:
        return [pod for pod in self.kube.list(POD) if pod["spec"].get("nodeName") == node]

    def _said(self, kind: Kind, name: str) -> str:
        """Return what Karpenter said of an object, in all events."""
        own = [each for each in self.kube.list(EVENT) if each["involvedObject"].get("name") == name]
        told = [each for each in own if each["involvedObject"]["kind"] == kind.name and _is_karpenters(each)]
        return "; ".join(f"{each['reason']}: {each.get('message', '')}" for each in told)


def sweep(kube: Kube, *, run: str) -> list[str]:
    """Remove the pools that `run` made, and return their names; their nodes go with them."""
    names = [each["metadata"]["name"] for each in made_by_runs(kube, selector({RUN: run}))]
    for name in names:
        kube.delete(NODE_POOL, name)
    return names


def made_by_runs(kube: Kube, labels: str = RUN) -> Manifests:
    """Return the pools that runs made and that carry these labels; none where the cluster knows no pools."""
    return made(kube, NODE_POOL, labels=f"{selector(OWNED)},{labels}")


def _is_karpenters(event: Manifest) -> bool:
    source = event.get("reportingComponent") or event.get("source", {}).get("component", "")
    return bool(source == "karpenter")


def _kind(node: Manifest) -> tuple[str, str]:
    labels = node["metadata"]["labels"]
    return labels[_CAPACITY], labels[_TYPE]


def _began(found: Manifest) -> datetime:
    return datetime.fromisoformat(found["metadata"]["creationTimestamp"])
