"""The removal of objects that runs created, found by their labels: at a run's end, or of killed runs on demand."""

from sparkproof.kube import helm
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import Kind
from sparkproof.scaling import nodes
from sparkproof.tenancy.team import Team


def sweep(kube: Kube, *, run: str | None = None) -> list[str]:
    """Delete all namespaces and simulated nodes that `run` (any run when None) created, and wait until they are gone.

    The cluster-wide objects of releases in these namespaces go too. Returns the names of namespaces and nodes.
    """
    teams = Team.of(kube, run=run)
    for found in helm.cluster_wide(kube, {team.namespace for team in teams}) if teams else ():
        kube.delete(Kind(found["kind"], found["apiVersion"]), found["metadata"]["name"])
    for team in teams:
        team.delete()
    simulated = nodes.sweep(kube, run=run)
    for team in teams:
        team.must_be_gone()
    return [team.namespace for team in teams] + simulated
