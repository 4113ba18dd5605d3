"""A namespace with a fault of each kind, by which an audit is seen to find what it should (examples/audit)."""

from collections.abc import Sequence

from sparkproof.core import examples
from sparkproof.kube.labels import POD_SECURITY
from sparkproof.kube.objects import NAMESPACE
from sparkproof.tenancy.team import Team


def planted(team: Team) -> None:
    """Plant the faults in the team's namespace, which enforces nothing from then on; the pods never start."""
    team.kube.patch(NAMESPACE, team.namespace, {"metadata": {"labels": {f"{POD_SECURITY}/enforce": None}}})
    faults = examples.faults()
    for each in faults["objects"]:
        team.apply(each)
    for each in faults["pods"]:
        team.apply({"apiVersion": "v1", "kind": "Pod", **each})


def secrets() -> Sequence[str]:
    """Return the values that the faults show, none of which an audit may repeat."""
    return [str(each) for each in examples.faults()["secrets"]]
