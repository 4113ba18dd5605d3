"""The control plane's data: a refused snapshot stops nothing, and what was interrupted is put right."""

import json
import re
import stat
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from sparkproof.build import programs
from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.process import CommandFailed, Completed
from sparkproof.core.wait import GaveUp
from sparkproof.embedded import api, etcd, lifecycle
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.etcd import NAME, Etcd, SnapshotRefused
from sparkproof.embedded.layout import Layout

# What etcdutl 3.6.8 said of a snapshot with another bit, and of the first half of one.
FLIPPED = "2026-11-28T15:54:33Z\tinfo\tsnapshot/v3_snapshot.go:305\nError: expected sha256 [166 233], got [227 44]\n"
CUT = "Error: snapshot missing hash but --skip-hash-check=false\n"


class Tools:
    """etcdctl and etcdutl as they answer: `fails` with these words, or unpack data of so many keys."""

    def __init__(self) -> None:
        self.called: list[Sequence[str]] = []
        self.fails, self.keys, self.unpacked = "", 7, 8

    def __call__(self, *argv: str) -> str:
        self.called.append(argv)
        if "save" in argv:
            Path(argv[-1]).write_text("snapshot")
            return "Snapshot saved"
        if "status" in argv:
            return json.dumps({"totalKey": self.unpacked if "restored" in argv[3] else self.keys})
        if self.fails:
            raise CommandFailed(Completed(argv, 1, "", self.fails, 0.1), "exited with code 1")
        member = Path(argv[argv.index("--data-dir") + 1]) / "member" / "snap"
        member.mkdir(parents=True)
        (member / "db").write_text("restored")
        return ""


@pytest.fixture
def places(tmp_path: Path) -> Layout:
    """The folders of a cluster that is up, with the data "before"."""
    own = Layout(tmp_path)
    manifests = own.kubernetes / "manifests"
    manifests.mkdir(parents=True)
    for name in ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "another"):
        (manifests / f"{name}.yaml").write_text(name)
    member = tmp_path / "etcd" / "data" / "member" / "snap"
    member.mkdir(parents=True)
    (member / "db").write_text("before")
    return own


