"""A sweep takes what runs made that have ended, namespaces and simulated nodes, and nothing else."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sparkproof.core.wait import GaveUp
from sparkproof.kube import heartbeat
from sparkproof.kube.errors import Refused
from sparkproof.kube.heartbeat import Heartbeat
from sparkproof.kube.labels import KEPT, OWNED, RUN, USES_KEPT
from sparkproof.kube.objects import (
    ADMISSION_POLICY,
    ADMISSION_POLICY_BINDING,
    CLUSTER_QUEUE,
    DEPLOYMENT,
    LEASE,
    NAMESPACE,
    NODE,
    NODE_POOL,
    SIMULATED,
    STATEFUL_SET,
    Kind,
    Manifest,
)
from sparkproof.platform.sweep import sweep, sweep_leftovers
from sparkproof.tenancy.team import Team
from tests.support.recorded import RecordedKube, manifest, pod, workload

CLUSTER_ROLE = Kind("ClusterRole", "rbac.authorization.k8s.io/v1")


def node(name: str, run: str, *, simulated: bool = True) -> Manifest:
    annotations = SIMULATED if simulated else {}
    return manifest(NODE, name, None, labels={**OWNED, RUN: run}, metadata={"annotations": annotations})


def sign(run: str, *, ago_s: float, holder: str = "elsewhere/1/1", uses_kept: bool = False) -> Manifest:
    """The Lease of a run on another machine that was renewed so many seconds ago."""
    renewed = (datetime.now(UTC) - timedelta(seconds=ago_s)).isoformat().replace("+00:00", "Z")
    spec = {"holderIdentity": holder, "leaseDurationSeconds": heartbeat.EXPIRES_S, "renewTime": renewed}
    labels = {**OWNED, RUN: run, USES_KEPT: str(uses_kept).lower()}
    return manifest(LEASE, f"sparkproof-run-{run}", "default", labels=labels, spec=spec)


def cluster(*signs: Manifest, staying: tuple[str, ...] = ()) -> RecordedKube:
    made = RecordedKube(
        node("gpu-1", "r1"),
        node("gpu-2", "r2"),
        node("real", "r1", simulated=False),
        manifest(NAMESPACE, "production", None),
        manifest(NAMESPACE, "labelled-by-another", None, labels={RUN: "r1"}),
        manifest(NAMESPACE, "managed-by-another", None, labels=OWNED),
        workload(STATEFUL_SET, "spark"),
        pod("spark-0", "connect"),
        *signs,
        staying=staying,
    )
    for name, run, shared in (("team", "r1", False), ("shared", "r1", True), ("other", "r2", False), ("k", KEPT, True)):
        Team.create(made, name, run=run, shared=shared)
    return made


FOREIGN = ["labelled-by-another", "managed-by-another", "production"]


def test_at_its_end_a_run_leaves_what_other_runs_and_other_people_made() -> None:
    kube = cluster(sign("r1", ago_s=1))
    assert sweep(kube, run="r1") == ["team", "shared", "gpu-1"]
    assert kube.names("Namespace") == sorted([*FOREIGN, "k", "other"])
    assert kube.names("Node") == ["gpu-2", "real"]
    assert not kube.names("Pod")


def role(name: str, namespace: str, *, by: str = "Helm", release: str = "spark") -> Manifest:
    """A cluster-wide object that helm made for a release of a namespace."""
    made_for = {"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": release}
    labels = {"app.kubernetes.io/managed-by": by}
    return manifest(CLUSTER_ROLE, name, None, labels=labels, metadata={"annotations": made_for})


def test_cluster_wide_objects_of_its_releases_go_and_those_of_others_stay() -> None:
    kube = cluster()
    kube.add(
        role("own", "team"), role("production", "production"), role("other", "other"), role("by-hand", "team", by="me")
    )
    kube.add(manifest(CLUSTER_ROLE, "unmarked", None, labels={"app.kubernetes.io/managed-by": "Helm"}))
    sweep(kube, run="r1")
    assert kube.names("ClusterRole") == ["by-hand", "other", "production", "unmarked"]


@pytest.mark.parametrize(
    "unseen", [CLUSTER_ROLE, ADMISSION_POLICY, ADMISSION_POLICY_BINDING, NODE, NODE_POOL, CLUSTER_QUEUE]
)
def test_kinds_that_the_credentials_may_not_list_are_none_of_the_runs(
    unseen: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(code: int) -> RecordedKube:
        kube = cluster()
        listing = kube.list

        def refuse(kind: Kind, *args: Any, **selected: Any) -> list[Manifest]:
            if kind == unseen:
                raise Refused(f"list {unseen.name}", code, "no")
            return listing(kind, *args, **selected)

        kube.add(role("own", "team"))
        monkeypatch.setattr(kube, "list", refuse)
        return kube

    with pytest.raises(Refused, match="no"):
        sweep(refusing(500), run="r1")
    assert sweep(refusing(403), run="r1") == ["team", "shared", *(["gpu-1"] if unseen != NODE else [])]


def quota(name: str, run: str) -> Manifest:
    return manifest(CLUSTER_QUEUE, name, None, labels={**OWNED, RUN: run})


def test_quotas_of_ended_runs_go_and_kueue_runs_again_to_let_them() -> None:
    kube = cluster(sign("r1", ago_s=heartbeat.EXPIRES_S + 1), sign("r2", ago_s=7))
    stopped = manifest(DEPLOYMENT, "kueue-controller-manager", "kueue-system", spec={"replicas": 0})
    kube.add(quota("quota-1", "r1"), quota("quota-2", "r2"), stopped)
    swept = sweep_leftovers(kube)
    assert "quota-1" in swept.removed
    assert swept.left["quota-2"] == "run r2 is alive: it gave a sign 7 s ago"
    assert kube.names("ClusterQueue") == ["quota-2"]
    assert (kube.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 1


def test_leftovers_of_ended_runs_go_and_a_live_run_is_named_and_left() -> None:
    kube = cluster(sign("r1", ago_s=heartbeat.EXPIRES_S + 1), sign("r2", ago_s=7))
    swept = sweep_leftovers(kube)
    assert swept.removed == ["team", "shared", "gpu-1"]
    words = "run r2 is alive: it gave a sign 7 s ago"
    assert swept.left == {"other": words, "gpu-2": words}
    assert kube.names("Namespace") == sorted([*FOREIGN, "k", "other"])
    assert kube.names("Node") == ["gpu-2", "real"]
    assert kube.names("Lease") == ["sparkproof-run-r2"]


def test_a_run_whose_process_has_ended_on_this_machine_needs_no_waiting() -> None:
    here = heartbeat._holder(1).partition("/")[0]
    kube = cluster(sign("r1", ago_s=1, holder=f"{here}/4194304/1"), sign("r2", ago_s=1, holder=heartbeat._holder(1)))
    assert sweep_leftovers(kube).removed == ["team", "shared", "gpu-1"]


@pytest.mark.parametrize(("age_s", "goes"), [(5, False), (heartbeat.EXPIRES_S + 5, True)])
def test_what_has_no_sign_of_life_is_left_while_it_is_young(age_s: float, goes: bool) -> None:
    kube = cluster()
    made = (datetime.now(UTC) - timedelta(seconds=age_s)).isoformat()
    kube.patch(NAMESPACE, "other", {"metadata": {"creationTimestamp": made}})
    swept = sweep_leftovers(kube)
    assert ("other" in swept.removed, "gpu-2" in swept.removed) == (goes, goes)
    assert swept.left == ({} if goes else {"other": f"it is only {age_s} s old"})


def test_one_run_is_swept_by_its_id_and_only_if_it_has_ended() -> None:
    kube = cluster(sign("r2", ago_s=7))
    assert sweep_leftovers(kube, run="r2").removed == []
    assert list(sweep_leftovers(kube, run="r2").left) == ["other", "gpu-2"]
    assert sweep_leftovers(kube, run="r1").removed == ["team", "shared", "gpu-1"]
    assert sweep_leftovers(kube, run="r3").removed == []


def test_kept_platforms_go_on_request_unless_a_live_run_joins_them() -> None:
    kube = cluster(sign("r2", ago_s=7, uses_kept=True))
    assert sweep_leftovers(kube, kept=True).left == {"k": "run r2, which is alive, may use it"}
    kube = cluster(sign("r2", ago_s=7), sign("r1", ago_s=500, uses_kept=True))
    assert sweep_leftovers(kube, kept=True).removed == ["k"]
    assert "team" in kube.names("Namespace")


def test_what_one_run_kept_goes_by_its_id_and_stays_its_own_when_others_join_it() -> None:
    kube = cluster()
    for name, joining in (("mine", ["r3", "r4"]), ("theirs", ["r4", "r3"])):
        team = Team.create(kube, name, run=KEPT)
        for run in joining:
            team.keep(run)
    assert sweep_leftovers(kube, kept=True, run="r3", dry_run=True).removed == ["mine"]
    assert sweep_leftovers(kube, kept=True, run="r3").removed == ["mine"]
    assert {"k", "theirs"} <= set(kube.names("Namespace"))
    assert sweep_leftovers(kube, kept=True, run="r1").removed == []
    assert "team" in kube.names("Namespace")


def test_a_dry_run_says_the_same_and_removes_nothing() -> None:
    kube = cluster(sign("r1", ago_s=500), sign("r2", ago_s=7))
    said = sweep_leftovers(kube, dry_run=True)
    assert not kube.deleted
    done = sweep_leftovers(kube)
    assert sorted(said.removed) == sorted(done.removed)
    assert list(said.left) == list(done.left)


@pytest.mark.usefixtures("one_look")
def test_a_namespace_that_does_not_go_is_named_after_all_were_asked_to() -> None:
    kube = cluster(staying=("team",))
    with pytest.raises(GaveUp, match="the end of Namespace team did not come"):
        sweep(kube, run="r1")
    assert kube.names("Namespace") == sorted([*FOREIGN, "k", "other", "team"])


def test_a_run_is_alive_from_its_start_to_its_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "_RENEWED_EVERY_S", 0.01)
    kube = RecordedKube()
    beating = Heartbeat(kube, "r1", uses_kept=True)
    beating.start()
    assert heartbeat.signs(kube)["r1"].alive
    # One that somebody removes is made again.
    kube.delete(LEASE, "sparkproof-run-r1", "default")
    until = time.monotonic() + 10
    while kube.get(LEASE, "sparkproof-run-r1", "default") is None:
        assert time.monotonic() < until
    assert heartbeat.signs(kube)["r1"].uses_kept
    beating.stop()
    assert heartbeat.signs(kube) == {}
