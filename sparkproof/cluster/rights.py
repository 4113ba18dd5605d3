"""The rights that a run needs on a cluster: one list for the probe before a run, the example roles and docs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from sparkproof.core.aside import together
from sparkproof.core.examples import FOLDER
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import Manifest

NAME = "sparkproof"
EXAMPLE = FOLDER / "rights" / "cluster-role.yaml"
EXAMPLE_IN_ONE_NAMESPACE = FOLDER / "rights" / "role.yaml"
_READ = ("get", "list")
_OWN = ("get", "list", "watch", "create", "update", "patch", "delete")
_ASKED_AT_ONCE = 8


@dataclass(frozen=True)
class Right:
    """Verbs on resources, in kubectl's words ("statefulsets.apps"), and what a run needs them for.

    Without an `optional` right, a run goes on and lacks only what `purpose` names. `in_one` are the verbs that a run
    needs whose platforms go into one namespace, None for all of them; () if it does without.
    """

    verbs: tuple[str, ...]
    resources: tuple[str, ...]
    purpose: str
    optional: bool = False
    in_one: tuple[str, ...] | None = None

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
    Right(
        ("get", "list", "create", "patch", "delete"),
        ("namespaces",),
        "a namespace for each team, or the one that is given",
        in_one=("get",),
    ),
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
    Right(_OWN, ("networkpolicies.networking.k8s.io",), "policies of platforms and teams"),
    Right(_OWN, ("resourcequotas",), "quotas of teams, and what is left of them", in_one=_READ),
    Right(_OWN, ("poddisruptionbudgets.policy",), "budgets of servers and workers, which drains respect"),
    Right(("get", "create"), ("pods/exec",), "users' sessions, which run in client pods"),
    Right(("get",), ("pods/log", "pods/proxy"), "causes of failures; plans and metrics, which drivers serve"),
    Right(_READ, ("events",), "causes of failures"),
    Right(
        ("create",),
        ("localsubjectaccessreviews.authorization.k8s.io",),
        "the cause when no executor comes; criteria about accounts' rights",
    ),
    Right(
        ("create",),
        ("subjectaccessreviews.authorization.k8s.io",),
        "criteria about accounts' rights in the whole cluster",
        optional=True,
        in_one=(),
    ),
    Right(
        _OWN,
        (
            "validatingadmissionpolicies.admissionregistration.k8s.io",
            "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        ),
        "criteria about admission policies",
        optional=True,
        in_one=(),
    ),
    Right(_READ, ("ingresses.networking.k8s.io",), "audits of namespaces", optional=True),
    Right(("create",), ("pods/eviction",), "criteria about drains", optional=True),
    Right(("patch",), ("pods/ephemeralcontainers",), "criteria about debugging containers", optional=True, in_one=()),
    Right(_OWN, ("leases.coordination.k8s.io",), "the sign that a run is alive, for `sparkproof sweep`", optional=True),
    Right(
        _READ,
        ("nodes",),
        "free capacity for parallel scenarios; probes of GPUs and network policies; nodes that take no pods",
        optional=True,
        in_one=(),
    ),
    Right(
        ("get",),
        ("nodes/proxy",),
        "the free disk of a node under pressure; the memory that a server keeps",
        optional=True,
        in_one=(),
    ),
    Right(
        _READ,
        ("storageclasses.storage.k8s.io", "apiservices.apiregistration.k8s.io", "daemonsets.apps"),
        "probes of storage, metrics and network policies",
        optional=True,
        in_one=(),
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
        in_one=(),
    ),
    Right(_OWN, ("scaledobjects.keda.sh",), "workers that follow applications, where KEDA is installed", optional=True),
    Right(
        _OWN,
        ("scaledjobs.keda.sh", "triggerauthentications.keda.sh"),
        "work that landed objects start, where KEDA is installed",
        optional=True,
    ),
    Right(
        _OWN,
        ("verticalpodautoscalers.autoscaling.k8s.io",),
        "advice on sizes, where the VerticalPodAutoscaler is installed",
        optional=True,
    ),
)


# What a run in one namespace needs: the same, without what reaches beyond.
IN_ONE_NAMESPACE = tuple(
    right if right.in_one is None else replace(right, verbs=right.in_one) for right in RIGHTS if right.in_one != ()
)


def cluster_role() -> Manifest:
    """Return the ClusterRole that has all of the rights."""
    return _role("ClusterRole", RIGHTS)


def role() -> Manifest:
    """Return the Role that has all of the rights of a run in one namespace."""
    return _role("Role", IN_ONE_NAMESPACE)


def missing(kube: Kube, namespace: str = "") -> list[str]:
    """Return the needed rights that these credentials lack, by resource ("get, list namespaces").

    Those in the whole cluster are asked for or, with a namespace, those of a run that has no other.
    """
    needed = IN_ONE_NAMESPACE if namespace else RIGHTS
    wanted = [pair for right in needed if not right.optional for pair in right.pairs]
    answers = together(lambda pair: kube.may_i(*pair, namespace), wanted, at_once=_ASKED_AT_ONCE)
    lacking: dict[str, list[str]] = {}
    for (verb, resource), allowed in zip(wanted, answers, strict=True):
        if not allowed:
            lacking.setdefault(resource, []).append(verb)
    return [f"{', '.join(verbs)} {resource}" for resource, verbs in lacking.items()]


def _role(kind: str, rights: Iterable[Right]) -> Manifest:
    return {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": NAME},
        "rules": [rule for right in rights for rule in right.rules],
    }