@pytest.fixture
def tools(monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Programs that nothing is built for, and processes that end when their manifest goes."""
    own = Tools()
    monkeypatch.setattr(etcd, "_run", own)
    monkeypatch.setattr(programs, "build", lambda name: Path("/built") / name)
    monkeypatch.setattr(Cgroup, "first_process", lambda _: 41)
    monkeypatch.setattr(Cgroup, "processes", lambda _: [])
    return own


def manifests(places: Layout) -> list[str]:
    return sorted(path.name for path in (places.kubernetes / "manifests").iterdir())


def data(places: Layout) -> str:
    return (places.state / "etcd" / "data" / "member" / "snap" / "db").read_text()


def snapshot(places: Layout, *, hours: float = 0.0) -> Path:
    return places.state / (datetime.now(UTC) - timedelta(hours=hours)).strftime(NAME)


CONTROLLERS = ["kube-controller-manager.yaml", "kube-scheduler.yaml"]
ALL = ["another.yaml", "etcd.yaml", "kube-apiserver.yaml", *CONTROLLERS]


def test_a_snapshot_is_for_root_alone_and_named_after_its_moment(places: Layout, tools: Tools) -> None:
    file = Etcd(places).save()
    assert datetime.strptime(file.name, NAME).replace(tzinfo=UTC) - datetime.now(UTC) < timedelta(minutes=1)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert tools.called[0][:4] == ("nsenter", "--target", "41", "--net")
    assert "/built/etcdctl" in tools.called[0]


@pytest.mark.usefixtures("tools")
def test_no_snapshot_is_taken_of_a_cluster_that_is_down(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cgroup, "first_process", lambda _: None)
    with pytest.raises(SparkproofError, match="is not up, so there is nothing to take a snapshot of"):
        Etcd(places).save()


def test_a_lost_control_plane_is_restored_with_revisions_that_nobody_knows(places: Layout, tools: Tools) -> None:
    own = Etcd(places)
    own.lose()
    assert manifests(places) == ["another.yaml", *CONTROLLERS]
    assert not (places.state / "etcd" / "data").exists()
    own.restore(snapshot(places))
    assert manifests(places) == ALL
    assert data(places) == "restored"
    restore = next(argv for argv in tools.called if "restore" in argv)
    assert restore[-3:] == ("--bump-revision", "1000000", "--mark-compacted")
    own.forget()
    assert {path.name for path in (places.state / "etcd").iterdir()} - {"lock"} == {"data"}


@pytest.mark.usefixtures("tools")
def test_one_that_lost_nothing_is_stopped_and_restored(places: Layout) -> None:
    Etcd(places).restore(snapshot(places))
    assert manifests(places) == ALL
    assert data(places) == "restored"
    assert (places.state / "etcd" / "lost" / "member" / "snap" / "db").read_text() == "before"


def flipped(tools: Tools) -> None:
    tools.fails = FLIPPED


def cut(tools: Tools) -> None:
    tools.fails = CUT


def empty(tools: Tools) -> None:
    tools.keys = 0


def in_part(tools: Tools) -> None:
    tools.unpacked = 3


def whole(_: Tools) -> None:
    """Have nothing wrong with what is in it."""


@pytest.mark.parametrize(
    ("harm", "hours", "reason"),
    [
        (flipped, 0.0, "its content does not have the SHA-256 that it ends with"),
        (cut, 0.0, "it was cut off, and does not end with its SHA-256"),
        (empty, 0.0, "it has 0 keys, and what was unpacked 8"),
        (in_part, 0.0, "it has 7 keys, and what was unpacked 3"),
        (whole, 24.1, r"is 24\.1 hours old; at most 24 are allowed"),
    ],
)
def test_a_snapshot_that_cannot_be_restored_is_refused_before_anything_is_stopped(
    harm: Callable[[Tools], None], hours: float, reason: str, places: Layout, tools: Tools
) -> None:
    harm(tools)
    file = snapshot(places, hours=hours)
    with pytest.raises(SnapshotRefused, match=rf"{re.escape(file.name)}.*{reason}"):
        Etcd(places).restore(file)
    assert manifests(places) == ALL
    assert data(places) == "before"


@pytest.mark.usefixtures("tools")
def test_a_file_that_is_no_snapshot_is_refused_and_so_is_none(places: Layout, tools: Tools) -> None:
    with pytest.raises(SnapshotRefused, match=r"notes\.db is no snapshot: its name is not the moment"):
        Etcd(places).restore(places.state / "notes.db")
    tools.fails = "Error: open x.db: no such file or directory\n"
    with pytest.raises(SnapshotRefused, match=r"cannot be restored: open x\.db: no such file or directory\."):
        Etcd(places).restore(snapshot(places))


@pytest.mark.usefixtures("tools")
def test_whatever_is_interrupted_there_is_data_again(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    own = Etcd(places)
    own.put_right()
    assert data(places) == "before"
    own.lose()
    own.put_right()
    assert (data(places), manifests(places)) == ("before", ALL)

    def interrupted(_: Etcd) -> None:
        raise KeyboardInterrupt

    for step, left in (("_move_away", "before"), ("_start", "restored")):
        with monkeypatch.context() as patch:
            patch.setattr(Etcd, step, interrupted)
            with pytest.raises(KeyboardInterrupt):
                own.restore(snapshot(places))
        assert manifests(places) == ["another.yaml"]
        own.put_right()
        assert (data(places), manifests(places)) == (left, ALL)


@pytest.mark.usefixtures("tools")
def test_data_that_is_gone_altogether_is_not_begun_anew(places: Layout) -> None:
    own = Etcd(places)
    own.lose()
    (places.state / "etcd" / "lost").rename(places.state / "elsewhere")
    own.put_right()
    own.forget()
    assert manifests(places) == ["another.yaml", *CONTROLLERS]


@pytest.mark.usefixtures("tools")
def test_what_is_lost_stays_until_there_is_other_data(places: Layout) -> None:
    own = Etcd(places)
    own.lose()
    own.forget()
    own.put_right()
    assert data(places) == "before"


@pytest.mark.usefixtures("tools")
def test_nobody_puts_right_what_somebody_is_at(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    (places.kubernetes / "stopped").mkdir()
    (places.kubernetes / "manifests" / "etcd.yaml").rename(places.kubernetes / "stopped" / "etcd.yaml")
    monkeypatch.setattr(timeouts, "CLUSTER_RECOVERY", 0.0)
    with (
        FileLock(places.state / "etcd" / "lock"),
        pytest.raises(SparkproofError, match="Somebody restores the embedded cluster's control plane"),
    ):
        Etcd(places).put_right()
    Etcd(places).put_right()
    assert manifests(places) == ALL


@pytest.mark.usefixtures("tools")
def test_up_puts_right_what_a_kill_left(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    Etcd(places).lose()
    seen: list[list[str]] = []
    monkeypatch.setattr(api, "running", lambda _: api.Running(1, "v1"))

    def look(own: Layout) -> None:
        seen.append(manifests(own))

    monkeypatch.setattr(lifecycle, "_look", look)
    monkeypatch.setattr(timeouts, "CLUSTER_RECOVERY", 0.0)
    assert not lifecycle._recovers(places)
    assert seen[0] == ALL


@pytest.mark.usefixtures("tools", "one_look")
def test_programs_that_do_not_end_are_named_and_data_stays(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cgroup, "processes", lambda _: [1, 2, 3])
    monkeypatch.setattr(etcd, "_name", lambda pid: {1: "etcd", 2: "kube-apiserver", 3: "java"}[pid])
    own = Etcd(places)
    assert own.running == {"etcd": 1, "kube-apiserver": 2}
    with pytest.raises(GaveUp, match=r"the end of etcd, the API server .*'etcd': 1"):
        own.lose()
    assert data(places) == "before"


@pytest.mark.usefixtures("tools", "one_look")
def test_nothing_is_restored_while_a_controller_remembers(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cgroup, "processes", lambda _: [4])
    monkeypatch.setattr(etcd, "_name", lambda _: "kube-controller-manager")
    with pytest.raises(GaveUp, match=r"'kube-controller-manager': 4"):
        Etcd(places).restore(snapshot(places))
    assert data(places) == "before"
    assert manifests(places) == ["another.yaml"]


@pytest.mark.usefixtures("one_look")
def test_an_api_server_is_awaited_by_its_own_answer(places: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(GaveUp, match="the cluster has not come up"):
        Etcd(places).await_ready()
    monkeypatch.setattr(api, "running", lambda _: api.Running(1, "v1"))
    monkeypatch.setattr(api, "readiness", lambda *_: "etcd failed")
    with pytest.raises(GaveUp, match="etcd failed"):
        Etcd(places).await_ready()
    monkeypatch.setattr(api, "readiness", lambda *_: api.READY)
    Etcd(places).await_ready()


def test_variables_of_etcds_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ETCDCTL_ENDPOINTS", "http://elsewhere")
    assert "ETCDCTL" not in etcd._run("env")


def test_a_process_has_a_name_until_it_has_ended() -> None:
    assert etcd._name(1)
    assert etcd._name(2**22 + 1) == ""


def test_the_tools_are_of_the_version_of_etcd() -> None:
    assert {programs.version(name) for name in ("etcdctl", "etcdutl")} == {programs.version("etcd")}


def test_the_tools_are_built_before_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    monkeypatch.setattr(programs, "build", built.append)
    etcd.prepare(None)  # type: ignore[arg-type]
    assert built == ["etcdctl", "etcdutl"]
