"""One probe for each capability that a cluster may offer: its question to the API server, and its remedy."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparkproof.core import browser
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import EMBEDDED, POLICY_ENGINE_LABEL
from sparkproof.kube.objects import API_SERVICE, DAEMON_SET, NODE, STORAGE_CLASS, Kind, Manifest, is_simulated


@dataclass(frozen=True)
class Support:
    """The result of a probe; `reason` says what shows the capability, or what is absent and what would enable it."""

    enabled: bool
    reason: str


class Inventory:
    """The objects that the API server lists, requested once for each kind and used by all probes."""

    def __init__(self, kube: Kube) -> None:
        self._kube = kube
        self._lock = threading.Lock()
        self._found: dict[Kind, list[Manifest]] = {}

    def list(self, kind: Kind) -> list[Manifest]:
        """Return all objects of a kind; probes that ask at the same time wait for one answer."""
        with self._lock:
            if kind not in self._found:
                self._found[kind] = self._kube.list(kind)
            return self._found[kind]


Probe = Callable[[Inventory], Support]
# What is looked for where the suite runs.
WITHOUT_CLUSTER = frozenset({"browser"})

# Policy engines by the API group that they add or, for those that add none, by their DaemonSet.
_ENGINE_APIS = {
    "crd.projectcalico.org": "Calico",
    "cilium.io": "Cilium",
    "crd.antrea.io": "Antrea",
    "k8s.ovn.org": "OVN-Kubernetes",
}
_ENGINE_DAEMONS = ("kube-network-policies", "kube-router", "kindnet", "azure-npm")
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def _device(resource: str, remedy: str) -> Probe:
    def probe(inventory: Inventory) -> Support:
        nodes = [node for node in inventory.list(NODE) if not is_simulated(node)]
        count = sum(int(node["status"].get("allocatable", {}).get(resource, 0)) for node in nodes)
        if count:
            return Support(True, f"nodes offer {count} {resource}")
        return Support(False, f"no node offers {resource}: {remedy}")

    return probe


def _api(group: str, remedy: str) -> Probe:
    def probe(inventory: Inventory) -> Support:
        services = (service["spec"].get("group", "") for service in inventory.list(API_SERVICE))
        if group in services:
            return Support(True, f"the API server serves {group}")
        return Support(False, f"the API server does not serve {group}: {remedy}")

    return probe


def _storage(inventory: Inventory) -> Support:
    for storage in inventory.list(STORAGE_CLASS):
        if storage["metadata"].get("annotations", {}).get(_DEFAULT_CLASS) == "true":
            return Support(True, f"{storage['metadata']['name']} is the default StorageClass")
    return Support(False, "no StorageClass is the default: mark one as such")


def _network_policy(inventory: Inventory) -> Support:
    """Look for an engine that should enforce policies; the criteria show if it really does."""
    marked = (node["metadata"].get("labels", {}).get(POLICY_ENGINE_LABEL) for node in inventory.list(NODE))
    if engine := next(filter(None, marked), None):
        return Support(True, f"a node names {engine} as what enforces network policies")
    for service in inventory.list(API_SERVICE):
        if engine := _ENGINE_APIS.get(service["spec"].get("group", "")):
            return Support(True, f"the API server serves {service['spec']['group']}, so {engine} enforces policies")
    for daemons in inventory.list(DAEMON_SET):
        if (name := daemons["metadata"]["name"]) in _ENGINE_DAEMONS:
            return Support(True, f"{name} runs on the nodes and enforces network policies")
    return Support(
        False,
        "nothing that enforces network policies can be seen: install an engine or, where one is built in, say so by "
        f"`kubectl label node --all {POLICY_ENGINE_LABEL}=NAME`",
    )


def _is_embedded(inventory: Inventory) -> bool:
    return any(EMBEDDED in node["metadata"].get("labels", {}) for node in inventory.list(NODE))


def _on_embedded(what: str, elsewhere: Probe) -> Probe:
    """Return the probe of what the embedded cluster has or gets, in words; another cluster is asked by `elsewhere`."""

    def probe(inventory: Inventory) -> Support:
        if _is_embedded(inventory):
            return Support(True, f"the cluster is an embedded one, {what}")
        return elsewhere(inventory)

    return probe


def _never(reason: str) -> Probe:
    """Return the probe of what is done to no cluster but the embedded one."""
    return lambda _: Support(False, f"{reason}: use -D cluster=embedded")


def _browser(_: Inventory) -> Support:
    """Look for the browser, which runs beside the suite and not in the cluster."""
    if program := browser.program():
        return Support(True, f"pages are opened in {program}")
    return Support(False, "no Chromium is installed where the suite runs: apt-get install chromium")


PROBES: Mapping[str, Probe] = {
    "gpu": _device("nvidia.com/gpu", "add a GPU node with NVIDIA's device plugin"),
    "amd-gpu": _device("amd.com/gpu", "add a GPU node with AMD's device plugin"),
    "intel-gpu": _device("gpu.intel.com/i915", "add a GPU node with Intel's device plugin"),
    "simulated-nodes": _on_embedded(
        "which may have simulated nodes beside its own",
        _never("a cluster that others may use gets no simulated nodes"),
    ),
    "storage": _storage,
    "network-policy": _network_policy,
    "metrics": _api("metrics.k8s.io", "install metrics-server"),
    "prometheus": _on_embedded(
        "which gets a Prometheus when criteria need one",
        _api("monitoring.coreos.com", "install the Prometheus operator"),
    ),
    "kube-state-metrics": _on_embedded(
        "on which kube-state-metrics is started when it is needed",
        _never("nobody can say here if a cluster's Prometheus reads kube-state-metrics"),
    ),
    "browser": _browser,
    "keda": _on_embedded("on which KEDA is started when it is needed", _api("keda.sh", "install KEDA")),
    "kueue": _on_embedded(
        "on which Kueue is started when it is needed",
        _never("others may need the Kueue of this cluster, and it is stopped for a criterion"),
    ),
    "node-autoscaler": _on_embedded(
        "on which Karpenter plays with simulated nodes",
        _never("a cluster whose nodes cost money gets no pools for a criterion"),
    ),
    "spark-operator": _on_embedded(
        "on which the Spark Operator is started when it is needed",
        _never("nobody can say here which namespaces a cluster's operator serves"),
    ),
    "control-plane": _on_embedded(
        "whose control plane a run may stop and restore",
        _never("nobody stops a control plane that others may need, for a criterion"),
    ),
    "vpa": _on_embedded(
        "on which VPA's recommender is started when it is needed",
        _api("autoscaling.k8s.io", "install the VerticalPodAutoscaler, and metrics-server for it"),
    ),
}
