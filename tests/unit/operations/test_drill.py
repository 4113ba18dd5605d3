"""Drills on a recorded platform: who wrote what before a backup, what is removed, and what is compared."""

from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import NAMESPACE, VOLUME_CLAIM
from sparkproof.operations.drill import KEEPERS, Drill
from sparkproof.spark.session import SqlRefused
from sparkproof.spark.trips import Generated
from sparkproof.tenancy.team import Team
from tests.support import recorded
from tests.support.backups import MADE, Cluster, cron_job
from tests.support.recorded import RecordedPlatform, Reply

TRIPS = Generated(seed=1, last=100)


class Spark:
    """Tables, each with as many snapshots as `commits` says; a `refusal` is what an INSERT is answered."""

    def __init__(self, refusal: str = "") -> None:
        self.refusal, self.gone, self.commits, self.said = refusal, "", dict[str, int](), list[str]()

    def __call__(self, statement: str) -> Reply:
        self.said.append(statement)
        words = statement.split()
        if statement.startswith(("CREATE TABLE", "INSERT INTO")):
            self.commits[words[2]] = self.commits.get(words[2], 0) + 1
            return self.refusal if self.refusal and words[0] == "INSERT" else ()
        found = next((name for name in self.commits if name in statement), "")
        if ".snapshots" in statement:
            return [(each, f"2026-11-27 09:00:0{each}", "append", {}) for each in range(1, self.commits[found] + 1)]
        if "xxhash64" in statement:
            if self.gone:
                return self.gone
            every = range(1, self.commits[found] + 1)
            return [(f"{found} VERSION AS OF {each}", 10 * each, str(each)) for each in every]
        return ()


def drill(spark: Spark | None = None, **cluster: Any) -> tuple[Drill, Cluster, Spark]:
    spark = spark or Spark()
    components = ("postgres", "object-store", "rest-catalog", "hive-metastore", "connect")
    pods = [recorded.pod(f"spark-{name}-0", name) for name in components]
    claims = [recorded.manifest(VOLUME_CLAIM, f"spark-{name}") for name in ("postgres", "object-store", "backup")]
    kube = Cluster(cron_job(), *pods, *claims, **cluster)

    def follow(kind: str, name: str) -> None:
        if kind == "Pod" and name in kube.names("Pod"):
            component = kube.objects["Pod", recorded.NAMESPACE, name]["metadata"]["labels"][COMPONENT]
            kube.add(recorded.pod(f"{name}x", component))

    kube.on_delete = follow
    platform = RecordedPlatform(kube, answers=spark)
    return Drill.of(platform, platform.open_session(), TRIPS), kube, spark


def test_a_table_is_made_in_each_catalog_that_a_database_keeps() -> None:
    own, _, _ = drill()
    assert [table.catalog for table in own.tables] == ["hive", "rest", "jdbc"]
    assert [len(moments) for moments in own.acknowledged] == [1, 1, 1]


def test_a_writer_adds_to_each_table_until_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkproof.operations.drill._PAUSE_S", 0.0)
    own, _, spark = drill()
    own.write()
    own.back_up()
    own.end()
    counts = [len(moments) for moments in own.acknowledged]
    assert min(counts) >= 3, "one before the backup and one after it"
    assert counts == [spark.commits[table.name] for table in own.tables]
    assert any("trip % 97 = 1" in each for each in spark.said)


class Impatient(Spark):
    """Tables of which it is noted if a commit was called acknowledged before it was made."""

    own: Drill | None = None
    early = False

    def __call__(self, statement: str) -> Reply:
        if self.own and statement.startswith("INSERT INTO"):
            names = [table.name for table in self.own.tables]
            known = self.own.acknowledged[names.index(statement.split()[2])]
            self.early = self.early or len(known) > self.commits[statement.split()[2]]
        return super().__call__(statement)


def test_a_commit_is_acknowledged_when_it_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkproof.operations.drill._PAUSE_S", 0.0)
    spark = Impatient()
    own, _, _ = drill(spark)
    spark.own = own
    own.write()
    own.end()
    assert sum(spark.commits.values()) > 3
    assert not spark.early


def test_what_goes_wrong_with_the_writer_is_said() -> None:
    own, _, _ = drill(Spark(refusal="[NO_DATABASE] it is gone"))
    with pytest.raises(SqlRefused, match="NO_DATABASE"):
        own.write()


@pytest.mark.parametrize(("what", "components"), KEEPERS.items())
def test_the_volumes_go_with_all_that_is_on_them(what: str, components: Any) -> None:
    own, kube, _ = drill()
    own.lose(what)
    assert [name for kind, name, _ in kube.deleted if kind == "PersistentVolumeClaim"] == [
        f"spark-{component}" for component in components
    ]
    assert [(name, grace) for kind, name, grace in kube.deleted if kind == "Pod"] == [
        (f"spark-{component}-0", 0) for component in components
    ]
    assert "spark-backup" in kube.names("PersistentVolumeClaim")
    assert [list(each.states) for each in own.before] == [[1], [1], [1]]


@pytest.mark.usefixtures("one_look")
def test_a_volume_that_stays_is_not_lost() -> None:
    """Whoever makes the lost volume anew would find the one that is about to go."""
    own, kube, _ = drill()
    kube._staying = ["spark-postgres"]
    with pytest.raises(GaveUp, match="spark-postgres"):
        own.lose("databases")


