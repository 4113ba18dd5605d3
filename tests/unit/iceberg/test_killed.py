"""Writers that are killed in the middle of a commit in an object store, or after it, and the files that they leave."""

import json
import signal
import sys
from collections.abc import Sequence
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.iceberg import Table, mid_commit_in_store
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.mid_commit_in_store import catch
from sparkproof.iceberg.store import ObjectStore
from sparkproof.spark import trips
from tests.support import recorded
from tests.support.recorded import NAME, RecordedKube, RecordedPlatform, RecordedStreams, Reply, pod

TRIPS = "rest.s_1.trips"
FOLDER = "lakehouse/rest/s_1/trips"
ROW = (1, "Soho", 12.5)
DATA, LEFT = f"{FOLDER}/data/a.parquet", f"{FOLDER}/data/left.parquet"
MANIFEST, LIST, COMPLETE = "b-m0.avro", "snap-2-1-b.avro", "00002-b.metadata.json"
OLD = ["00001-a.metadata.json", "a-m0.avro", "snap-1-1-a.avro"]


class Writer:
    """A folder that has these files at one look after another, and what was done to who writes them."""

    def __init__(self, *looks: Sequence[str], over: int = 99) -> None:
        self._looks, self._left, self.did = [set(OLD), *({*OLD, *look} for look in looks)], over, list[str]()

    def listed(self) -> set[str]:
        return self._looks.pop(0) if len(self._looks) > 1 else self._looks[0]

    def over(self) -> bool:
        self._left -= 1
        return self._left < 0

    def caught(self) -> tuple[int, list[str]] | None:
        stop, go_on, settle = (lambda what=what: self.did.append(what) for what in ("stop", "go on", "settle"))
        return catch(self.listed, stop, go_on, settle, self.over)


def test_a_writer_is_caught_whose_list_of_manifests_is_not_there() -> None:
    writer = Writer([], [MANIFEST], [MANIFEST])
    assert writer.caught() == (0, [MANIFEST])
    assert writer.did == ["stop"]


def test_a_writer_is_caught_whose_commit_nobody_completes() -> None:
    writer = Writer([MANIFEST], [MANIFEST, LIST])
    assert writer.caught() == (0, [MANIFEST, LIST])
    assert writer.did == ["stop", "settle"]


def test_a_writer_goes_on_whose_commit_a_server_completes_meanwhile() -> None:
    whole = [MANIFEST, LIST, COMPLETE]
    writer = Writer([MANIFEST], [MANIFEST, LIST], whole, whole, [*whole, "c-m0.avro"])
    assert writer.caught() == (1, ["c-m0.avro"])
    assert writer.did == ["stop", "settle", "go on", "stop"]


def test_a_manifest_of_the_next_commit_that_was_seen_with_the_last_one_is_no_end() -> None:
    whole = [MANIFEST, LIST, COMPLETE, "c-m0.avro"]
    writer = Writer(whole, whole, whole, [*whole, "snap-3-1-c.avro"])
    assert writer.caught() == (1, ["snap-3-1-c.avro"])
    assert writer.did == ["stop", "settle", "go on", "stop", "settle"]


def test_nobody_is_stopped_when_the_watch_is_over() -> None:
    writer = Writer([COMPLETE], over=3)
    assert writer.caught() is None
    assert writer.did == []


class Said:
    """The input of the program: a line that is there at once only where nothing is waited for."""

    def __init__(self, line: str) -> None:
        self._line = line

    def readline(self) -> str:
        return self._line


