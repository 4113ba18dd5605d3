"""The provider of releases: who shares what, what makes room, and what stays after a run."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from sparkproof.cluster import target
from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.per_process import PerProcess
from sparkproof.core.wait import GaveUp
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import EMBEDDED, KEPT, KEPT_BY, RUN, SHARED
from sparkproof.kube.objects import CONFIG_MAP, NAMESPACE, NODE, STATEFUL_SET, Manifest
from sparkproof.platform import additions, room
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import RecordedHelm, RecordedKube, manifest, workload

CHARTS = Path(__file__).resolve().parents[3] / "charts"
LAKEHOUSE = PlatformClaim("lakehouse", "4.1.1")
GPU = PlatformClaim("gpu", "4.1.1")
ASKS_FOR_TWO_CORES = yaml.safe_dump(
    {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "spark-connect"},
        "spec": {"template": {"spec": {"containers": [{"resources": {"requests": {"cpu": "2"}}}]}}},
    }
)


def node(cores: int) -> Manifest:
    ready = [{"type": "Ready", "status": "True"}]
    status = {"allocatable": {"cpu": str(cores), "memory": "64Gi"}, "conditions": ready}
    return manifest(NODE, "node-1", None, spec={}, status=status)


@dataclass
class Run:
    """A run with releases on a recorded cluster; every namespace has a workload that is ready."""

    kube: RecordedKube
    helm: RecordedHelm = field(default_factory=lambda: recorded.helm(ASKS_FOR_TWO_CORES))
    reached: int = 0

    def releases(self, *, keep: bool = False) -> Releases:
        return Releases(PerProcess(self.reach), "r1", CHARTS, keep)

    def releases_in(self, folder: Path) -> Releases:
        """The releases of a process of the run that meets the others in this folder."""
        releases = self.releases()
        releases.share({}, folder)
        return releases

    def reach(self) -> Target:
        self.reached += 1
        return Target("recorded", self.kube, self.helm, "registry")


def run(cores: int = 64, namespaces: Collection[str] = (), **kube: bool) -> Run:
    ready = [workload(STATEFUL_SET, "spark-connect") for _ in namespaces]
    for found, namespace in zip(ready, namespaces, strict=True):
        found["metadata"]["namespace"] = namespace
    return Run(RecordedKube(node(cores), *ready, admin=kube.get("admin", True)))


def test_a_cluster_is_reached_when_something_first_needs_it_and_once() -> None:
    own = run()
    releases = own.releases()
    releases.end()
    assert own.reached == 0
    assert (releases.name, releases.versions) == ("recorded", {"kubernetes": "v1.36.3"})
    assert own.reached == 1


def test_what_scenarios_share_is_installed_once_and_goes_after_the_last(tmp_path: Path) -> None:
    own = run(namespaces=["sparkproof-lakehouse-411-r1"])
    releases = own.releases()
    releases.share({LAKEHOUSE: {"a", "b"}}, tmp_path)
    shared = releases.shared[LAKEHOUSE]
    assert shared.join() is shared.join()
    assert own.helm.done == ["install spark"]
    (team,) = Team.of(own.kube, run="r1", shared=True)
    assert team.namespace == "sparkproof-lakehouse-411-r1"
    assert own.kube.get(CONFIG_MAP, "applications", team.namespace)
    shared.leave("a")
    assert Team.of(own.kube)
    shared.leave("b")
    assert not Team.of(own.kube)


def test_what_is_kept_has_one_name_in_every_run_and_stays(tmp_path: Path) -> None:
    own = run(namespaces=["sparkproof-lakehouse-411"])
    releases = own.releases(keep=True)
    releases.share({LAKEHOUSE: {"a"}}, tmp_path)
    releases.shared[LAKEHOUSE].join()
    releases.shared[LAKEHOUSE].leave("a")
    releases.end()
    (team,) = Team.of(own.kube)
    assert team.namespace == "sparkproof-lakehouse-411"
    labels = (own.kube.get(NAMESPACE, team.namespace) or {})["metadata"]["labels"]
    assert (labels[RUN], labels[KEPT_BY]) == (KEPT, releases.run)


@pytest.mark.parametrize("was_kept", [True, False])
def test_what_was_kept_and_does_not_get_ready_is_installed_anew_once(
    was_kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = run(namespaces=["sparkproof-lakehouse-411"])
    releases = own.releases(keep=True)
    if was_kept:
        Team.create(own.kube, "sparkproof-lakehouse-411", run=KEPT, shared=True)
    tried: list[bool] = []

    def install(release: Release) -> None:
        tried.append(release.team.kube.get(NAMESPACE, release.team.namespace) is not None)
        if len(tried) == 1:
            own.kube.delete(STATEFUL_SET, "spark-connect", release.team.namespace)
            raise GaveUp("the readiness of the platform cannot come any more, its claim is lost")

    monkeypatch.setattr("sparkproof.platform.releases.install", install)
    releases.share({LAKEHOUSE: {"a"}}, tmp_path)
    if was_kept:
        assert releases.shared[LAKEHOUSE].join()
        assert tried == [True, True]
        assert "that an earlier run kept is removed and installed anew: the readiness" in capsys.readouterr().err
        assert (NAMESPACE.name, "sparkproof-lakehouse-411", None) in own.kube.deleted
    else:
        with pytest.raises(GaveUp, match="its claim is lost"):
            releases.shared[LAKEHOUSE].join()
        assert tried == [True]


def test_its_end_takes_what_the_run_made_and_leaves_the_rest() -> None:
    own = run()
    releases = own.releases()
    for name, of in (("own", "r1"), ("others", "r2"), ("kept", KEPT)):
        Team.create(releases.target.kube, name, run=of)
    releases.end()
    assert own.kube.names("Namespace") == ["kept", "others"]


def test_credentials_that_make_no_namespaces_are_refused_before_anything_is_probed() -> None:
    with pytest.raises(UsageError, match=r"may not get, list, create, patch, delete namespaces; .* on recorded: bind"):
        run(admin=False).releases().supports(["gpu"])
    assert list(run().releases().supports(["gpu"])) == ["gpu"]


def test_what_a_cluster_would_refuse_is_found_before_anything_is_installed() -> None:
    refusal = Refused("apply", 403, "minimum memory usage per Container is 8Gi")
    own = Run(RecordedKube(node(8), refuse=lambda each: refusal if each["kind"] == STATEFUL_SET.name else None))
    sentence = "recorded would not run what this run installs; the lakehouse platform of Spark 4.1.1 is refused: .*8Gi"
    with pytest.raises(SparkproofError, match=sentence):
        own.releases().prepare({LAKEHOUSE})
    assert own.helm.done == []
    assert own.kube.names("Namespace") == []
    run().releases().prepare({LAKEHOUSE})


@pytest.mark.parametrize(("code", "hinted"), [(422, True), (500, False)])
def test_a_namespace_that_rules_refuse_is_told_with_the_settings_for_it(code: int, hinted: bool) -> None:
    refusal = Refused("create Namespace a", code, "no label team")
    own = Run(RecordedKube(node(8), refuse=lambda each: refusal if each["kind"] == "Namespace" else None))
    with pytest.raises(SparkproofError, match="no label team") as raised:
        own.releases().prepare({LAKEHOUSE})
    assert ("set by -D namespace_labels=NAME=VALUE" in str(raised.value)) is hinted


@pytest.mark.parametrize(
    "name",
    ["simulated-nodes", "keda", "kube-state-metrics", "kueue", "spark-operator", "control-plane", "vpa"],
)
def test_what_an_embedded_cluster_lacks_is_had_only_there_and_when_needed(name: str) -> None:
    own = run()
    assert not own.releases().supports([name])[name].enabled
    own.kube.patch(NODE, "node-1", {"metadata": {"labels": {EMBEDDED: "true"}}})
    assert own.releases().supports([name])[name].enabled
    assert replace(own.releases().target, registry=None).added(["storage", name]) == [name]


def test_a_prometheus_is_started_beside_a_run_on_the_embedded_cluster_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    started, beside, ends = list[Kube](), list[Any](), list[str]()
    monkeypatch.setitem(target._ADDED, "prometheus", started.append)

    def maker(*given: Any) -> Any:
        beside.append(given)
        return SimpleNamespace(end=lambda: ends.append("ends"))

    monkeypatch.setattr(additions, "Maker", maker)
    own = run()
    for registry, there in (("registry", []), (None, [own.kube])):
        reached = PerProcess(partial(replace, own.releases().target, registry=registry))
        releases = Releases(reached, "r1", CHARTS)
        releases.need(["storage", "prometheus"])
        releases.share({}, tmp_path)
        releases.additions.have()
        releases.end()
        assert started == there
    assert beside == [([str(tmp_path), "prometheus"], "sparkproof.platform.additions")]
    assert ends == ["ends"]


def shared_teams(own: Run, **by_name: str) -> None:
    for name, of in by_name.items():
        Team.create(own.kube, name.replace("_", "-"), run=of, shared=True)


def free(own: Run, folder: Path, users: Collection[str], namespace: str = "new") -> list[str]:
    """Free capacity for what asks for two cores while these users are at work; what is left."""
    releases = own.releases()
    releases.share({LAKEHOUSE: {"a"}}, folder)
    for user in users:
        releases.shared[LAKEHOUSE].arrive(user)
    with releases.room.given(ASKS_FOR_TWO_CORES, namespace):
        return own.kube.names("Namespace")


OWN = "sparkproof-lakehouse-411-r1"


def test_nothing_makes_room_while_there_is_room(tmp_path: Path) -> None:
    own = run(cores=3)
    shared_teams(own, **{OWN: "r1", "kept": KEPT})
    assert free(own, tmp_path, []) == ["kept", OWN]


def test_what_nobody_uses_makes_room_and_what_somebody_uses_does_not(tmp_path: Path) -> None:
    own = run(cores=2)
    shared_teams(own, **{OWN: "r1", "kept": KEPT, "of_another_run": "r2"})
    Team.create(own.kube, "not-shared", run="r1")
    for user in ("a", "b"):
        (tmp_path / user).mkdir()
    assert free(own, tmp_path / "a", ["a"]) == ["not-shared", "of-another-run", OWN]
    assert free(own, tmp_path / "b", []) == ["not-shared", "of-another-run"]


@pytest.mark.usefixtures("one_look")
def test_what_other_scenarios_hold_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, looks = run(cores=4), list[str]()
    holding = recorded.pod("connect-0", "connect", spec={"nodeName": "node-1"})
    holding["spec"]["containers"] = [{"name": "c", "resources": {"requests": {"cpu": "3"}}}]
    holding["metadata"]["namespace"] = "at-work"
    own.kube.add(holding)
    Team.create(own.kube, "new", run="r1")

    def look(awaiting: str, observe: Callable[[], str], until: Callable[[str], bool], **_: object) -> None:
        looks.append(f"{awaiting}: {observe()}" if not until(observe()) else "")

    monkeypatch.setattr(room, "eventually", look)
    for user in "abc":
        (tmp_path / user).mkdir()
    free(own, tmp_path / "a", [])
    assert looks.pop() == "", "nobody is at work who could give back anything"
    Team.create(own.kube, "at-work", run="r1")
    free(own, tmp_path / "b", [])
    assert looks.pop().startswith("room for new beside other platforms: 2 cores (there are 1 cores)")
    free(own, tmp_path / "c", [], namespace="at-work")
    assert looks == [], "what stands already takes its own place"


def test_room_that_does_not_come_is_left_to_the_pods_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise GaveUp("room")

    monkeypatch.setattr(room, "eventually", give_up)
    assert free(run(cores=1), tmp_path, []) == []


def test_only_teams_of_others_take_from_what_scenarios_may_hold() -> None:
    own = run(cores=8)
    for name, of, shared in (("own", "r1", False), ("shared", "r1", True), ("others", "r2", False)):
        Team.create(own.kube, name, run=of, shared=shared)
        asking = recorded.pod(f"{name}-pod", "connect", spec={"nodeName": "node-1"})
        asking["spec"]["containers"] = [{"name": "c", "resources": {"requests": {"cpu": "1"}}}]
        asking["metadata"]["namespace"] = name
        own.kube.add(asking)
    left = own.releases().capacity()
    assert left and left.cpu == 6
    labels = (own.kube.get(NAMESPACE, "shared") or {})["metadata"]["labels"]
    assert labels[SHARED] == "true"
