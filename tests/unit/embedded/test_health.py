"""The control plane is whole only when each of its programs is ready, as the kubelet has it."""

from typing import Any

from sparkproof.embedded.health import Health, stopped


def pod(name: str, ready: str | None) -> dict[str, Any]:
    conditions = [{"type": "Initialized", "status": "True"}]
    if ready:
        conditions.append({"type": "Ready", "status": ready})
    return {"metadata": {"name": name}, "status": {"conditions": conditions}}


def test_a_program_that_ended_is_named() -> None:
    pods = [pod("etcd", "True"), pod("kube-controller-manager", "False"), pod("kube-scheduler", "Unknown")]
    found = list(stopped(pods))
    assert found == ["kube-controller-manager", "kube-scheduler"]
    assert str(Health(stopped=found)) == "not running: kube-controller-manager, kube-scheduler"


def test_one_of_which_the_kubelet_has_said_nothing_yet_counts_as_running() -> None:
    assert list(stopped([pod("kube-scheduler", None), {"metadata": {"name": "etcd"}}])) == []


def test_a_whole_cluster_has_nothing_to_tell() -> None:
    assert str(Health()) == ""
