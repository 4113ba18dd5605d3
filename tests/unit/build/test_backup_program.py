"""The program of the backups' image: what it keeps, what it finds out, and what it leaves when it cannot go on."""

# Longer than 300 lines: stand-ins for the store and for PostgreSQL stand beside the tests that use them.

import errno
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support import programs

METADATA = "rest/team/trips/metadata/00001-a.metadata.json"
TABLE = f"rest\tteam\ttrips\ts3://lakehouse/{METADATA}\ts3://lakehouse/rest/team/trips/metadata/00000-x.metadata.json"


class Refused(Exception):
    """An answer of the store by which it refuses."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code}}


class Bucket:
    """A bucket that has these objects; `vanishing` ones are listed and gone, `full` is what a download raises."""

    def __init__(self, objects: Mapping[str, bytes]) -> None:
        self.objects, self.read, self.sent = dict(objects), list[str](), list[str]()
        self.vanishing: set[str] = set()
        self.full: OSError | None = None
        self.there = True

    def get_paginator(self, _: str) -> "Bucket":
        return self

    def paginate(self, Bucket: str) -> Iterator[Any]:
        assert Bucket == "lakehouse"
        if not self.there:
            raise Refused("NoSuchBucket")
        # A store tells so many on a page; here it is one.
        yield from ({"Contents": [{"Key": key, "ETag": f"tag-{content!r}"}]} for key, content in self.objects.items())
        yield {}

    def create_bucket(self, Bucket: str) -> None:
        self.there = Bucket == "lakehouse"

    def download_file(self, _: str, key: str, target: str) -> None:
        if self.full:
            raise self.full
        if key in self.vanishing:
            raise Refused("404")
        self.read.append(key)
        Path(target).write_bytes(self.objects[key])

    def upload_file(self, source: str, _: str, key: str) -> None:
        if self.full:
            raise self.full
        self.sent.append(key)
        self.objects[key] = Path(source).read_bytes()


class Volume:
    """The program with a volume, a database server and a bucket of its own; `catalog` is the text of each dump."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.program = programs.program("backup/backup.py")
        self.folder, self.passwords = folder / "backups", folder / "databases"
        self.folder.mkdir()
        (self.passwords / "..data").mkdir(parents=True)
        for name in ("jdbc", "rest"):
            (self.passwords / name).write_text("secret\n")
        self.bucket = Bucket({METADATA: b"{}", "rest/team/trips/data/1.parquet": b"rows", "rest/": b""})
        self.catalog, self.ran = TABLE, list[tuple[str | None, list[str]]]()
        for name, value in {"BACKUPS": self.folder, "DATABASES": self.passwords, "BUCKET": "lakehouse"}.items():
            monkeypatch.setattr(self.program, name, value)
        monkeypatch.setattr(self.program, "store", lambda: (self.bucket, Refused))
        monkeypatch.setattr(self.program, "run", self.run)

    def run(self, database: Path | None, program: str, *arguments: str) -> str:
        self.ran.append((database.name if database else None, [program, *arguments]))
        if program == "pg_dump":
            target = next(each for each in arguments if each.startswith("--file=")).removeprefix("--file=")
            Path(target).write_text(f"dump of {database.name if database else None}")
        return self.catalog if "--data-only" in arguments else ""

    def do(self, *arguments: str) -> None:
        self.program.main(*arguments)

    def make(self) -> Path:
        self.do("make")
        return self.names[-1]

    @property
    def names(self) -> list[Path]:
        return sorted(each for each in self.folder.iterdir() if each.is_dir())


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Volume:
    return Volume(tmp_path, monkeypatch)


def test_a_backup_has_each_database_and_each_object(volume: Volume, capsys: pytest.CaptureFixture[str]) -> None:
    made = volume.make()
    files = json.loads((made / "manifest.json").read_text())["files"]
    data = "objects/rest/team/trips/data/1.parquet"
    assert set(files) == {"databases/jdbc.dump", "databases/rest.dump", f"objects/{METADATA}", data}
    assert (made / data).read_bytes() == b"rows"
    assert (made / "databases/jdbc.dump").read_text() == "dump of jdbc"
    assert files[data]["bytes"] == 4
    said = capsys.readouterr().out
    assert said.startswith(f"{made.name} has 2 databases, 2 new objects and 0 as before; ")
    dumped = [place for place, (_, argv) in enumerate(volume.ran) if argv[0] == "pg_dump"]
    assert dumped == [0, 2], "each dump is read again"
    told = {argument for place in dumped for argument in volume.ran[place][1] if not argument.startswith("--file=")}
    # A dump has all rows of all other tables.
    assert told == {"pg_dump", "--format=custom", "--exclude-table-data=hive_locks", "jdbc", "rest"}
    volume.do("list")
    assert capsys.readouterr().out == f"{made.name}\n"


