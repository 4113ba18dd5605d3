"""What an audit looks at: every container of a pod, whoever added it and whenever it runs."""

from sparkproof.tenancy.audit_pods import images
from sparkproof.tenancy.inventory import Inventory, containers
from tests.support.recorded import NAMESPACE, RecordedKube, pod

KINDS = ("initContainers", "containers", "ephemeralContainers")
POD = pod("spark-0", spec={kind: [{"name": kind, "image": f"{kind}:latest"}] for kind in KINDS})


def test_containers_of_every_kind_are_looked_at() -> None:
    """A container for debugging is added to a pod that runs, which was right when it was made."""
    assert [each["name"] for each in containers(POD)] == list(KINDS)
    found = list(images(Inventory.of(RecordedKube(POD), NAMESPACE)))
    assert [about.partition(":")[0] for _, _, about in found] == sorted(KINDS)
