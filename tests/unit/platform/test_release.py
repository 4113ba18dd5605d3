"""A release: installed once from one specification, of one version, and when a statement is not worth waiting for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.cluster.target import Target
from sparkproof.core.errors import SparkproofError
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import POD, SECRET, STATEFUL_SET, Manifest
from sparkproof.platform.release import Release, elsewhere, installed
from sparkproof.platform.spec import ReleaseSpec
from sparkproof.spark.history import APPLICATIONS
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.recorded import (
    NAMESPACE,
    RecordedDriver,
    RecordedHelm,
    RecordedKube,
    RecordedPlatform,
    RecordedStreams,
    executor,
    pod,
    workload,
)

ENV = [{"name": "SPARK_REMOTE", "value": "sc://spark-connect:15002/;token=x"}]
CLIENT = pod("spark-client-0", "client", spec={"containers": [{"name": "client", "env": ENV}]})
DRIVER = pod("spark-connect-0", "connect", spec={"serviceAccountName": "spark-driver", "containers": []})
MAY_CREATE = {(f"system:serviceaccount:{NAMESPACE}:spark-driver", "create", "pods")}
RENDERED = yaml.safe_dump(
    {"kind": "Deployment", "env": [{"valueFrom": {"secretKeyRef": {"name": "catalog", "key": "password"}}}]}
)


@dataclass
class Installer:
    """A release on a recorded cluster, its helm, and the manifests for which room was given, and left again."""

    folder: Path
    kube: RecordedKube
    helm: RecordedHelm = field(default_factory=lambda: recorded.helm(RENDERED))
    given: list[str] = field(default_factory=list)

    @contextmanager
    def room(self, manifests: str, namespace: str) -> Iterator[None]:
        assert namespace == NAMESPACE
        before = list(self.helm.done)
        yield
        self.given.append(manifests)
        assert self.helm.done != before, "it was installed meanwhile"

    def release(self, version: str = "4.1.1", **values: Any) -> Release:
        (self.folder / "Chart.yaml").touch()
        target = Target("recorded", self.kube, self.helm, "registry")
        spec = ReleaseSpec(self.folder, version, (), values)
        return Release(target, Team(self.kube, NAMESPACE), spec, room=self.room)


def installer(folder: Path, *objects: Manifest, **kube: Any) -> Installer:
    return Installer(folder, RecordedKube(workload(STATEFUL_SET, "spark-connect"), *objects, **kube))


def test_it_is_installed_once_from_one_specification(tmp_path: Path) -> None:
    own = installer(tmp_path)
    own.release().install()
    assert own.helm.done == ["install spark"]
    assert own.given == [RENDERED]
    assert own.kube.names("Secret") == ["catalog"]
    own.release().install()
    assert own.helm.done == ["install spark"]
    assert own.given == [RENDERED]


@pytest.mark.parametrize("change", ["a value", "a version", "a file of the chart"])
def test_another_specification_is_installed_over_it(tmp_path: Path, change: str) -> None:
    own = installer(tmp_path)
    own.release().install()
    if change == "a file of the chart":
        (tmp_path / "values.yaml").write_text("x: 1")
        own.release().install()
    else:
        own.release(**({"version": "4.1.0"} if change == "a version" else {"submit": True})).install()
    assert own.helm.done == ["install spark"] * 2


@pytest.mark.usefixtures("one_look")
def test_one_that_was_left_installed_must_still_be_ready(tmp_path: Path) -> None:
    own = installer(tmp_path)
    own.release().install()
    own.kube.add(workload(STATEFUL_SET, "spark-connect", readyReplicas=0))
    with pytest.raises(GaveUp, match="the readiness of the platform in team"):
        own.release().install()
    assert own.helm.done == ["install spark"]


def test_a_failed_installation_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = installer(tmp_path)
    with monkeypatch.context() as broken:
        broken.setattr(RecordedHelm, "install", lambda *_, **__: (_ for _ in ()).throw(SparkproofError("no helm")))
        with pytest.raises(SparkproofError, match="no helm"):
            own.release().install()
    own.release().install()
    assert own.helm.done == ["install spark"]


def test_an_upgrade_is_of_the_same_specification_but_for_the_version(tmp_path: Path) -> None:
    own = installer(tmp_path)
    release = own.release("4.1.0", submit=True)
    release.install()
    release.upgrade("4.1.1")
    assert (release.spec.spark_version, release.spec.values) == ("4.1.1", {"submit": True})
    release.uninstall()
    assert own.helm.done == ["install spark", "install spark", "uninstall spark in team"]


def session(
    folder: Path, *, client: str = "4.1.1", server: str = "4.1.1", application: str = "app-1", cores: int = 0
) -> Release:
    """A release whose sessions are served by an application, and whose driver has cores for tasks."""

    def programs(name: str, _: Sequence[str]) -> RecordedStreams:
        assert name == "spark-client-0"
        return recorded.repl({"SET spark.app.id": [("spark.app.id", application)]}, client=client, server=server)

    driver = RecordedDriver(cores=cores)
    rest = [APPLICATIONS, f"{APPLICATIONS}/app-1/allexecutors"]
    served = {f"spark-connect-0:4040{path}": driver.get(4040, path) for path in rest}
    return installer(folder, CLIENT, DRIVER, programs=programs, served=served).release()


def test_a_session_that_another_spark_serves_is_none_of_the_platform(tmp_path: Path, record: Record) -> None:
    elsewhere = session(tmp_path, application="local-1")
    for opens in (elsewhere.open_session, elsewhere.open_session_apart):
        with pytest.raises(SparkproofError, match="local-1 serves the session, and the platform's driver is app-1"):
            opens()
    assert not record.proofs


def test_a_driver_that_does_the_work_itself_is_told(tmp_path: Path) -> None:
    with pytest.raises(SparkproofError, match="the driver app-1 has 2 cores for tasks, so it needs no executors"):
        session(tmp_path, cores=2).open_session()


def test_who_serves_a_clients_process_is_asked_once(tmp_path: Path) -> None:
    release = session(tmp_path)
    first = release.open_session()
    release.workloads.kube.delete(POD, "spark-connect-0", NAMESPACE)
    assert release.open_session().client is first.client
    with pytest.raises(GaveUp, match="has no connect pod"):
        release.open_session_apart()


def test_users_of_one_process_share_a_client_and_the_token_stays_in_the_pod(tmp_path: Path) -> None:
    release = session(tmp_path, client="4.1.1", server="4.1.1")
    first, second, apart = release.open_session(), release.open_session(), release.open_session_apart()
    assert first.client is second.client
    assert first.client is not apart.client
    assert first.client.url == "sc://spark-connect:15002"
    release.close()
    assert release.open_session().client is not first.client


def restarted(folder: Path, restarts: int, ready: int = 1) -> Release:
    status = {"containerStatuses": [{"name": "connect", "restartCount": restarts}]}
    own = installer(folder, pod("spark-connect-0", "connect", status=status))
    own.kube.add(workload(STATEFUL_SET, "spark-connect", readyReplicas=ready))
    return own.release()


def test_a_driver_that_runs_again_has_come_back(tmp_path: Path) -> None:
    restarted(tmp_path, 1).must_come_back(since={"another": 1})


@pytest.mark.usefixtures("one_look")
def test_a_driver_that_was_not_started_again_or_is_not_ready_has_not(tmp_path: Path) -> None:
    with pytest.raises(GaveUp, match="the restart of the connect in team did not come"):
        back = restarted(tmp_path, 1)
        back.must_come_back(since=back.workloads.starts("connect"))
    with pytest.raises(GaveUp, match="the readiness of the platform"):
        restarted(tmp_path, 1, ready=0).must_come_back(since={"another": 1})


BROKEN = pod("spark-connect-0", "connect", phase="Failed", spec={"serviceAccountName": "spark-driver"})
MASTER = pod("spark-master-0", "master")


@pytest.mark.parametrize(
    ("objects", "rights", "reason"),
    [
        ([DRIVER], MAY_CREATE, None),
        ([DRIVER], set(), "spark-driver may not create pods, so no executor can come"),
        ([DRIVER, executor()], set(), None),
        ([DRIVER, MASTER], set(), None),
        ([BROKEN], MAY_CREATE, "pod spark-connect-0 has ended (Failed)"),
        ([BROKEN, MASTER], set(), "pod spark-connect-0 has ended (Failed)"),
    ],
    ids=["fine", "no right", "no right, and an executor", "standalone", "broken", "broken standalone"],
)
def test_a_statement_is_not_waited_for_when_no_executor_can_come(
    tmp_path: Path, objects: list[Manifest], rights: set[tuple[str, str, str]], reason: str | None
) -> None:
    told = installer(tmp_path, *objects, rights=rights).release()._unrecoverable()
    assert told is None if reason is None else reason in str(told)


def test_a_killed_driver_is_awaited_and_its_executors_are_known(tmp_path: Path) -> None:
    own = installer(tmp_path, DRIVER, executor("exec-0"), executor("exec-1"))
    own.kube.on_delete = lambda _, name: own.kube.add(pod(f"{name}-next", "connect"))
    assert own.release().kill_driver() == ["exec-0", "exec-1"]
    assert own.kube.deleted == [("Pod", "spark-connect-0", 0)]


@pytest.mark.usefixtures("one_look")
def test_a_limit_counts_all_pods_that_stay_and_begins_without_executors(tmp_path: Path) -> None:
    own = installer(tmp_path, DRIVER, CLIENT, pod("test-0", "test"))
    own.release().limit_executors(2)
    assert Team(own.kube, NAMESPACE).quota_status()["hard"] == {"pods": "4"}
    own.kube.add(executor())
    with pytest.raises(GaveUp, match="0 executors"):
        own.release().limit_executors(2)


def test_a_presets_rendering_has_no_value_of_the_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, Any]] = []

    def template(*_: Any, values: Any, presets: Any) -> str:
        asked.append((values, [path.name for path in presets]))
        return ""

    monkeypatch.setattr(RecordedHelm, "template", template)
    own = installer(tmp_path).release(submit=True)
    own.render(values={"gpu": True})
    own.render(["small"], {"gpu": True})
    common = {"sparkVersion": "4.1.1", "image": {"registry": "registry"}, "gpu": True}
    assert asked == [({**common, "submit": True}, []), (common, ["small-values.yaml"])]


def test_only_what_the_suite_installed_has_an_installer(tmp_path: Path) -> None:
    own = installer(tmp_path).release()
    assert installed(own) is own
    with pytest.raises(SparkproofError, match="the run did not install this one"):
        installed(RecordedPlatform())


def test_a_secret_stays_what_it_is_when_it_is_installed_again(tmp_path: Path) -> None:
    own = installer(tmp_path)
    own.release().install()
    first = own.kube.get(SECRET, "catalog", NAMESPACE)
    own.release("4.1.0").install()
    again = own.kube.get(SECRET, "catalog", NAMESPACE)
    assert first is not None
    assert again is not None
    assert again["data"] == first["data"]


def test_the_same_platform_is_another_one_for_another_team(tmp_path: Path) -> None:
    own = installer(tmp_path).release(backup={"enabled": True, "keep": 3})
    other = Team(own.target.kube, "other")
    moved = elsewhere(own, other, {"backup": {"keep": 4}})
    assert (moved.team, moved.name) == (other, own.name)
    assert moved.spec.values == {"backup": {"enabled": True, "keep": 4}}
    assert own.spec.values == {"backup": {"enabled": True, "keep": 3}}
