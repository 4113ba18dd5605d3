"""The free capacity of a cluster: the resources of its nodes without the requests of other pods."""

from collections.abc import Collection, Iterable

import yaml

from sparkproof.core.resources import Resources, quantity
from sparkproof.kube import nodes
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import (
    DEPLOYMENT,
    NODE,
    POD,
    RESOURCE_QUOTA,
    STATEFUL_SET,
    Manifest,
    has_ended,
    is_simulated,
)

_GPU = "nvidia.com/gpu"
_STAYING = (DEPLOYMENT.name, STATEFUL_SET.name)


def left_for(kube: Kube, own: Collection[str] = ()) -> Resources | None:
    """Return the cores, bytes of memory and GPUs that are free on the nodes that take pods.

    None without the right to list nodes.

    Pods in the namespaces `own` do not count as used. It takes two calls, whatever the size of the cluster. Quotas do
    not matter: a scenario's team has its own namespace.
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
        if pod["spec"].get("nodeName") in open_nodes and not has_ended(pod) and pod["metadata"]["namespace"] not in own
        for requests in _requests(pod)
    ]

    def left(resource: str) -> float:
        return max(0.0, _sum(offered, resource) - _sum(asked, resource))

    return Resources(cpu=left("cpu"), memory=int(left("memory")), gpus=int(left(_GPU)))


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
