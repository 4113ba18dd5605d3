"""Changes that somebody makes by hand to what a release installed."""

import json
from collections.abc import Mapping, Sequence

from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import RELEASE
from sparkproof.kube.objects import CONFIG_MAP, Kind

ADDED, DELETED = "added", "deleted"


def change_all(kube: Kube, release: str, namespace: str, changes: Sequence[Mapping[str, str]]) -> None:
    """Make each of these changes, with an `object` and a `change` as `change` has them, in their order."""
    for each in changes:
        change(kube, release, namespace, each["object"], each["change"])


def change(kube: Kube, release: str, namespace: str, title: str, what: str) -> None:
    """Change an object ("Service spark-connect") of a release: `what` is JSON to merge into it, "deleted" or "added".

    What is added is a ConfigMap with the release's label, as a copied manifest has it. Raises Refused; UsageError for a
    title or a change that is none.
    """
    name = title.partition(" ")[2]
    kind = next((each for each in kube.kinds(namespaced=True) if each.name == title.partition(" ")[0]), None)
    if kind is None or not name:
        raise UsageError(
            f"{title!r} is no object of a namespace: give a kind and a name, such as 'Service spark-connect'."
        )
    if what == ADDED:
        _add(kube, kind, {"name": name, "namespace": namespace, "labels": {RELEASE: release}})
        return
    if kube.get(kind, name, namespace) is None:
        raise SparkproofError(f"There is no {title} that somebody could change.")
    if what == DELETED:
        kube.delete(kind, name, namespace)
        return
    try:
        kube.patch(kind, name, json.loads(what), namespace)
    except ValueError:
        raise UsageError(f"{what!r} is no change: give JSON, {ADDED!r} or {DELETED!r}.") from None


def _add(kube: Kube, kind: Kind, meta: dict[str, object]) -> None:
    if kind != CONFIG_MAP:
        raise UsageError(f"Only a ConfigMap can be added by hand, and not a {kind.name}.")
    kube.create({"apiVersion": kind.api_version, "kind": kind.name, "metadata": meta, "data": {"by": "hand"}})
