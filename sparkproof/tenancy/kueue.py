"""Kueue itself: what becomes of pods while it is down, and what runs have left with it."""

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.marked import made
from sparkproof.kube.objects import (
    CLUSTER_QUEUE,
    DEPLOYMENT,
    POD,
    RESOURCE_FLAVOR,
    Kind,
    Manifests,
    is_rolled_out,
    selector,
)
from sparkproof.tenancy.quotas import a_pod
from sparkproof.tenancy.team import Team

_NAMESPACE, _NAME = "kueue-system", "kueue-controller-manager"


def stop(kube: Kube) -> None:
    """Stop Kueue, and wait until none of its pods is left."""
    _scale(kube, 0)
    eventually("the end of Kueue", lambda: _pods(kube), lambda pods: not pods, within_s=timeouts.QUEUE)


def start(kube: Kube) -> None:
    """Start Kueue after it was stopped, and wait until it answers."""
    _scale(kube, 1)
    eventually(
        "the start of Kueue",
        lambda: kube.get(DEPLOYMENT, _NAME, _NAMESPACE) or {},
        is_rolled_out,
        within_s=timeouts.POD_READY,
    )


def must_leave_alone(team: Team, image: str) -> None:
    """Check that a pod of a team without a queue starts although Kueue is down; the pod runs `image`."""
    team.start_pod(a_pod(image), f"a pod of {team.namespace}, which has no queue")
    if running := _pods(team.kube):
        raise CheckFailed(f"Kueue is not down: {', '.join(running)} is there.")
    evidence.prove(Level.EXECUTED, f"A pod of {team.namespace} started while Kueue was down")


def sweep(kube: Kube, *, run: str) -> list[str]:
    """Remove the quotas that `run` made, and return their names.

    They go when nothing uses them any more; only Kueue itself can say so, and a run that was killed may have stopped
    it.
    """
    found = made_by_runs(kube, selector({RUN: run}))
    if found and kube.get(DEPLOYMENT, _NAME, _NAMESPACE):
        _scale(kube, 1)
    for each in found:
        kube.delete(Kind(each["kind"], each["apiVersion"]), each["metadata"]["name"])
    return [each["metadata"]["name"] for each in found]


def made_by_runs(kube: Kube, labels: str = RUN) -> Manifests:
    """Return the quotas that runs made and that carry these labels; none where the cluster has no Kueue."""
    chosen = f"{selector(OWNED)},{labels}"
    return [each for kind in (CLUSTER_QUEUE, RESOURCE_FLAVOR) for each in made(kube, kind, labels=chosen)]


def _scale(kube: Kube, count: int) -> None:
    kube.patch(DEPLOYMENT, _NAME, {"spec": {"replicas": count}}, _NAMESPACE)


def _pods(kube: Kube) -> list[str]:
    return [pod["metadata"]["name"] for pod in kube.list(POD, _NAMESPACE)]
