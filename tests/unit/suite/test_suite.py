"""A run: its teams and which of them stay, who shares what, and what cannot run here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES, Support
from sparkproof.cluster.target import Target
from sparkproof.core.errors import UsageError
from sparkproof.core.evidence import Record
from sparkproof.core.per_process import PerProcess
from sparkproof.core.resources import Resources
from sparkproof.kube.labels import KEPT, RUN
from sparkproof.kube.objects import NAMESPACE, NODE, STATEFUL_SET
from sparkproof.platform.classes import PlatformClaim, named
from sparkproof.platform.provider import Needs, SharedPlatform
from sparkproof.platform.releases import Releases
from sparkproof.platform.shared import Shared
from sparkproof.run import About
from sparkproof.suite import settings
from sparkproof.suite.suite import Suite, ending_if_it_fails
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import RecordedKube, executor, manifest, pod, workload

THERE, ABSENT = Support(True, "it is there"), Support(False, "it is absent: install it")
LAKEHOUSE = PlatformClaim("lakehouse", "4.1.1")
GPU = PlatformClaim("gpu", "4.1.0")


class Held:
    """A platform that notes that its connections were ended."""

    closed = 0

    def close(self) -> None:
        self.closed += 1


@dataclass
class Provided:
    """A provider whose platforms are `held`; it notes what it is asked."""

    found: Mapping[str, Support] = field(default_factory=dict)
    lacks: Mapping[bool, str] = field(default_factory=dict)
    name: str = "recorded"
    versions: Mapping[str, str] = field(default_factory=lambda: {"kubernetes": "v1.36.3"})
    images: Mapping[str, str] = field(default_factory=lambda: {"spark:4.1.1": "sparkproof/spark:4.1.1-0123"})
    held: Any = field(default_factory=Held)
    asked: list[Any] = field(default_factory=list)
    shared: dict[PlatformClaim, Shared[SharedPlatform]] = field(default_factory=dict)
    removed: list[PlatformClaim] = field(default_factory=list)
    ended: int = 0
    started: list[str] = field(default_factory=list)

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        self.asked.append(set(capabilities))
        return self.found

    def lack(self, needs: Needs) -> str:
        self.asked.append(needs.spark_version)
        return self.lacks.get(needs.kubernetes, "")

    def capacity(self) -> Resources:
        return Resources(cpu=8)

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        self.asked.append(set(claims))

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        self.shared = {claim: self._share(claim, joining, folder) for claim, joining in users.items()}

    def _share(self, claim: PlatformClaim, users: Collection[str], folder: Path) -> Shared[SharedPlatform]:
        return Shared(
            folder / claim.class_name,
            users,
            make=lambda: self.held,
            find=lambda: self.held,
            remove=lambda: self.removed.append(claim),
        )

    def need(self, capabilities: Collection[str]) -> None:
        self.started += capabilities

    def end(self) -> None:
        self.ended += 1


def suite(provider: Any, **given: str) -> Suite:
    made = Suite(settings.read(given), run="r1")
    made.provider = provider
    return made


def on(kube: RecordedKube, **given: str) -> Suite:
    """A run on a recorded cluster."""
    made = suite(None, **given)
    target = Target("recorded", kube, recorded.helm(), "registry")
    made.provider = Releases(PerProcess(lambda: target), made.run, made.settings.charts, made.settings.keep == "all")
    return made


def test_a_team_is_the_runs_and_is_removed_with_all_that_it_has() -> None:
    kube = RecordedKube()
    own = on(kube)
    first, second = own.team(), own.team()
    assert first.namespace != second.namespace
    assert [team.namespace for team in Team.of(kube, run="r1", shared=False)] == [first.namespace, second.namespace]
    own.remove(first)
    assert kube.names("Namespace") == [second.namespace]


def test_a_team_that_is_kept_outlives_its_scenario_and_its_run(record: Record) -> None:
    kube = RecordedKube()
    own = on(kube, keep="failed")
    kept, other = own.team(), own.team()
    own.keep(kept)
    own.remove(kept)
    own.remove(other)
    assert kube.names("Namespace") == [kept.namespace]
    left = own.team()
    own.end()
    assert left.namespace not in kube.names("Namespace")
    assert kube.names("Namespace") == [kept.namespace]
    assert (kube.get(NAMESPACE, kept.namespace) or {})["metadata"]["labels"][RUN] == KEPT
    (message,) = [item.content.decode() for item in record.items if item.name == "kept team"]
    assert f"kubectl --kubeconfig kubeconfig --context recorded --namespace {kept.namespace} get pods" in message
    assert message.endswith("remove with `sparkproof sweep --kept`")


def test_how_a_kept_team_is_removed_names_the_cluster_that_it_is_on(record: Record) -> None:
    own = on(RecordedKube(), cluster="context:staging", kubeconfig="config")
    own.keep(own.team())
    assert record.items[0].content.endswith(b"`sparkproof sweep --kept --cluster context:staging --kubeconfig config`")


def test_only_a_run_that_keeps_all_keeps_what_is_shared() -> None:
    assert suite(None, keep="true").settings.keep == "all"
    for keep, kept in (("true", True), ("failed", False), ("false", False)):
        assert Suite(settings.read({"keep": keep})).releases.keep is kept


def test_who_joins_a_platform_is_known_before_the_run() -> None:
    provider = Provided()
    own = suite(provider)
    own.provide({"a": [LAKEHOUSE], "b": [LAKEHOUSE, GPU], "c": []})
    assert own._users == {LAKEHOUSE: {"a", "b"}, GPU: {"b"}}
    assert provider.asked == [{LAKEHOUSE, GPU}]


def test_the_report_names_the_versions_of_spark_where_there_is_a_cluster() -> None:
    own = suite(Provided())
    own.provide({"b": [GPU]})
    assert own.about.versions == {}
    own.about = About("recorded", {"kubernetes": "v1.36.3"})
    own.provide({"b": [GPU]})
    versions = dict(own.about.versions)
    assert (versions["kubernetes"], versions["spark"]) == ("v1.36.3", "4.1.0, 4.1.1")
    assert {"iceberg", "java", "rapids"} <= set(versions)
    assert own.about.artifacts["image spark:4.1.1"] == "sparkproof/spark:4.1.1-0123"
    assert any(name.startswith("chart ") for name in own.about.artifacts)


def test_what_is_shared_goes_after_the_last_who_joins_it() -> None:
    provider = Provided()
    own = suite(provider)
    own.provide({"a": [LAKEHOUSE], "b": [LAKEHOUSE], "c": [GPU]})
    own.begin()
    own.began("a")
    assert not provider.shared[LAKEHOUSE].remove_if_idle(), "it is about to be joined"
    assert own.share(named("lakehouse")) is provider.held
    own.ended("a")
    own.ended("c")
    assert provider.removed == []
    own.began("b")
    own.share(named("lakehouse"), "4.1.1")
    own.ended("b")
    assert provider.removed == [LAKEHOUSE]
    own.end()


def test_what_no_scenario_claims_is_not_shared() -> None:
    own = suite(Provided())
    own.provide({"a": [LAKEHOUSE]})
    own.begin()
    with pytest.raises(KeyError):
        own.share(named("lakehouse"), "4.1.0")
    own.end()


def test_its_end_closes_what_this_process_holds_and_leaves_no_folder() -> None:
    provider = Provided()
    own = suite(provider)
    own.provide({"a": [LAKEHOUSE], "b": [GPU]})
    own.begin()
    folder = own._folder
    assert folder is not None
    assert folder.is_dir()
    own.share(named("lakehouse"))
    own.end()
    assert (provider.held.closed, provider.ended) == (1, 1)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("found", "lacks", "kubernetes", "reason"),
    [
        ({"gpu": THERE}, {}, True, ""),
        ({"gpu": ABSENT}, {}, True, "it is absent: install it"),
        ({"gpu": THERE}, {True: "no Kubernetes"}, True, "no Kubernetes"),
        ({"gpu": ABSENT}, {True: "no Kubernetes"}, True, "no Kubernetes"),
        ({"gpu": THERE}, {True: "no Kubernetes"}, False, ""),
        ({"gpu": THERE}, {False: "another Spark"}, False, "another Spark"),
        ({"gpu": ABSENT}, {False: "another Spark"}, False, "it is absent: install it"),
    ],
)
def test_what_cannot_run_here_has_one_reason(
    found: Mapping[str, Support], lacks: Mapping[bool, str], kubernetes: bool, reason: str
) -> None:
    own = suite(Provided(found, lacks))
    own.supports = found
    assert own.lack(["gpu"], Needs("4.1.1", kubernetes)) == reason


def test_with_a_contract_all_is_probed_and_the_cluster_is_held_to_it() -> None:
    provider = Provided(dict.fromkeys(PROBES, ABSENT))
    own = suite(provider)
    own.contract = Contract(environment="staging", promises=("gpu",))
    own.reach(["storage"])
    assert provider.asked == [set(PROBES)]
    assert own.about.broken_promises == ["staging promises gpu, but it is absent: install it."]
    assert not provider.started
    without = Provided({"storage": THERE})
    free = suite(without)
    free.reach(["storage"])
    assert without.asked == [{"storage"}]
    assert without.started == ["storage"]
    assert (free.about.cluster, free.about.broken_promises) == ("recorded", ())


def test_what_scenarios_may_hold_is_asked_of_a_cluster_that_was_reached() -> None:
    own = suite(Provided())
    assert own.capacity() is None
    own.reach([])
    assert own.capacity() == Resources(cpu=8)


def test_processes_are_no_cluster_to_install_on() -> None:
    with pytest.raises(UsageError, match="needs a cluster on which the run installs"):
        Suite(settings.read({"cluster": "processes"})).team()


def test_a_team_of_its_own_gets_a_platform_and_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    kube = RecordedKube()
    own = on(kube)
    team = own.team()
    for found in (workload(STATEFUL_SET, "spark-connect"), pod("spark-connect-0", "connect")):
        found["metadata"]["namespace"] = team.namespace
        kube.add(found)
    release = own.install(team, version="4.1.0", presets=(), values={"x": 1}, executor_limit=3)
    assert (release.spec.spark_version, release.spec.chart.name) == ("4.1.0", "spark-4.1")
    assert team.quota_status()["hard"] == {"pods": "4"}
    monkeypatch.setattr("sparkproof.core.timeouts.EXECUTORS_GONE", 0.0)
    late = executor()
    late["metadata"]["namespace"] = team.namespace
    kube.add(late)
    with pytest.raises(AssertionError, match="0 executors"):
        own.install(team, version="4.1.0", presets=(), values={"x": 1}, executor_limit=3)


def test_generated_trips_are_the_scenarios_own(record: Record) -> None:
    own = suite(Provided(), rows="20000", seed="7")
    assert (len(own.generated_trips()), len(own.generated_trips(5)), own.generated_trips().seed) == (20000, 5, 7)
    assert record.items[0].name == "generated trips"


@pytest.mark.parametrize("wrong", [UsageError("no registry"), KeyboardInterrupt()])
def test_a_run_that_is_refused_before_it_begins_gives_no_sign_of_life_afterwards(wrong: BaseException) -> None:
    ready = [{"type": "Ready", "status": "True"}]
    kube = RecordedKube(manifest(NODE, "node-1", None, spec={}, status={"conditions": ready}))
    own = on(kube)
    with pytest.raises(type(wrong)), ending_if_it_fails(own):
        own.reach([])
        assert kube.names("Lease") == ["sparkproof-run-r1"]
        raise wrong
    assert kube.names("Lease") == []
    with ending_if_it_fails(own):
        own.reach([])
    assert kube.names("Lease") == ["sparkproof-run-r1"]
    own.end()
