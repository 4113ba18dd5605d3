"""The removal of what runs created, found by its labels: at a run's end, or of runs that were killed or kept things."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sparkproof.kube import heartbeat, helm, marked
from sparkproof.kube.client import Kube
from sparkproof.kube.heartbeat import Sign
from sparkproof.kube.labels import KEPT, KEPT_BY, OWNED, RUN
from sparkproof.kube.objects import NAMESPACE, Kind, Manifest, selector
from sparkproof.scaling import node_pools, nodes
from sparkproof.tenancy import house_rules, kueue
from sparkproof.tenancy.team import Team


@dataclass(frozen=True)
class Swept:
    """The names of what was removed, and of what was left, with the reasons."""

    removed: list[str] = field(default_factory=list)
    left: Mapping[str, str] = field(default_factory=dict)


def sweep(kube: Kube, *, run: str) -> list[str]:
    """Delete all that `run` created, wait until its namespaces are gone, and return the names.

    They are those of namespaces, quotas, policies and simulated nodes. The run itself calls this at its end.
    """
    return _remove(kube, [run])


def sweep_leftovers(kube: Kube, *, run: str = "", kept: bool = False, dry_run: bool = False) -> Swept:
    """Delete what runs created that have ended, of all runs or of `run` alone, with `kept` only what these kept.

    What a run that is alive created, or the kept platforms that it joins, is left, and so is what is too young to
    have got a sign of life. Namespaces that runs were given, in which they gave their signs, are swept as well. With
    `dry_run`, nothing is deleted.
    """
    everywhere = heartbeat.signs(kube, None).values()
    signs = {sign.run: sign for sign in everywhere if sign.namespace == heartbeat.USUAL}
    found = {(each["metadata"]["name"], each["metadata"]["labels"][RUN]): each for each in _made_by_runs(kube)}
    kept_by = run or None if kept else None
    if kept_by:
        found = {key: each for key, each in found.items() if each["metadata"]["labels"].get(KEPT_BY) == kept_by}
    wanted = {KEPT} if kept else {run} if run else {own for _, own in found} - {KEPT} | signs.keys()
    left = {}
    for (name, own), manifest in found.items():
        if own in wanted and (reason := _reason_to_leave(own, manifest, signs)):
            left[name] = reason
    spared = {own for (name, own) in found if name in left} | {own for own, sign in signs.items() if sign.alive}
    ended = sorted(wanted - spared)
    given = () if kept else sorted({sign.namespace for sign in everywhere} - {heartbeat.USUAL})
    others = [sweep_in(kube, namespace, run=run, dry_run=dry_run) for namespace in given]
    left |= {name: reason for swept in others for name, reason in swept.left.items()}
    removed = [name for (name, own) in found if own in ended] if dry_run else _remove(kube, ended, kept_by)
    for own in () if dry_run else signs.keys() & set(ended):
        heartbeat.forget(kube, own)
    return Swept([*removed, *(name for swept in others for name in swept.removed)], left)


def left_by_killed(kube: Kube) -> list[str]:
    """Return the namespaces of runs that were killed before they removed them."""
    signs = heartbeat.signs(kube)
    made = ((each["metadata"]["labels"][RUN], each) for each in _namespaces_of_runs(kube))
    return [each["metadata"]["name"] for run, each in made if run != KEPT and not _reason_to_leave(run, each, signs)]


def sweep_in(kube: Kube, namespace: str, *, run: str = "", dry_run: bool = False) -> Swept:
    """Delete what runs that have ended left in a namespace that they were given, of all runs or of `run` alone.

    The namespace stays, and so does everything in it that no run made.
    """
    signs = heartbeat.signs(kube, namespace)
    found: dict[str, list[Manifest]] = defaultdict(list)
    for each in marked.labelled(kube, namespace, RUN):
        found[each["metadata"]["labels"][RUN]].append(each)
    wanted = [own for own in sorted({*found, *signs}) if run in ("", own)]
    left = {}
    for own in wanted:
        # Of a run without a sign of life, the oldest object says when it began.
        ages = sorted(found[own], key=lambda each: str(each["metadata"].get("creationTimestamp", "")))
        if reason := _reason_to_leave(own, (ages or [{"metadata": {}}])[0], signs):
            left[own] = reason
    ended = [own for own in wanted if own not in left]
    if dry_run:
        removed = [f"{each['kind']} {each['metadata']['name']}" for own in ended for each in found[own]]
    else:
        removed = [name for own in ended for name in marked.remove(kube, namespace, {RUN: own})]
        for own in ended:
            heartbeat.forget(kube, own, namespace)
    spared = {f"{len(found[own])} objects of run {own} in {namespace}": reason for own, reason in left.items()}
    return Swept([f"{name} in {namespace}" for name in removed], spared)


def _made_by_runs(kube: Kube) -> Iterable[Manifest]:
    """The namespaces, simulated nodes and quotas that carry the labels of a run."""
    return [
        *_namespaces_of_runs(kube),
        *nodes.made_by_runs(kube),
        *node_pools.made_by_runs(kube),
        *kueue.made_by_runs(kube),
    ]


def _namespaces_of_runs(kube: Kube) -> Iterable[Manifest]:
    return kube.list(NAMESPACE, labels=f"{selector(OWNED)},{RUN}")


def _reason_to_leave(run: str, manifest: Manifest, signs: Mapping[str, Sign]) -> str:
    """Return why something of this run must stay; "" if it may go."""
    if run == KEPT:
        users = [sign.run for sign in signs.values() if sign.alive and sign.uses_kept]
        return f"run {users[0]}, which is alive, may use it" if users else ""
    if sign := signs.get(run):
        return f"run {run} is alive: it gave a sign {sign.seconds_ago:.0f} s ago" if sign.alive else ""
    made = manifest["metadata"].get("creationTimestamp")
    age = (datetime.now(UTC) - datetime.fromisoformat(made)).total_seconds() if made else heartbeat.EXPIRES_S
    return f"it is only {age:.0f} s old" if age < heartbeat.EXPIRES_S else ""


def _remove(kube: Kube, runs: Collection[str], kept_by: str | None = None) -> list[str]:
    """Delete what these runs made, and the cluster-wide objects of the releases in their namespaces.

    `kept_by` leaves what this run did not keep.
    """
    teams = [team for run in runs for team in Team.of(kube, run=run, kept_by=kept_by)]
    for found in helm.cluster_wide(kube, {team.namespace for team in teams}) if teams else ():
        kube.delete(Kind(found["kind"], found["apiVersion"]), found["metadata"]["name"])
    for team in teams:
        team.delete()
    # What is in a queue ends only when Kueue runs.
    quotas = [name for run in runs for name in kueue.sweep(kube, run=run)]
    policies = [name for run in runs for name in house_rules.sweep(kube, run=run)]
    # The nodes of a pool would be made anew.
    simulated = [name for run in runs for name in (*node_pools.sweep(kube, run=run), *nodes.sweep(kube, run=run))]
    for team in teams:
        team.must_be_gone()
    return [team.namespace for team in teams] + quotas + policies + simulated
