"""Removes what runs created on a cluster, found by its labels: of one run at its end, of killed runs on demand."""

from sparkproof.kube import Kube
from sparkproof.team import Team


def sweep(kube: Kube, *, run: str | None = None) -> list[str]:
    """Delete every namespace that `run` (any run when None) created, wait for their end, and return their names."""
    teams = Team.of(kube, run=run)
    for team in teams:
        team.dissolve()
    for team in teams:
        team.must_be_gone()
    return [team.namespace for team in teams]
