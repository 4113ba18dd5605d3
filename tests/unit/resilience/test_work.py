"""A data engineer at work on a recorded platform: what is heard of the program, and what may not be lost."""

import json
from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg import Table
from sparkproof.resilience.work import Attempt, EngineerAtWork
from sparkproof.spark.trips import Generated
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, Reply, executor

TRIPS = Generated(seed=1, last=100_000)
# A trip of each of the first three writes of an engineer, the first being the rows that were there before.
WRITTEN = [(3, 900), (14, 910), (25, 920), (36, 930)]


def engineer(found: Reply = (), *attempts: Attempt, begun: set[int] | None = None) -> EngineerAtWork:
    """An engineer whose table holds what is `found`, by trip and hash."""

    def answers(statement: str) -> Reply:
        numbers = statement.rpartition("IN (")[2].rstrip(")")
        if "range(" in statement and numbers:
            wanted = {int(number) for number in numbers.split(", ")}
            return [row for row in WRITTEN if row[0] // 10 in wanted]
        return found if "SELECT trip, xxhash64(*," in statement else ()

    platform = RecordedPlatform(answers=answers)
    own = EngineerAtWork(platform, Table(platform.open_session(), "rest.s_1.trips"), TRIPS, list(attempts))
    own.begun = begun if begun is not None else {each.number for each in attempts if each.work == "write"}
    return own


def wrote(number: int, error: str = "", *, at: float = 10.0) -> Attempt:
    return Attempt("write", number, at, at + 1, error)


def test_all_that_was_acknowledged_is_there(record: Record) -> None:
    engineer(WRITTEN[:3], wrote(1), wrote(2)).must_have_lost_nothing()
    assert record.level is Level.EXECUTED
    assert "All 3 acknowledged writes" in record.proofs[0].seen


@pytest.mark.usefixtures("record")
def test_what_is_there_is_read_in_a_session_from_after_the_disturbance() -> None:
    own = engineer(WRITTEN[:3], wrote(1), wrote(2))
    own.table.session = recorded.session(answers={"SELECT": "[SESSION_CLOSED] its driver is gone"})
    own.must_have_lost_nothing()


def test_a_write_that_was_refused_or_not_answered_may_be_there_or_not(record: Record) -> None:
    refused = wrote(2, "no answer within 15 s")
    engineer(WRITTEN[:3], wrote(1), refused).must_have_lost_nothing()
    engineer(WRITTEN[:2], wrote(1), refused).must_have_lost_nothing()
    engineer(WRITTEN, wrote(1), refused, begun={1, 2, 3}).must_have_lost_nothing()
    assert "of 1 others 1 are there" in record.proofs[0].seen


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (WRITTEN[:2], r"lacks 1 writes that were acknowledged: \[2\]"),
        ([*WRITTEN[:2], (25, 1)], "or with other values"),
        ([*WRITTEN[:3], WRITTEN[2]], "has 4 trips, not the 3"),
        (WRITTEN, "has 4 trips, not the 3"),
        ([], r"lacks 3 writes that were acknowledged: \[0, 1, 2\]"),
    ],
    ids=["a write is lost", "another value", "written twice", "nobody wrote it", "all is lost"],
)
def test_what_is_lost_altered_or_doubled_is_found(found: Any, message: str) -> None:
    with pytest.raises(CheckFailed, match=message):
        engineer(found, wrote(1), wrote(2)).must_have_lost_nothing()


def test_nothing_is_proved_where_nothing_was_acknowledged() -> None:
    with pytest.raises(CheckFailed, match="nothing can be lost"):
        engineer(WRITTEN[:1], wrote(1, "refused")).must_have_lost_nothing()


def test_whoever_reads_sees_what_had_been_acknowledged(record: Record) -> None:
    def read(rows: int | None, at: float) -> Attempt:
        return Attempt("read", 1, at, at + 1, value=rows)

    engineer(WRITTEN[:2], wrote(1, at=10), read(10, 10.5), read(10, 11), read(20, 12)).must_have_lost_nothing()
    assert record.proofs
    for rows in (10, None):
        with pytest.raises(CheckFailed, match=f"read {rows} trips when 20"):
            engineer(WRITTEN[:2], wrote(1, at=10), read(rows, 12)).must_have_lost_nothing()


