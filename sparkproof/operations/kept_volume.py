"""A volume that outlives the namespace of its claim, and that a claim in another namespace gets."""

from dataclasses import dataclass

from sparkproof.charts.values import Values
from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import VOLUME, VOLUME_CLAIM, Manifest
from sparkproof.spark.workloads import Workloads

# The fields of a claim's spec that another claim on the same volume needs.
_ASKED = ("accessModes", "resources", "storageClassName", "volumeName")


@dataclass(frozen=True)
class KeptVolume:
    """The volume of this name, which `claim` had for a component of a release."""

    kube: Kube
    name: str
    component: str
    claim: Manifest

    @classmethod
    def of(cls, workloads: Workloads, component: str) -> "KeptVolume":
        """Have the volume of a component outlive its claim, as a StorageClass with the policy Retain does."""
        claim = f"{workloads.release}-{component}"
        found = workloads.kube.get(VOLUME_CLAIM, claim, workloads.namespace)
        if found is None or not found["spec"].get("volumeName"):
            raise CheckFailed(f"There is no claim {claim} that has a volume in {workloads.namespace}.")
        kept = cls(workloads.kube, found["spec"]["volumeName"], component, found)
        kept._on_release("Retain")
        return kept

    def claim_in(self, namespace: str) -> Values:
        """Claim the volume in this namespace, when its former claim is gone; return a chart's values that name it."""
        eventually(
            f"the release of the volume {self.name}",
            lambda: self.kube.get(VOLUME, self.name) or {},
            lambda volume: volume.get("status", {}).get("phase") == "Released",
            within_s=timeouts.POD_READY,
        )
        self.kube.patch(VOLUME, self.name, {"spec": {"claimRef": None}})
        name = f"{self.claim['metadata']['name']}-kept"
        asked = {field: value for field, value in self.claim["spec"].items() if field in _ASKED}
        metadata = {"name": name, "namespace": namespace, "labels": OWNED}
        self.kube.apply({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata, "spec": asked})
        return {self.component: {"persistence": {"existingClaim": name}}}

    def let_go(self) -> None:
        """Have the volume go with its claim; one that is gone is fine."""
        if self.kube.get(VOLUME, self.name):
            self._on_release("Delete")

    def _on_release(self, policy: str) -> None:
        self.kube.patch(VOLUME, self.name, {"spec": {"persistentVolumeReclaimPolicy": policy}})
