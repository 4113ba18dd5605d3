"""Backups that are kept: one that stays too long, another that goes, and one that cannot be restored, are seen."""

from collections.abc import Sequence

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.objects import Manifest
from sparkproof.operations.backup import BackupRun, Backups
from sparkproof.operations.retention import KeptBackups
from tests.support.backups import Cluster, cron_job
from tests.support.recorded import RecordedPlatform

NAMES = [f"2026-11-2{day}T090000.500000Z" for day in range(1, 9)]


class Volume(Cluster):
    """A cluster whose Jobs take backups of these names, one after another, and keep so many; `damaged` is one of them.

    `lose` says which of those that are there, the oldest first, go when there are too many.
    """

    def __init__(self, keep: str = "3", *, lose: slice = slice(0, -3)) -> None:
        job = cron_job()
        pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        pod["containers"][0]["env"] = [{"name": "PGHOST", "value": "x"}, {"name": "KEEP", "value": keep}]
        super().__init__(job)
        self.lose, self.damaged = lose, ""
        self.there: list[str] = [NAMES[0]]
        self._next = list(NAMES[1:])

    def start(self, job: str) -> None:
        self.status, self.said = 0, "done"
        args: Sequence[str] = self.made[-1]["spec"]["template"]["spec"]["containers"][0]["args"]
        if args[-1] == "clear":
            self.there = []
        elif args == ["make"]:
            self.there.append(self._next.pop(0))
            self.said = f"{self.there[-1]} has 3 databases, 9 new objects and 0 as before; 1.5 s."
            self.there = [name for name in self.there if name not in self.there[self.lose]]
        elif args == ["list"]:
            self.said = "\n".join(self.there)
        elif args[:1] == ["check"]:
            self.status = int(args[1] == self.damaged)
            self.said = f"{args[1]} {'cannot' if self.status else 'can'} be restored"
        super().start(job)


def kept(**volume: object) -> tuple[KeptBackups, Volume]:
    cluster = Volume(**volume)  # type: ignore[arg-type]
    return KeptBackups.have(RecordedPlatform(cluster)), cluster


def ran(cluster: Volume) -> list[Sequence[str]]:
    found: list[Manifest] = [each["spec"]["template"]["spec"]["containers"][0] for each in cluster.made]
    return [each["args"] for each in found]


def test_as_many_backups_as_are_kept_are_taken_anew() -> None:
    own, cluster = kept()
    assert own.names == NAMES[1:4]
    assert ran(cluster)[0][-1] == "clear"
    assert ran(cluster)[1:] == [["make"]] * 3 + [["list"]]
    assert KeptBackups.have(RecordedPlatform(cluster), fewer=1).names == NAMES[4:6]


def test_backups_that_are_not_kept_and_too_few_to_keep_are_named() -> None:
    with pytest.raises(CheckFailed, match=f"was to have 3 backups, and has {NAMES[3]}"):
        kept(lose=slice(0, -1))
    with pytest.raises(CheckFailed, match="keeps 1 backups, so it cannot have 1 fewer"):
        KeptBackups.have(RecordedPlatform(Volume("1")), fewer=1)


def test_the_oldest_backup_goes_and_the_others_can_be_restored(record: Record) -> None:
    own, cluster = kept()
    own.must_have_lost_the_oldest(own.backups.make())
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == f"{NAMES[1]} went when {NAMES[4]} was taken, and no other did"
    assert ran(cluster)[-2:] == [["check", NAMES[2]], ["check", NAMES[3]]]
    evidence.must_be_read()


@pytest.mark.parametrize(
    ("lose", "gone"),
    [(slice(0), "none are gone"), (slice(0, -2), f"{NAMES[1]}, {NAMES[2]} are gone"), (slice(1, 2), f"{NAMES[2]} are")],
    ids=["none", "two", "another"],
)
def test_a_backup_that_stays_and_others_that_go_are_seen(lose: slice, gone: str) -> None:
    own, cluster = kept()
    cluster.lose = lose
    with pytest.raises(CheckFailed, match=f"Of the backups {', '.join(NAMES[1:4])} {gone}"):
        own.must_have_lost_the_oldest(own.backups.make())


def test_a_backup_that_another_took_with_it_is_seen() -> None:
    own, cluster = kept()
    cluster.damaged = NAMES[2]
    with pytest.raises(CheckFailed, match=f"{NAMES[2]} cannot be restored"):
        own.must_have_lost_the_oldest(own.backups.make())


def test_no_backup_goes_while_there_is_room_or_none_was_taken(record: Record) -> None:
    cluster = Volume()
    own = KeptBackups.have(RecordedPlatform(cluster), fewer=1)
    own.must_have_lost_none(own.backups.make())
    assert record.proofs[-1].seen == f"{NAMES[1]}, {NAMES[2]} are still there"
    full, _ = kept()
    full.must_have_lost_none(BackupRun("make", 75, "this one was not begun", 1.0))
    evidence.must_be_read()


def test_a_backup_that_goes_though_there_is_room_or_none_was_taken_is_seen() -> None:
    cluster = Volume()
    own = KeptBackups.have(RecordedPlatform(cluster), fewer=1)
    cluster.lose = slice(0, -1)
    says = f"{NAMES[1]}, {NAMES[2]} are gone .*; there are {NAMES[3]}, and there were to be {', '.join(NAMES[1:4])}."
    with pytest.raises(CheckFailed, match=says):
        own.must_have_lost_none(own.backups.make())
    full, volume = kept()
    volume.there.pop(0)
    with pytest.raises(CheckFailed, match=r"are gone since then \(this one was not begun\)"):
        full.must_have_lost_none(BackupRun("make", 75, "this one was not begun", 1.0))


def test_the_number_that_is_kept_is_what_the_schedule_has() -> None:
    assert Backups.of(RecordedPlatform(Volume("28"))).keep == 28
