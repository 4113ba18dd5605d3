"""What a namespace has: its objects as somebody asked for them, and the containers that its kubelets run."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.kube.client import Kube
from sparkproof.kube.objects import ENDPOINT_SLICE, LEASE, POD, Manifest

# What programs of the cluster write all the time, and nobody asked for.
_OF_PROGRAMS = (ENDPOINT_SLICE.name, "Endpoints", LEASE.name)
_WRITTEN_BY_THE_SERVER = ("resourceVersion", "managedFields", "generation")


@dataclass(frozen=True)
class NamespaceState:
    """The objects of a namespace, "Kind name" to unique id and hash of all but its status, and its containers.

    The containers are "pod/container" to the pod's unique id and the moment of the start, as kubelets have it: what the
    API server says of them may be as old as its data. `revision` is the newest of an object.
    """

    objects: Mapping[str, str]
    containers: Mapping[str, str]
    revision: int

    @classmethod
    def of(cls, kube: Kube, namespace: str) -> "NamespaceState":
        """Look at every object of a namespace, and ask the kubelets of its pods."""
        kinds = [kind for kind in kube.kinds() if kind.name not in _OF_PROGRAMS]
        found = [each for kind in kinds for each in kube.list(kind, namespace)]
        objects = {f"{each['kind']} {each['metadata']['name']}": _shown(each) for each in found}
        revision = max((int(each["metadata"].get("resourceVersion", 0)) for each in found), default=0)
        return cls(objects, containers(kube, namespace), revision)

    def missing_in(self, other: "NamespaceState") -> list[str]:
        """Return the objects that another state does not have, by kind and name."""
        return sorted(self.objects.keys() - other.objects.keys())

    def altered_in(self, other: "NamespaceState") -> list[str]:
        """Return the objects that another state has otherwise, or as others of their name, by kind and name."""
        return sorted(name for name, own in self.objects.items() if other.objects.get(name, own) != own)


def containers(kube: Kube, namespace: str) -> Mapping[str, str]:
    """Return the containers that kubelets run for a namespace, by pod and name, with the pod's id and their start."""
    nodes = {pod["spec"]["nodeName"] for pod in kube.list(POD, namespace) if pod["spec"].get("nodeName")}
    known = [pod for node in sorted(nodes) for pod in kube.node_summary(node)["pods"]]
    return {
        f"{pod['podRef']['name']}/{each['name']}": f"{pod['podRef']['uid']}, since {each['startTime']}"
        for pod in known
        if pod["podRef"]["namespace"] == namespace
        for each in pod.get("containers", ())
    }


def _shown(found: Manifest) -> str:
    """Return the unique id of an object and the hash of what was asked for."""
    metadata = {name: value for name, value in found["metadata"].items() if name not in _WRITTEN_BY_THE_SERVER}
    asked = {name: value for name, value in found.items() if name != "status"} | {"metadata": metadata}
    return f"{metadata['uid']} {hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()}"
