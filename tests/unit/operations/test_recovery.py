"""Drills on recorded tables: what is lost, altered or late is seen, and nothing is no proof."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.iceberg import Table
from sparkproof.iceberg.store import ObjectStore, folder_of
from sparkproof.operations.dropped import DroppedTable, named
from sparkproof.operations.files_lost import FilesLost
from sparkproof.operations.fingerprint import Fingerprint, State
from sparkproof.operations.recovery import Recovery
from sparkproof.spark.session import SqlRefused
from tests.support import recorded
from tests.support.recorded import RecordedPlace, RecordedStreams, Reply

PROGRAM = Path(__file__).resolve().parents[3] / "sparkproof/iceberg/in_store.py"
NAME = "rest.team.trips"
FOLDER = "lakehouse/rest/team/trips"
FIRST, SECOND = State("2026-11-27 07:00:00", 10, "77"), State("2026-11-27 08:00:00", 20, "99")
WHOLE = Fingerprint(NAME, {1: FIRST, 2: SECOND})
LOCATION: dict[str, Reply] = {"metadata_log_entries": [(f"s3://{FOLDER}/metadata/00001-b.metadata.json",)]}
SNAPSHOTS: dict[str, Reply] = {".snapshots": [(1, FIRST.committed_at, "append", {}), (2, SECOND.committed_at, "a", {})]}
HASHES: dict[str, Reply] = {
    "UNION ALL": [(f"{NAME} VERSION AS OF 2", 20, "99"), (f"{NAME} VERSION AS OF 1", 10, "77")],
}
GONE = "[TABLE_OR_VIEW_NOT_FOUND] no trips"


def table(**answers: Reply) -> Table:
    return Table(recorded.session(answers={**answers, **LOCATION, **SNAPSHOTS, **HASHES}), NAME)


def store(files: Sequence[str] = (), *, says: str | None = None, errors: str = "") -> ObjectStore:
    """A store with these files, each a second younger than the one before."""

    def program(argv: Sequence[str]) -> RecordedStreams:
        verb, folder, *ending = argv[3:]
        found = [path for path in files if path.startswith(f"{folder}/") and path.endswith(tuple(ending or [""]))]
        answer = found if verb == "remove" else {path: 100.0 + number for number, path in enumerate(found)}
        return RecordedStreams(json.dumps(answer) if says is None else says, errors=errors)

    return ObjectStore(RecordedPlace(program))


def recovery(after: Fingerprint = WHOLE, *, took: float = 60.0, work: float = 0.0, refusal: str = "") -> Recovery:
    return Recovery([WHOLE], [after], 1000.0 - work, 1000.0, 1000.0 + took, refusal or None)


def test_a_table_is_read_at_each_of_its_snapshots() -> None:
    assert Fingerprint.of(table()) == WHOLE
    assert WHOLE.latest == SECOND
    empty = Fingerprint.of(Table(recorded.session(answers={"": ()}), NAME))
    assert empty == Fingerprint(NAME, {})
    assert empty.latest is None


def test_a_missing_file_leaves_no_fingerprint() -> None:
    lost = Table(recorded.session(answers={**SNAPSHOTS, "UNION ALL": "Location does not exist"}), NAME)
    with pytest.raises(SqlRefused, match="Location does not exist"):
        Fingerprint.of(lost)


def test_a_whole_recovery_is_proved(record: Record) -> None:
    recovery().must_be_whole()
    assert record.level is Level.EXECUTED
    assert "rest.team.trips came back after 60.0 s, with 2 snapshots and 20 rows" in record.proofs[0].seen
    assert not record.unread


ALTERED = [
    (Fingerprint(NAME, {1: FIRST}), "1 commits did not come back: rest.team.trips: the commit of 2026-11-27 08:00:00"),
    (Fingerprint(NAME, {1: FIRST, 2: State("", 20, "98")}), "snapshot 2 has 20 rows with the hash sum 98, not 20"),
    (Fingerprint(NAME, {1: FIRST, 2: State("", 19, "99")}), "snapshot 2 has 19 rows"),
    (Fingerprint(NAME, {1: State("", 10, "78"), 2: SECOND}), "snapshot 1 has 10 rows with the hash sum 78"),
    (Fingerprint(NAME, {1: FIRST, 2: SECOND, 3: SECOND}), "has a snapshot 3 that it never had"),
    (Fingerprint(NAME, {}), "has no rows, so nothing was compared"),
]


@pytest.mark.parametrize(("after", "sentence"), ALTERED)
def test_a_recovery_that_is_not_whole_is_seen(after: Fingerprint, sentence: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=sentence):
        recovery(after).must_be_whole()
    assert not record.proofs


def test_lost_commits_are_named_and_counted(record: Record) -> None:
    part = recovery(Fingerprint(NAME, {1: FIRST}), work=5.0)
    part.must_have_lost(1)
    assert "lost, and named: rest.team.trips: the commit of 2026-11-27 08:00:00" in record.proofs[0].seen
    for lost in (0, 2):
        with pytest.raises(CheckFailed, match=f"1 commits should be missing, not {lost}"):
            part.must_have_lost(lost)
    with pytest.raises(CheckFailed, match="0 commits should be missing, not 1: none is"):
        recovery().must_have_lost(1)
    with pytest.raises(CheckFailed, match="hash sum 78"):
        recovery(Fingerprint(NAME, {1: State("", 10, "78")})).must_have_lost(1)
    assert len(record.proofs) == 1


def acknowledged(count: int, after: Fingerprint) -> Recovery:
    return Recovery([WHOLE], [after], 0.0, 0.0, 1.0, acknowledged=[count])


def test_what_was_acknowledged_before_a_backup_is_there(record: Record) -> None:
    part = Fingerprint(NAME, {1: FIRST})
    acknowledged(1, part).must_have_what_was_acknowledged()
    assert record.level is Level.EXECUTED
    seen = record.proofs[0].seen
    assert "1 commits from before the backup are there; lost, and named: rest.team.trips: the commit of 2026" in seen
    for count, after, sentence in (
        (2, part, r"lacks 1 of 2 commits from before the backup: \[2\]"),
        (0, part, "lacks 0 of 0 commits"),
        (1, WHOLE, "lacks nothing, so no commit came after the backup"),
        (1, Fingerprint(NAME, {1: State("", 10, "78")}), "hash sum 78"),
    ):
        with pytest.raises(CheckFailed, match=sentence):
            acknowledged(count, after).must_have_what_was_acknowledged()
    assert len(record.proofs) == 1


def test_the_measured_times_stand_beside_the_promised_ones(record: Record) -> None:
    recovery().must_be_within(4, 24)
    measured = "Back after 60.0 s (promised: 4 h), with 0.0 s of work lost (promised: at most 24 h)"
    assert record.proofs[0].seen == measured
    assert record.measured == [
        ("from the loss to all that was saved (RTO)", 60.0, "s", "at most 4 h"),
        ("lost work (RPO)", 0.0, "s", "at most 24 h"),
    ]
    part = Fingerprint(NAME, {1: FIRST})
    recovery(part, took=3600.0, work=7200.0).must_be_within(1, 2)
    for late in (recovery(took=3601.0), recovery(part, work=7201.0)):
        with pytest.raises(CheckFailed, match="promised"):
            late.must_be_within(1, 2)
    # Nothing is lost of a state that was saved long ago, where nothing was committed since.
    recovery(work=9e9).must_be_within(1, 2)
    assert len(record.proofs) == 3


def test_what_did_not_come_back_proves_nothing(record: Record) -> None:
    lost = Recovery([WHOLE], [], 0.0, 0.0, 1.0, "there is no file")
    checks: list[Callable[[], None]] = [
        lost.must_be_whole, lambda: lost.must_have_lost(2), lambda: lost.must_be_within(4, 24)
    ]  # fmt: skip
    for check in checks:
        with pytest.raises(CheckFailed, match="Nothing came back: there is no file"):
            check()
    assert not record.proofs
    lost.must_be_refused("no file")
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="not because of 'a right'"):
        lost.must_be_refused("a right")
    with pytest.raises(CheckFailed, match=r"It came back after 60\.0 s"):
        recovery().must_be_refused("no file")


def test_a_recovery_that_nobody_looks_at_is_unread(record: Record) -> None:
    recovery()
    with pytest.raises(CheckFailed, match=r"came back after 60\.0 s; no check looked"):
        evidence.must_be_read()
    recovery(refusal="no file")
    assert "no file" in record.troubles


METADATA = [f"{FOLDER}/metadata/{name}" for name in ("00000-a.metadata.json", "00001-b.metadata.json", "s.avro")]


def test_a_dropped_table_comes_back_by_its_last_metadata_file() -> None:
    said: list[str] = []

    def answers(statement: str) -> Reply:
        said.append(statement)
        known = {**LOCATION, **SNAPSHOTS, **HASHES}
        return next((reply for words, reply in known.items() if words in statement), ())

    dropped = DroppedTable.drop(Table(recorded.session(answers=answers), NAME))
    assert dropped.folder == FOLDER
    for which, file, saved_at in (("last", METADATA[1], 101.0), ("first", METADATA[0], 100.0)):
        found = dropped.bring_back(store(METADATA), which)  # type: ignore[arg-type]
        assert f"metadata_file => 's3://{file}'" in next(each for each in reversed(said) if "register" in each)
        assert (found.saved_at, found.after, found.refusal) == (saved_at, [WHOLE], None)
    assert f"DROP TABLE {NAME}" in said
    DroppedTable.drop(Table(recorded.session(answers=answers), NAME), purge=True)
    assert f"DROP TABLE {NAME} PURGE" in said


def test_a_table_that_comes_back_with_less_is_compared_with_what_it_held() -> None:
    said: list[str] = []

    def answers(statement: str) -> Reply:
        said.append(statement)
        less = {"UNION ALL": [(f"{NAME} VERSION AS OF 2", 19, "98"), (f"{NAME} VERSION AS OF 1", 10, "77")]}
        known = {**LOCATION, **SNAPSHOTS, **(less if any("DROP TABLE" in each for each in said) else HASHES)}
        return next((reply for words, reply in known.items() if words in statement), ())

    found = DroppedTable.drop(Table(recorded.session(answers=answers), NAME)).bring_back(store(METADATA), "last")
    with pytest.raises(CheckFailed, match="snapshot 2 has 19 rows with the hash sum 98, not 20"):
        found.must_be_whole()


def test_a_table_without_a_file_of_its_own_does_not_come_back() -> None:
    dropped = DroppedTable.drop(table())
    dropped.bring_back(store(), "last").must_be_refused(f"{FOLDER} has no metadata file")
    twice = [*METADATA, f"{FOLDER}/metadata/00001-c.metadata.json"]
    dropped.bring_back(store(twice), "last").must_be_refused("have one number")
    refused = DroppedTable.drop(table(register_table="Cannot register: it exists"))
    refused.bring_back(store(METADATA), "last").must_be_refused("Cannot register: it exists")


def test_metadata_files_are_ordered_by_number() -> None:
    files = dict.fromkeys(("t/metadata/00010-a.metadata.json", "t/metadata/00009-b.metadata.json", "t/x.avro"), 1.0)
    assert named(files, "last") == ["t/metadata/00010-a.metadata.json"]
    assert named(files, "first") == ["t/metadata/00009-b.metadata.json"]
    assert named({}, "last") == []


DATA = [f"{FOLDER}/data/zone=Soho/1.parquet", f"{FOLDER}/data/2.parquet"]
READS: dict[str, Reply] = {"SELECT count(*)": [(20,)], f"FROM {NAME}": "Location does not exist: s3://x"}


def lost(files: Sequence[str] = DATA, answers: Mapping[str, Reply] | None = None) -> FilesLost:
    known = {**LOCATION, **SNAPSHOTS, **HASHES, **READS, **(answers or {})}
    return FilesLost.of(Table(recorded.session(answers=known), NAME), store(files))


def test_lost_data_files_are_found_out_by_a_fingerprint_alone(record: Record) -> None:
    there = lost()
    assert there.removed == DATA
    there.must_be_counted_as_before()
    there.must_be_found_out("Location does not exist")
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen == "2 data files are gone, and no fingerprint can be taken"


def test_lost_data_files_that_prove_nothing_are_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="had no data files that could be removed"):
        lost([]).must_be_counted_as_before()
    with pytest.raises(CheckFailed, match=r"gave \[\(19,\)\], not \[\(20,\)\]"):
        lost(answers={"SELECT count(*)": [(19,)]}).must_be_counted_as_before()
    with pytest.raises(CheckFailed, match="was not refused"):
        lost(answers={f"FROM {NAME}": [(NAME, 20, "99")]}).must_be_found_out("Location does not exist")
    with pytest.raises(CheckFailed, match="but not because of 'Location does not exist'"):
        lost(answers={f"FROM {NAME}": GONE}).must_be_found_out("Location does not exist")
    assert not record.proofs


def test_other_content_in_as_many_rows_is_proved(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    before = Fingerprint(NAME, {1: State("", 20, "98")})
    before.must_differ_with_as_many_rows(table())
    assert record.level is Level.EXECUTED
    for known, sentence in (
        (WHOLE, "still have the hash sum 99"),
        (Fingerprint(NAME, {1: FIRST}), "had 10 rows and has 20 now"),
        (Fingerprint(NAME, {}), "there is nothing to compare"),
    ):
        with pytest.raises(CheckFailed, match=sentence):
            known.must_differ_with_as_many_rows(table())
    monkeypatch.setattr(Fingerprint, "of", lambda _: Fingerprint(NAME, {}))
    with pytest.raises(CheckFailed, match="there is nothing to compare"):
        before.must_differ_with_as_many_rows(table())
    assert len(record.proofs) == 1


def test_a_store_that_does_not_answer_is_named() -> None:
    refused = store(says="", errors="Traceback\nOSError: ACCESS_DENIED\n")
    with pytest.raises(SparkproofError, match="did not list lakehouse: OSError: ACCESS_DENIED"):
        refused.files("lakehouse")
    with pytest.raises(SparkproofError, match="it said nothing"):
        store(says="").remove("lakehouse")
    elsewhere = Table(recorded.session(("file:/warehouse/x/metadata/v1.json",)), NAME)
    with pytest.raises(SparkproofError, match="which is no object store"):
        folder_of(elsewhere)


def test_the_program_in_the_store_is_sent_whole() -> None:
    sent: list[Sequence[str]] = []

    def program(argv: Sequence[str]) -> RecordedStreams:
        sent.append(argv)
        return RecordedStreams("{}")

    assert ObjectStore(RecordedPlace(program)).files("lakehouse") == {}
    assert sent[0][:2] == ["python3", "-c"]
    assert sent[0][2] == PROGRAM.read_text()
