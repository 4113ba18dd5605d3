"""Reason in mid-run: what had finished is kept, and nothing is left that `sparkproof sweep` does not find."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from behave.parser import parse_file

from sparkproof.cluster.target import reach
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import NAMESPACE, Kind
from tests.support.live import ROOT, Behave, kubeconfig_of

pytestmark = pytest.mark.cluster

TRAVEL = "features/iceberg/time_travel.feature"
LABELS = ",".join(f"{key}={value}" for key, value in OWNED.items())


@pytest.fixture(scope="session")
def kube() -> Kube:
    return reach("embedded").kube


def ledger(reports: Path) -> list[dict[str, Any]]:
    path = reports / "ledger.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def created(kube: Kube) -> set[str]:
    return {namespace["metadata"]["name"] for namespace in kube.list(NAMESPACE, labels=LABELS)}


def sweep() -> str:
    command = [sys.executable, "-c", "from sparkproof.cli import main; main()", "sweep"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def reader(kube: Kube, tmp_path: Path) -> Iterator[Path]:
    """A kubeconfig whose one context, `reader`, may look at everything and change nothing."""
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": "sparkproof-reader", "labels": OWNED},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "ServiceAccount", "name": "reader", "namespace": "default"}],
    }
    path = kubeconfig_of(kube, "reader", "default", tmp_path)
    kube.apply(binding)
    yield path
    kube.delete(Kind("ClusterRoleBinding", "rbac.authorization.k8s.io/v1"), "sparkproof-reader")
    kube.delete(Kind("ServiceAccount"), "reader", "default")


def test_a_read_only_cluster_is_told_in_a_sentence(behave: Behave, reader: Path, tmp_path: Path) -> None:
    run = behave(
        "features/security/pod_security.feature", "--name=nothing special", "-D", "cluster=context:reader",
        "-D", f"kubeconfig={reader}",
    )  # fmt: skip
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 1
    assert "cause: These credentials may not create, patch, delete namespaces" in output
    assert "on reader: bind the ClusterRole of examples/rights/cluster-role.yaml to them" in output
    assert "Traceback" not in output
    assert output.splitlines()[-1].startswith("verdict: failure")
    assert [line["outcome"] for line in ledger(tmp_path / "reports")] == ["not run"]


def test_after_ctrl_c_results_are_kept_and_nothing_is_left(behave: Behave, kube: Kube, tmp_path: Path) -> None:
    before = created(kube)
    run = behave(TRAVEL)
    eventually("the first result", lambda: ledger(tmp_path / "reports"), lambda lines: bool(lines), within_s=240)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=120)
    assert run.returncode != 0
    lines = ledger(tmp_path / "reports")
    assert lines[0]["outcome"] == "passed"
    assert len(lines) == len(parse_file(str(ROOT / TRAVEL)).walk_scenarios()), "each selected scenario has its line"
    assert "verdict: failure" in output.splitlines()[-1]
    assert created(kube) == before


def test_after_kill_9_results_are_kept_and_sweep_finds_the_rest(behave: Behave, kube: Kube, tmp_path: Path) -> None:
    before = created(kube)
    run = behave(TRAVEL)
    eventually("the first result", lambda: ledger(tmp_path / "reports"), lambda lines: bool(lines), within_s=240)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert ledger(tmp_path / "reports")[0]["outcome"] == "passed"
    (left,) = created(kube) - before
    assert f"removed {left}" in sweep()
    assert created(kube) == set()
    assert sweep() == "Nothing was left to remove.\n"
