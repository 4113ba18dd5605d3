"""The drift of a release: what is on the cluster other than its chart and its values files say."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sparkproof.cluster.target import helm_program
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level
from sparkproof.core.process import CommandFailed
from sparkproof.kube.client import Kube
from sparkproof.kube.helm import Helm
from sparkproof.kube.labels import RELEASE
from sparkproof.kube.objects import (
    CONFIG_MAP,
    CRON_JOB,
    DEPLOYMENT,
    NETWORK_POLICY,
    ROLE_BINDING,
    SCALED_OBJECT,
    SECRET,
    SERVICE,
    SERVICE_ACCOUNT,
    STATEFUL_SET,
    VOLUME_CLAIM,
    Kind,
    Manifest,
)

# Kinds of which a release has objects, also where its files have none at present: what somebody adds is one of these.
_KINDS = (
    CONFIG_MAP, CRON_JOB, DEPLOYMENT, NETWORK_POLICY, ROLE_BINDING, SECRET, SERVICE, SERVICE_ACCOUNT, STATEFUL_SET,
)  # fmt: skip
_HOOK = "helm.sh/hook"
# What controllers and helm note on objects; `kubectl rollout restart` notes only when.
_NOTED = (
    "meta.helm.sh/", "deployment.kubernetes.io/", "kubectl.kubernetes.io/", "scaledobject.keda.sh/",
    "pv.kubernetes.io/", "volume.kubernetes.io/", "volume.beta.kubernetes.io/",
)  # fmt: skip
_MANAGER = "app.kubernetes.io/managed-by"
# What the API server itself gives to each object of a kind, and a controller to some.
_ASSIGNED = {
    SERVICE.name: {"spec.clusterIP", "spec.clusterIPs", "spec.healthCheckNodePort", "spec.ports.nodePort"},
    VOLUME_CLAIM.name: {"spec.volumeName"},
    SERVICE_ACCOUNT.name: {"secrets"},
}
_SHOWN = 100
_ABSENT = object()


@dataclass(frozen=True)
class Drift(evidence.Brought):
    """The differences in sentences, none if the release is as its files say; `objects` is how many were compared."""

    differences: Sequence[str]
    objects: int

    @classmethod
    def of(cls, kube: Kube, release: str, namespace: str, manifests: str) -> "Drift":
        """Compare what helm renders of the release's files with what is on the cluster; nothing is changed.

        The API server is asked, as a dry run, to make each object under another name: so it gives what the files leave
        open the values that it gives to all. Whatever an object has besides was changed by somebody. Raises Refused.
        """
        wanted = [each for each in yaml.safe_load_all(manifests) if each and not _is_hook(each)]
        scaled = {_scaled(each) for each in wanted if each["kind"] in (SCALED_OBJECT.name, "HorizontalPodAutoscaler")}
        served = kube.kinds(namespaced=True)
        own = {kind.name for kind in served}
        found: list[str] = []
        for each in wanted:
            where = namespace if each["kind"] in own else None
            ignored = {"spec.replicas"} if _title(each) in scaled else set()
            found += (f"{_title(each)}: {what}" for what in _changes(kube, each, where, ignored))
        extra = _extra(kube, release, namespace, wanted, served)
        found += (f"{title} is there, and in no file" for title in extra)
        return cls(found, len(wanted))

    @property
    def page(self) -> str:
        """The differences, one on each line, or a sentence that there are none."""
        return "\n".join(self.differences) or f"{self.objects} objects are as the files say, and there is no other."

    def must_be_none(self) -> None:
        """Check that the release is as its files say."""
        evidence.look_at(self)
        if self.differences:
            raise CheckFailed(f"The release is not as its files say: {'; '.join(self.differences)}.")
        evidence.prove(Level.EXECUTED, self.page)

    def must_be(self, *expected: str) -> None:
        """Check that these are all differences; each is given by its first words."""
        evidence.look_at(self)
        missing = [words for words in expected if not any(each.startswith(words) for each in self.differences)]
        others = [each for each in self.differences if not each.startswith(expected)]
        if missing or others:
            raise CheckFailed(
                f"The drift was to be {'; '.join(expected)}, and is {'; '.join(self.differences) or 'none'}."
            )
        evidence.prove(Level.EXECUTED, f"Found: {'; '.join(self.differences)}", objects=self.objects)

    def must_name(self, words: str) -> None:
        """Check that a difference begins with these words."""
        evidence.look_at(self)
        if not any(each.startswith(words) for each in self.differences):
            raise CheckFailed(f"No difference is {words!r}; they are {'; '.join(self.differences) or 'none'}.")
        evidence.prove(Level.EXECUTED, f"Found: {words}", all=self.differences)

    def must_have_changed_nothing(self, again: "Drift") -> None:
        """Check that a later comparison with the same files finds the same: what there was is there, and no more."""
        evidence.look_at(self)
        evidence.look_at(again)
        if not self.differences:
            raise CheckFailed("There was no difference that a comparison could have removed.")
        gone = [each for each in self.differences if each not in again.differences]
        new = [each for each in again.differences if each not in self.differences]
        if gone or new:
            raise CheckFailed(
                f"A comparison changes nothing; after it, gone is {'; '.join(gone) or 'nothing'}, and new is "
                f"{'; '.join(new) or 'nothing'}."
            )
        evidence.prove(Level.EXECUTED, f"A second comparison finds the same {len(again.differences)} differences")


def rendered(release: str, chart: Path, namespace: str, values: Sequence[Path]) -> str:
    """Return the manifests that helm makes of a chart and its values files, weakest first; raises UsageError."""
    for needed in (chart / "Chart.yaml", *values):
        if not needed.is_file():
            raise UsageError(
                f"There is no file {needed}: give the chart's folder and each values file as helm gets it."
            )
    try:
        return Helm(helm_program(), Path(os.devnull)).template(release, chart, namespace, values={}, presets=values)
    except CommandFailed as refused:
        raise UsageError(f"helm does not render {chart}: {refused.completed.stderr.strip()}") from None


def _changes(kube: Kube, wanted: Manifest, namespace: str | None, ignored: set[str]) -> Iterator[str]:
    """Yield what differs between an object and its manifest, in phrases."""
    kind, name = Kind(wanted["kind"], wanted["apiVersion"]), wanted["metadata"]["name"]
    live = kube.get(kind, name, namespace)
    if live is None:
        yield "it is not there"
        return
    twin = kube.apply(_twin(wanted, namespace), dry_run=True)
    ignored = ignored | _ASSIGNED.get(kind.name, set())
    for path, files, cluster in _differing(_content(twin), _content(live)):
        if ".".join(part for part in path if not part.startswith("[")) in ignored:
            continue
        hidden = kind.name == SECRET.name and path[0] == "data"
        yield from (f"{_shown_path(path)} {what}" for what in _said(files, cluster, hidden=hidden))


def _twin(wanted: Manifest, namespace: str | None) -> Manifest:
    """Return the manifest under another name, which no object has."""
    meta = {**wanted["metadata"], "name": f"drift-{wanted['metadata']['name']}"[:63].rstrip("-.")}
    return {**wanted, "metadata": {**meta, **({"namespace": namespace} if namespace else {})}}


def _content(found: Manifest) -> Manifest:
    """Return what somebody can have written of an object: neither its state nor what identifies it."""
    meta = found["metadata"]
    rest = {key: part for key, part in found.items() if key not in ("apiVersion", "kind", "metadata", "status")}
    return {**rest, **{part: meta.get(part) or {} for part in ("labels", "annotations")}}


def _written(notes: Mapping[str, str]) -> dict[str, str]:
    return {key: said for key, said in notes.items() if not key.startswith(_NOTED) and key != _MANAGER}


def _differing(files: Any, cluster: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield each place that differs, with what the files say and what the cluster has there."""
    if isinstance(files, Mapping) and isinstance(cluster, Mapping):
        if path[-1:] in (("annotations",), ("labels",)):
            files, cluster = _written(files), _written(cluster)
        for key in [*files, *(each for each in cluster if each not in files)]:
            yield from _differing(files.get(key, _ABSENT), cluster.get(key, _ABSENT), (*path, str(key)))
    elif (named := _named(files)) is not None and (there := _named(cluster)) is not None:
        yield from _differing(named, there, path)
    elif isinstance(files, list) and isinstance(cluster, list) and len(files) == len(cluster):
        for number, (one, other) in enumerate(zip(files, cluster, strict=True)):
            yield from _differing(one, other, (*path, f"[{number}]"))
    elif files != cluster and (files not in (_ABSENT, {}, []) or cluster not in (_ABSENT, {}, [], None)):
        yield path, files, cluster


