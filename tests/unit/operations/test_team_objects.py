"""A team's objects after a restore: what came later, is missing or altered is seen, and so is who is told nothing."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import CONFIG_MAP, DEPLOYMENT, POD, Kind, Manifest, Manifests
from sparkproof.operations.control_plane import ControlPlane
from sparkproof.operations.namespace_state import NamespaceState
from sparkproof.operations.team_objects import CHANGED, LATER, REMOVED, TeamObjects
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube

EXPIRED = {"type": "ERROR", "object": {"code": 410, "message": "too old resource version: 12 (1000012)"}}
EARLY, LATE = "2026-11-28T15:00:00Z", "2026-11-28T15:30:00Z"


class Cluster(RecordedKube):
    """A platform with a driver, an executor and a client, whose Deployments get ready unless they are to `wait`.

    Each pod that is there has a container in the kubelet's summary; `starts` are those that began late.
    """

    def __init__(self, **answers: Any) -> None:
        client = recorded.pod("spark-client-0", "client", spec={"nodeName": "node-1"})
        client["spec"]["containers"][0] |= {"image": "spark", "securityContext": {"runAsNonRoot": True}}
        driver = recorded.pod("spark-connect-0", "connect", spec={"nodeName": "node-1"})
        super().__init__(driver, recorded.executor("exec-0"), client, served=answers)
        self.starts: set[str] = set()
        self.still: list[str] = []
        self.waits = False

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        version = str(10 + len(self.objects))
        applied = {**manifest, "metadata": {"uid": f"uid-{version}", "generation": 1, **manifest["metadata"]}}
        applied["metadata"]["resourceVersion"] = version
        if applied["kind"] == "Deployment":
            self._scale(applied)
        return super().apply(applied, dry_run=dry_run)

    def patch(
        self, kind: Kind, name: str, change: Manifest, namespace: str | None = None, *, dry_run: bool = False
    ) -> None:
        super().patch(kind, name, change, namespace, dry_run=dry_run)
        self._scale(self.objects[kind.name, NAMESPACE, name])

    def _scale(self, deployment: Manifest) -> None:
        count = 0 if self.waits else deployment["spec"]["replicas"]
        counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas"), count)
        deployment["status"] = {"observedGeneration": 1, **counts}
        names = {f"{deployment['metadata']['name']}-{number}" for number in range(count)}
        self.add(*(recorded.pod(name, spec={"nodeName": "node-1"}) for name in sorted(names - {*self.names("Pod")})))

    def node_summary(self, node: str) -> Manifest:  # noqa: ARG002
        pods = {each["metadata"]["name"]: each["metadata"]["uid"] for each in self.list(POD)}
        pods |= dict.fromkeys(self.still, "later")
        shown = [
            {
                "podRef": {"name": name, "namespace": NAMESPACE, "uid": uid},
                "containers": [{"name": "c", "startTime": LATE if name in self.starts else EARLY}],
            }
            for name, uid in pods.items()
        ]
        return {"pods": shown}

    def changes(self, kind: Kind, namespace: str, *, since: str) -> Manifests:
        return super().changes(kind, namespace, since=since) if namespace == NAMESPACE else []


class Plane(ControlPlane):
    """A control plane that keeps what the cluster has at a snapshot."""

    def __init__(self, kube: Cluster, *changes: Manifest) -> None:
        self.kube: Cluster = kube
        self.changes, self.kept = list(changes), dict[Any, Any]()

    def save(self) -> None:
        if self.changes:
            self.kube.add(self.changes.pop())
        self.kept = json.loads(json.dumps(list(self.kube.objects.values())))

    def come_back(self) -> None:
        self.kube.objects.clear()
        self.kube.add(*self.kept)


def drill(kube: Cluster | None = None, *changes: Manifest) -> tuple[TeamObjects, Cluster, Plane]:
    """Objects that were made, saved, changed and restored."""
    kube = kube or Cluster()
    own, plane = TeamObjects(Workloads(kube, NAMESPACE, "spark")), Plane(kube, *changes)
    own.make()
    own.save(plane)
    own.change()
    plane.come_back()
    return own, kube, plane


def test_objects_are_made_changed_and_removed_after_the_snapshot() -> None:
    own, kube, _ = drill()
    assert own.saved
    assert own.lost
    assert own.lost.missing_in(own.saved) == [
        f"ConfigMap {LATER}",
        f"Deployment {LATER}",
        f"Pod {CHANGED}-1",
        f"Pod {LATER}-0",
    ]
    assert own.saved.missing_in(own.lost) == [f"ConfigMap {REMOVED}"]
    assert own.saved.altered_in(own.lost) == [f"Deployment {CHANGED}"]
    assert [*own.drivers, *own.executors] == ["spark-connect-0/c", "exec-0/c"]
    container = kube.objects["Deployment", NAMESPACE, CHANGED]["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["securityContext"]) == ("spark", {"runAsNonRoot": True})
    own.remove()
    assert [kube.names(kind) for kind in ("ConfigMap", "Deployment")] == [[], []]


def test_all_that_was_made_is_removed_where_nothing_was_restored() -> None:
    kube = Cluster()
    own = TeamObjects(Workloads(kube, NAMESPACE, "spark"))
    own.make()
    own.save(Plane(kube))
    own.change()
    own.remove()
    assert [kube.names(kind) for kind in ("ConfigMap", "Deployment")] == [[], []]


def test_what_is_as_it_was_is_proved_and_what_is_lost_is_named(record: Record) -> None:
    own, *_ = drill()
    own.must_be_as_saved()
    assert record.level is Level.EXECUTED
    seen = record.proofs[0].seen
    assert f"Deployment {CHANGED}, ConfigMap {REMOVED} as before" in seen
    later = [f"ConfigMap {LATER}", f"Deployment {LATER}", f"Pod {CHANGED}-1", f"Pod {LATER}-0"]
    assert seen.endswith(f"Lost, and named: {', '.join(later)}")
    assert own.saved
    kept = {each.name: json.loads(each.content) for each in record.items}
    assert kept == {"objects at the snapshot": own.saved.objects, "objects lost": later}


@pytest.mark.usefixtures("one_look")
def test_what_came_later_what_is_missing_or_altered_and_pods_that_stay_are_seen(record: Record) -> None:
    own, kube, _ = drill()
    kube.still = [f"{LATER}-0"]
    with pytest.raises(GaveUp, match=f"the end of the pods that came after .*{LATER}-0/c"):
        own.must_be_as_saved()
    kube.objects["Deployment", NAMESPACE, CHANGED]["spec"]["replicas"] = 2
    with pytest.raises(CheckFailed, match=f"Deployment {CHANGED} should be as the snapshot has it"):
        own.must_be_as_saved()
    kube.delete(CONFIG_MAP, REMOVED, NAMESPACE)
    with pytest.raises(CheckFailed, match=f"ConfigMap {REMOVED} should have come back"):
        own.must_be_as_saved()
    kube.add(recorded.manifest(CONFIG_MAP, LATER))
    with pytest.raises(
        CheckFailed, match=f"the end of what came after .*ConfigMap {LATER} came later, and should be gone"
    ):
        own.must_be_as_saved()
    assert not record.proofs


def test_nothing_is_proved_where_nothing_came_later() -> None:
    own, *_ = drill()
    own.lost = own.saved
    with pytest.raises(
        CheckFailed, match="After the snapshot nothing came, nothing was changed and nothing was removed"
    ):
        own.must_be_as_saved()


def test_each_kind_of_change_has_to_happen_after_the_snapshot(record: Record) -> None:
    own, *_ = drill()
    assert own.saved
    assert own.lost
    lost, saved = own.lost.objects, own.saved.objects
    for objects, says in (
        ({name: was for name, was in lost.items() if name in saved}, "nothing came"),
        ({name: saved.get(name, was) for name, was in lost.items()}, "nothing was changed"),
        ({**saved, **lost}, "nothing was removed"),
    ):
        own.lost = replace(own.lost, objects=objects)
        with pytest.raises(CheckFailed, match=f"{says}.*: all three have to happen"):
            own.must_be_as_saved()
    assert not record.proofs


def test_a_snapshot_is_taken_while_nothing_changes() -> None:
    own, _, plane = drill(None, recorded.manifest(CONFIG_MAP, "meanwhile"))
    assert plane.changes == []
    assert own.saved
    assert "ConfigMap meanwhile" in own.saved.objects


@pytest.mark.usefixtures("one_look")
def test_a_snapshot_while_something_changes_or_without_executors_is_none() -> None:
    with pytest.raises(GaveUp, match="a snapshot while nothing changes"):
        drill(None, recorded.manifest(CONFIG_MAP, "meanwhile"))
    kube = Cluster()
    kube.delete(POD, "exec-0", NAMESPACE)
    with pytest.raises(GaveUp, match="a snapshot while nothing changes"):
        drill(kube)


@pytest.mark.usefixtures("one_look")
def test_a_deployment_that_gets_no_pods_is_given_up() -> None:
    kube = Cluster()
    kube.waits = True
    with pytest.raises(GaveUp, match=f"1 ready pods of {CHANGED}"):
        drill(kube)


def told(*events: Any) -> TeamObjects:
    """Objects whose newest had revision 12 at the loss, in a cluster that tells these events since."""
    answer = events[0] if events and isinstance(events[0], Exception) else list(events)
    own = TeamObjects(Workloads(Cluster(**{"ConfigMaps since 12": answer}), NAMESPACE, "spark"))
    own.lost = NamespaceState({}, {}, 12)
    return own


@pytest.mark.parametrize("events", [(EXPIRED,), (Refused("watch", 410, "too old resource version: 12 (1000012)"),)])
def test_who_watched_is_told_to_read_anew(events: Sequence[Any], record: Record) -> None:
    told(*events).must_be_told_to_read_anew()
    assert "until revision 12 is told to read anew: too old resource version: 12 (1000012)" in record.proofs[0].seen


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ((), "nothing came"),
        (({"type": "ADDED", "object": {"kind": "ConfigMap"}},), "ADDED"),
        ((Refused("watch", 500, "no leader"),), "no leader"),
    ],
)
def test_who_watched_and_is_told_nothing_or_something_else_is_seen(events: Sequence[Any], said: str) -> None:
    with pytest.raises(CheckFailed, match=f"is not told to read all anew, and misses changes: .*{said}"):
        told(*events).must_be_told_to_read_anew()


def test_containers_that_went_on_are_proved(record: Record) -> None:
    own, *_ = drill()
    own.must_have_gone_on()
    assert "All 4 containers run on since their start, among them exec-0/c, spark-connect-0/c" in record.proofs[0].seen
    assert own.saved
    (kept,) = record.items
    assert (kept.name, json.loads(kept.content)) == ("containers", own.saved.containers)


def test_containers_that_started_again_are_gone_or_had_ended_before_are_seen(record: Record) -> None:
    own, kube, _ = drill()
    kube.starts = {"exec-0"}
    with pytest.raises(CheckFailed, match=f"did not go on .*: exec-0/c was .*{EARLY}, and is .*{LATE}"):
        own.must_have_gone_on()
    kube.delete(POD, "spark-connect-0", NAMESPACE)
    with pytest.raises(CheckFailed, match=r"spark-connect-0/c was .*, and is None"):
        own.must_have_gone_on()
    assert own.lost
    own.lost = replace(own.lost, containers={})
    with pytest.raises(CheckFailed, match="ended before the control plane did, so nothing was tested"):
        own.must_have_gone_on()
    for part in ("drivers", "executors"):
        without, *_ = drill()
        setattr(without, part, frozenset())
        with pytest.raises(CheckFailed, match="No driver or no executor ran"):
            without.must_have_gone_on()
    assert not record.proofs


def test_controllers_that_act_are_proved_and_others_are_given_up(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, kube, _ = drill()
    own.must_scale()
    assert re.fullmatch(rf"{CHANGED} had a second pod that is ready after \d\.\d s", record.proofs[0].seen)
    kube.waits = True
    monkeypatch.setattr("sparkproof.core.timeouts.POD_READY", 0.0)
    with pytest.raises(GaveUp, match=f"2 ready pods of {CHANGED}"):
        own.must_scale()
    assert kube.get(DEPLOYMENT, CHANGED, NAMESPACE)


def test_checks_need_what_came_before_them() -> None:
    own = TeamObjects(Workloads(Cluster(), NAMESPACE, "spark"))
    with pytest.raises(SparkproofError, match="No snapshot was taken of these objects"):
        own.must_be_as_saved()
    with pytest.raises(SparkproofError, match="Nothing was changed after the snapshot"):
        own.must_be_told_to_read_anew()
