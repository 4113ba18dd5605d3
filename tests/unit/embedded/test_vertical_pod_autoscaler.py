"""The VerticalPodAutoscaler and metrics-server of the embedded cluster: what is there, and in which order it comes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.core import cache, process
from sparkproof.embedded import added, metrics_server, vertical_pod_autoscaler
from sparkproof.kube.objects import Kind, Manifest, Manifests
from tests.support.recorded import RecordedKube


class Cluster(RecordedKube):
    """An API server that serves new kinds, and runs workloads, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    def apply(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        self.order.append(manifest["kind"])
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), 1)
        established = {"conditions": [{"type": "Established", "status": "True"}]}
        meta = {**manifest["metadata"], "generation": 1}
        status = {"observedGeneration": 1, **counts, **established}
        return super().apply({**manifest, "metadata": meta, "status": status}, dry_run=dry_run)

    def named(self, kind: str) -> dict[str, Manifest]:
        """Return the objects of a kind by name."""
        return {each["metadata"]["name"]: each for each in self.list(Kind(kind))}


def started(cluster: Cluster) -> Cluster:
    """Start the recommender, of the charts in the pinned modules; nothing is built."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(added, "image", lambda program: f"localhost/sparkproof/{program}:v1")
        patched.setattr(added, "text", lambda _program, read, *_choice: read())
        vertical_pod_autoscaler.start(cluster)
    return cluster


@pytest.fixture(scope="module")
def cluster() -> Cluster:
    """A cluster on which the recommender was started."""
    return started(Cluster())


def containers(cluster: Cluster) -> dict[str, Manifest]:
    pods = {name: each["spec"]["template"]["spec"] for name, each in cluster.named("Deployment").items()}
    return {name: pod["containers"][0] for name, pod in pods.items()}


def test_only_the_part_that_advises_is_there_and_what_it_asks(cluster: Cluster) -> None:
    own = containers(cluster)
    assert {name: each["image"] for name, each in own.items()} == {
        "metrics-server": "localhost/sparkproof/metrics-server:v1",
        "vpa-recommender": "localhost/sparkproof/vpa-recommender:v1",
    }
    assert {each["imagePullPolicy"] for each in own.values()} == {"IfNotPresent"}
    assert set(cluster.named("CustomResourceDefinition")) == {
        "verticalpodautoscalercheckpoints.autoscaling.k8s.io",
        "verticalpodautoscalers.autoscaling.k8s.io",
    }
    assert not [kind for kind in cluster.order if "Webhook" in kind]


def test_it_looks_often_at_real_nodes_alone_and_has_no_floor(cluster: Cluster) -> None:
    own = containers(cluster)
    assert {"--node-selector=sparkproof.dev/embedded", "--metric-resolution=10s", "--kubelet-insecure-tls"} < set(
        own["metrics-server"]["args"]
    )
    assert {"--memory-saver=true", "--recommender-interval=10s", "--pod-recommendation-min-memory-mb=10"} < set(
        own["vpa-recommender"]["args"]
    )


def test_metrics_are_served_only_when_their_server_runs_and_comes_before_who_reads_them(cluster: Cluster) -> None:
    first, second = (at for at, kind in enumerate(cluster.order) if kind == "Deployment")
    assert first < cluster.order.index("APIService") < second
    (service,) = cluster.named("APIService").values()
    assert service["spec"]["service"]["namespace"] == "metrics-server"


def test_both_are_in_namespaces_that_admit_only_restricted_pods(cluster: Cluster) -> None:
    assert {name: each["metadata"]["labels"] for name, each in cluster.named("Namespace").items()} == {
        name: {"pod-security.kubernetes.io/enforce": "restricted"}
        for name in ("metrics-server", "vertical-pod-autoscaler")
    }
    for name, each in cluster.named("Deployment").items():
        spec = each["spec"]["template"]["spec"]
        security = {**spec.get("securityContext", {}), **spec["containers"][0]["securityContext"]}
        assert security["runAsNonRoot"] is True, name
        assert security["seccompProfile"] == {"type": "RuntimeDefault"}
        assert (security["allowPrivilegeEscalation"], security["capabilities"]) == (False, {"drop": ["ALL"]})


def test_nobody_else_gets_rights(cluster: Cluster) -> None:
    bound = {each["roleRef"]["name"] for each in cluster.named("ClusterRoleBinding").values()}
    assert set(cluster.named("ClusterRole")) == bound - {"system:auth-delegator"}
    subjects = [who for each in cluster.named("ClusterRoleBinding").values() for who in each["subjects"]]
    assert {who["name"] for who in subjects} == {"metrics-server", "vpa-recommender"}


def test_one_that_runs_is_left_as_it_is(cluster: Cluster) -> None:
    before = list(cluster.order)
    assert started(cluster).order == before


def test_a_chart_is_rendered_once_for_each_choice_of_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rendered: list[Any] = []
    values = tmp_path / "values.yaml"
    values.write_text("image: $repository/$tag/$own")
    monkeypatch.setattr(programs, "build", lambda name: tmp_path / name)
    monkeypatch.setattr(programs, "version", lambda _: "v1")
    monkeypatch.setattr(cache, "entry", _made(tmp_path))

    def run(command: Any, *, input_text: str, **_: Any) -> Any:
        rendered.append((command[2], input_text))
        return process.Completed(("helm",), 0, "---\nkind: A\n---\n", "", 0.1)

    monkeypatch.setattr(process, "run", run)

    def ask(reference: str, **words: str) -> Manifests:
        return added.rendered("program", "name", lambda: tmp_path, values, reference, **words)

    assert ask("host/x:v1", own="a") == ask("host/x:v1", own="a") == [{"kind": "A"}]
    assert rendered == [("program", "image: host/x/v1/a")]
    ask("host/x:v2", own="a")
    assert len(rendered) == 2
    with pytest.raises(KeyError, match="own"):
        ask("host/x:v1")


def _made(folder: Path) -> Any:
    """A cache that makes an entry for each key once."""

    def entry(_: str, key: str, make: Any) -> Path:
        place = folder / key
        if not place.exists():
            place.mkdir()
            make(place)
        return place

    return entry


def test_values_are_those_of_the_charts() -> None:
    for module in (metrics_server, vertical_pod_autoscaler):
        values = yaml.safe_load(module._VALUES.read_text())
        known = yaml.safe_load((module._chart() / "values.yaml").read_text())
        assert set(values) <= set(known), module.__name__
        assert set(values.get("recommender", ())) <= set(known.get("recommender", ()))