def _named(found: Any) -> dict[str, Any] | None:
    """Return a list of things with names as what has each name; None for another list, or one with a name twice."""
    if not (isinstance(found, list) and found and all(isinstance(each, Mapping) and "name" in each for each in found)):
        return None
    by_name = {f"[{each['name']}]": each for each in found}
    return by_name if len(by_name) == len(found) else None


def _shown_path(path: Sequence[str]) -> str:
    return ".".join(path).replace(".[", "[")


def _said(files: Any, cluster: Any, *, hidden: bool) -> Iterator[str]:
    if hidden:
        yield "is another one than in its files"
    elif cluster is _ABSENT:
        yield f"is missing, and {_short(files)} in its files"
    elif files is _ABSENT:
        yield f"is {_short(cluster)}, and not in its files"
    elif isinstance(files, str) and isinstance(cluster, str) and "\n" in files + cluster:
        wanted, there = files.splitlines(), cluster.splitlines()
        lines = [f"lacks the line {_short(line)} of its files" for line in wanted if line not in there]
        lines += [f"has the line {_short(line)}, and its files do not" for line in there if line not in wanted]
        yield from lines or ["has its lines in another order than its files"]
    else:
        yield f"is {_short(cluster)}, and {_short(files)} in its files"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _extra(
    kube: Kube, release: str, namespace: str, wanted: Sequence[Manifest], served: Sequence[Kind]
) -> Iterator[str]:
    """Yield the objects that carry the release's label, that nobody else has made, and that no file has."""
    of_files = {Kind(each["kind"], each["apiVersion"]) for each in wanted}
    known = {_title(each) for each in wanted}
    # The claims of a StatefulSet are its own, though nothing in them says so.
    kinds = {*served} & {*_KINDS, *of_files} - {VOLUME_CLAIM}
    for kind in sorted(kinds, key=lambda kind: kind.name):
        for each in kube.list(kind, namespace, labels=f"{RELEASE}={release}"):
            title = f"{kind.name} {each['metadata']['name']}"
            if title not in known and not each["metadata"].get("ownerReferences") and not _is_hook(each):
                yield title


def _is_hook(manifest: Manifest) -> bool:
    return _HOOK in (manifest["metadata"].get("annotations") or {})


def _title(manifest: Manifest) -> str:
    return f"{manifest['kind']} {manifest['metadata']['name']}"


def _scaled(autoscaler: Manifest) -> str:
    """Return the workload whose number of pods an autoscaler sets."""
    target = autoscaler["spec"]["scaleTargetRef"]
    return f"{target.get('kind', DEPLOYMENT.name)} {target['name']}"
