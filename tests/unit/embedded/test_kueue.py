"""Kueue on the embedded cluster: its webhooks are narrow before they are applied, and what nobody needs is left out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.core import cache
from sparkproof.core.errors import SparkproofError
from sparkproof.embedded import kueue, lifecycle
from sparkproof.kube.objects import DEPLOYMENT, Kind, Manifest
from tests.support.recorded import RecordedKube, manifest

NARROW = {"matchLabels": {"kueue.x-k8s.io/managed-namespace": "true"}}


def a_webhook(*groups: str, **rest: Any) -> Manifest:
    return {"name": "mpod.kb.io", "rules": [{"apiGroups": list(groups), "resources": ["pods"]}], **rest}


def webhooks(*each: Manifest) -> Manifest:
    metadata = {"name": "kueue-mutating-webhook-configuration", "namespace": "kueue-system"}
    return {"apiVersion": "v1", "kind": "MutatingWebhookConfiguration", "metadata": metadata, "webhooks": list(each)}


def named(kind: str, name: str, **rest: Any) -> Manifest:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name}, **rest}


def rendered(*webhook: Manifest) -> Sequence[Manifest]:
    return [
        named("CustomResourceDefinition", "clusterqueues.kueue.x-k8s.io"),
        named("ClusterRole", "kueue-manager-role"),
        named("ClusterRole", "kueue-batch-admin-role"),
        named("ClusterRoleBinding", "kueue-manager-rolebinding", roleRef={"name": "kueue-manager-role"}),
        named("Service", "kueue-visibility-server"),
        named("APIService", "v1beta2.visibility.kueue.x-k8s.io"),
        named("Service", "kueue-controller-manager-metrics-service"),
        webhooks(*webhook),
    ]


class Cluster(RecordedKube):
    """An API server that serves new kinds at once."""

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        established = {"conditions": [{"type": "Established", "status": "True"}]}
        own = manifest["kind"] == "CustomResourceDefinition"
        return super().apply({**manifest, "status": established} if own else manifest, dry_run=dry_run)


@pytest.fixture
def chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have the chart render these objects; nothing is built."""

    def render(*objects: Manifest) -> None:
        (tmp_path / "text").write_text(yaml.safe_dump_all(objects))

    monkeypatch.setattr(programs, "build", lambda name: tmp_path / name)
    monkeypatch.setattr(cache, "entry", lambda *_: tmp_path)
    monkeypatch.setattr(lifecycle, "load", lambda *_: None)
    return render


def test_what_is_switched_off_and_rights_of_nobody_are_left_out(chart: Any) -> None:
    chart(*rendered(a_webhook("", namespaceSelector=NARROW), a_webhook("kueue.x-k8s.io")))
    cluster = Cluster()
    kueue.start(cluster)
    assert cluster.names("ClusterRole") == ["kueue-manager-role"]
    assert cluster.names("Service") == cluster.names("APIService") == []
    (own,) = cluster.list(Kind("MutatingWebhookConfiguration"))
    assert "namespace" not in own["metadata"]


@pytest.mark.parametrize("group", ["", "apps", "batch", "*"])
@pytest.mark.parametrize("rest", [{}, {"namespaceSelector": {}}, {"namespaceSelector": {"matchExpressions": []}}])
def test_a_webhook_that_could_stop_others_is_refused_before_anything_is_applied(
    group: str, rest: Manifest, chart: Any
) -> None:
    chart(*rendered(a_webhook("kueue.x-k8s.io", group, **rest)))
    cluster = Cluster()
    with pytest.raises(SparkproofError, match=r"webhook mpod\.kb\.io would reach namespaces without the label"):
        kueue.start(cluster)
    assert cluster.objects == {}


def test_one_that_a_killed_run_stopped_is_started_again(chart: Any) -> None:
    chart(*rendered())
    cluster = Cluster(manifest(DEPLOYMENT, "kueue-controller-manager", "kueue-system", spec={"replicas": 0}))
    kueue.start(cluster)
    assert (cluster.get(DEPLOYMENT, "kueue-controller-manager", "kueue-system") or {})["spec"]["replicas"] == 1


def test_its_values_narrow_it_and_name_the_image() -> None:
    values = yaml.safe_load(Path(kueue.__file__).with_suffix(".yaml").read_text())
    own = yaml.safe_load(values["managerConfig"]["controllerManagerConfigYaml"])
    assert own["managedJobsNamespaceSelector"] == NARROW
    assert values["controllerManager"]["manager"]["image"]["tag"] == "$tag"
