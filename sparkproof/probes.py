"""One probe for each capability that a cluster may offer: what is asked of the API server, and what would enable it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparkproof.kube import API_SERVICE, NODE, STORAGE_CLASS, Kube


@dataclass(frozen=True)
class Support:
    """Whether a capability is there; `reason` says by what it was seen, or what is absent and what would enable it."""

    enabled: bool
    reason: str


Probe = Callable[[Kube], Support]

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def offered(kube: Kube, resource: str) -> int:
    """How many of `resource` ("nvidia.com/gpu") the cluster's nodes offer to pods."""
    return sum(int(node["status"].get("allocatable", {}).get(resource, 0)) for node in kube.list(NODE))


def _device(resource: str, remedy: str) -> Probe:
    def probe(kube: Kube) -> Support:
        count = offered(kube, resource)
        if count:
            return Support(True, f"nodes offer {count} {resource}")
        return Support(False, f"no node offers {resource}: {remedy}")

    return probe


def _api(group: str, remedy: str) -> Probe:
    def probe(kube: Kube) -> Support:
        services = (service["spec"].get("group", "") for service in kube.list(API_SERVICE))
        if group in services:
            return Support(True, f"the API server serves {group}")
        return Support(False, f"the API server does not serve {group}: {remedy}")

    return probe


def _storage(kube: Kube) -> Support:
    for storage in kube.list(STORAGE_CLASS):
        if storage["metadata"].get("annotations", {}).get(_DEFAULT_CLASS) == "true":
            return Support(True, f"{storage['metadata']['name']} is the default StorageClass")
    return Support(False, "no StorageClass is the default: mark one as such")


PROBES: Mapping[str, Probe] = {
    "gpu": _device("nvidia.com/gpu", "add a GPU node with NVIDIA's device plugin"),
    "amd-gpu": _device("amd.com/gpu", "add a GPU node with AMD's device plugin"),
    "intel-gpu": _device("gpu.intel.com/i915", "add a GPU node with Intel's device plugin"),
    "storage": _storage,
    "metrics": _api("metrics.k8s.io", "install metrics-server"),
    "prometheus": _api("monitoring.coreos.com", "install the Prometheus operator"),
    "keda": _api("keda.sh", "install KEDA"),
}
