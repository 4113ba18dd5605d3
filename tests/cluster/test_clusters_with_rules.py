"""Clusters whose rules would fail every scenario: a run says which, once, before anything is installed.

The user has the example ClusterRole and no other right.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster import preflight, rights
from sparkproof.cluster.target import reach
from sparkproof.embedded import layout, lifecycle
from sparkproof.embedded.layout import Layout
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import NAMESPACE, NODE, STORAGE_CLASS, Kind, Manifest, selector
from tests.support.live import Behave, kubeconfig_of
from tests.support.nodes import must_be_gone

pytestmark = [
    pytest.mark.trouble,
    pytest.mark.skipif(os.geteuid() != 0, reason="the embedded cluster needs root"),
]
USER = "engineer"
GIVEN = "given"
# Three criteria, of which each needs a platform.
CONNECT = "features/spark/connect.feature"
# One criterion that needs a namespace and nothing else.
POD_SECURITY = ("features/security/pod_security.feature", "--name=nothing special")
_ADMISSION = "admissionregistration.k8s.io/v1"


@pytest.fixture(scope="module")
def kube() -> Iterator[Kube]:
    with pytest.MonkeyPatch.context() as patch:
        state = layout.DEFAULT_STATE.with_name("sparkproof-trouble")
        patch.setenv("SPARKPROOF_STATE", str(state))
        lifecycle.down()
        lifecycle.up()
        yield reach("embedded").kube
        lifecycle.down()
        must_be_gone(Layout(state))


@pytest.fixture(scope="module")
def kubeconfig(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Path:
    kube.create({"apiVersion": "v1", "kind": NAMESPACE.name, "metadata": {"name": GIVEN}})
    kube.apply(yaml.safe_load(rights.EXAMPLE.read_text()))
    kube.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": USER},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": rights.NAME},
            "subjects": [{"kind": "ServiceAccount", "name": USER, "namespace": "default"}],
        }
    )
    return kubeconfig_of(kube, USER, "default", tmp_path_factory.mktemp("user"))


@pytest.fixture
def said(behave: Behave, kubeconfig: Path) -> Callable[..., str]:
    """What a run of the user prints, with more settings."""

    def run(*arguments: str, registry: str = "localhost") -> str:
        own = {"cluster": f"context:{USER}", "kubeconfig": kubeconfig} | ({"registry": registry} if registry else {})
        settings = [part for name, value in own.items() for part in ("-D", f"{name}={value}")]
        output, _ = behave(*settings, *arguments).communicate(timeout=300)
        return output

    return run


@contextmanager
def _there(kube: Kube, *objects: Manifest) -> Iterator[None]:
    for each in objects:
        kube.apply(each)
    try:
        yield
    finally:
        for each in objects:
            kind = Kind(each["kind"], each["apiVersion"])
            kube.delete(kind, each["metadata"]["name"], each["metadata"].get("namespace"))


@contextmanager
def _no_default_storage_class(kube: Kube) -> Iterator[None]:
    (storage,) = kube.list(STORAGE_CLASS)

    def mark(value: str) -> None:
        annotations = {preflight.DEFAULT_CLASS: value}
        kube.patch(STORAGE_CLASS, storage["metadata"]["name"], {"metadata": {"annotations": annotations}})

    mark("false")
    try:
        yield
    finally:
        mark("true")


@contextmanager
def _cordoned(kube: Kube) -> Iterator[None]:
    (node,) = kube.list(NODE)
    kube.patch(NODE, node["metadata"]["name"], {"spec": {"unschedulable": True}})
    try:
        yield
    finally:
        kube.patch(NODE, node["metadata"]["name"], {"spec": {"unschedulable": False}})


def _of_given(kind: str, **content: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": "theirs", "namespace": GIVEN}, **content}


def _quota(kube: Kube) -> AbstractContextManager[None]:
    return _there(kube, _of_given("ResourceQuota", spec={"hard": {"services": "0"}}))


def _small_containers(kube: Kube) -> AbstractContextManager[None]:
    return _there(kube, _of_given("LimitRange", spec={"limits": [{"type": "Container", "max": {"memory": "64Mi"}}]}))


def _policy(kube: Kube, groups: Sequence[str], resources: Sequence[str], rule: str) -> AbstractContextManager[None]:
    matched = {"apiGroups": groups, "apiVersions": ["*"], "operations": ["CREATE"], "resources": resources}
    validation = {"expression": rule, "message": "the house asks for the label team"}
    metadata = {"name": "house-rule"}
    policy = {
        "apiVersion": _ADMISSION,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": metadata,
        "spec": {"matchConstraints": {"resourceRules": [matched]}, "validations": [validation]},
    }
    binding = {
        "apiVersion": _ADMISSION,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": metadata,
        "spec": {"policyName": "house-rule", "validationActions": ["Deny"]},
    }
    return _there(kube, policy, binding)


def _labelled_workloads(kube: Kube) -> AbstractContextManager[None]:
    return _policy(kube, ["apps"], ["deployments", "statefulsets"], "has(object.metadata.labels.team)")


def _labelled_namespaces(kube: Kube) -> AbstractContextManager[None]:
    return _policy(kube, [""], ["namespaces"], "has(object.metadata.labels) && 'team' in object.metadata.labels")


@pytest.mark.parametrize(
    ("rule", "arguments", "told"),
    [
        (_no_default_storage_class, (), f"no StorageClass of {USER} is the default (there are: local-path)"),
        (_cordoned, (), f"No node of {USER} takes pods, so nothing could run: node sparkproof takes no pods: cordoned"),
        (_labelled_workloads, (), "the house asks for the label team"),
        (
            _labelled_namespaces,
            (),
            "label team; what a cluster asks of namespaces is set by -D namespace_labels",
        ),
        (_quota, ("-D", f"namespace={GIVEN}"), "exceeded quota: theirs"),
        (_small_containers, ("-D", f"namespace={GIVEN}"), "maximum memory usage per Container is 64Mi"),
    ],
)
def test_what_the_cluster_refuses_is_said_once_before_anything_is_installed(
    kube: Kube,
    said: Callable[..., str],
    rule: Callable[[Kube], AbstractContextManager[None]],
    arguments: Sequence[str],
    told: str,
) -> None:
    with rule(kube):
        output = said(CONNECT, *arguments)
    assert output.count(told) == 1
    assert [line for line in output.splitlines() if line.startswith("cause: ") and told in line]
    assert "Traceback" not in output
    assert "installing" not in output
    assert "verdict: failure (3 not run" in output
    assert kube.list(NAMESPACE, labels=selector(OWNED)) == []


def test_a_registry_that_is_missing_is_said_once(said: Callable[..., str]) -> None:
    output = said(CONNECT, registry="")
    assert output.count(f"{USER} needs -D registry=HOST/PATH") == 1
    assert "verdict: failure (3 not run" in output


def test_a_namespace_gets_the_labels_that_its_cluster_asks_for(kube: Kube, said: Callable[..., str]) -> None:
    with _labelled_namespaces(kube):
        output = said(*POD_SECURITY, "-D", "namespace_labels=team=data")
    assert "verdict: success (1 passed" in output


@pytest.mark.parametrize("optional", [True, False], ids=["with nodes", "without nodes"])
def test_who_has_the_rights_of_the_example_alone_runs_a_criterion_to_green(
    kube: Kube, said: Callable[..., str], optional: bool
) -> None:
    role = yaml.safe_load(rights.EXAMPLE.read_text())
    needed = [rule for right in rights.RIGHTS if optional or not right.optional for rule in right.rules]
    kube.apply({**role, "rules": needed})
    output = said(*POD_SECURITY)
    kube.apply(role)
    assert "verdict: success (1 passed" in output
    assert ("will not see that this run is alive" in output) is not optional