def test_a_platform_whose_namespace_is_gone_is_installed_for_another_team() -> None:
    own, kube, spark = drill()
    kube.add(recorded.manifest(NAMESPACE, "other", None), recorded.manifest(NAMESPACE, recorded.NAMESPACE, None))
    team = Team(kube, recorded.NAMESPACE)
    before = Moving(team)
    own.lose_namespace(before)
    assert before.done == ["closed"]
    assert recorded.NAMESPACE not in kube.names("Namespace")
    assert [list(each.states) for each in own.before] == [[1], [1], [1]]
    moved = Moving(Team(kube, "other"))
    assert own.move(moved) is moved
    assert (own.platform, moved.done) == (moved, ["installed"])
    own.drop()
    assert not any(each.startswith("DROP TABLE") for each in spark.said), "they go with their namespace"


class Moving(RecordedPlatform):
    """A platform that is installed for another team."""

    def __init__(self, team: Team) -> None:
        super().__init__()
        self.team, self.done = team, list[str]()

    def install(self) -> None:
        self.done.append("installed")

    def close(self) -> None:
        self.done.append("closed")


class Platform:
    """A platform that is installed again; with `spark` its tables then have one commit each."""

    def __init__(self, spark: Spark | None = None) -> None:
        self.spark, self.done = spark, list[str]()

    def repair(self) -> None:
        self.done.append("repaired")
        if self.spark:
            self.spark.commits = dict.fromkeys(self.spark.commits, 1)

    def close(self) -> None:
        self.done.append("closed")


def lost(spark: Spark | None = None) -> tuple[Drill, Spark]:
    """A drill with one commit to each table from before the backup, and one from after it."""
    own, _, spark = drill(spark)
    began = 1795770000.5
    for table, moments in zip(own.tables, own.acknowledged, strict=True):
        spark.commits[table.name], moments[:] = 2, [began - 1, began + 1]
    own.back_up()
    own.lose("databases")
    return own, spark


def test_a_restore_is_compared_with_what_was_acknowledged(record: Record) -> None:
    own, spark = lost()
    installed = Platform(spark)
    found = own.restore(installed)
    assert installed.done == ["repaired", "closed"]
    assert set(spark.commits.values()) == {2}, "each table takes a commit again"
    assert found.acknowledged == [1, 1, 1]
    assert found.saved_at == 1795770000.5
    found.must_have_what_was_acknowledged()
    assert "3 commits from before the backup are there; lost, and named: hive." in record.proofs[-1].seen
    assert len(found.lost) == 3


def test_who_keeps_connections_to_a_lost_database_starts_anew_when_it_is_restored() -> None:
    own, kube, _ = drill()
    own.back_up()
    own.lose("databases")
    before = [*kube.deleted]
    own.restore(Platform())
    ended = [name for kind, name, _ in kube.deleted[len(before) :] if kind == "Pod"]
    assert ended == ["spark-rest-catalog-0", "spark-hive-metastore-0", "spark-connect-0"]


def test_a_restore_without_what_was_acknowledged_fails() -> None:
    own, spark = lost()
    for moments in own.acknowledged:
        moments[:] = [1795770000.0, 1795770000.0]
    found = own.restore(Platform(spark))
    with pytest.raises(CheckFailed, match="lacks 1 of 2 commits from before the backup"):
        found.must_have_what_was_acknowledged()
    own, _ = lost()
    whole = own.restore(Platform())
    with pytest.raises(CheckFailed, match="lacks nothing, so no commit came after the backup"):
        whole.must_have_what_was_acknowledged()
    own, _ = lost()
    for moments in own.acknowledged:
        moments[:] = [clock.now()]
    with pytest.raises(CheckFailed, match="lacks 0 of 0 commits"):
        own.restore(Platform()).must_have_what_was_acknowledged()


def test_tables_that_cannot_be_read_are_not_back() -> None:
    own, spark = lost()
    spark.gone = "File does not exist: s3://x"
    found = own.restore(Platform())
    found.must_be_refused("does not exist")


def test_without_a_backup_there_is_nothing_to_restore() -> None:
    own, _, _ = drill()
    own.lose("databases")
    with pytest.raises(CheckFailed, match="No backup was taken before the loss"):
        own.restore(Platform())


def test_tables_go_when_a_drill_ends() -> None:
    own, _, spark = drill()
    own.drop()
    assert sum(each.startswith("DROP TABLE") for each in spark.said) == 3


def test_a_catalog_that_is_newer_than_its_files_is_restored_before_its_tables_go() -> None:
    own, kube, spark = drill()
    own.back_up()
    own.lose("object store")
    own.restore(Platform(), "objects")
    assert kube.last[1]["args"] == ["restore", "newest", "objects"]
    own.drop()
    assert kube.last[1]["args"] == ["restore", "newest", "databases"]
    assert sum(each.startswith("DROP TABLE") for each in spark.said) == 3


def test_a_restore_that_fails_is_named() -> None:
    own, kube, _ = drill()
    own.back_up()
    own.lose("object store")
    kube.status, kube.said = 1, f"{MADE[:26]} cannot be restored: x has other content."
    with pytest.raises(CheckFailed, match="has other content"):
        own.restore(Platform())
