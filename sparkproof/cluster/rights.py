"""The rights that a run needs on a cluster: one list for the probe before a run, the example role and docs."""

from collections.abc import Iterator
from dataclasses import dataclass

from sparkproof.core.aside import together
from sparkproof.core.examples import FOLDER
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import Manifest

NAME = "sparkproof"
EXAMPLE = FOLDER / "rights" / "cluster-role.yaml"
_READ = ("get", "list")
_OWN = ("get", "list", "watch", "create", "update", "patch", "delete")
_ASKED_AT_ONCE = 8


@dataclass(frozen=True)
class Right:
    """Verbs on resources, in kubectl's words ("statefulsets.apps"), and what a run needs them for.

    Without an `optional` right, a run goes on and lacks only what `purpose` names.
    """

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    purpose: str
    optional: bool = False

    @property
    def rules(self) -> list[Manifest]:
        """The rules of a ClusterRole that give this right, one for each API group."""
        groups: dict[str, list[str]] = {}
        for resource in self.resources:
            whole, slash, sub = resource.partition("/")
            name, _, group = whole.partition(".")
            groups.setdefault(group, []).append(f"{name}{slash}{sub}")
        return [
            {"apiGroups": [group], "resources": resources, "verbs": list(self.verbs)}
            for group, resources in groups.items()
        ]

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """Each verb with each resource."""
        return ((verb, resource) for resource in self.resources for verb in self.verbs)


RIGHTS = (
    Right(("get", "list", "create", "patch", "delete"), ("namespaces",), "a namespace for each team"),
    Right(
        (*_OWN, "deletecollection"),
        ("pods", "services", "configmaps", "persistentvolumeclaims"),
        "what platforms consist of, and what their drivers may do, which only those who may it themselves can grant",
    ),
    Right(
        _OWN,
        ("secrets", "serviceaccounts", "deployments.apps", "statefulsets.apps", "jobs.batch", "cronjobs.batch"),
        "what platforms consist of; helm keeps releases in Secrets",
    ),
    Right(_OWN, ("roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io"), "drivers' accounts"),
    Right(_OWN, ("networkpolicies.networking.k8s.io", "resourcequotas"), "policies and quotas of teams"),
    Right(_OWN, ("poddisruptionbudgets.policy",), "budgets of servers and workers, which drains respect"),
    Right(("get", "create"), ("pods/exec",), "users' sessions, which run in client pods"),
    Right(("get",), ("pods/log", "pods/proxy"), "causes of failures; plans and metrics, which drivers serve"),
    Right(_READ, ("events",), "causes of failures"),
    Right(
        ("create",), ("subjectaccessreviews.authorization.k8s.io",), "criteria about accounts' rights", optional=True
    ),
    Right(
        _OWN,
        (
            "validatingadmissionpolicies.admissionregistration.k8s.io",
            "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        ),
        "criteria about admission policies",
        optional=True,
    ),
    Right(_READ, ("ingresses.networking.k8s.io",), "audits of namespaces", optional=True),
    Right(("create",), ("pods/eviction",), "criteria about drains", optional=True),
    Right(_OWN, ("leases.coordination.k8s.io",), "the sign that a run is alive, for `sparkproof sweep`", optional=True),
    Right(
        _READ,
        ("nodes",),
        "free capacity for parallel scenarios; probes of GPUs and network policies; nodes that take no pods",
        optional=True,
    ),
    Right(
        ("get",),
        ("nodes/proxy",),
        "the free disk of a node under pressure; the memory that a server keeps",
        optional=True,
    ),
    Right(
        _READ,
        ("storageclasses.storage.k8s.io", "apiservices.apiregistration.k8s.io", "daemonsets.apps"),
        "probes of storage, metrics and network policies",
        optional=True,
    ),
    Right(
        _OWN,
        (
            "podmonitors.monitoring.coreos.com",
            "prometheusrules.monitoring.coreos.com",
            "servicemonitors.monitoring.coreos.com",
        ),
        "monitors and alerts, where the Prometheus operator is installed",
        optional=True,
    ),
    Right(
        _READ,
        ("prometheuses.monitoring.coreos.com",),
        "criteria about targets, alerts and dashboards, which ask the cluster's Prometheus",
        optional=True,
    ),
    Right(_OWN, ("scaledobjects.keda.sh",), "workers that follow applications, where KEDA is installed", optional=True),
)


def cluster_role() -> Manifest:
    """Return the ClusterRole that has all of the rights."""
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": NAME},
        "rules": [rule for right in RIGHTS for rule in right.rules],
    }


def missing(kube: Kube) -> list[str]:
    """Return the needed rights that these credentials lack, by resource ("get, list namespaces")."""
    wanted = [pair for right in RIGHTS if not right.optional for pair in right.pairs]
    answers = together(lambda pair: kube.may_i(*pair), wanted, at_once=_ASKED_AT_ONCE)
    lacking: dict[str, list[str]] = {}
    for (verb, resource), allowed in zip(wanted, answers, strict=True):
        if not allowed:
            lacking.setdefault(resource, []).append(verb)
    return [f"{', '.join(verbs)} {resource}" for resource, verbs in lacking.items()]
