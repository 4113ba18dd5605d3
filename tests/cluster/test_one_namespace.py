"""Runs of those who may make no namespace: one that is there, and the example Role in it, are enough."""

import json
import os
import signal
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster import rights
from sparkproof.cluster.target import Target, reach
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import RUN
from sparkproof.kube.objects import CONFIG_MAP, LEASE, NAMESPACE, ROLE_BINDING, SERVICE, Manifest
from sparkproof.platform.classes import PlatformClaim
from tests.support.live import ROOT, Behave, kubeconfig_of
from tests.support.nodes import SPARKPROOF

pytestmark = pytest.mark.cluster
USER = "engineer"
CONNECT = ("features/spark/connect.feature", "--name=A query is executed by executors")
TRAVEL = "features/iceberg/time_travel.feature"


@pytest.fixture(scope="module")
def target() -> Target:
    found = reach("embedded")
    found.provide(PlatformClaim("lakehouse", "4.1.1").spec(ROOT / "charts").rendered_here())
    return found


@pytest.fixture
def given(target: Target) -> Iterator[str]:
    """A namespace that an administrator made, with things in it that are none of the suite's."""
    name = f"given-{uuid.uuid4().hex[:8]}"
    theirs: list[Manifest] = [
        {"kind": CONFIG_MAP.name, "metadata": {"name": "theirs"}, "data": {"a": "b"}},
        {"kind": SERVICE.name, "metadata": {"name": "spark-connect"}, "spec": {"ports": [{"port": 15002}]}},
    ]
    target.kube.create({"apiVersion": "v1", "kind": NAMESPACE.name, "metadata": {"name": name}})
    for each in theirs:
        target.kube.apply({"apiVersion": "v1", **each, "metadata": {**each["metadata"], "namespace": name}})
    yield name
    target.kube.delete(NAMESPACE, name)


@pytest.fixture
def kubeconfig(target: Target, given: str, tmp_path: Path) -> Path:
    """The credentials of a user who has the example Role in the namespace, and no other right."""
    path = kubeconfig_of(target.kube, USER, given, tmp_path)
    role = yaml.safe_load(rights.EXAMPLE_IN_ONE_NAMESPACE.read_text())
    role["metadata"]["namespace"] = given
    target.kube.apply(role)
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]}
    binding = {
        "apiVersion": ROLE_BINDING.api_version,
        "kind": ROLE_BINDING.name,
        "metadata": {"name": USER, "namespace": given},
        "roleRef": reference,
        "subjects": [{"kind": "ServiceAccount", "name": USER, "namespace": given}],
    }
    target.kube.apply(binding)
    return path


def settings(kubeconfig: Path, namespace: str) -> list[str]:
    # The embedded node has the images under this name, as if it had pulled them.
    own = {"cluster": f"context:{USER}", "kubeconfig": kubeconfig, "namespace": namespace, "registry": "localhost"}
    return [part for name, value in own.items() for part in ("-D", f"{name}={value}")]


def sweep(kubeconfig: Path, namespace: str, *arguments: str) -> str:
    command = [*SPARKPROOF, "sweep", "--cluster", f"context:{USER}", "--kubeconfig", str(kubeconfig)]
    asked = subprocess.run([*command, "--namespace", namespace, *arguments], check=True, capture_output=True, text=True)
    return asked.stdout


def everything(target: Target, namespace: str) -> set[str]:
    """The objects of a namespace, but for what Kubernetes itself keeps beside them."""
    derived = ("EndpointSlice", "Endpoints", "PodMetrics")
    listed = [each for kind in target.kube.kinds() for each in target.kube.list(kind, namespace)]
    return {f"{each['kind']} {each['metadata']['name']}" for each in listed if each["kind"] not in derived}


def must_be_as_before(target: Target, namespace: str, before: set[str]) -> None:
    """Check that the namespace has what it had; Kubernetes takes the revisions of a StatefulSet a moment after it."""
    eventually("a namespace as before", lambda: everything(target, namespace), before.__eq__, within_s=60)


