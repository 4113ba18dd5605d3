"""A volume that outlives its claim: it is released, claimed elsewhere, and goes with that claim."""

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import VOLUME, VOLUME_CLAIM
from sparkproof.operations.kept_volume import KeptVolume
from sparkproof.spark.workloads import Workloads
from tests.support.recorded import NAME, NAMESPACE, RecordedKube, manifest

ASKED = {"accessModes": ["ReadWriteOnce"], "storageClassName": "local-path", "resources": {"requests": {}}}


def cluster(phase: str = "Released", volume: str = "pv-1") -> RecordedKube:
    claim = manifest(VOLUME_CLAIM, f"{NAME}-backup", spec={**ASKED, "volumeName": volume, "volumeMode": "Filesystem"})
    spec = {"claimRef": {"name": f"{NAME}-backup"}, "persistentVolumeReclaimPolicy": "Delete"}
    return RecordedKube(claim, manifest(VOLUME, "pv-1", None, spec=spec, status={"phase": phase}))


def kept(kube: RecordedKube) -> KeptVolume:
    return KeptVolume.of(Workloads(kube, NAMESPACE, NAME), "backup")


def test_it_is_retained_until_it_is_let_go() -> None:
    kube = cluster()
    volume = kept(kube)
    assert kube.objects["PersistentVolume", "", "pv-1"]["spec"]["persistentVolumeReclaimPolicy"] == "Retain"
    volume.let_go()
    assert kube.objects["PersistentVolume", "", "pv-1"]["spec"]["persistentVolumeReclaimPolicy"] == "Delete"
    del kube.objects["PersistentVolume", "", "pv-1"]
    volume.let_go()


def test_another_claim_gets_it_when_it_is_released() -> None:
    kube = cluster()
    claim = f"{NAME}-backup-kept"
    assert kept(kube).claim_in("other") == {"backup": {"persistence": {"existingClaim": claim}}}
    assert kube.objects["PersistentVolumeClaim", "other", claim]["spec"] == {**ASKED, "volumeName": "pv-1"}
    assert not kube.objects["PersistentVolume", "", "pv-1"]["spec"]["claimRef"]


def test_one_that_is_still_claimed_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "POD_READY", 0.1)
    with pytest.raises(GaveUp, match="the release of the volume pv-1"):
        kept(cluster(phase="Bound")).claim_in("other")


@pytest.mark.parametrize("kube", [cluster(volume=""), RecordedKube()], ids=["no volume", "no claim"])
def test_what_was_never_stored_cannot_be_kept(kube: RecordedKube) -> None:
    with pytest.raises(CheckFailed, match=f"There is no claim {NAME}-backup that has a volume"):
        kept(kube)