def test_what_did_not_change_is_not_copied_again(volume: Volume, capsys: pytest.CaptureFixture[str]) -> None:
    first = volume.make()
    volume.bucket.objects |= {"rest/team/trips/data/2.parquet": b"more", METADATA: b"{ }"}
    volume.bucket.read.clear()
    second = volume.make()
    assert sorted(volume.bucket.read) == ["rest/team/trips/data/2.parquet", METADATA]
    same = "objects/rest/team/trips/data/1.parquet"
    assert (first / same).samefile(second / same)
    assert "2 new objects and 1 as before" in capsys.readouterr().out
    (first / same).write_bytes(b"rowz")
    volume.bucket.read.clear()
    third = volume.make()
    assert volume.bucket.read == ["rest/team/trips/data/1.parquet"]
    assert (third / same).read_bytes() == b"rows"
    assert f"{same} of {second.name} is damaged" in capsys.readouterr().err


def test_the_oldest_backups_go(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEP", "2")
    made = [volume.make() for _ in range(4)]
    assert volume.names == made[2:]


def refuses(call: Callable[[], Any], sentence: str) -> None:
    with pytest.raises(SystemExit) as left:
        call()
    assert sentence in str(left.value)


def test_what_cannot_be_finished_leaves_nothing(volume: Volume) -> None:
    made = volume.make()
    (volume.folder / "2020-01-01T000000.000000Z.partial").mkdir()
    volume.bucket.objects["new"] = b"new"
    volume.bucket.full = OSError(errno.ENOSPC, "No space left on device")
    refuses(lambda: volume.do("make"), "The volume of the backups is full: make it larger")
    volume.bucket.full = None
    assert volume.names == [made]
    volume.bucket.vanishing = {"new"}
    refuses(lambda: volume.do("make"), "objects/new was removed meanwhile: expire and compact at other times.")
    volume.bucket.vanishing.clear()
    volume.catalog = TABLE.replace("00001-a", "00002-b")
    refuses(lambda: volume.do("make"), "A catalog refers to objects/rest/team/trips/metadata/00002-b.metadata.json")
    assert volume.names == [made]
    volume.bucket.full = OSError(errno.EIO, "Input/output error")
    with pytest.raises(OSError, match="Input/output error"):
        volume.do("make")


def test_what_programs_move_while_they_work_may_be_gone(volume: Volume) -> None:
    passing = {"spark-events/app.inprogress", "rest/x/_temporary/0/part", "a/__magic_job/b"}
    volume.bucket.objects |= dict.fromkeys(passing, b"x")
    volume.bucket.vanishing = passing
    assert not {f"objects/{each}" for each in passing} & set(volume.program.manifest(volume.make()))


def test_catalogs_name_their_tables_metadata(volume: Volume) -> None:
    before = "7\tprevious_metadata_location\ts3a://lakehouse/hive/a/metadata/0.metadata.json"
    elsewhere = "x\ts3://other/b/metadata/1.metadata.json"
    volume.catalog = f"{before}\n{elsewhere}\n7\tmetadata_location\ts3a://lakehouse/{METADATA}\n"
    volume.make()
    assert volume.program.references(volume.names[0], ["databases/rest.dump"]) == {f"objects/{METADATA}"}


def test_one_at_a_time(volume: Volume, capsys: pytest.CaptureFixture[str]) -> None:
    volume.make()
    with volume.program.alone():
        for verb in ("make", "restore"):
            with pytest.raises(SystemExit) as left:
                volume.do(verb)
            assert left.value.code == 75
    assert capsys.readouterr().err.count("so this one was not begun") == 2
    assert len(volume.names) == 1


def test_what_cannot_be_restored_is_found_out(volume: Volume, capsys: pytest.CaptureFixture[str]) -> None:
    refuses(lambda: volume.do("check"), "There is no backup yet.")
    made = volume.make()
    capsys.readouterr()
    volume.do("check")
    assert f"{made.name} can be restored: 4 files are as they were written, 0.0 hours ago." in capsys.readouterr().out
    assert [None, ["pg_restore", "--list", str(made / "databases/rest.dump")]] in [list(each) for each in volume.ran]
    refuses(lambda: volume.do("check", "2020-01-01T000000.000000Z"), "There is no backup 2020")
    data, dump = made / "objects/rest/team/trips/data/1.parquet", made / "databases/rest.dump"
    for path, content, sentence in (
        (data, b"rowz", "1.parquet has other content"),
        (dump, b"dump", "rest.dump has 4 bytes and had 12"),
        (data, None, "1.parquet is missing"),
        (made / "manifest.json", b"{", "its manifest.json is damaged"),
    ):
        kept = path.read_bytes()
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        for verb in ("check", "restore"):
            refuses(lambda verb=verb: volume.do(verb), sentence)  # type: ignore[misc]
        path.write_bytes(kept)
    assert not volume.bucket.sent


def test_a_backup_that_is_too_old_is_refused_unless_it_is_named(
    volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = volume.make()
    then = datetime.strptime(made.name, volume.program.NAME) - timedelta(hours=24, minutes=6)
    old = made.rename(volume.folder / then.strftime(volume.program.NAME))
    refuses(lambda: volume.do("check"), "is 24.1 hours old; at most 24 are allowed")
    volume.do("check", old.name)
    monkeypatch.setenv("MAX_AGE_HOURS", "25")
    volume.do("check")
    volume.do("restore")


def test_a_restore_brings_back_what_is_missing_or_differs(volume: Volume, capsys: pytest.CaptureFixture[str]) -> None:
    made = volume.make()
    volume.bucket.objects["rest/team/trips/data/1.parquet"] = b"rowz"
    volume.bucket.objects["later"] = b"later"
    volume.ran.clear()
    volume.do("restore")
    assert volume.bucket.sent == ["rest/team/trips/data/1.parquet"]
    assert volume.bucket.objects["later"] == b"later"
    assert f"{made.name} is restored: 2 databases, and 1 of 2 objects." in capsys.readouterr().out
    restored = [(user, argv) for user, argv in volume.ran if "--clean" in argv]
    assert [user for user, _ in restored] == ["jdbc", "rest"]
    assert {"--single-transaction", "--exit-on-error", "--if-exists", "--dbname=rest"} <= set(restored[1][1])
    volume.bucket.objects, volume.bucket.there = {}, False
    volume.do("restore", "newest", "objects")
    assert volume.bucket.objects[METADATA] == b"{}"
    assert "0 databases, and 2 of 2 objects" in capsys.readouterr().out
    volume.do("restore", made.name, "databases")
    assert "2 databases, and 0 of 2 objects" in capsys.readouterr().out
    refuses(lambda: volume.do("restore", "newest", "tables"), "A backup has no tables")
    (volume.passwords / "rest").unlink()
    refuses(lambda: volume.do("restore"), "There is no password of the database rest")


def test_databases_alone_where_there_is_no_bucket(volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume.program, "BUCKET", "")
    assert set(volume.program.manifest(volume.make())) == {"databases/jdbc.dump", "databases/rest.dump"}
    volume.do("restore")
    assert not volume.bucket.read and not volume.bucket.sent


def test_an_unknown_verb_is_told_the_known_ones(volume: Volume) -> None:
    refuses(lambda: volume.do("mak"), "Say what to do: make, check, restore, list.")


def test_a_program_runs_as_the_databases_user(tmp_path: Path, volume: Volume, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    program, rest = tmp_path / "pg", volume.passwords / "rest"
    program.write_text('#!/bin/sh\necho "$PGUSER $PGPASSWORD $1"\n')
    program.chmod(0o755)
    assert volume.program.run(rest, str(program), "-x") == "rest secret -x\n"
    program.write_text("#!/bin/sh\necho 'no such host\nhint' >&2\nexit 2\n")
    with pytest.raises(volume.program.Unusable, match=r"pg rest failed: no such host$"):
        volume.program.run(rest, str(program))
    program.write_text("#!/bin/sh\nexit 2\n")
    with pytest.raises(volume.program.Unusable, match="pg failed: it says nothing"):
        volume.program.run(None, str(program))
    program.write_text("#!/bin/sh\necho 'could not write: No space left on device' >&2\nexit 1\n")
    with pytest.raises(OSError, match="pg") as full:
        volume.program.run(None, str(program))
    assert full.value.errno == errno.ENOSPC


def test_a_restore_whose_objects_cannot_be_sent_ends_and_leaves_the_databases(volume: Volume) -> None:
    volume.make()
    volume.bucket.objects.clear()
    volume.bucket.full = OSError(errno.EIO, "Input/output error")
    volume.ran.clear()
    with pytest.raises(OSError, match="Input/output error"):
        volume.do("restore", "newest", "all")
    assert not [argv for _, argv in volume.ran if "--clean" in argv], "catalogs name objects that are not there"


def test_databases_are_dumped_before_the_objects_that_they_name_are_copied(volume: Volume) -> None:
    volume.bucket.full = OSError(errno.EIO, "Input/output error")
    with pytest.raises(OSError, match="Input/output error"):
        volume.do("make")
    assert [argv[0] for _, argv in volume.ran].count("pg_dump") == 2


@pytest.mark.parametrize(("told", "style"), [({}, "path"), ({"ADDRESSING": "virtual"}, "virtual")])
def test_a_store_is_addressed_as_it_is_said(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], style: str) -> None:
    asked: list[Any] = []
    boto3, config, exceptions = (ModuleType(name) for name in ("boto3", "botocore.config", "botocore.exceptions"))
    boto3.__dict__["client"] = lambda *words, **options: asked.append((*words, options))
    config.__dict__["Config"], exceptions.__dict__["ClientError"] = SimpleNamespace, Refused
    for module in (boto3, ModuleType("botocore"), config, exceptions):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    for name, value in {"AWS_ENDPOINT_URL_S3": "https://store:7070", **told}.items():
        monkeypatch.setenv(name, value)
    _, refusal = programs.program("backup/backup.py").store()
    ((service, options),) = asked
    assert (service, options["endpoint_url"], refusal) == ("s3", "https://store:7070", Refused)
    assert options["config"].s3 == {"addressing_style": style}


def test_a_manifest_is_on_the_disk_before_its_backup_has_a_name(
    volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(str(Path(f"/proc/self/fd/{file}").readlink())))
    made = volume.make()
    assert synced == [f"{made}.partial/manifest.json"]
