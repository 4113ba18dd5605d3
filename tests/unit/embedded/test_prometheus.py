"""The Prometheus that the embedded cluster gets: its kinds come first, then what uses them, and it is awaited."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.core import cache
from sparkproof.core.wait import GaveUp
from sparkproof.embedded import lifecycle, prometheus
from sparkproof.embedded.prometheus import start


class Cluster:
    """An API server that serves new kinds if `served`, and whose workloads become ready if `ready`."""

    def __init__(self, *, ready: bool = True, served: bool = True) -> None:
        self.ready, self.served, self.applied = ready, served, list[dict[str, Any]]()

    def apply(self, manifest: dict[str, Any]) -> None:
        self.applied.append(manifest)

    def patch(self, *_: Any) -> None:
        """Take the digest of what was applied."""

    def get(self, kind: Any, _name: str, _namespace: str | None = None) -> dict[str, Any]:
        if kind.name == "CustomResourceDefinition":
            return {"status": {"conditions": [{"type": "Established", "status": str(self.served)}]}}
        counts = dict.fromkeys(("replicas", "updatedReplicas", "availableReplicas"), int(self.ready))
        return {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, **counts}}


@pytest.fixture(autouse=True)
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The images that were loaded, from programs and sources that are not built."""
    found: list[str] = []
    (tmp_path / "example/prometheus-operator-crd").mkdir(parents=True)
    for kind in prometheus._KINDS:
        text = yaml.safe_dump({"kind": "CustomResourceDefinition", "metadata": {"name": kind}})
        (tmp_path / f"example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml").write_text(text)
    monkeypatch.setattr(programs, "build", lambda name: tmp_path / name)
    monkeypatch.setattr(programs, "sources", lambda _: tmp_path)
    monkeypatch.setattr(cache, "entry", lambda *_: tmp_path)
    monkeypatch.setattr(lifecycle, "load", lambda _, reference: found.append(reference))
    return found


def test_what_uses_a_kind_comes_after_it_and_names_images_that_are_loaded(loaded: list[str]) -> None:
    cluster: Any = Cluster()
    start(cluster)
    kinds = [each["kind"] for each in cluster.applied]
    assert kinds.count("CustomResourceDefinition") == len(prometheus._KINDS)
    assert set(kinds[: len(prometheus._KINDS)]) == {"CustomResourceDefinition"}
    assert kinds[-1] == "Prometheus"
    text = yaml.safe_dump_all(cluster.applied)
    assert len(loaded) == 3
    assert all(reference in text for reference in loaded)
    assert "$" not in text


@pytest.mark.usefixtures("one_look")
def test_one_that_does_not_come_up_is_told() -> None:
    cluster: Any = Cluster(ready=False)
    with pytest.raises(GaveUp, match="the start of prometheus-operator"):
        start(cluster)


@pytest.mark.usefixtures("one_look")
def test_a_kind_that_is_not_served_is_told_before_what_uses_it_is_applied() -> None:
    cluster: Any = Cluster(served=False)
    with pytest.raises(GaveUp, match="the API of podmonitors"):
        start(cluster)
    assert {each["kind"] for each in cluster.applied} == {"CustomResourceDefinition"}
