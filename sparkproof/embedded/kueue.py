"""Kueue on the embedded cluster, which lets pods and jobs wait for their team's quota: started when first needed.

Its manifests come from its own chart. Its webhooks reach only namespaces that carry a label, which is checked before
they are applied: while Kueue is down, the API server creates no pod where they reach.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from sparkproof.build import programs
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing
from sparkproof.embedded import added
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import DEPLOYMENT, Manifest, Manifests

_VALUES = Path(__file__).with_suffix(".yaml")
_MODULE = "sigs.k8s.io/kueue"
_NAME, _NAMESPACE = "kueue", "kueue-system"
_DEPLOYMENT = f"{_NAME}-controller-manager"
# The namespaces in which it manages what names a queue.
_MANAGED = "kueue.x-k8s.io/managed-namespace"
# The API groups of what every cluster has; it may reach its own kinds everywhere.
_EVERYBODYS = frozenset({"", "apps", "batch", "*"})
# Parts of its chart that its values switch off, by a word of their names.
_SWITCHED_OFF = ("visibility", "metrics")


def start(kube: Kube) -> None:
    """Have Kueue run on the embedded cluster that `kube` reaches; one that runs is left as it is.

    Raises process.CommandFailed when it cannot be built, wait.GaveUp when it does not come up.
    """
    reference = added.image(_NAME, ["manager"])
    manifests = list(_needed(added.rendered(_NAME, _NAMESPACE, _chart, _VALUES, reference)))
    _refuse_wide(manifests)
    with doing("starting Kueue"):
        # A run that was killed may have left it stopped.
        if kube.get(DEPLOYMENT, _DEPLOYMENT, _NAMESPACE):
            kube.patch(DEPLOYMENT, _DEPLOYMENT, {"spec": {"replicas": 1}}, _NAMESPACE)
        added.apply(kube, _NAMESPACE, [[added.restricted(_NAMESPACE), *manifests]])


def _chart() -> Path:
    return programs.sources(_MODULE) / "charts" / _NAME


def _needed(manifests: Manifests) -> Iterator[Manifest]:
    """Yield what of the chart is used: no rights that nobody has, or that come to all who administer a namespace."""
    bound = {each["roleRef"]["name"] for each in manifests if each["kind"] == "ClusterRoleBinding"}
    for each in manifests:
        kind, metadata = each["kind"], each["metadata"]
        if any(word in metadata["name"] for word in _SWITCHED_OFF) or (
            kind == "ClusterRole" and metadata["name"] not in bound
        ):
            continue
        if kind.endswith("WebhookConfiguration"):
            # The chart gives it a namespace, which it cannot have.
            metadata.pop("namespace", None)
        yield each


def _refuse_wide(manifests: Iterable[Manifest]) -> None:
    """Check that no webhook could stop what every cluster has outside its own namespaces; raises SparkproofError."""
    for manifest in manifests:
        for each in manifest.get("webhooks", ()):
            groups = {group for rule in each["rules"] for group in rule["apiGroups"]}
            chosen = each.get("namespaceSelector", {}).get("matchLabels", {})
            if groups & _EVERYBODYS and chosen.get(_MANAGED) != "true":
                raise SparkproofError(
                    f"Kueue's webhook {each['name']} would reach namespaces without the label {_MANAGED}, in which no "
                    f"pod could be created while Kueue is down: let {_VALUES.name} narrow it."
                )
