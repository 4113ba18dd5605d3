"""What an audit looks at: every container of a pod, whoever added it and whenever it runs."""

from typing import Any

import pytest

from sparkproof.kube.objects import NETWORK_POLICY, Manifest
from sparkproof.tenancy.audit_pods import images
from sparkproof.tenancy.inventory import Inventory, containers
from tests.support.recorded import NAMESPACE, RecordedKube, manifest, pod

KINDS = ("initContainers", "containers", "ephemeralContainers")
POD = pod("spark-0", spec={kind: [{"name": kind, "image": f"{kind}:latest"}] for kind in KINDS})


def policy(**spec: Any) -> Manifest:
    return manifest(NETWORK_POLICY, "p", spec={"podSelector": {}, **spec})


@pytest.mark.parametrize(
    ("spec", "isolated"),
    [
        ({"policyTypes": ["Ingress", "Egress"]}, {"Ingress", "Egress"}),
        ({"policyTypes": ["Egress"]}, {"Egress"}),
        ({}, {"Ingress"}),
        ({"policyTypes": ["Ingress", "Egress"], "podSelector": {"matchLabels": {"of": "another"}}}, set()),
    ],
    ids=["both", "one", "none named", "another pod"],
)
def test_a_policy_isolates_the_pods_that_it_selects_in_the_directions_that_it_names(
    spec: dict[str, Any], isolated: set[str]
) -> None:
    found = Inventory.of(RecordedKube(POD, policy(**spec)), NAMESPACE)
    assert {each for each in ("Ingress", "Egress") if found.is_isolated(POD, each)} == isolated


def test_containers_of_every_kind_are_looked_at() -> None:
    """A container for debugging is added to a pod that runs, which was right when it was made."""
    assert [each["name"] for each in containers(POD)] == list(KINDS)
    found = list(images(Inventory.of(RecordedKube(POD), NAMESPACE)))
    assert [about.partition(":")[0] for _, _, about in found] == sorted(KINDS)
