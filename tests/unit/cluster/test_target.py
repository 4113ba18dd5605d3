"""The cluster that a run is aimed at: where its nodes find the images that were pushed for them."""

import pytest

from sparkproof.build import images
from sparkproof.cluster import target
from sparkproof.cluster.target import Target
from sparkproof.embedded import lifecycle
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
