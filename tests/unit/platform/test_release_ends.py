"""What acts on a release say to helm and to the cluster, and what ends with them."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sparkproof.cluster.target import Target
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import RELEASE
from sparkproof.kube.objects import STATEFUL_SET, Manifest
from sparkproof.platform.release import Release, elsewhere
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.spark.history import DriverRest
from sparkproof.spark.session import Session
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedHelm, RecordedKube, RecordedStreams, pod, workload

ENV = [{"name": "SPARK_REMOTE", "value": "sc://spark-connect:15002/;authorization=Bearer%20x"}]
CLIENT = pod("spark-client-0", "client", spec={"containers": [{"name": "client", "env": ENV}]})
SUBMIT = pod("spark-submit-0", "submit")


class Ends:
    """A cluster with a release whose programs are kept, by their pods."""

    def __init__(self, folder: Path, *objects: Manifest) -> None:
        self.programs: list[tuple[str, RecordedStreams]] = []
        (folder / "Chart.yaml").touch()
        ready = workload(STATEFUL_SET, "spark-connect")
        self.kube = RecordedKube(ready, CLIENT, SUBMIT, *objects, programs=self._start)
        self.helm = recorded.helm()
        target = Target("recorded", self.kube, self.helm, "registry")
        self.release = Release(target, Team(self.kube, NAMESPACE), ReleaseSpec(folder, "4.1.0", (), {}))

    def _start(self, name: str, _: Sequence[str]) -> RecordedStreams:
        self.programs.append((name, recorded.repl({})))
        return self.programs[-1][1]

    def open(self) -> list[Session]:
        """Open a session as a user, and one that plans."""
        return [Session.open(self.release._user()), self.release.open_planner()]


def test_a_planner_runs_in_the_submitting_pod_and_ends_with_the_users_process(tmp_path: Path) -> None:
    own = Ends(tmp_path)
    own.open()
    assert [name for name, _ in own.programs] == ["spark-client-0", "spark-submit-0"]
    own.release.close()
    assert [program.closed for _, program in own.programs] == [True, True]


@pytest.mark.parametrize(
    "act",
    [
        lambda release: release.upgrade("4.1.1"),
        lambda release: release.uninstall(),
        lambda release: release.must_come_back(since={"another": 1}),
    ],
    ids=["an upgrade", "its end", "a driver that comes back"],
)
def test_what_ends_the_driver_ends_the_sessions(act: Any, tmp_path: Path) -> None:
    status = {"containerStatuses": [{"name": "connect", "restartCount": 1}]}
    own = Ends(tmp_path, pod("spark-connect-0", "connect", status=status))
    own.open()
    act(own.release)
    assert [program.closed for _, program in own.programs] == [True, True]


@pytest.mark.usefixtures("one_look")
def test_a_repaired_platform_is_awaited(tmp_path: Path) -> None:
    own = Ends(tmp_path, workload(STATEFUL_SET, "spark-worker", readyReplicas=0))
    with pytest.raises(GaveUp, match="the readiness of the platform"):
        own.release.repair()
    assert own.helm.done == ["install spark"]


def test_images_are_there_before_helm_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, done = Ends(tmp_path), list[str]()
    monkeypatch.setattr(Target, "provide", lambda _target, manifests: done.append(f"images of {manifests!r}"))
    monkeypatch.setattr(RecordedHelm, "install", lambda *_, **__: done.append("helm"))
    own.release.install()
    assert done == [f"images of {own.release.render()!r}", "helm"]


def test_a_token_is_told_to_the_clients_process_alone(tmp_path: Path) -> None:
    own = Ends(tmp_path)
    own.release.try_connect("t0ken")
    own.release.try_connect()
    ((_, program),) = own.programs
    sent = " ".join(program.written)
    assert sent.count("sc://spark-connect:15002/;authorization=Bearer%20t0ken") == 1
    assert "Bearer%20x" not in sent


def test_releases_beside_each_other_are_remembered_apart(tmp_path: Path) -> None:
    own = Ends(tmp_path)
    second = workload(STATEFUL_SET, "second-connect")
    second["metadata"]["labels"][RELEASE] = "second"
    own.kube.add(second)
    own.release.install()
    replace(own.release, name="second").install()
    assert own.helm.done == ["install spark", "install second"]


def test_another_teams_platform_has_the_same_name_and_is_given_room_as_it_is(tmp_path: Path) -> None:
    own = replace(Ends(tmp_path).release, name="second", room=lambda _, namespace: nullcontext(namespace))
    moved = elsewhere(own, Team(own.target.kube, "other"), {})
    with moved.room("", "other") as given:
        assert (moved.name, given) == ("second", "other")


def test_the_values_of_a_scenario_win_over_the_registrys(tmp_path: Path) -> None:
    own = Ends(tmp_path).release
    own.spec = replace(own.spec, values={"image": {"registry": "another"}, "sparkVersion": "4.1.1"})
    assert own._values(own.spec) == {"sparkVersion": "4.1.1", "image": {"registry": "another"}}


def test_the_drivers_last_plans_are_kept_beside_the_namespaces_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    own = Ends(tmp_path).release
    kept: list[str] = []
    monkeypatch.setattr(Team, "evidence", lambda _: kept.append("state"))
    monkeypatch.setattr(Release, "history", property(lambda _: DriverRest(recorded.RecordedDriver())))
    monkeypatch.setattr(DriverRest, "evidence", lambda _: kept.append("plans"))
    own.evidence()
    assert kept == ["state", "plans"]
    assert not record.proofs