@pytest.mark.parametrize(
    ("line", "sent"), [("kill\n", signal.SIGKILL), ("go on\n", signal.SIGCONT), ("", signal.SIGCONT)]
)
def test_the_program_kills_when_it_is_told_to(
    line: str, sent: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = iter([OLD, [*OLD, MANIFEST], [*OLD, MANIFEST]])
    store = SimpleNamespace(get_file_info=lambda _: [SimpleNamespace(base_name=name) for name in next(looks)])
    module = ModuleType("pyarrow.fs")
    module.__dict__.update(FileSelector=lambda folder: folder, S3FileSystem=lambda **_: store)
    monkeypatch.setitem(sys.modules, "pyarrow", ModuleType("pyarrow"))
    monkeypatch.setitem(sys.modules, "pyarrow.fs", module)
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr("os.kill", lambda *args: signals.append(args))
    monkeypatch.setattr("os.getuid", lambda: 185)
    monkeypatch.setattr("select.select", lambda *_: ([], [], []))
    monkeypatch.setattr(sys, "stdin", Said(line))
    mid_commit_in_store.main(f"{FOLDER}/metadata")
    assert signals == [(-1, signal.SIGSTOP), (-1, sent)]
    assert capsys.readouterr().out == f"watching\ncaught 0 {MANIFEST}\n"


def test_the_program_is_not_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("pyarrow.fs")
    module.__dict__.update(FileSelector=None, S3FileSystem=None)
    monkeypatch.setitem(sys.modules, "pyarrow", ModuleType("pyarrow"))
    monkeypatch.setitem(sys.modules, "pyarrow.fs", module)
    monkeypatch.setattr("os.getuid", lambda: 0)
    with pytest.raises(SystemExit, match="This is not for root"):
        mid_commit_in_store.main(FOLDER)


class Platform(RecordedPlatform):
    """A platform whose driver runs programs that print these lines; `ran` are their arguments."""

    def __init__(self, *lines: str) -> None:
        self.ran: list[Sequence[str]] = []
        self.program = RecordedStreams(*lines)
        super().__init__(RecordedKube(pod(f"{NAME}-connect-0", "connect"), programs=self._run))

    def _run(self, _: str, argv: Sequence[str]) -> RecordedStreams:
        self.ran.append(argv)
        return self.program


def table(url: str = f"s3://{FOLDER}", *, known: Sequence[str] = (DATA,), rows: Sequence[Any] = (ROW,)) -> Table:
    def answer(statement: str) -> Reply:
        if "metadata_log_entries" in statement:
            return [(f"{url}/metadata/{OLD[0]}",)]
        if "all_files" in statement:
            return [(f"s3://{path}",) for path in known]
        return list(rows) if statement.startswith("SELECT") else []

    return Table(recorded.session(answers=answer), TRIPS)


def test_a_writer_of_an_object_store_is_watched_there() -> None:
    own = Platform("watching", f"caught 1 {MANIFEST}")
    killed = KilledCommit.kill_mid_commit(table(), trips.batches(3, 1), own)
    assert own.ran[0][:2] == ["python3", "-c"]
    assert "def catch(" in own.ran[0][2]
    assert own.ran[0][3] == f"{FOLDER}/metadata"
    assert killed.rows == (ROW, (1000, "Soho", 1.0))
    assert killed.written == (MANIFEST,)
    assert own.program.written == ["kill"]


def test_a_writer_of_a_volume_is_watched_there() -> None:
    own = Platform("watching", f"caught 0 {MANIFEST}")
    KilledCommit.kill_mid_commit(table("file:/warehouse/s_1/trips"), trips.batches(1, 1), own)
    assert own.ran[0][:2] == ["bash", "-c"]
    assert own.ran[0][3:] == ["mid-commit", "/warehouse/s_1/trips/metadata"]


def test_a_writer_is_killed_when_its_commit_is_acknowledged() -> None:
    asked: list[str] = []
    own = Platform("ready")

    def answer(statement: str) -> Reply:
        asked.append(f"{statement.split()[0]} {own.program.written}")
        return [ROW] if statement.startswith("SELECT") else []

    trip = (2, "Camden", 7.0)
    killed = KilledCommit.kill_after_commit(Table(recorded.session(answers=answer), TRIPS), [trip], own)
    assert own.ran[0][2].endswith("kill -KILL -1")
    assert asked[-1] == "INSERT []", "nobody is killed before"
    assert own.program.written == ["kill"]
    assert killed.rows == (ROW, trip)


def store(*looks: Sequence[str]) -> tuple[ObjectStore, list[Sequence[str]]]:
    """A store that has these files at one look after another, and what was asked of it."""
    asked: list[Sequence[str]] = []
    left = list(looks)

    def run(_: str, argv: Sequence[str]) -> RecordedStreams:
        asked.append(argv[3:])
        found = left.pop(0) if len(left) > 1 else left[0]
        return RecordedStreams(json.dumps({path: 1.0 for path in found if path.startswith(argv[4])}))

    kube = RecordedKube(pod(f"{NAME}-connect-0", "connect"), programs=run)
    return ObjectStore.of(RecordedPlatform(kube)), asked


KILLED = KilledCommit((ROW,), (MANIFEST,), {})


def test_what_a_killed_writer_left_is_removed_and_nothing_else(record: Record) -> None:
    own, asked = store([DATA, LEFT], [DATA, LEFT], [DATA])
    KILLED.must_be_tidied(table(), own)
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen.startswith("1 data files that the killed writer left were removed, and the table has")
    assert json.loads(record.items[-1].content) == [LEFT]
    assert [each[1] for each in asked] == [f"{FOLDER}/data", FOLDER, f"{FOLDER}/data"]


@pytest.mark.parametrize(
    ("looks", "reason"),
    [
        ([[DATA]], f"left no file in {FOLDER} that no snapshot has"),
        ([[DATA, LEFT]], f"that no snapshot has are still in the object store: {LEFT}"),
    ],
    ids=["nothing left", "it stays"],
)
def test_what_is_not_left_and_what_stays_is_seen(looks: Sequence[Sequence[str]], reason: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=reason):
        KILLED.must_be_tidied(table(), store(*looks)[0])
    assert not record.proofs


def test_a_table_that_loses_a_file_of_its_own_is_seen(record: Record) -> None:
    rows = iter([[ROW], []])
    own = table()

    def answer(statement: str) -> Reply:
        if statement.startswith("SELECT *"):
            return next(rows)
        return {"metadata": [(f"s3://{FOLDER}/metadata/{OLD[0]}",)], "all_file": [(f"s3://{DATA}",)]}.get(
            next((word for word in ("metadata", "all_file") if word in statement), ""), []
        )

    own.session = recorded.session(answers=answer)
    with pytest.raises(CheckFailed, match=r"gave \[\], not"):
        KILLED.must_be_tidied(own, store([DATA, LEFT], [DATA, LEFT], [])[0])
    assert not record.proofs
