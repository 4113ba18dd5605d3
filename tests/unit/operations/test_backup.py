"""Jobs of backups on a recorded API server: what they are asked for, how they end, and what is read of them."""

from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import Manifest
from sparkproof.operations.backup import HARMS, BackupRun, Backups
from tests.support.backups import MADE, NAME, Cluster, cron_job, job
from tests.support.recorded import NAMESPACE, RecordedPlatform


def backups(**cluster: Any) -> tuple[Backups, Cluster]:
    kube = Cluster(cron_job(), **cluster)
    return Backups.of(RecordedPlatform(kube)), kube


def test_a_job_of_the_cron_job_takes_a_backup(record: Record) -> None:
    own, kube = backups()
    made = own.make()
    assert (made.verb, made.status, made.name, made.began_at) == ("make", 0, NAME, 1795770000.5)
    spec, container = kube.last
    assert container == {"name": "backup", "image": "backup", "args": ["make"]}
    assert spec["backoffLimit"] == 0
    assert kube.made[0]["metadata"]["namespace"] == NAMESPACE
    made.must_be_done()
    assert record.level is Level.EXECUTED
    assert MADE in record.proofs[0].seen


@pytest.mark.parametrize(
    ("act", "args"),
    [
        (Backups.check, ["check"]),
        (Backups.restore, ["restore", "newest", "all"]),
        (lambda own: own.restore("objects"), ["restore", "newest", "objects"]),
    ],
)
def test_each_verb_is_an_argument(act: Any, args: Sequence[str]) -> None:
    own, kube = backups()
    act(own).must_be_done()
    assert kube.last[1]["args"] == args


def test_a_full_volume_is_a_small_one_in_the_place_of_the_backups() -> None:
    own, kube = backups(status=1, said="The volume of the backups is full: make it larger")
    own.make_on_a_full_volume().must_be_refused("is full")
    data, tmp = kube.last[0]["template"]["spec"]["volumes"]
    assert data == {"name": "data", "emptyDir": {"medium": "Memory", "sizeLimit": "16Ki"}}
    assert tmp == {"name": "tmp"}


def test_a_backup_is_harmed_by_a_program_of_its_own() -> None:
    for how, verb in HARMS.items():
        own, kube = backups(said=f"{verb} is done.")
        own.harm(how)
        container = kube.last[1]
        assert container["command"] == ["/usr/bin/python3"]
        assert container["args"][-1] == verb
        assert f"def {verb}(" in container["args"][1]
    own, _ = backups(status=1, said="there is none")
    with pytest.raises(CheckFailed, match="there is none"):
        own.harm("was cut off")


def test_somebody_else_is_at_work_until_they_are_stopped() -> None:
    own, kube = backups(said="held")
    name = own.hold()
    assert kube.last[1]["args"][-1] == "hold"

    def follow(kind: str, gone: str) -> None:
        if kind == "Job":
            del kube.objects["Pod", NAMESPACE, f"{gone}-pod"]

    kube.on_delete = follow
    own.let_go(name)
    assert ("Job", name, None) in kube.deleted
    assert not kube.names("Pod")


def test_a_schedule_that_is_deleted_is_gone_and_there_has_to_be_one() -> None:
    own, kube = backups()
    own.delete_schedule()
    assert kube.names("CronJob") == []
    with pytest.raises(SparkproofError, match="takes no backups"):
        own.delete_schedule()


def test_the_schedule_takes_a_backup_when_its_time_comes(record: Record) -> None:
    own, kube = backups()
    kube.add(job("spark-backup-1"))
    changed: list[str] = []
    apply = kube.apply

    def applied(manifest: Manifest, **_: Any) -> Manifest:
        changed.append(manifest["spec"]["schedule"])
        kube.add(job(f"spark-backup-{len(changed) + 1}"))
        kube.start(f"spark-backup-{len(changed) + 1}")
        by_hand, of_others = job(f"by-hand-{len(changed)}"), job(f"of-others-{len(changed)}")
        by_hand["metadata"]["annotations"] = {"cronjob.kubernetes.io/instantiate": "manual"}
        of_others["metadata"]["ownerReferences"][0]["name"] = "another"
        kube.add(by_hand)
        kube.add(of_others)
        return manifest

    kube.apply = applied  # type: ignore[method-assign]
    own.make_when_it_is_time().must_be_done()
    kube.apply = apply  # type: ignore[method-assign]
    assert changed[0].endswith(" * * *")
    assert changed[1] == "0 3 * * *", "the schedule is as it was"
    assert record.proofs


def test_a_job_that_cannot_start_is_not_waited_for() -> None:
    own, _ = backups(waiting="ImagePullBackOff")
    with pytest.raises(GaveUp, match="cannot start"):
        own.make()


def test_a_platform_without_backups_is_named() -> None:
    with pytest.raises(SparkproofError, match=r"takes no backups: set backup\.enabled"):
        Backups.of(RecordedPlatform(Cluster())).make()


def test_what_a_backup_refuses_is_looked_at(record: Record) -> None:
    BackupRun("check", 1, f"{NAME} cannot be restored", 1.0)
    with pytest.raises(CheckFailed, match=r"to check a backup failed: .* cannot be restored"):
        evidence.must_be_read()
    refused = BackupRun("check", 1, f"{NAME} cannot be restored: x has other content.", 1.0)
    refused.must_be_refused("other content")
    assert record.proofs[0].seen.startswith("The Job that was to check a backup ended with 1: ")
    for check, sentence in (
        (lambda: refused.must_be_refused("bytes"), "not because of 'bytes'"),
        (refused.must_be_done, "ended with 1"),
        (lambda: refused.name, "There is no backup"),
        (
            lambda: BackupRun("make", 0, MADE, 1.0).must_be_refused("full"),
            "had to refuse to make a backup",
        ),
        (lambda: BackupRun("make", 0, "nothing", 1.0).name, "There is no backup: nothing"),
    ):
        with pytest.raises(CheckFailed, match=sentence):
            check()
    assert len(record.proofs) == 1