def test_an_engineer_works_when_the_last_of_both_succeeded() -> None:
    own = engineer((), wrote(1), Attempt("read", 1, 10, 11))
    assert own.works_since(9)
    assert not own.works_since(10.5), "they began before"
    own.attempts.append(wrote(2, "refused", at=12))
    assert not own.works_since(9), "the last write failed"
    own.attempts.append(wrote(3, at=14))
    assert own.works_since(9)
    assert not own.works_since(12), "nothing was read since"


def test_work_goes_on_if_what_begins_now_succeeds(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    own = engineer((), wrote(1, "refused before"))
    later = clock.now() + 1000

    def go_on(*_: Any, **__: Any) -> None:
        own.attempts.append(wrote(2, at=later))

    monkeypatch.setattr(EngineerAtWork, "await_work_since", go_on)
    own.must_go_on()
    assert record.proofs[0].seen == "rest.s_1.trips is written and read, and no statement failed"
    own.attempts.append(Attempt("read", 3, later, later + 1, "there is no catalog"))
    with pytest.raises(CheckFailed, match=r"A read of rest\.s_1\.trips failed: there is no catalog"):
        own.must_go_on()
    assert len(record.proofs) == 1


@pytest.mark.usefixtures("one_look")
def test_work_that_stops_does_not_go_on() -> None:
    with pytest.raises(GaveUp, match="a write and a read of the data engineer that succeed"):
        engineer((), wrote(1)).must_go_on()


def line(work: str, number: int, **rest: Any) -> str:
    return json.dumps({"work": work, "number": number, "at": 100.0, **rest})


def done(work: str, error: str = "") -> str:
    return line(work, 1, seconds=2.0, value=10, error=error, answered=True)


def starting(*lines: str, ended: bool = False) -> tuple[EngineerAtWork, RecordedStreams]:
    streams = RecordedStreams(*lines, errors="it is gone", ended=ended)
    kube = RecordedKube(recorded.pod("spark-client-0", "client"), programs=lambda _pod, _argv: streams)
    platform = RecordedPlatform(kube, answers=lambda _: ())
    return EngineerAtWork.start(platform, platform.open_session(), "rest", TRIPS), streams


def test_the_program_is_given_its_statements_and_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EngineerAtWork, "await_work_since", lambda *_, **__: None)
    own, streams = starting(line("write", 1), line("read", 1), done("write"), done("read", "it is gone"))
    before = clock.now()
    own.begin()
    while len(own.attempts) < 2:
        pass
    own.stop()
    assert streams.closed
    request = json.loads(streams.written[0])
    assert request["write"].startswith(f"INSERT INTO {own.table.name} SELECT /*+ COALESCE(1) */")
    assert request["write"].format(number=7).endswith("trip DIV 10 IN (7)")
    assert "xxhash64" in request["read"]
    assert own.begun == {1}
    write, read = own.attempts
    assert (write.work, write.error, write.value, read.error) == ("write", "", 10, "it is gone")
    assert write.began_at - before < 1
    assert write.ended_at - write.began_at == pytest.approx(2.0)


def test_a_program_that_ends_is_found_out() -> None:
    own, _ = starting(ended=True)
    with pytest.raises(CheckFailed, match="The engineer's program ended: it is gone"):
        own.begin()


@pytest.mark.usefixtures("one_look")
def test_an_engineer_who_cannot_work_is_no_engineer() -> None:
    own, _ = starting(line("write", 1), done("write", "NO_CATALOG"))
    with pytest.raises(GaveUp, match="write: NO_CATALOG"):
        own.begin()
    own._stop.set()


def test_the_end_drops_the_table() -> None:
    said: list[str] = []
    platform = RecordedPlatform(answers=lambda statement: said.append(statement) or ())  # type: ignore[func-returns-value]
    own = EngineerAtWork(platform, Table(platform.open_session(), "rest.s_1.trips"), TRIPS)
    own.end()
    assert "DROP TABLE IF EXISTS rest.s_1.trips PURGE" in said


def test_no_executor_of_the_work_is_left_to_others() -> None:
    kube = RecordedKube(executor("exec-1"), executor("exec-2"))
    platform = RecordedPlatform(kube, answers=lambda _: ())
    EngineerAtWork(platform, Table(platform.open_session(), "rest.s_1.trips"), TRIPS).end()
    assert platform.workloads.executors == []
