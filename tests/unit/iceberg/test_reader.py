"""A reader who counts all the time, and a writer that is killed: half of a commit is seen, and so is one of nobody."""

import itertools
import json
from collections.abc import Iterator, Sequence

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg import Table
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.reader import FILES, TABLE, Reader
from sparkproof.spark import trips
from tests.support import recorded
from tests.support.recorded import NAME, RecordedKube, RecordedPlatform, RecordedStreams, Reply, pod, repl

TRIPS = "lake.team.trips"
# Two trips, and three commits of a hundred each, of which the last was killed.
KILLED = KilledCommit((), ("a-m0.avro",), {}, (2, 102, 202))
ROW = (1, "Soho", 12.5)


def reader(*counts: int) -> Reader:
    return Reader(recorded.session(), RecordedPlatform(), "SELECT", list(counts))


def test_a_reader_who_saw_whole_commits_alone_is_proved(record: Record) -> None:
    reader(2, 2, 102, 102, 202, 202, 202).must_have_seen_whole_commits(KILLED)
    assert record.level is Level.EXECUTED
    assert (
        record.proofs[0].seen == "The reader counted 7 times while the writer was killed, and saw whole commits alone"
    )
    assert b'"trips": 202' in record.items[-1].content
    assert b'"times": 3' in record.items[-1].content


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        ((2, 27, 202), "counted 27 trips, and after whole commits there are 2 or 102 or 202"),
        ((2, 302), "counted 302 trips"),
        ((2, 102), "counted 102 trips at last, not 202"),
        ((2, 202, 102), "counted 102 trips at last, not 202"),
        ((102, 202), "saw 102 first and not 2 trips, so it came too late"),
        ((), "saw nothing first"),
    ],
)
def test_half_of_a_commit_and_a_late_reader_are_seen(counts: Sequence[int], reason: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=reason):
        reader(*counts).must_have_seen_whole_commits(KILLED)
    assert not record.proofs


def test_a_reader_of_files_has_to_see_more_than_was_committed(record: Record) -> None:
    reader(2, 102, 302).must_have_seen_more(KILLED)
    assert record.proofs[0].seen == "The reader counted 302 trips at last, of which 202 are committed"
    assert record.items[-1].name == "counts"
    assert json.loads(record.items[-1].content) == [{"trips": count, "times": 1} for count in (2, 102, 302)]
    with pytest.raises(CheckFailed, match="counted 202 trips at last, and 202 are committed"):
        reader(2, 102, 202).must_have_seen_more(KILLED)
    with pytest.raises(CheckFailed, match="came too late"):
        reader(302).must_have_seen_more(KILLED)
    assert len(record.proofs) == 1


def platform(counts: Iterator[Reply], asked: list[str]) -> RecordedPlatform:
    def answer(statement: str) -> Reply:
        if statement == "open":
            return []
        asked.append(statement)
        return next(counts)

    kube = RecordedKube(pod(f"{NAME}-submit-0", "submit"), programs=lambda *_: repl(answer))
    return RecordedPlatform(kube)


def located() -> Table:
    return Table(recorded.session(answers={"": [("file:/warehouse/team/trips/metadata/v1.metadata.json",)]}), TRIPS)


def test_a_reader_counts_until_the_end_and_passes_over_what_cannot_be_read() -> None:
    asked: list[str] = []
    counts: Iterator[Reply] = itertools.chain(
        [[(2, 3, "Soho")], "[FAILED_READ_FILE] half"], itertools.repeat([(102, 3, "Soho")])
    )
    own = platform(counts, asked)
    started = Reader.start(located(), own, TABLE)
    started.finish()
    assert asked[0] == f"SELECT count(fare), sum(trip), max(zone) FROM {TRIPS}"
    assert started.counts[:2] == [2, 102]
    assert started.refused == ["[FAILED_READ_FILE] half"]
    count = len(started.counts)
    started.stop()
    assert len(started.counts) == count


def test_a_reader_of_files_knows_no_table() -> None:
    asked: list[str] = []
    own = platform(itertools.repeat([(2, 3, "Soho")]), asked)
    Reader.start(located(), own, FILES).stop()
    assert asked[0].endswith("FROM parquet.`file:/warehouse/team/trips/data`")


@pytest.mark.usefixtures("one_look")
def test_a_reader_who_never_counts_is_given_up() -> None:
    own = platform(itertools.repeat("[TABLE_OR_VIEW_NOT_FOUND] none"), [])
    with pytest.raises(GaveUp, match="the reader's first count"):
        Reader.start(located(), own, TABLE)


def test_a_commit_of_several_rows_is_one_of_several_files_and_whole_ones_are_counted() -> None:
    said: list[RecordedStreams] = []

    def program(_pod: str, _argv: Sequence[str]) -> RecordedStreams:
        said.append(RecordedStreams("watching", "caught 2 a-m0.avro b-m0.avro"))
        return said[-1]

    asked: list[str] = []

    def answer(statement: str) -> Reply:
        asked.append(statement)
        return (
            [ROW] if statement.startswith("SELECT *") else [("file:/warehouse/team/trips/metadata/v1.metadata.json",)]
        )

    own = RecordedPlatform(RecordedKube(pod(f"{NAME}-connect-0", "connect"), programs=program))
    table = Table(recorded.session(answers=answer), TRIPS)
    seen: list[list[str]] = []
    killed = KilledCommit.kill_mid_commit(table, trips.batches(3, 100), own, lambda: seen.append(list(said[0].written)))
    assert seen == [[]]
    assert killed.counts == (1, 101, 201)
    assert len(killed.rows) == 201
    assert killed.written == ("a-m0.avro", "b-m0.avro")
    assert said[0].written == ["kill"]
    assert "REPARTITION(4)" in asked[-1]
    one_by_one = [{"trip": "3", "zone": "Soho", "fare": "1"}]
    KilledCommit.kill_mid_commit(table, trips.one_by_one(one_by_one), own)
    assert "COALESCE(1)" in asked[-1]


def test_a_reader_counts_while_the_writer_stands_still() -> None:
    said: list[RecordedStreams] = []
    known: list[int] = []

    class Stopped(RecordedStreams):
        def write_line(self, line: str) -> None:
            known.append(len(started.counts))
            super().write_line(line)

    def program(name: str, _argv: Sequence[str]) -> RecordedStreams:
        if "submit" in name:
            return repl(lambda statement: [] if statement == "open" else [(2, 3, "Soho")])
        said.append(Stopped("watching", "caught 0 a-m0.avro"))
        return said[-1]

    pods = (pod(f"{NAME}-submit-0", "submit"), pod(f"{NAME}-connect-0", "connect"))
    own = RecordedPlatform(RecordedKube(*pods, programs=program))
    table = located()
    started = Reader.start(table, own, TABLE)
    before = len(started.counts)
    killed = started.killed_mid_commit(table, [[ROW], [ROW], [ROW]])
    assert known[0] >= before + 4
    # Two before all, and the one row that the recorded session always gives.
    assert killed.counts == (2, 1)
    assert table.commits == 1
    started.stop()


def test_a_count_that_was_under_way_is_not_one_that_begins_now(monkeypatch: pytest.MonkeyPatch) -> None:
    own, awaited = reader(2), list[str]()
    monkeypatch.setattr(Reader, "_await_count", lambda _, what: awaited.append(what))
    own.count_again()
    assert len(awaited) == 2
