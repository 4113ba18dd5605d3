"""The Spark Operator of the embedded cluster: what it may do and where, and the order in which it comes."""

from typing import Any

import pytest
import yaml

from sparkproof.build import images
from sparkproof.build.recipes import Recipe
from sparkproof.core import timeouts
from sparkproof.core.wait import GaveUp
from sparkproof.embedded import added, loaded, spark_operator
from sparkproof.embedded.spark_operator import start
from sparkproof.kube.spark_operator import ACCOUNT, OPERATOR, ROLE, SERVED

# What its chart renders, in short.
RULES = [
    {"apiGroups": [""], "resources": ["nodes"], "verbs": ["get"]},
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "create", "delete"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    {
        "apiGroups": ["admissionregistration.k8s.io"],
        "resources": ["mutatingwebhookconfigurations"],
        "resourceNames": ["spark-operator-webhook"],
        "verbs": ["get", "update"],
    },
]
WEBHOOKS = ("MutatingWebhookConfiguration", "ValidatingWebhookConfiguration")
CHART: list[dict[str, Any]] = [
    {"kind": "CustomResourceDefinition", "metadata": {"name": "sparkapplications.sparkoperator.k8s.io"}},
    {"kind": "ClusterRole", "metadata": {"name": ACCOUNT, "namespace": OPERATOR}, "rules": RULES},
    {"kind": "ClusterRoleBinding", "metadata": {"name": ACCOUNT, "namespace": OPERATOR}},
    {"kind": "Service", "metadata": {"name": "spark-operator-webhook-svc"}},
    {"kind": "Deployment", "metadata": {"name": ACCOUNT}},
    *({"kind": kind, "metadata": {"name": "w"}, "webhooks": [{"clientConfig": {}}] * 2} for kind in WEBHOOKS),
]


class Cluster:
    """An API server that serves new kinds and workloads, and whose webhooks get their certificate if `trusted`."""

    def __init__(self, *, trusted: bool = True) -> None:
        self.trusted, self.applied = trusted, list[dict[str, Any]]()

    def apply(self, manifest: dict[str, Any]) -> None:
        self.applied.append(manifest)

    def patch(self, *_: Any) -> None:
        """Take the digest of what was applied."""

    def get(self, kind: Any, _name: str, _namespace: str | None = None) -> dict[str, Any]:
        if kind.name in WEBHOOKS:
            trusted = {"clientConfig": {"caBundle": "Y2E="}}
            return {"webhooks": [trusted, trusted if self.trusted else {"clientConfig": {}}]}
        if kind.name == "CustomResourceDefinition":
            return {"status": {"conditions": [{"type": "Established", "status": "True"}]}}
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
        return {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, **counts}}

    def named(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the applied objects of a kind by name."""
        return {each["metadata"]["name"]: each for each in self.applied if each["kind"] == kind}


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[Recipe]:
    """The images that were made, of a program that is not built."""
    found: list[Recipe] = []

    def put(recipe: Recipe) -> str:
        found.append(recipe)
        return "localhost/sparkproof/spark-operator:v2.5.0-1"

    monkeypatch.setattr(loaded, "put", put)
    monkeypatch.setattr(added, "text", lambda *_: yaml.safe_dump_all(CHART))
    return found


def test_its_image_is_the_platforms_own_with_one_program_more(made: list[Recipe]) -> None:
    start(Cluster())  # type: ignore[arg-type]
    (recipe,) = made
    assert recipe.programs == (OPERATOR,)
    assert recipe.base == images.spark_recipe("4.1.1")
    assert recipe.reference.startswith("localhost/sparkproof/spark-operator:v2.5.0-")


def test_it_looks_everywhere_and_acts_only_where_its_role_is_bound() -> None:
    cluster: Any = Cluster()
    start(cluster)
    roles = cluster.named("ClusterRole")
    looks = {(rule["resources"][0], verb) for rule in roles[ACCOUNT]["rules"] for verb in rule["verbs"]}
    own = {("mutatingwebhookconfigurations", "get"), ("mutatingwebhookconfigurations", "update")}
    assert looks == {("nodes", "get"), ("pods", "get"), ("pods", "list"), ("pods", "watch")} | own
    assert {verb for rule in roles[ROLE]["rules"] for verb in rule["verbs"]} == {"create", "delete", "patch", "update"}
    assert "namespace" not in roles[ACCOUNT]["metadata"]
    assert "namespace" not in cluster.named("ClusterRoleBinding")[ACCOUNT]["metadata"]


def test_it_is_in_its_own_namespace_which_admits_only_restricted_pods() -> None:
    cluster: Any = Cluster()
    start(cluster)
    assert cluster.named("Namespace")[OPERATOR]["metadata"]["labels"] == {
        "pod-security.kubernetes.io/enforce": "restricted"
    }
    for kind in ("Deployment", "Service"):
        assert [each["metadata"]["namespace"] for each in cluster.named(kind).values()] == [OPERATOR]


def test_webhooks_come_last_and_are_asked_about_namespaces_that_are_served_alone() -> None:
    cluster: Any = Cluster()
    start(cluster)
    assert tuple(each["kind"] for each in cluster.applied[-2:]) == WEBHOOKS
    for each in cluster.applied[-2:]:
        assert [own["namespaceSelector"] for own in each["webhooks"]] == [{"matchLabels": SERVED}] * 2


def test_webhooks_that_nobody_can_trust_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "POD_READY", 0.0)
    with pytest.raises(GaveUp, match="the certificate of MutatingWebhookConfiguration w"):
        start(Cluster(trusted=False))  # type: ignore[arg-type]


def test_its_own_chart_is_rendered_with_this_image_and_without_accounts_for_drivers() -> None:
    text = spark_operator._manifests("localhost/sparkproof/spark-operator:v2.5.0-1")
    rendered = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
    pods = {
        each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in rendered if each["kind"] == "Deployment"
    }
    assert set(pods) == {ACCOUNT, "spark-operator-webhook"}
    for pod in pods.values():
        (container,) = pod["containers"]
        assert container["image"] == "localhost/sparkproof/spark-operator:v2.5.0-1"
        assert container["imagePullPolicy"] == "IfNotPresent"
        assert container["securityContext"]["runAsNonRoot"] is True
    (selects,) = (each for each in pods[ACCOUNT]["containers"][0]["args"] if each.startswith("--namespace-selector"))
    assert selects == "--namespace-selector=sparkproof.dev/spark-operator=serves"
    accounts = {each["metadata"]["name"] for each in rendered if each["kind"] == "ServiceAccount"}
    assert accounts == {ACCOUNT, "spark-operator-webhook"}
