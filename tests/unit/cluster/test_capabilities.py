"""Capabilities and contracts: probed side by side, once; broken probes and broken promises are never skips."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sparkproof.cluster import contract
from sparkproof.cluster.capabilities import Capabilities, ProbeBroke
from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES, Support
from sparkproof.core import timeouts
from sparkproof.core.errors import UsageError
from sparkproof.kube.labels import EMBEDDED, POLICY_ENGINE_LABEL
from sparkproof.kube.objects import SIMULATED

ROOT = Path(__file__).resolve().parents[3]
KUBE: Any = None
THERE = Support(True, "it answers")
ABSENT = Support(False, "it is absent: install it")


def test_probes_run_side_by_side_and_only_once() -> None:
    both = threading.Barrier(2, timeout=5)
    calls: list[str] = []

    def meets(name: str) -> Any:
        def probe(_kube: Any) -> Support:
            calls.append(name)
            both.wait()
            return THERE

        return probe

    cluster = Capabilities(KUBE, {"a": meets("a"), "b": meets("b")})
    assert cluster.all() == {"a": THERE, "b": THERE}
    assert cluster.of("a") is THERE
    assert sorted(calls) == ["a", "b"]


def test_a_probe_that_breaks_is_an_error_not_an_absence() -> None:
    def broken(_kube: Any) -> Support:
        raise ConnectionError("no route")

    with pytest.raises(ProbeBroke, match="capability keda broke: no route"):
        Capabilities(KUBE, {"keda": broken}).of("keda")


def test_a_probe_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "PROBE", 0.1)
    release = threading.Event()
    started = time.monotonic()
    with pytest.raises(ProbeBroke, match=r"capability slow did not answer within 0\.1 s"):
        Capabilities(KUBE, {"slow": lambda _: THERE if release.wait(30) else ABSENT}).of("slow")
    release.set()
    assert time.monotonic() - started < 5


def test_the_number_of_calls_does_not_grow_with_the_probes_or_the_cluster() -> None:
    class Counted:
        calls = 0

        def list(self, kind: Any) -> list[dict[str, Any]]:
            self.calls += 1
            return (
                [{"metadata": {}, "status": {"allocatable": {"nvidia.com/gpu": "8"}}}] * 1000
                if kind.name == "Node"
                else []
            )

    counted: Any = Counted()
    supports = Capabilities(counted).all()
    assert supports["gpu"].reason == "nodes offer 8000 nvidia.com/gpu"
    assert counted.calls == 4


class Listed:
    """An API server that has these objects, by their kind's name."""

    def __init__(self, **objects: list[dict[str, Any]]) -> None:
        self.objects = objects

    def list(self, kind: Any) -> list[dict[str, Any]]:
        return self.objects.get(kind.name, [])


@pytest.mark.parametrize(
    ("objects", "seen"),
    [
        ({"Node": [{"metadata": {}}, {"metadata": {"labels": {POLICY_ENGINE_LABEL: "k3s"}}}]}, "names k3s"),
        ({"APIService": [{"spec": {}}, {"spec": {"group": "cilium.io"}}]}, "so Cilium enforces"),
        ({"DaemonSet": [{"metadata": {"name": "proxy"}}, {"metadata": {"name": "kindnet"}}]}, "kindnet runs"),
    ],
)
def test_what_enforces_network_policies_is_known_by_what_runs(objects: Any, seen: str) -> None:
    cluster: Any = Listed(**objects)
    support = Capabilities(cluster).of("network-policy")
    assert support.enabled
    assert seen in support.reason


def test_where_nothing_can_be_seen_to_enforce_network_policies_the_remedy_is_told() -> None:
    cluster: Any = Listed(Node=[{"metadata": {}}], DaemonSet=[{"metadata": {"name": "flannel"}}])
    support = Capabilities(cluster).of("network-policy")
    assert not support.enabled
    assert f"{POLICY_ENGINE_LABEL}=NAME" in support.reason


@pytest.mark.parametrize(
    ("objects", "seen"),
    [
        ({"Node": [{"metadata": {"labels": {EMBEDDED: "true"}}}]}, "gets a Prometheus when criteria need one"),
        ({"Node": [{"metadata": {}}], "APIService": [{"spec": {"group": "monitoring.coreos.com"}}]}, "serves monit"),
    ],
)
def test_a_prometheus_is_there_or_can_be_started(objects: Any, seen: str) -> None:
    cluster: Any = Listed(**objects)
    support = Capabilities(cluster).of("prometheus")
    assert support.enabled
    assert seen in support.reason


def test_a_cluster_without_the_prometheus_operator_is_told_of_it() -> None:
    cluster: Any = Listed(Node=[{"metadata": {}}])
    support = Capabilities(cluster).of("prometheus")
    assert not support.enabled
    assert "install the Prometheus operator" in support.reason


def test_gpus_of_simulated_nodes_run_nothing() -> None:
    played = {"metadata": {"annotations": dict(SIMULATED)}, "status": {"allocatable": {"nvidia.com/gpu": "8"}}}
    cluster: Any = Listed(Node=[played])
    assert not Capabilities(cluster).of("gpu").enabled


def test_a_group_whose_name_has_anothers_is_another() -> None:
    cluster: Any = Listed(Node=[{"metadata": {}}], APIService=[{"spec": {"group": "http.keda.sh"}}])
    assert not Capabilities(cluster).of("keda").enabled


def test_an_unknown_capability_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="'gpus' is unknown; did you mean gpu"):
        Capabilities(KUBE).of("gpus")


def test_promised_and_absent_fails_and_unpromised_is_a_remark() -> None:
    supports = {"gpu": ABSENT, "storage": THERE, "keda": THERE}
    promise = Contract(environment="staging", promises=("gpu", "storage"))
    assert promise.broken(supports) == ["staging promises gpu, but it is absent: install it."]
    assert promise.remarks(supports) == ["staging does not promise keda, but it answers."]


@pytest.mark.parametrize("path", sorted((ROOT / "examples/contracts").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_contract_can_be_read(path: Path) -> None:
    read = contract.read(path)
    assert read is not None
    assert set(read.promises) <= set(PROBES)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("promises: [gpu]", "environment: field required"),
        ("environment: x\npromises: [warp-drive]", "'warp-drive' is unknown"),
        ("environment: x\npromises: gpu", "promises: input should be a valid tuple"),
        ("{", "is not YAML"),
        ("", "the file: input should be"),
    ],
)
def test_a_contract_that_cannot_be_used_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "contract.yaml").write_text(text)
    with pytest.raises(UsageError) as raised:
        contract.read(tmp_path / "contract.yaml")
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_without_a_contract_nothing_is_promised() -> None:
    assert contract.read(None) is None
    assert contract.read(None, ["gpu", "storage"]) == Contract(environment="the cluster", promises=("gpu", "storage"))
