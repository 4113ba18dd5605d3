"""The provider of releases: what it asks first, its sign of life, and whose platforms it removes."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError
from sparkproof.core.per_process import PerProcess
from sparkproof.core.resources import Resources
from sparkproof.kube import heartbeat
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import KEPT, OWNED, RUN, USES_KEPT
from sparkproof.kube.objects import CONFIG_MAP, LEASE, NAMESPACE, STATEFUL_SET, STORAGE_CLASS, Manifest
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.releases import Releases
from sparkproof.tenancy.team import Marks, Team
from tests.support import recorded
from tests.support.recorded import RecordedHelm, RecordedKube, manifest, workload
from tests.unit.platform.test_releases import CHARTS, LAKEHOUSE, node

GPU = PlatformClaim("GPU", "4.1.1")
OWN, OTHER = "sparkproof-lakehouse-411-r1", "sparkproof-gpu-411-r1"


def cluster(*objects: Manifest, **kube: Any) -> RecordedKube:
    return RecordedKube(node(8), *objects, **kube)


def releases(kube: RecordedKube, *, keep: bool = False, marks: Marks | None = None) -> Releases:
    target = Target("recorded", kube, recorded.helm(), "registry")
    return Releases(PerProcess(lambda: target), "r1", CHARTS, keep, marks or Marks())


def sign(run: str) -> Manifest:
    """The Lease of a run that is alive and joins kept platforms."""
    spec = {
        "holderIdentity": "elsewhere/1/1",
        "leaseDurationSeconds": heartbeat.EXPIRES_S,
        "renewTime": datetime.now(UTC).isoformat(),
    }
    return manifest(LEASE, f"sparkproof-run-{run}", "default", labels={**OWNED, RUN: run, USES_KEPT: "true"}, spec=spec)


@pytest.mark.parametrize("keep", [True, False])
def test_a_run_shows_its_life_and_if_it_joins_kept_platforms_until_it_ends(keep: bool) -> None:
    kube = cluster()
    own = releases(kube, keep=keep)
    own.supports([])
    assert heartbeat.signs(kube)["r1"].uses_kept is keep
    own.end()
    assert heartbeat.signs(kube) == {}


def test_a_run_that_may_give_no_sign_of_life_goes_on_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    refusal = Refused("apply Lease", 403, "no right")
    own = releases(cluster(refuse=lambda each: refusal if each["kind"] == LEASE.name else None))
    assert list(own.supports(["gpu"])) == ["gpu"]
    assert "will not see that this run is alive: The API server refused to apply Lease" in capsys.readouterr().err
    own.end()


def test_a_machine_without_room_is_refused_before_the_cluster_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Target) -> None:
        raise SparkproofError("no room")

    monkeypatch.setattr(Target, "refuse_without_room", refuse)
    kube = cluster()
    with pytest.raises(SparkproofError, match="no room"):
        releases(kube).supports([])
    assert kube.names(LEASE.name) == []


def test_images_that_are_still_made_ahead_are_no_longer_made_when_the_run_ends() -> None:
    own, ended = releases(cluster()), list[str]()
    own._maker = SimpleNamespace(end=lambda: ended.append("maker"))  # type: ignore[assignment]
    own.end()
    assert ended == ["maker"]


def test_a_namespace_has_the_labels_and_annotations_that_the_environment_asks_for() -> None:
    kube = cluster()
    releases(kube, marks=Marks({"cost": "42"}, {"owner": "ada"})).team("a", "r1")
    made = (kube.get(NAMESPACE, "a") or {})["metadata"]
    assert (made["labels"]["cost"], made["annotations"]) == ("42", {"owner": "ada"})


def by_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have helm render a workload that is named after the presets."""

    def template(_self: RecordedHelm, *_: Any, presets: Sequence[Path], **__: Any) -> str:
        name = "gpu" if any("gpu" in each.name for each in presets) else "plain"
        return f"apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: {name}}}\n"

    monkeypatch.setattr(RecordedHelm, "template", template)


def test_each_platform_is_admitted_before_anything_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    by_class(monkeypatch)
    refusal = Refused("apply", 403, "no GPUs here")
    kube = cluster(refuse=lambda each: refusal if each["metadata"]["name"] == "gpu" else None)
    with pytest.raises(SparkproofError, match=r"the GPU platform of Spark 4\.1\.1 is refused: .*no GPUs here"):
        releases(kube).prepare([LAKEHOUSE, GPU])


def test_the_images_of_all_platforms_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    by_class(monkeypatch)
    monkeypatch.setattr(Target, "images_in", lambda _, text: {name: name for name in ("gpu", "plain") if name in text})
    own = releases(cluster())
    own.prepare([LAKEHOUSE, GPU])
    assert own.images == {"gpu": "gpu", "plain": "plain"}


def test_a_cluster_without_storage_for_the_platform_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: warehouse}\n"
    monkeypatch.setattr(RecordedHelm, "template", lambda *_, **__: claim)
    with pytest.raises(SparkproofError, match=r"no StorageClass of recorded is the default \(there are: fast\)"):
        releases(cluster(manifest(STORAGE_CLASS, "fast", None))).prepare([LAKEHOUSE])


@pytest.mark.parametrize(("joins", "stays"), [("r2", True), ("r1", False)])
def test_a_kept_platform_that_another_live_run_may_use_makes_no_room(joins: str, stays: bool) -> None:
    kube = cluster(sign(joins))
    Team.create(kube, "kept", run=KEPT, shared=True)
    releases(kube).room._remove_unused(lambda: "2 cores")
    assert ("kept" in kube.names(NAMESPACE.name)) is stays


def two_platforms(kube: RecordedKube, folder: Path) -> Releases:
    """Two shared platforms that nobody uses now; one scenario is to come for the one, and two are for the other."""
    own = releases(kube)
    own.share({LAKEHOUSE: {"a", "b"}, GPU: {"a"}}, folder)
    for name in (OWN, OTHER):
        Team.create(kube, name, run="r1", shared=True)
    return own


def test_the_platform_with_the_fewest_users_to_come_makes_room_first(tmp_path: Path) -> None:
    kube = cluster()
    own = two_platforms(kube, tmp_path)
    assert own.room._remove_unused(lambda: "2 cores" if len(kube.names(NAMESPACE.name)) > 1 else "")
    assert kube.names(NAMESPACE.name) == [OWN]


def test_the_platforms_that_a_waiting_scenario_uses_make_no_room_for_it(tmp_path: Path) -> None:
    kube = cluster()
    two_platforms(kube, tmp_path).make_room(Resources(cpu=9), {str(GPU)})
    assert kube.names(NAMESPACE.name) == [OTHER]


def test_a_platform_gets_its_dags_beside_its_applications(tmp_path: Path) -> None:
    ready = workload(STATEFUL_SET, "spark-connect")
    ready["metadata"]["namespace"] = OWN
    kube = cluster(ready)
    own = releases(kube)
    own.share({LAKEHOUSE: {"a"}}, tmp_path)
    own.shared[LAKEHOUSE].join()
    assert {"applications", "dags"} <= set(kube.names(CONFIG_MAP.name))
