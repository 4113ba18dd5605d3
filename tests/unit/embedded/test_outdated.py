"""What pruning takes are images of earlier states, wherever they lie, and nothing else."""

import json
from pathlib import Path

import pytest

from sparkproof.build import buildah, debian, images
from sparkproof.core import process
from sparkproof.embedded import lifecycle, outdated, spark_operator


def test_only_images_of_earlier_states_go_and_archives_of_what_the_node_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = images.spark_recipe("4.1.1").reference
    operator = spark_operator.recipe().reference
    folders = {
        "spark-operator-v2.5.0-0ddba11a", operator.rpartition("/")[2].replace(":", "-"),
        "spark-4.1.1-0ddba11a", "spark-4.1.1-gpu-0ddba11a.partial", "rest-catalog-1.0-0ddba11a", "debian-bookworm",
        "store", current.rpartition("/")[2].replace(":", "-"),
    }  # fmt: skip
    for name in folders:
        (tmp_path / "images" / name).mkdir(parents=True)
    commands: list[tuple[object, ...]] = []

    def run(*arguments: object, **_: object) -> process.Completed:
        commands.append(arguments)
        names = ["localhost/sparkproof/spark:3.5.6-0ddba11a", current, "localhost/sparkproof/debian:bookworm"]
        return process.Completed((), 0, json.dumps([{"names": names}, {"names": None}]), "", 0.1)

    unloaded: list[str] = []
    monkeypatch.setenv("SPARKPROOF_CACHE", str(tmp_path))
    monkeypatch.setattr(debian, "missing", lambda _: [])
    monkeypatch.setattr(buildah, "run", run)
    monkeypatch.setattr(lifecycle, "status", lambda: lifecycle.Status("broken", "full", "https://127.0.0.1:1"))
    monkeypatch.setattr(
        lifecycle, "loaded", lambda: [current, "localhost/sparkproof/coredns:v1", "localhost/sparkproof/postgres:15-x"]
    )
    monkeypatch.setattr(lifecycle, "unload", unloaded.extend)

    assert outdated.remove() == [
        "postgres-15-x", "rest-catalog-1.0-0ddba11a", "spark-3.5.6-0ddba11a", "spark-4.1.1-0ddba11a",
        "spark-4.1.1-gpu-0ddba11a", "spark-operator-v2.5.0-0ddba11a",
        f"the archive of {current.rpartition('/')[2].replace(':', '-')}, which the node has",
    ]  # fmt: skip
    assert {path.name for path in (tmp_path / "images").iterdir()} == {
        "debian-bookworm", "store", "store.lock",
        operator.rpartition("/")[2].replace(":", "-"),
    }  # fmt: skip
    assert unloaded == ["localhost/sparkproof/postgres:15-x"]
    assert ("rmi", "--force", "localhost/sparkproof/spark:3.5.6-0ddba11a") in commands
