"""A connection for a namespace that others use as well: what it brings carries a run's labels, and theirs stays."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.core.aside import together
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import CRON_JOB, DEPLOYMENT, JOB, LEASE, POD, STATEFUL_SET, Kind, Manifest, selector

# What makes pods goes before they do.
_CONTROLLERS = (CRON_JOB, JOB, STATEFUL_SET, DEPLOYMENT)
_AT_ONCE = 8
_FORBIDDEN, _UNKNOWN = 403, 404


class MarkedKube(Kube):
    """An API server to which every object comes with `labels`; an object without them is never changed by `apply`."""

    def __init__(self, kubeconfig: Path, context: str | None, labels: Mapping[str, str]) -> None:
        super().__init__(kubeconfig, context)
        self._labels = dict(labels)

    def apart(self) -> "MarkedKube":
        """Return another connection to the same API server, for a thread."""
        return MarkedKube(self.kubeconfig, self.context, self._labels)

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Apply the object with the labels; raises SparkproofError when somebody else has one of its name, Refused."""
        kind, meta = Kind(manifest["kind"], manifest["apiVersion"]), manifest["metadata"]
        namespace = meta.get("namespace")
        found = self.get(kind, meta["name"], namespace)
        if found and not self._labels.items() <= found["metadata"].get("labels", {}).items():
            raise SparkproofError(
                f"{kind.name} {meta['name']} in {namespace} exists already and is not of this run, so it is left as it "
                "is: remove or rename it if nobody needs it (`sparkproof sweep --namespace` removes what runs left)."
            )
        return super().apply(self._marked(manifest), dry_run=dry_run)

    def create(self, manifest: Manifest) -> None:
        """Create the object with the labels; raises Refused, with code 409 when there is one of this name."""
        super().create(self._marked(manifest))

    def _marked(self, manifest: Manifest) -> Manifest:
        metadata = manifest["metadata"]
        return {**manifest, "metadata": {**metadata, "labels": {**metadata.get("labels", {}), **self._labels}}}


def made(kube: Kube, kind: Kind, namespace: str | None = None, *, labels: str) -> list[Manifest]:
    """Return the objects of a kind that a selector of labels chooses, for those who made them.

    There are none of a kind that these credentials may not list, since they could not have made one, or that the
    cluster does not know. Raises Refused.
    """
    try:
        return kube.list(kind, namespace, labels=labels)
    except Refused as refused:
        if refused.code in (_FORBIDDEN, _UNKNOWN):
            return []
        raise


def labelled(kube: Kube, namespace: str, labels: str) -> list[Manifest]:
    """Return what was made in a namespace and is chosen by labels, controllers first; without signs of life."""
    first = [*_CONTROLLERS, POD]
    return _of(kube, [*first, *(kind for kind in kube.kinds() if kind not in (*first, LEASE))], namespace, labels)


def remove(kube: Kube, namespace: str, labels: Mapping[str, str]) -> list[str]:
    """Delete every object of a namespace that carries all of these labels, and wait until they are gone.

    Returns their kinds and names ("Pod spark-0"). Raises GaveUp.
    """
    found = labelled(kube, namespace, selector(labels))
    seen = dict.fromkeys(map(_name, found))
    # Pods come while their controllers go; no other kind of object does.
    kinds = list(dict.fromkeys([*map(_kind, found), POD]))

    def delete(each: Manifest) -> None:
        grace_s = 0 if _kind(each) in (POD, STATEFUL_SET, DEPLOYMENT) else None
        if "deletionTimestamp" not in each["metadata"]:
            kube.delete(_kind(each), each["metadata"]["name"], namespace, grace_s=grace_s)

    def left() -> list[str]:
        left = _of(kube, kinds, namespace, selector(labels))
        controllers = [each for each in left if _kind(each) in _CONTROLLERS]
        for group in (controllers, [each for each in left if each not in controllers]):
            together(delete, group, at_once=_AT_ONCE)
        names = [*map(_name, left)]
        seen.update(dict.fromkeys(names))
        return names

    eventually(
        f"the end of what carries {selector(labels)} in {namespace}",
        left,
        lambda names: not names,
        within_s=timeouts.NAMESPACE_GONE,
    )
    return list(seen)


def _of(kube: Kube, kinds: Iterable[Kind], namespace: str, labels: str) -> list[Manifest]:
    found = together(lambda kind: made(kube, kind, namespace, labels=labels), kinds, at_once=_AT_ONCE)
    return [each for listed in found for each in listed]


def _kind(found: Manifest) -> Kind:
    return Kind(found["kind"], found["apiVersion"])


def _name(found: Manifest) -> str:
    return f"{found['kind']} {found['metadata']['name']}"