def ledger(folder: Path) -> dict[str, tuple[str, str]]:
    path = folder / "reports" / "ledger.jsonl"
    lines: list[dict[str, Any]] = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {line["name"]: (line["outcome"], line["reason"]) for line in lines}


def run_id(target: Target, namespace: str) -> str:
    """The run that gives signs of life in a namespace."""
    (lease,) = target.kube.list(LEASE, namespace)
    return str(lease["metadata"]["labels"][RUN])


def test_who_has_the_example_role_alone_runs_a_criterion_to_green_and_leaves_nothing(
    behave: Behave, target: Target, given: str, kubeconfig: Path, tmp_path: Path
) -> None:
    before = everything(target, given)
    others = "features/security/pod_security.feature"
    run = behave(
        CONNECT[0], others, "--name=A query is executed by executors", "--name=nothing special",
        *settings(kubeconfig, given),
    )  # fmt: skip
    output, _ = run.communicate(timeout=500)
    found = ledger(tmp_path)
    reasons = {reason for outcome, reason in found.values() if outcome == "skipped"}
    assert {outcome for outcome, _ in found.values()} == {"passed", "skipped"}, output
    assert reasons == {f"it needs a namespace of its own, and this run has namespace {given} alone (-D namespace)"}
    assert run.returncode == 0
    must_be_as_before(target, given, before)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_after_a_signal_nothing_is_left_and_after_a_kill_nothing_that_a_sweep_does_not_find(
    behave: Behave, target: Target, given: str, kubeconfig: Path, tmp_path: Path, how: signal.Signals
) -> None:
    before = everything(target, given)
    run = behave(TRAVEL, *settings(kubeconfig, given))
    eventually("the first result", lambda: ledger(tmp_path), bool, within_s=400)
    own = run_id(target, given)
    # Executors come and go, and what Kubernetes itself makes of these follows them.
    mine = {each for each in everything(target, given) - before if each.startswith(("StatefulSet", "Secret"))}
    assert f"run {own} is alive" in sweep(kubeconfig, given), "what is alive is left"
    assert mine <= everything(target, given)
    assert mine
    second = behave(*CONNECT, *settings(kubeconfig, given), "-D", f"reports={tmp_path}/second")
    assert f"Run {own} works in namespace {given}" in second.communicate(timeout=120)[0]
    if how is signal.SIGKILL:
        os.killpg(run.pid, how)
        run.wait()
        assert "StatefulSet" in sweep(kubeconfig, given, "--run", own)
    else:
        run.send_signal(how)
        run.communicate(timeout=400)
        assert run.returncode != 0
    must_be_as_before(target, given, before)
    assert sweep(kubeconfig, given) == "Nothing was left to remove.\n"


def test_what_somebody_else_has_in_the_namespace_is_not_taken(
    behave: Behave, target: Target, given: str, kubeconfig: Path
) -> None:
    name = "applications"
    theirs = {"apiVersion": "v1", "kind": CONFIG_MAP.name, "metadata": {"name": name, "namespace": given}}
    target.kube.apply({**theirs, "data": {"own": "yes"}})
    output, _ = behave(*CONNECT, *settings(kubeconfig, given)).communicate(timeout=300)
    assert f"ConfigMap {name} in {given} exists already and is not of this run, so it is left as it is" in output
    assert (target.kube.get(CONFIG_MAP, name, given) or {})["data"] == {"own": "yes"}


def test_a_namespace_that_is_not_there_and_one_without_rights_are_said_in_a_sentence(
    behave: Behave, target: Target, given: str, kubeconfig: Path
) -> None:
    without_rights, _ = behave(*CONNECT, *settings(kubeconfig, "default")).communicate(timeout=120)
    assert "bind the Role of examples/rights/role.yaml to them" in without_rights
    assert "in namespace default of engineer" in without_rights
    own = ["-D", f"namespace={given}-not"]
    nowhere, _ = behave(*CONNECT, *own).communicate(timeout=120)
    assert f"There is no namespace {given}-not on embedded, and a run makes none" in nowhere
    assert target.kube.get(NAMESPACE, f"{given}-not") is None
