"""What a cluster has for a run: what its nodes can give less what the pods of others ask for."""

from collections.abc import Collection, Iterable

import yaml

from sparkproof.core.resources import Resources, quantity
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import DEPLOYMENT, NODE, POD, STATEFUL_SET, Manifest, has_ended, is_simulated

_GPU = "nvidia.com/gpu"
_STAYING = (DEPLOYMENT.name, STATEFUL_SET.name)


def left_for(kube: Kube, own: Collection[str] = ()) -> Resources:
    """Cores, memory and GPUs that others leave on the nodes that take pods; pods in the namespaces `own` do not count.

    Costs two calls, whatever the size of the cluster. Quotas need no look: a scenario's team has its own namespace.
    """
    nodes = {node["metadata"]["name"]: node for node in kube.list(NODE) if _takes_pods(node)}
    offered = [node["status"].get("allocatable", {}) for node in nodes.values()]
    asked = [
        requests
        for pod in kube.list(POD)
        if pod["spec"].get("nodeName") in nodes and not has_ended(pod) and pod["metadata"]["namespace"] not in own
        for requests in _requests(pod)
    ]

    def left(resource: str) -> float:
        return max(0.0, _sum(offered, resource) - _sum(asked, resource))

    return Resources(cpu=left("cpu"), memory=int(left("memory")), gpus=int(left(_GPU)))


def asked_by(manifests: str) -> Resources:
    """Cores and memory that the workloads in rendered manifests ask for, all their replicas; jobs end and count not."""
    asked = [
        requests
        for each in yaml.safe_load_all(manifests)
        if each and each["kind"] in _STAYING
        for requests in _requests(each["spec"]["template"]) * each["spec"].get("replicas", 1)
    ]
    return Resources(cpu=_sum(asked, "cpu"), memory=int(_sum(asked, "memory")))


def _takes_pods(node: Manifest) -> bool:
    ready = any(one["type"] == "Ready" and one["status"] == "True" for one in node["status"].get("conditions", []))
    return ready and not node["spec"].get("unschedulable") and not is_simulated(node)


def _requests(pod: Manifest) -> list[Manifest]:
    return [container.get("resources", {}).get("requests", {}) for container in pod["spec"]["containers"]]


def _sum(amounts: Iterable[Manifest], resource: str) -> float:
    return sum(quantity(each[resource]) for each in amounts if resource in each)
