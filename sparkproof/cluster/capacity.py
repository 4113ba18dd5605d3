"""The free capacity of a cluster: the resources of its nodes without the requests of other pods."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

import yaml

from sparkproof.core import clock
from sparkproof.core.resources import Resources, quantity
from sparkproof.kube import nodes
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import (
    DEPLOYMENT,
    NODE,
    POD,
    RESOURCE_QUOTA,
    STATEFUL_SET,
    Manifest,
    condition,
    has_ended,
    is_simulated,
)

_GPU = "nvidia.com/gpu"
# The resources that a platform needs in addition to its own pods: those of two small executors.
_EXECUTORS = 2
_TO_WORK = Resources(cpu=_EXECUTORS * 0.2, memory=_EXECUTORS * 2**30)
# So many seconds a pod may find no room before somebody makes it: others end, and what they had is free.
_PATIENCE_S = 30
_STAYING = (DEPLOYMENT.name, STATEFUL_SET.name)
# What makes their pods.
_CONTROLLERS = ("ReplicaSet", STATEFUL_SET.name)


def left_for(kube: Kube, own: Collection[str] = (), coming: Collection[str] = ()) -> Resources | None:
    """Return the cores, bytes of memory and GPUs that are free on the nodes that take pods.

    None without the right to list nodes.

    Pods in the namespaces `own` do not count as used. In the namespaces `coming`, those of workloads that have no node
    yet count too: they take what is free as soon as they can. It takes two calls, whatever the size of the cluster.
    Quotas do not matter: a scenario's team has its own namespace.
    """
    try:
        listed = [node for node in kube.list(NODE) if not is_simulated(node)]
    except Refused:
        return None
    open_nodes = {node["metadata"]["name"]: node for node in listed if not nodes.closed(node)}
    offered = [node["status"].get("allocatable", {}) for node in open_nodes.values()]
    asked = [
        requests
        for pod in kube.list(POD)
        if pod["metadata"]["namespace"] not in own
        and not has_ended(pod)
        and (pod["spec"].get("nodeName") in open_nodes or _comes(pod, coming))
        for requests in _requests(pod)
    ]

    def left(resource: str) -> float:
        return max(0.0, _sum(offered, resource) - _sum(asked, resource))

    return Resources(cpu=left("cpu"), memory=int(left("memory")), gpus=int(left(_GPU)))


def _comes(pod: Manifest, namespaces: Collection[str]) -> bool:
    about = pod["metadata"]
    own = about["namespace"] in namespaces and not pod["spec"].get("nodeName")
    return own and any(owner["kind"] in _CONTROLLERS for owner in about.get("ownerReferences", ()))


def left_by_quota(kube: Kube, namespace: str) -> Resources | None:
    """Return what the quotas of a namespace leave of cores and memory; None if they do not limit both."""
    found = [quota["status"] for quota in kube.list(RESOURCE_QUOTA, namespace) if "hard" in quota.get("status", {})]

    def left(resource: str) -> float | None:
        names = (resource, f"requests.{resource}")
        amounts = [
            quantity(status["hard"][name]) - quantity(status.get("used", {}).get(name, "0"))
            for status in found
            for name in names
            if name in status["hard"]
        ]
        return max(0.0, min(amounts)) if amounts else None

    cpu, memory = left("cpu"), left("memory")
    return None if cpu is None or memory is None else Resources(cpu=cpu, memory=int(memory))


def lack_of(wanted: Resources, left: Resources | None) -> str:
    """Return what is wanted and not left, in words; "" if all is, or if nobody can say what is left."""
    return wanted.lacks(left) if left is not None else ""


def needed_by(manifests: str) -> Resources:
    """Return what the platform of these manifests needs to work: its pods, and two executors."""
    asked = asked_by(manifests)
    return replace(asked, cpu=asked.cpu + _TO_WORK.cpu, memory=asked.memory + _TO_WORK.memory)


def starving(kube: Kube, namespaces: Collection[str]) -> str:
    """Return what is not left of what pods in these namespaces ask for that have found no room for a while, in words.

    Their work waits for that. An executor beside two others of its application is none of them: the work
    goes on, if slower.
    """
    pods = [pod for namespace in namespaces for pod in kube.list(POD, namespace) if not has_ended(pod)]
    placed = Counter(_application(pod) for pod in pods if pod["spec"].get("nodeName"))
    waiting = [pod for pod in pods if _finds_no_room(pod) and placed[_application(pod)] < _EXECUTORS]
    asked = [requests for pod in waiting for requests in _requests(pod)]
    return lack_of(Resources(cpu=_sum(asked, "cpu"), memory=int(_sum(asked, "memory"))), left_for(kube))


def _application(pod: Manifest) -> tuple[str, str]:
    """Return what tells the executors of one application from others; a pod that is no executor is alone."""
    about, labels = pod["metadata"], pod["metadata"].get("labels", {})
    name = labels.get(SPARK_APPLICATION) if labels.get(SPARK_ROLE) == "executor" else about["name"]
    return about["namespace"], str(name)


def _finds_no_room(pod: Manifest) -> bool:
    placed = condition(pod, "PodScheduled")
    if placed.get("status") != "False" or "Insufficient" not in placed.get("message", ""):
        return False
    return clock.now() - datetime.fromisoformat(placed["lastTransitionTime"]).timestamp() > _PATIENCE_S


def asked_by(manifests: str) -> Resources:
    """Return the cores and bytes of memory that all replicas in rendered manifests request; Jobs do not count."""
    asked = [
        requests
        for each in yaml.safe_load_all(manifests)
        if each and each["kind"] in _STAYING
        for requests in _requests(each["spec"]["template"]) * each["spec"].get("replicas", 1)
    ]
    return Resources(cpu=_sum(asked, "cpu"), memory=int(_sum(asked, "memory")))


def _requests(pod: Manifest) -> list[Manifest]:
    return [container.get("resources", {}).get("requests", {}) for container in pod["spec"]["containers"]]


def _sum(amounts: Iterable[Manifest], resource: str) -> float:
    return sum(quantity(each[resource]) for each in amounts if resource in each)
