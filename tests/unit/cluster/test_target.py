"""The cluster that a run is aimed at: how it is reached, and where its nodes find the images that were pushed."""

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from sparkproof.build import images
from sparkproof.cluster import target
from sparkproof.cluster.target import Target
from sparkproof.core.errors import UsageError
from sparkproof.embedded import lifecycle, loaded
from tests.support import recorded
from tests.support.recorded import RecordedKube
from tests.support.rendering import PRESETS, template


@pytest.mark.parametrize("registry", ["registry.example", "registry.example:5000/team/spark-images"])
def test_the_charts_name_images_where_they_were_pushed(registry: str) -> None:
    target = Target("staging", RecordedKube(), recorded.helm(), registry)
    named = {
        container["image"]
        for preset in PRESETS
        if preset.name in ("jupyter-values.yaml", "mlflow-values.yaml")
        for pod in template(target.values, [preset]).pods.values()
        for container in [*pod["spec"]["containers"], *pod["spec"].get("initContainers", [])]
        if "image" in container
    }
    pushed = {f"{registry}/{each.reference.partition('/')[2]}" for each in images.recipes().values()}
    assert len(named) > 2
    assert named <= pushed


def test_a_failure_names_the_pressure_of_the_embedded_cluster_unless_it_does_already(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = "The API server does not answer"
    monkeypatch.setattr(lifecycle, "pressure", lambda: "")
    assert target.remark("embedded", silent) == ""
    monkeypatch.setattr(lifecycle, "pressure", lambda: "disk pressure (0.0 GB of disk free)")
    assert target.remark("embedded", silent) == ("the cluster's machine is under disk pressure (0.0 GB of disk free)")
    assert target.remark("embedded", "node n takes no pods: disk pressure (0.1 GB of disk free)") == ""
    assert target.remark("context:theirs", silent) == target.remark("processes", silent) == ""


@dataclass
class Aimed:
    """A connection that notes what it is made of, and whether its server was asked."""

    kubeconfig: Path
    context: str | None
    asked: int = 0

    def version(self) -> str:
        self.asked += 1
        return "v1.36.3"


@pytest.fixture
def _recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(target, "Kube", Aimed)
    monkeypatch.setattr(target, "helm_program", lambda: tmp_path / "helm")


@pytest.mark.usefixtures("_recorded")
def test_a_named_context_is_what_is_reached_by_the_connection_and_by_helm(tmp_path: Path) -> None:
    found = target.reach("context:staging", tmp_path / "theirs", "registry.example")
    assert (found.name, found.registry) == ("staging", "registry.example")
    assert found.kube == Aimed(tmp_path / "theirs", "staging", asked=1)  # type: ignore[comparison-overlap]
    assert (found.helm.kubeconfig, found.helm.context) == (tmp_path / "theirs", "staging")


@pytest.mark.usefixtures("_recorded")
def test_the_first_kubeconfig_of_the_environment_is_used_where_none_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        (tmp_path / name).touch()
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    assert target.reach("context:staging").kube.kubeconfig == tmp_path / "first"
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "absent"))
    with pytest.raises(UsageError, match=r"There is no kubeconfig at .*absent: name one with -D kubeconfig=FILE"):
        target.reach("context:staging")


def test_an_embedded_cluster_that_is_down_is_not_started_to_look_at_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "status", lambda: SimpleNamespace(state="down"))
    monkeypatch.setattr(lifecycle, "up", lambda *_: pytest.fail("the cluster was started"))
    assert target.reach_running("embedded") is None


@pytest.mark.parametrize("registry", ["registry.example", ""])
def test_a_named_cluster_is_given_no_image_and_its_control_plane_is_left_alone(
    registry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loaded, "put", lambda _: pytest.fail("an image was loaded into the embedded cluster's node"))
    monkeypatch.setattr(loaded, "putting", lambda _: pytest.fail("images were made"))
    own = Target("staging", RecordedKube(), recorded.helm(), registry)
    image = images.spark_recipe("4.1.1").reference
    own.provide(image)
    assert own.provide_ahead([image]) is None
    with pytest.raises(UsageError, match="The control plane of staging is not for a run to stop"):
        _ = own.etcd


def test_everything_that_a_marked_cluster_is_given_carries_the_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[object, ...]] = []
    monkeypatch.setattr(target, "MarkedKube", lambda *what: made.append(what))
    kube = RecordedKube()
    kube.kubeconfig, kube.context = tmp_path / "theirs", "staging"
    own = Target("staging", kube, recorded.helm(), "registry.example").marking({"run": "r1"})
    assert made == [(tmp_path / "theirs", "staging", {"run": "r1"})]
    assert own.helm.labels == own.values["commonLabels"] == {"run": "r1"}
