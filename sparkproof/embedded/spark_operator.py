"""Kubeflow's Spark Operator on the embedded cluster, which runs SparkApplications: built and started when first needed.

Its own chart is rendered. It serves namespaces that say so, and only there has the rights to make and remove anything.
It submits by the spark-submit of its image, which is the platform's own with the operator's program in it.
"""

import string
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import images, programs, versions
from sparkproof.build.recipes import Recipe
from sparkproof.core import process, timeouts
from sparkproof.core.progress import doing
from sparkproof.core.wait import eventually
from sparkproof.embedded import added, loaded
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import (
    CLUSTER_ROLE,
    DEPLOYMENT,
    MUTATING_WEBHOOKS,
    SERVICE,
    VALIDATING_WEBHOOKS,
    Manifest,
    selector,
)
from sparkproof.kube.spark_operator import OPERATOR, ROLE, SERVED

_VALUES = Path(__file__).with_suffix(".yaml")
_IMAGE = Path(__file__).parent / "config" / "spark-operator"
_MODULE = "github.com/kubeflow/spark-operator/v2"
_WEBHOOKS = {each.name: each for each in (MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS)}
_READS = ("get", "list", "watch")
# What it does where it serves: as the charts' submitting pod, and it says how applications end and removes them.
_SERVES = (
    {"apiGroups": [""], "resources": ["pods"], "verbs": ["create", "delete"]},
    {"apiGroups": [""], "resources": ["configmaps", "services"], "verbs": ["create", "patch", "delete"]},
    {"apiGroups": [""], "resources": ["events"], "verbs": ["create", "patch"]},
    {
        "apiGroups": ["sparkoperator.k8s.io"],
        "resources": ["sparkapplications", "sparkapplications/status", "sparkapplications/finalizers"],
        "verbs": ["update", "patch"],
    },
)


def start(kube: Kube) -> None:
    """Have the Spark Operator run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    reference = loaded.put(recipe())
    text = added.text(OPERATOR, lambda: _manifests(reference), _VALUES.read_text(), reference)
    manifests = [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]
    webhooks = [_narrowed(each) for each in manifests if each["kind"] in _WEBHOOKS]
    role = {"apiVersion": CLUSTER_ROLE.api_version, "kind": CLUSTER_ROLE.name, "metadata": {"name": ROLE}}
    own = [_limited(each) for each in manifests if each["kind"] not in _WEBHOOKS]
    with doing("starting the Spark Operator"):
        added.apply(kube, OPERATOR, [[added.restricted(OPERATOR), {**role, "rules": list(_SERVES)}, *own], webhooks])
        for each in webhooks:
            _await_certificate(kube, each)


def recipe() -> Recipe:
    """Return the recipe of the operator's image."""
    return Recipe(
        f"localhost/sparkproof/{OPERATOR}:{programs.version(OPERATOR)}",
        _IMAGE,
        programs=(OPERATOR,),
        base=images.spark_recipe(versions.default()),
    )


def _manifests(reference: str) -> str:
    """Return what the operator's own chart renders."""
    registry, _, path = reference.partition("/")
    repository, _, tag = path.rpartition(":")
    named = {"registry": registry, "repository": repository, "tag": tag, "selector": selector(SERVED)}
    values = string.Template(_VALUES.read_text()).substitute(named)
    chart = programs.sources(_MODULE) / "charts" / "spark-operator-chart"
    return process.run(
        [
            programs.build("helm"), "template", OPERATOR, chart,
            "--namespace", OPERATOR, "--include-crds", "--values", "-",
        ],
        timeout_s=timeouts.TOOL,
        input_text=values,
    ).stdout  # fmt: skip


def _narrowed(configuration: Manifest) -> Manifest:
    """Return webhooks that are asked about the namespaces that the operator serves, and about no others."""
    for webhook in configuration["webhooks"]:
        webhook["namespaceSelector"] = {"matchLabels": SERVED}
    return configuration


def _limited(manifest: Manifest) -> Manifest:
    """Return an object of the chart in its place; a ClusterRole only lets look, wherever there are namespaces."""
    if manifest["kind"] in (DEPLOYMENT.name, SERVICE.name):
        manifest["metadata"]["namespace"] = OPERATOR
    if manifest["kind"] in (CLUSTER_ROLE.name, f"{CLUSTER_ROLE.name}Binding"):
        del manifest["metadata"]["namespace"]
    if manifest["kind"] == CLUSTER_ROLE.name:
        for rule in manifest["rules"]:
            rule["verbs"] = [verb for verb in rule["verbs"] if _looks(verb, rule)]
        manifest["rules"] = [rule for rule in manifest["rules"] if rule["verbs"]]
    return manifest


def _looks(verb: str, rule: Mapping[str, Any]) -> bool:
    """Return True if a verb only reads, or is about the operator's own webhooks, into which it puts its certificate."""
    return verb in _READS or rule.get("resourceNames") == [f"{OPERATOR}-webhook"]


def _await_certificate(kube: Kube, configuration: Manifest) -> None:
    """Wait until the API server knows by which certificate it is to trust the operator's webhooks."""
    kind, name = _WEBHOOKS[configuration["kind"]], configuration["metadata"]["name"]
    eventually(
        f"the certificate of {kind.name} {name}",
        lambda: (kube.get(kind, name) or {}).get("webhooks", []),
        lambda webhooks: bool(webhooks) and all(each["clientConfig"].get("caBundle") for each in webhooks),
        within_s=timeouts.POD_READY,
        show=lambda webhooks: f"{len(webhooks)} webhooks, some without it",
    )
