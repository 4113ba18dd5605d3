"""What a namespace has: other content, other ids and other starts are told apart, and what programs write is not."""

import copy
from typing import Any

import pytest

from sparkproof.kube.objects import CONFIG_MAP, ENDPOINT_SLICE, LEASE, POD, Manifest
from sparkproof.operations.namespace_state import NamespaceState, containers
from tests.support.recorded import NAMESPACE, RecordedKube, executor, manifest, pod


def summary(*pods: tuple[str, str, str], namespace: str = NAMESPACE) -> Manifest:
    """A kubelet's summary of these pods: name, id, and the start of a container "c"."""
    return {
        "pods": [
            {
                "podRef": {"name": name, "namespace": namespace, "uid": uid},
                "containers": [{"name": "c", "startTime": start}],
            }
            for name, uid, start in pods
        ]
    }


SETTINGS = manifest(CONFIG_MAP, "settings", data={"a": "1"}, metadata={"uid": "u", "resourceVersion": "12"})


def state(found: Manifest) -> NamespaceState:
    return NamespaceState.of(RecordedKube(found), NAMESPACE)


def test_what_programs_of_the_cluster_write_is_left_out() -> None:
    kube = RecordedKube(
        SETTINGS, manifest(LEASE, "l"), manifest(ENDPOINT_SLICE, "e"), manifest(CONFIG_MAP, "o", "other")
    )
    found = NamespaceState.of(kube, NAMESPACE)
    assert list(found.objects) == ["ConfigMap settings"]
    assert found.objects["ConfigMap settings"].startswith("u ")
    assert found.revision == 12


@pytest.mark.parametrize(
    ("change", "altered"),
    [
        ({"data": {"a": "2"}}, True),
        ({"metadata": {**SETTINGS["metadata"], "uid": "v"}}, True),
        ({"metadata": {**SETTINGS["metadata"], "labels": {}}}, True),
        ({"status": {"any": "thing"}}, False),
        ({"metadata": {**SETTINGS["metadata"], "resourceVersion": "99", "generation": 4, "managedFields": []}}, False),
    ],
    ids=["content", "id", "labels", "status", "what the server writes"],
)
def test_an_object_is_altered_by_what_somebody_asks_for(change: Manifest, altered: bool) -> None:
    before, after = state(SETTINGS), state(copy.deepcopy(SETTINGS) | change)
    assert before.altered_in(after) == (["ConfigMap settings"] if altered else [])
    assert before.missing_in(after) == []


def test_an_object_that_is_missing_is_not_altered() -> None:
    before, after = state(SETTINGS), state(manifest(CONFIG_MAP, "another"))
    assert before.missing_in(after) == ["ConfigMap settings"]
    assert before.altered_in(after) == []


def test_containers_are_those_that_kubelets_run() -> None:
    other: Any = summary(("spark-0", "x", "9"), namespace="other")["pods"]
    pods = summary(("exec-0", "e", "2026-11-28T15:00:00Z"))["pods"]
    kube = RecordedKube(executor("exec-0"), pod("waits"), served={"node node-1": {"pods": [*pods, *other]}})
    assert containers(kube, NAMESPACE) == {"exec-0/c": "e, since 2026-11-28T15:00:00Z"}
    assert len(kube.list(POD)) == 2
