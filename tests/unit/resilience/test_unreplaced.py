"""Pods of a recorded platform that are killed and not replaced, by a quota or for want of rights."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import ROLE_BINDING, STATEFUL_SET, Kind, Manifest
from sparkproof.resilience.unreplaced import RightsLost, WithoutQuota, WithoutRights
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube

DRIVER = "system:serviceaccount:team:spark-connect"
SUBJECT = {"kind": "ServiceAccount", "name": "spark-connect"}


def workloads(*objects: Manifest) -> tuple[Workloads, RecordedKube]:
    kube = RecordedKube(recorded.executor("exec-1"), recorded.executor("exec-2"), *objects)
    return Workloads(kube, NAMESPACE, "spark"), kube


def test_executors_without_quota_are_killed_and_get_no_others_until_that_is_undone() -> None:
    own, kube = workloads(recorded.workload(STATEFUL_SET, "spark-connect"))
    without = WithoutQuota(own, "executor")
    without.begin()
    assert kube.objects["ResourceQuota", NAMESPACE, "team"]["spec"]["hard"] == {"pods": "0"}
    assert kube.deleted == [("Pod", "exec-1", 0), ("Pod", "exec-2", 0)]
    assert not without.is_over
    without.end()
    assert kube.names("ResourceQuota") == []
    kube.add(recorded.executor("exec-3"))
    assert without.is_over


def test_a_component_without_quota_gets_no_pod_until_that_is_undone() -> None:
    pod = recorded.pod("spark-connect-0", "connect")
    own, kube = workloads(pod, recorded.workload(STATEFUL_SET, "spark-connect"))
    without = WithoutQuota(own, "connect")
    without.begin()
    assert kube.deleted == [("Pod", "spark-connect-0", 0)]
    assert not without.is_over
    without.end()
    kube.add(pod)
    assert without.is_over


@pytest.mark.usefixtures("one_look")
def test_a_pod_that_comes_in_spite_of_the_quota_is_found() -> None:
    own, kube = workloads()
    kube.on_delete = lambda _kind, _name: kube.add(recorded.executor("exec-3"))
    with pytest.raises(GaveUp, match="the end of every executor"):
        WithoutQuota(own, "executor").begin()


def binding(*subjects: Manifest) -> Manifest:
    return recorded.manifest(ROLE_BINDING, "spark-connect", subjects=list(subjects))


class BoundKube(RecordedKube):
    """An API server that lets the driver start pods while its RoleBinding, or another one, names it."""

    others = False

    def can_i(self, user: str, verb: str, resource: str, namespace: str, **_: object) -> bool:
        assert (user, verb, resource, namespace) == (DRIVER, "create", "pods", NAMESPACE)
        found = self.get(Kind("RoleBinding"), "spark-connect", NAMESPACE) or {}
        return self.others or bool(found.get("subjects"))


def bound(*subjects: Manifest) -> tuple[WithoutRights, BoundKube]:
    kube = BoundKube(recorded.executor("exec-1"), binding(*subjects))
    return WithoutRights(Workloads(kube, NAMESPACE, "spark"), "executor"), kube


def test_a_driver_without_rights_has_them_back_when_that_is_undone() -> None:
    without, kube = bound(SUBJECT)
    without.begin()
    assert kube.objects["RoleBinding", NAMESPACE, "spark-connect"]["subjects"] == []
    assert kube.names("Pod") == []
    assert not without.is_over
    without.end()
    assert kube.objects["RoleBinding", NAMESPACE, "spark-connect"]["subjects"] == [SUBJECT]
    assert without.is_over
    kube.add(binding())
    without.end()
    assert not without.is_over, "what is undone is left alone"


def test_a_driver_that_loses_its_rights_keeps_its_executors() -> None:
    kube = BoundKube(recorded.executor("exec-1"), binding(SUBJECT))
    lost = RightsLost(Workloads(kube, NAMESPACE, "spark"), "connect")
    lost.begin()
    assert kube.names("Pod") == ["exec-1"]
    assert not lost.is_over
    lost.end()
    assert lost.is_over
    kube.objects.pop(("Pod", NAMESPACE, "exec-1"))
    with pytest.raises(CheckFailed, match="There is no executor that could be kept"):
        lost.begin()


@pytest.mark.usefixtures("one_look")
def test_a_driver_that_keeps_its_rights_by_another_binding_is_found() -> None:
    without, kube = bound(SUBJECT)
    kube.others = True
    with pytest.raises(GaveUp, match="the end of the right of spark-connect to start pods"):
        without.begin()
    assert kube.names("Pod") == ["exec-1"], "nobody is killed for nothing"
    without.end()
    assert kube.objects["RoleBinding", NAMESPACE, "spark-connect"]["subjects"] == [SUBJECT]


def test_what_is_not_there_cannot_be_taken_or_killed() -> None:
    own, kube = workloads()
    with pytest.raises(CheckFailed, match="There is no RoleBinding spark-connect whose rights could be taken"):
        WithoutRights(own, "executor").begin()
    with pytest.raises(CheckFailed, match="whose rights could be taken"):
        bound()[0].begin()
    kube.objects.clear()
    for without in (WithoutRights(own, "executor"), WithoutQuota(own, "executor")):
        with pytest.raises(CheckFailed, match="There is no executor that could be killed"):
            without.begin()
    assert not kube.objects
