"""Removes what runs created on a cluster, found by its labels: of one run at its end, of killed runs on demand."""

from sparkproof.kube.client import Kube
from sparkproof.scaling import nodes
from sparkproof.tenancy.team import Team


def sweep(kube: Kube, *, run: str | None = None) -> list[str]:
    """Delete every namespace and simulated node that `run` (any run when None) created, and wait for their end.

    Returns their names.
    """
    teams = Team.of(kube, run=run)
    for team in teams:
        team.delete()
    simulated = nodes.sweep(kube, run=run)
    for team in teams:
        team.must_be_gone()
    return [team.namespace for team in teams] + simulated
