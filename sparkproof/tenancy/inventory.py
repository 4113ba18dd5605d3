"""What a namespace has, as far as its security is concerned: pods, accounts, policies, services and images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import POD_SECURITY
from sparkproof.kube.objects import (
    INGRESS,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    ROLE_BINDING,
    SERVICE,
    SERVICE_ACCOUNT,
    Kind,
    Manifest,
    Manifests,
    has_ended,
)

_NOT_FOR_US = (403, 404)
_KINDS_OF_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_KINDS_OF_STATUSES = ("initContainerStatuses", "containerStatuses")


@dataclass(frozen=True)
class Inventory:
    """The objects of a namespace; `enforced` is its level of Pod Security, "" without one.

    `bound` are the accounts that a RoleBinding of the namespace names.
    """

    kube: Kube
    namespace: str
    enforced: str
    pods: Manifests
    accounts: Sequence[str]
    bound: frozenset[str]
    policies: Manifests
    services: Manifests
    ingresses: Manifests

    @classmethod
    def of(cls, kube: Kube, namespace: str) -> "Inventory":
        """List the objects; pods that have ended are left out."""
        own = kube.get(NAMESPACE, namespace) or {}
        labels = own.get("metadata", {}).get("labels") or {}
        pods = [pod for pod in kube.list(POD, namespace) if not has_ended(pod)]
        accounts = [each["metadata"]["name"] for each in kube.list(SERVICE_ACCOUNT, namespace)]
        return cls(
            kube,
            namespace,
            labels.get(f"{POD_SECURITY}/enforce", ""),
            pods,
            accounts,
            frozenset(_named(kube, namespace)),
            kube.list(NETWORK_POLICY, namespace),
            kube.list(SERVICE, namespace),
            _listed(kube, INGRESS, namespace),
        )

    @property
    def images(self) -> Mapping[str, str]:
        """The images of the pods, each with the digest of what runs, "" where nothing runs."""
        found = {container["image"]: "" for pod in self.pods for container in containers(pod)}
        for pod in self.pods:
            for status in (each for kind in _KINDS_OF_STATUSES for each in pod.get("status", {}).get(kind) or []):
                if "sha256:" in status.get("imageID", ""):
                    found[status["image"]] = f"sha256:{status['imageID'].rpartition('sha256:')[2]}"
        return found

    def is_isolated(self, pod: Manifest, direction: str) -> bool:
        """True if a policy of this direction ("Ingress" or "Egress") selects the pod."""
        return any(
            direction in policy["spec"].get("policyTypes", ["Ingress"])
            and selects(policy["spec"].get("podSelector") or {}, pod["metadata"].get("labels") or {})
            for policy in self.policies
        )


def containers(pod: Manifest) -> Iterator[Manifest]:
    """Yield the containers of a pod, of every kind."""
    for kind in _KINDS_OF_CONTAINERS:
        yield from pod["spec"].get(kind) or []


def selects(selector: Manifest, labels: Mapping[str, str]) -> bool:
    """Return True if a label selector of the API selects what has these labels."""
    if not (selector.get("matchLabels") or {}).items() <= labels.items():
        return False
    return all(_holds(each, labels) for each in selector.get("matchExpressions") or [])


def _holds(expression: Manifest, labels: Mapping[str, str]) -> bool:
    key, values = expression["key"], expression.get("values") or []
    match expression["operator"]:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


def _named(kube: Kube, namespace: str) -> Iterator[str]:
    """Yield the accounts of the namespace that its RoleBindings name."""
    for binding in kube.list(ROLE_BINDING, namespace):
        for subject in binding.get("subjects") or []:
            if subject["kind"] == SERVICE_ACCOUNT.name and subject.get("namespace", namespace) == namespace:
                yield subject["name"]


def _listed(kube: Kube, kind: Kind, namespace: str) -> Manifests:
    """Return the objects of a kind that a cluster may lack, or that not everybody may list."""
    try:
        return kube.list(kind, namespace)
    except Refused as refused:
        if refused.code in _NOT_FOR_US:
            return []
        raise
