"""A sweep takes what a run made, namespaces and simulated nodes, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.objects import NAMESPACE, NODE, SIMULATED, STATEFUL_SET, Kind, Manifest
from sparkproof.platform.sweep import sweep
from sparkproof.tenancy.team import Team
from tests.support.recorded import RecordedKube, manifest, pod, workload

CLUSTER_ROLE = Kind("ClusterRole", "rbac.authorization.k8s.io/v1")


def node(name: str, run: str, *, simulated: bool = True) -> Manifest:
    annotations = SIMULATED if simulated else {}
    return manifest(NODE, name, None, labels={**OWNED, RUN: run}, metadata={"annotations": annotations})


def cluster(**kube: list[str]) -> RecordedKube:
    made = RecordedKube(
        node("gpu-1", "r1"),
        node("gpu-2", "r2"),
        node("real", "r1", simulated=False),
        manifest(NAMESPACE, "production", None),
        manifest(NAMESPACE, "labelled-by-another", None, labels={RUN: "r1"}),
        workload(STATEFUL_SET, "spark"),
        pod("spark-0", "connect"),
        staying=kube.get("staying", ()),
    )
    for name, run, shared in (("team", "r1", False), ("shared", "r1", True), ("other", "r2", False)):
        Team.create(made, name, run=run, shared=shared)
    return made


def test_it_leaves_what_other_runs_and_other_people_made() -> None:
    kube = cluster()
    assert sweep(kube, run="r1") == ["team", "shared", "gpu-1"]
    assert kube.names("Namespace") == ["labelled-by-another", "other", "production"]
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


def test_kinds_that_the_credentials_may_not_list_are_none_of_the_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    kube = cluster()
    kube.add(role("own", "team"))
    listing = kube.list

    def refusing(code: int) -> Callable[..., list[Manifest]]:
        def refuse(kind: Kind, *args: Any, **selected: Any) -> list[Manifest]:
            if kind == CLUSTER_ROLE:
                raise Refused("list ClusterRoles", code, "no")
            return listing(kind, *args, **selected)

        return refuse

    monkeypatch.setattr(kube, "list", refusing(500))
    with pytest.raises(Refused, match="no"):
        sweep(kube, run="r1")
    monkeypatch.setattr(kube, "list", refusing(403))
    assert sweep(kube, run="r1") == ["team", "shared", "gpu-1"]


def test_without_a_run_it_takes_what_any_run_made() -> None:
    kube = cluster()
    assert sweep(kube) == ["team", "shared", "other", "gpu-1", "gpu-2"]
    assert kube.names("Namespace") == ["labelled-by-another", "production"]
    assert kube.names("Node") == ["real"]


def test_a_run_that_made_nothing_leaves_all_as_it_is() -> None:
    kube = cluster()
    assert sweep(kube, run="r3") == []
    assert not kube.deleted


@pytest.mark.usefixtures("one_look")
def test_a_namespace_that_does_not_go_is_named_after_all_were_asked_to() -> None:
    kube = cluster(staying=["team"])
    with pytest.raises(GaveUp, match="the end of Namespace team did not come"):
        sweep(kube, run="r1")
    assert kube.names("Namespace") == ["labelled-by-another", "other", "production", "team"]
    assert kube.names("Node") == ["gpu-2", "real"]
