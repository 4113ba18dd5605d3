"""A sweep takes what a run made, namespaces and simulated nodes, and nothing else."""

import pytest

from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.objects import NAMESPACE, NODE, SIMULATED, STATEFUL_SET, Manifest
from sparkproof.platform.sweep import sweep
from sparkproof.tenancy.team import Team
from tests.support.recorded import RecordedKube, manifest, pod, workload


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
