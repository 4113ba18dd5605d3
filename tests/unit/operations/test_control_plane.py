"""A control plane that is restored: late, refused or not restored at all is seen, and a refusal that stops it too."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.cluster.control_plane import NAME, SnapshotRefused
from sparkproof.cluster.target import Target
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused, Unreachable
from sparkproof.kube.objects import Manifest
from sparkproof.operations.backup import HARMS
from sparkproof.operations.control_plane import ControlPlane, Restored
from tests.support import recorded
from tests.support.recorded import RecordedKube

RUNS = {"etcd": 7, "kube-apiserver": 8}


def restored(ready_s: float = 11.0, written_s: float = 12.5, *, refusal: str | None = None, **runs: int) -> Restored:
    return Restored(100.0, 104.0, ready_s, written_s, RUNS, RUNS | runs, refusal)


class Data:
    """Data in a folder, of which a snapshot is ten bytes; it may be refused."""

    def __init__(self, folder: Path, refusal: str = "") -> None:
        self.folder, self.refusal, self.done = folder, refusal, list[str]()

    @property
    def running(self) -> Mapping[str, int]:
        return RUNS

    def save(self) -> Path:
        file = self.folder / datetime.now(UTC).strftime(NAME)
        file.write_bytes(b"0123456789")
        return file

    def lose(self) -> None:
        self.done.append("lost")

    def restore(self, snapshot: Path) -> None:
        if self.refusal:
            raise SnapshotRefused(self.refusal)
        self.done.append(f"restored {snapshot.read_bytes().decode()}")

    def put_right(self) -> None:
        self.done.append("put right")

    def forget(self) -> None:
        self.done.append("forgotten")

    def await_ready(self) -> None:
        self.done.append("ready")


def test_times_within_the_promise_are_proved(record: Record) -> None:
    restored().must_be_within(30)
    assert record.level is Level.EXECUTED
    seen = record.proofs[0].seen
    assert "ready 11.0 s after the restore began, and took a write after 12.5 s (promised: 30 s" in seen
    assert seen.endswith("on a quiet machine), 4.0 s after its data was lost")
    assert not record.unread
    assert record.measured == [("from the restore of the control plane to its first write", 12.5, "s", "at most 30 s")]
    assert restored().back_at == 115.0
    restored(11.0, 30.0).must_be_within(30)


def test_a_write_that_comes_late_and_a_refusal_are_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"took a write after 30\.1 s .* at most 30 s were expected"):
        restored(11.0, 30.1).must_be_within(30)
    with pytest.raises(CheckFailed, match="was not restored: it was cut off"):
        restored(refusal="it was cut off").must_be_within(30)
    assert not record.proofs


def test_a_refused_snapshot_stops_nothing(record: Record) -> None:
    restored(refusal="The snapshot x was cut off.").must_be_refused("was cut off")
    assert record.proofs[0].seen == "The snapshot x was cut off. etcd and kube-apiserver ran on"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (restored(), "had to be refused because of 'cut off', and was restored"),
        (restored(refusal="no room"), "not because of 'cut off': no room"),
        (restored(refusal="cut off", etcd=9), "was stopped for a snapshot that was refused"),
        (Restored(0, 0, 0, 0, {}, {}, "cut off"), "was stopped for a snapshot that was refused"),
    ],
    ids=["restored", "another reason", "started anew", "nothing ran"],
)
def test_what_is_no_refusal_or_stops_something_is_seen(found: Restored, sentence: str) -> None:
    with pytest.raises(CheckFailed, match=sentence):
        found.must_be_refused("cut off")


def test_it_is_lost_restored_and_written_to(tmp_path: Path, record: Record) -> None:
    data, kube = Data(tmp_path), RecordedKube()
    own = ControlPlane(kube, data)
    own.save()
    own.lose()
    found = own.restore()
    assert data.done == ["lost", "restored 0123456789", "ready"]
    assert kube.names("ConfigMap") == ["sparkproof-first-write"]
    assert 0 <= found.ready_s <= found.written_s
    assert found.lost_at <= found.began_at
    own.end()
    assert data.done[3:] == ["put right", "ready", "forgotten"]
    assert kube.names("ConfigMap") == []
    assert [each.to_read for each in record.unread.values()] == [found.to_read]


def test_the_restore_itself_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Data):
        """Data whose restore takes 40 s."""

        def restore(self, snapshot: Path) -> None:
            super().restore(snapshot)
            now[0] += 40

    now = [100.0]
    monkeypatch.setattr("sparkproof.operations.control_plane.clock", SimpleNamespace(now=lambda: now[0]))
    own = ControlPlane(RecordedKube(), Slow(tmp_path))
    own.save()
    own.lose()
    with pytest.raises(CheckFailed, match=r"was ready 40\.0 s after the restore began, and took a write after 40\.0 s"):
        own.restore().must_be_within(30)


@pytest.mark.usefixtures("one_look")
def test_a_control_plane_that_takes_no_write_is_given_up(tmp_path: Path) -> None:
    def refuse(_: Manifest) -> Any:
        return Refused("apply it", 500, "no leader")

    own = ControlPlane(RecordedKube(refuse=refuse), Data(tmp_path))
    own.save()
    with pytest.raises(GaveUp, match=r"a first write .*no leader"):
        own.restore()


def test_one_that_does_not_answer_yet_is_asked_again(tmp_path: Path) -> None:
    answers = [Unreachable("closed"), None]
    own = ControlPlane(RecordedKube(refuse=lambda _: answers.pop(0)), Data(tmp_path))  # type: ignore[arg-type, return-value]
    own.save()
    own.restore()
    assert not answers


def test_a_refusal_is_brought_with_what_runs(tmp_path: Path, record: Record) -> None:
    own = ControlPlane(RecordedKube(), Data(tmp_path, "it was cut off"))
    own.save()
    found = own.restore()
    assert (found.refusal, found.ran, found.runs) == ("it was cut off", RUNS, RUNS)
    assert record.troubles == ["it was cut off"]


def test_nothing_is_restored_without_a_snapshot(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="No snapshot of the control plane was taken"):
        ControlPlane(RecordedKube(), Data(tmp_path)).restore()


def test_each_harm_is_one(tmp_path: Path) -> None:
    contents = {}
    for harm in HARMS:
        own = ControlPlane(RecordedKube(), Data(tmp_path))
        own.save()
        own.harm(harm)
        assert own.snapshot is not None
        taken_at = datetime.strptime(own.snapshot.name, NAME).replace(tzinfo=UTC)
        contents[harm] = own.snapshot.read_bytes(), (datetime.now(UTC) - taken_at).total_seconds() > 24 * 3600
    assert contents == {
        "lost one bit": (b"0123446789", False),
        "was cut off": (b"01234", False),
        "is more than a day old": (b"0123456789", True),
    }


def test_only_the_embedded_clusters_control_plane_is_stopped() -> None:
    kube = RecordedKube()
    assert ControlPlane.of(Target("embedded", kube, recorded.helm(), None)).kube is kube
    with pytest.raises(UsageError, match="The control plane of staging is not for a run to stop"):
        ControlPlane.of(Target("staging", kube, recorded.helm(), "registry.example"))
