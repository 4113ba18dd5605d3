"""What would fail every scenario on a cluster is found before anything is installed, and is one sentence."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster import preflight, rights
from sparkproof.cluster.rights import Right
from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.kube.objects import NODE, STORAGE_CLASS
from tests.support import recorded
from tests.support.recorded import RecordedKube, manifest

OPEN = manifest(NODE, "node-1", None, spec={}, status={"conditions": [{"type": "Ready", "status": "True"}]})
CORDONED = {**OPEN, "spec": {"unschedulable": True}}
VOLUME = "kind: PersistentVolumeClaim"


def target(*objects: dict[str, Any], registry: str | None = "registry.example", admin: bool = True) -> Target:
    return Target("staging", RecordedKube(*objects, admin=admin), recorded.helm(), registry)


def test_a_cluster_that_lacks_nothing_passes() -> None:
    preflight.check(target(OPEN))
    preflight.check(target(OPEN, registry=None))


def test_missing_rights_are_named_by_resource_with_where_to_get_them() -> None:
    with pytest.raises(
        UsageError, match=r"may not get, list, create, patch, delete namespaces; .* and \d+ more on staging"
    ):
        preflight.check(target(OPEN, admin=False))


def test_a_missing_registry_is_named_only_where_nodes_pull() -> None:
    with pytest.raises(UsageError, match="staging needs -D registry=HOST/PATH"):
        preflight.check(target(OPEN, registry=""))


def test_a_cluster_without_a_node_that_takes_pods_is_refused_and_one_such_node_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SparkproofError, match=r"No node of staging takes pods.*: node node-1 takes no pods: cordoned"):
        preflight.check(target(CORDONED))
    second = {**CORDONED, "metadata": {**CORDONED["metadata"], "name": "node-2"}}
    preflight.check(target(OPEN, second))
    assert "node node-2 takes no pods: cordoned" in capsys.readouterr().err


def test_volumes_need_a_default_storage_class() -> None:
    storage = manifest(STORAGE_CLASS, "fast", None)
    default = {**storage, "metadata": {"name": "slow", "annotations": {preflight.DEFAULT_CLASS: "true"}}}
    assert "(there are: fast)" in preflight.lack_of_storage(target(storage), VOLUME)
    assert "(there are: none)" in preflight.lack_of_storage(target(), "volumeClaimTemplates:")
    assert preflight.lack_of_storage(target(storage), "kind: Pod") == ""
    assert preflight.lack_of_storage(target(storage, default), VOLUME) == ""


@pytest.mark.parametrize(
    ("example", "needed"),
    [(rights.EXAMPLE, rights.RIGHTS), (rights.EXAMPLE_IN_ONE_NAMESPACE, rights.IN_ONE_NAMESPACE)],
    ids=["in the whole cluster", "in one namespace"],
)
def test_the_example_role_has_every_right(example: Path, needed: Sequence[Right]) -> None:
    role = yaml.safe_load(example.read_text())
    given = {
        (verb, f"{name}.{group}" if group and "/" not in name else name)
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for name in rule["resources"]
        for verb in rule["verbs"]
    }
    assert given == {pair for right in needed for pair in right.pairs}


def test_one_namespace_needs_no_right_beyond_it() -> None:
    beyond = {
        "nodes", "nodes/proxy", "subjectaccessreviews.authorization.k8s.io", "storageclasses.storage.k8s.io",
        "apiservices.apiregistration.k8s.io", "validatingadmissionpolicies.admissionregistration.k8s.io",
    }  # fmt: skip
    assert not beyond & {name for right in rights.IN_ONE_NAMESPACE for name in right.resources}
    assert [right.verbs for right in rights.IN_ONE_NAMESPACE if "namespaces" in right.resources] == [("get",)]
    with pytest.raises(UsageError, match=r"in namespace given of staging: bind the Role of examples/rights/role\.yaml"):
        preflight.check(target(OPEN, admin=False), "given")
