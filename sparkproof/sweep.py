"""Removes what runs created on a cluster, found by its labels: of one run at its end, of killed runs on demand."""

from sparkproof.kube import NAMESPACE, Kube
from sparkproof.team import OWNED, RUN, Team


def sweep(kube: Kube, *, run: str | None = None) -> list[str]:
    """Delete every namespace that `run` (any run when None) created, wait for their end, and return their names."""
    wanted = {**OWNED, **({RUN: run} if run else {})}
    labels = ",".join(f"{key}={value}" for key, value in wanted.items())
    names = [namespace["metadata"]["name"] for namespace in kube.list(NAMESPACE, labels=labels)]
    for name in names:
        Team(kube, name).dissolve()
    for name in names:
        Team(kube, name).must_be_gone()
    return names
