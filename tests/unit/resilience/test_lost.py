"""Single components of a recorded platform that are lost, with and without room in the quota of their namespace."""

import re

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import DEPLOYMENT, Kind, Manifest
from sparkproof.resilience.lost import LostComponent
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform


class Cluster(RecordedKube):
    """An API server whose events say that this object (a name) gets no pod."""

    def __init__(self, *objects: Manifest, refused: str = "spark-jupyter-7d9") -> None:
        super().__init__(*objects, recorded.workload(DEPLOYMENT, "spark-jupyter"))
        self.refused = refused

    def events(self, _namespace: str) -> list[Manifest]:
        message = 'Error creating: pods "new" is forbidden: exceeded quota: team, used: pods=2, limited: pods=0'
        about = {"kind": "ReplicaSet", "name": self.refused}
        return [{"type": "Warning", "reason": "FailedCreate", "message": message, "involvedObject": about}]


def lost(*, refused: str = "spark-jupyter-7d9", rest: bool = True) -> tuple[LostComponent, Cluster]:
    pods = [recorded.pod("spark-jupyter-7d9-a", "jupyter"), recorded.executor("exec-1")]
    kube = Cluster(*pods, *([recorded.pod("spark-connect-0", "connect")] if rest else []), refused=refused)
    return LostComponent.of(RecordedPlatform(kube), "JupyterLab"), kube


def quota(kube: RecordedKube) -> str:
    return str(kube.objects["ResourceQuota", NAMESPACE, "team"]["spec"]["hard"]["pods"])


def test_a_component_without_room_stays_away_and_comes_back_when_there_is_room(record: Record) -> None:
    own, kube = lost()
    own.lose_without_room()
    assert quota(kube) == "0"
    assert kube.names("Pod") == ["exec-1", "spark-connect-0"]
    own.must_stay_away("exceeded quota")
    own.must_have_left_the_rest()
    own.give_room()
    assert kube.names("ResourceQuota") == []
    kube.add(recorded.pod("spark-jupyter-7d9-b", "jupyter"))
    own.must_come_back()
    own.end()
    assert record.level is Level.EXECUTED
    said, rest, back = (proof.seen for proof in record.proofs)
    assert "The JupyterLab does not come: replicaset spark-jupyter-7d9: FailedCreate" in said
    assert rest == "Without the JupyterLab, spark-connect-0 went on"
    assert re.fullmatch(r"The JupyterLab is there again after \d\.\d s", back)


def test_a_component_that_is_there_or_of_which_nobody_says_anything_is_not_lost(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "PLACEMENT", 0.0)
    own, kube = lost(refused="spark-airflow-7d9")
    own.lose_without_room()
    with pytest.raises(GaveUp, match=r"a cause with 'exceeded quota' for the absence of the JupyterLab .*: no cause"):
        own.must_stay_away("exceeded quota")
    own, kube = lost()
    own.lose_without_room()
    with pytest.raises(GaveUp, match=r"a cause with 'Insufficient cpu' .*last seen: \['replicaset spark-jupyter-7d9"):
        own.must_stay_away("Insufficient cpu")
    kube.add(recorded.pod("spark-jupyter-7d9-b", "jupyter"))
    with pytest.raises(CheckFailed, match="is there, though it was to be lost: spark-jupyter-7d9-b"):
        own.must_stay_away("exceeded quota")
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_a_component_with_room_is_killed_and_awaited(record: Record) -> None:
    own, kube = lost()
    own.lose_with_room()
    assert quota(kube) == "4"
    assert ("Pod", "spark-jupyter-7d9-a", 0) in kube.deleted
    with pytest.raises(GaveUp, match="the JupyterLab that follows the lost one"):
        own.must_come_back()
    kube.add(recorded.pod("spark-jupyter-7d9-b", "jupyter", ready=False))
    with pytest.raises(GaveUp, match=r"the JupyterLab that follows .*\nlast seen: {'spark-jupyter-7d9-b': 'Running'}"):
        own.must_come_back()
    assert not record.proofs
    kube.add(recorded.pod("spark-jupyter-7d9-b", "jupyter"))
    own.must_come_back()
    assert record.proofs


@pytest.mark.usefixtures("one_look")
def test_the_first_cause_of_a_component_that_does_not_follow_is_its_own() -> None:
    own, kube = lost(refused="spark-airflow-7d9")
    own.lose_with_room()
    ended = {"name": "jupyter", "restartCount": 0, "state": {"terminated": {"exitCode": 1}}}
    kube.add(recorded.pod("spark-jupyter-7d9-b", "jupyter", ready=False, status={"containerStatuses": [ended]}))
    with pytest.raises(GaveUp, match=r"within 0 s: container jupyter of pod spark-jupyter-7d9-b exited with 1"):
        own.must_come_back()


@pytest.mark.usefixtures("one_look")
def test_a_pod_that_was_not_killed_does_not_follow_itself() -> None:
    own, kube = lost()
    kube._staying = ["spark-jupyter-7d9-a"]
    own.lose_with_room()
    with pytest.raises(GaveUp, match="the JupyterLab that follows the lost one"):
        own.must_come_back()


def test_others_that_end_or_start_again_are_named(record: Record) -> None:
    own, kube = lost()
    own.lose_without_room()
    kube.delete(Kind("Pod"), "exec-1", NAMESPACE)
    own.must_have_left_the_rest()
    again = {"containerStatuses": [{"name": "connect", "restartCount": 1}]}
    kube.objects["Pod", NAMESPACE, "spark-connect-0"]["status"] |= again
    with pytest.raises(CheckFailed, match="others ended or started again: spark-connect-0"):
        own.must_have_left_the_rest()
    kube.delete(Kind("Pod"), "spark-connect-0", NAMESPACE)
    with pytest.raises(CheckFailed, match="others ended or started again: spark-connect-0"):
        own.must_have_left_the_rest()
    assert len(record.proofs) == 1
    alone, _ = lost(rest=False)
    alone.lose_without_room()
    with pytest.raises(CheckFailed, match="nothing but the JupyterLab"):
        alone.must_have_left_the_rest()


def test_what_is_not_there_cannot_be_lost() -> None:
    own = LostComponent.of(RecordedPlatform(Cluster()), "JupyterLab")
    for lose in (own.lose_without_room, own.lose_with_room):
        with pytest.raises(CheckFailed, match="There is no jupyter that could be lost"):
            lose()
