"""A run's settings choose who provides its platforms, and all that the provider and its platforms are given."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from sparkproof.build import versions
from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES, Support
from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.kube.labels import KEPT_BY, RUN
from sparkproof.kube.objects import CONFIG_MAP, NAMESPACE, STATEFUL_SET
from sparkproof.platform.classes import PlatformClaim, named
from sparkproof.platform.existing import ExistingProvider
from sparkproof.platform.local import LocalProcesses
from sparkproof.platform.one_namespace import InOneNamespace
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases
from sparkproof.suite import settings, suite
from sparkproof.suite.suite import Suite, ending_if_it_fails
from sparkproof.tenancy.team import Marks
from tests.support import recorded
from tests.support.recorded import RecordedKube, pod, workload

LAKEHOUSE, GPU = PlatformClaim("lakehouse", "4.1.1"), PlatformClaim("GPU", "4.1.0")
NAMED = {"cluster": "context:staging", "kubeconfig": "theirs", "registry": "registry.example"}


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What is said of each cluster that is reached."""
    said: list[tuple[Any, ...]] = []

    def reach(*what: Any) -> Target:
        said.append(what)
        return Target("recorded", RecordedKube(), recorded.helm(), "registry")

    monkeypatch.setattr(suite, "reach", reach)
    return said


def run(**given: str) -> Suite:
    return Suite(settings.read({**NAMED, **given}), run="r1")


def test_releases_are_installed_on_the_named_cluster_with_what_it_asks_of_namespaces(reached: list[Any]) -> None:
    own = run(namespace_labels="team=data", namespace_annotations="owner=ada", charts="theirs/charts")
    own._ahead = ["spark:4.1.1"]
    assert isinstance(own.provider, Releases)
    assert own.provider.marks == Marks({"team": "data"}, {"owner": "ada"})
    assert (own.provider.run, own.provider.charts) == ("r1", Path("theirs/charts"))
    assert own.provider.target.name == "recorded"
    assert reached == [("context:staging", Path("theirs"), "registry.example", ["spark:4.1.1"])]


def test_what_is_made_in_a_namespace_that_is_given_carries_the_run(
    reached: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    marked: list[Any] = []

    def marking(own: Target, labels: Any) -> Target:
        marked.append(labels)
        return own

    monkeypatch.setattr(Target, "marking", marking)
    own = run(namespace="given")
    assert isinstance(own.provider, InOneNamespace)
    assert own.provider.namespace == "given"
    _ = own.provider.target
    assert (marked, len(reached)) == ([{RUN: "r1"}], 1)


def test_a_platform_that_is_there_is_used_and_has_no_charts_of_the_run(reached: list[Any]) -> None:
    own = run(platform="examples/existing/analytics.yaml", spark="4.1.0")
    assert isinstance(own.provider, ExistingProvider)
    assert (own.provider.described.name, own.provider.spark_version) == ("analytics", "4.1.0")
    own.provide({})
    assert not own.about.artifacts
    assert reached == []


def test_processes_are_those_of_the_spark_that_is_named() -> None:
    own = Suite(settings.read({"cluster": "processes", "spark_home": "/srv/spark", "charts": "theirs/charts"}))
    assert isinstance(own.provider, LocalProcesses)
    assert (own.provider.machine.spark_home, own.provider.charts) == (Path("/srv/spark"), Path("theirs/charts"))


@dataclass
class Provided:
    """A provider that notes what it prepares, and which cannot end if it is `stuck`."""

    name: str = "recorded"
    versions: dict[str, str] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    shared: dict[PlatformClaim, Any] = field(default_factory=dict)
    prepared: list[PlatformClaim] = field(default_factory=list)
    stuck: str = ""

    def supports(self, _: Collection[str]) -> dict[str, Support]:
        return dict.fromkeys(PROBES, Support(True, "it is there"))

    def need(self, _: Collection[str]) -> None:
        """Start nothing."""

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        self.prepared = list(claims)

    def end(self) -> None:
        if self.stuck:
            raise SparkproofError(self.stuck)


def provided(**rest: Any) -> tuple[Suite, Provided]:
    own, provider = run(), Provided(**rest)
    own.provider = provider  # type: ignore[assignment]
    return own, provider


def test_the_images_of_the_platforms_that_most_scenarios_join_are_made_first() -> None:
    own, provider = provided()
    own.provide({"a": [GPU], "b": [GPU, LAKEHOUSE], "c": [GPU]})
    assert provider.prepared == [GPU, LAKEHOUSE]


def test_the_spark_of_each_platform_is_made_once_while_the_cluster_starts() -> None:
    own, _ = provided()
    own.reach([], [GPU, LAKEHOUSE, PlatformClaim("small", "4.1.0")])
    assert own._ahead == ["spark:4.1.0", "spark:4.1.1"]


def test_what_is_there_and_not_promised_is_remarked() -> None:
    own, _ = provided()
    own.contract = Contract(environment="staging", promises=tuple(name for name in PROBES if name != "gpu"))
    own.reach([])
    assert (own.about.broken_promises, own.about.remarks) == (
        [],
        ["staging does not promise gpu, but it is there."],
    )


def test_what_went_wrong_first_is_what_people_read() -> None:
    own, _ = provided(stuck="a namespace does not go")
    with pytest.raises(UsageError, match="no registry"), ending_if_it_fails(own):
        raise UsageError("no registry")


def test_a_platform_is_of_the_runs_spark_and_of_the_charts_that_are_named() -> None:
    own = run(spark="3.5.8", charts="theirs")
    assert own._claim(named("lakehouse")) == PlatformClaim("lakehouse", "3.5.8")
    assert own._claim(named("lakehouse"), "4.1.0") == PlatformClaim("lakehouse", "4.1.0")
    assert own._spec(named("lakehouse"), "", (), {}).chart == Path("theirs/spark-3.5")


def test_a_team_gets_a_platform_with_its_programs_and_a_limit_of_no_executors(reached: list[Any]) -> None:
    own = run()
    team = own.team()
    for found in (workload(STATEFUL_SET, "spark-connect"), pod("spark-connect-0", "connect")):
        found["metadata"]["namespace"] = team.namespace
        team.kube.add(found)  # type: ignore[attr-defined]
    own.install(team, presets=(), executor_limit=0)
    assert team.quota_status()["hard"] == {"pods": "1"}
    assert {"applications", "dags"} <= {each["metadata"]["name"] for each in team.kube.list(CONFIG_MAP)}
    own.keep(team)
    assert (team.kube.get(NAMESPACE, team.namespace) or {})["metadata"]["labels"][KEPT_BY] == "r1"
    assert len(reached) == 1


@pytest.mark.usefixtures("reached")
def test_a_version_without_rapids_is_admitted_without_the_preset_for_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[tuple[str, ...], Any]] = []

    def render(_: Release, presets: Collection[str], values: Any) -> str:
        asked.append((tuple(presets), values))
        return ""

    monkeypatch.setattr(Release, "render", render)
    own, of_version = run(), versions.spark("4.1.1")
    without = replace(of_version, line=of_version.line.model_copy(update={"rapids": None}))
    for spark in (without, of_version):
        monkeypatch.setattr(versions, "spark", lambda _, spark=spark: spark)
        asked.clear()
        own.dry_run(own.team(), named("lakehouse"), "4.1.1")
        presets, values = zip(*asked, strict=True)
        assert presets[0] == ()
        assert {(name,) for name in presets[-1]} == set(presets[1:-1])
        assert ("gpu" in presets[-1]) is bool(spark.rapids)
        assert all(("gpu" in each) is bool(spark.forced_shim) for each in values)
    assert of_version.rapids
