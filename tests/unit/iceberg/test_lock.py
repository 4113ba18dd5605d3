"""A table's lock in a Hive Metastore: who holds it, who waits for it, and what becomes of a write."""

import io
import runpy
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.patience import Patience
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg import Table, hive_lock
from sparkproof.iceberg.lock import HeldLock, LockedWrite, impatient
from sparkproof.spark.session import Answer
from tests.support import recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, Reply

NAME = "hive.s_1.trips"
URI = "SET spark.sql.catalog.hive.uri"
ROWS = [(1, "Ealing", 9.0)]
TIMED_OUT = "CommitFailedException: LockException: Timed out after 5114 ms waiting for lock on s_1.trips"


def holder(waiting: int = 1, *, first: str = "held", last: str = "given back", **rest: Any) -> RecordedStreams:
    """The program that holds a lock for which so many others wait."""
    return RecordedStreams(*([first] if first else []), reply={"count": str(waiting), "give back": last}.get, **rest)


def platform(program: RecordedStreams, started: list[Any] | None = None) -> RecordedPlatform:
    def start(pod: str, argv: Any) -> RecordedStreams:
        if started is not None:
            started.extend([pod, *argv[3:]])
        return program

    return RecordedPlatform(RecordedKube(recorded.pod("spark-client-0", "client"), programs=start))


def table(*, uri: str = "thrift://spark-hive-metastore:9083", insert: Reply = (), waits: bool = False) -> Table:
    answers = {URI: [("spark.sql.catalog.hive.uri", uri)], "INSERT": insert, "": ()}
    return Table(RecordedPlatform(answers=answers, waits=waits).open_session(), NAME)


def test_a_lock_is_held_at_the_metastore_of_the_tables_catalog_and_given_back_once() -> None:
    started: list[Any] = []
    program = holder(2)
    lock = HeldLock.take(table(), platform(program, started))
    assert started == ["spark-client-0", "spark-hive-metastore", "9083", "s_1", "trips"]
    assert lock.waiting == 2
    lock.give_back()
    lock.give_back()
    assert program.written == ["count", "give back"]
    assert program.closed


def test_a_catalog_without_a_metastore_and_a_lock_of_somebody_else_are_named() -> None:
    with pytest.raises(CheckFailed, match=r"No Hive Metastore keeps hive\.s_1\.trips"):
        HeldLock.take(table(uri="<undefined>"), platform(holder()))
    refused = holder(first="", errors="Somebody else holds the lock of s_1.trips.", ended=True)
    with pytest.raises(GaveUp, match="Somebody else holds the lock"):
        HeldLock.take(table(), platform(refused))
    with pytest.raises(CheckFailed, match="said 'lost', not 'given back'"):
        HeldLock(table(), holder(first="", last="lost")).give_back()


def test_a_write_that_waited_until_the_lock_was_given_back_is_proved(record: Record) -> None:
    accepted = Answer("INSERT", "tag", 12.0)
    LockedWrite(accepted, 1, early=False, seconds=3.5).must_have_waited()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen.endswith("the write was accepted 3.5 s after it was given back")


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (
            LockedWrite(Answer("INSERT", "tag", 1.0), 1, early=True, seconds=0.1),
            "was accepted while somebody else held",
        ),
        (LockedWrite(Answer("INSERT", "tag", 1.0), 0, early=False, seconds=0.1), "Nobody waited for the lock while"),
        (LockedWrite(Answer("INSERT", "tag", 1.0, refusal=TIMED_OUT), 1, early=False, seconds=1), "Spark refused"),
    ],
    ids=["too early", "nobody waited", "refused"],
)
def test_a_write_that_did_not_wait_or_was_refused_is_found(seen: LockedWrite, message: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=message):
        seen.must_have_waited()
    assert not record.proofs


def test_what_was_answered_before_the_lock_was_given_back_came_early() -> None:
    program = holder(0, first="")
    seen = LockedWrite.meanwhile(HeldLock(table(), program), ROWS, 60.0)
    assert seen.early
    assert seen.waiting == 0
    assert program.written == ["count", "give back"]


def test_a_write_that_waits_is_answered_when_the_lock_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = table(waits=True)
    lock = HeldLock(waiting, holder(1, first=""))
    monkeypatch.setattr(HeldLock, "give_back", lambda _: setattr(waiting, "session", recorded.session()))
    monkeypatch.setattr("sparkproof.spark.session.Started.answer", lambda own, _: Answer(own.statement, own.tag, 1.0))
    seen = LockedWrite.meanwhile(lock, ROWS, 0.0)
    assert (seen.waiting, seen.early) == (1, False)
    assert "(1, 'Ealing', 9.0)" in seen.answer.statement


def test_an_impatient_writer_has_a_catalog_that_gives_up() -> None:
    asked: list[str] = []

    def answers(statement: str) -> Reply:
        asked.append(statement)
        known = [("spark.sql.catalog.hive", "SparkCatalog"), ("spark.sql.catalog.hive.type", "hive"), ("a", "b")]
        return {"SET": known}.get(statement, TIMED_OUT if statement.startswith("INSERT") else [])

    session = RecordedPlatform(answers=answers).open_session()
    refused = impatient(Table(session, NAME), ROWS, 5.0)
    refused.must_be_refused("waiting for lock on")
    copied = refused.statement.split()[2].split(".")[0]
    assert copied.startswith("hive_")
    assert f"SET `spark.sql.catalog.{copied}.type` = `hive`" in asked
    assert f"SET `spark.sql.catalog.{copied}.hadoop.iceberg.hive.lock-timeout-ms` = `5000`" in asked
    assert refused.statement.split()[2] == f"{copied}.s_1.trips"


def refusing(*refusals: str) -> Table:
    """A table whose changes are refused by these words, one after another, and then accepted."""
    left = list(refusals)

    def answers(statement: str) -> Sequence[tuple[Any, ...]] | str:
        return left.pop(0) if left and statement.startswith("INSERT") else []

    return Table(recorded.session(answers=answers), NAME)


def test_whoever_holds_a_lock_is_killed_and_gives_nothing_back() -> None:
    program = holder(first="", ended=True)
    lock = HeldLock(table(), program)
    lock.die()
    lock.give_back()
    assert program.written == ["die"]


@pytest.mark.usefixtures("one_look")
def test_whoever_is_not_killed_is_found() -> None:
    with pytest.raises(GaveUp, match="the end of the program that holds the lock of hive"):
        HeldLock(table(), holder(first="")).die()


def test_a_lock_that_is_given_up_after_a_while_is_proved(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkproof.iceberg.lock.clock", SimpleNamespace(now=iter([1000.0, 1120.4]).__next__))
    HeldLock(refusing(TIMED_OUT), holder()).must_be_given_up(ROWS, 10)
    assert record.level is Level.EXECUTED
    told = "Nobody gave the lock back: 1 changes were refused, and one was accepted after 120 s"
    assert record.proofs[-1].seen == told
    assert b"waiting for lock on" in record.items[-1].content
    evidence.must_be_read()


def test_a_lock_that_nobody_held_one_that_stays_and_another_refusal_are_found(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CheckFailed, match="was accepted at once, so nobody held the lock of hive"):
        HeldLock(refusing(), holder()).must_be_given_up(ROWS, 10)
    with pytest.raises(GaveUp, match="NoSuchTableException"):
        HeldLock(refusing("NoSuchTableException"), holder()).must_be_given_up(ROWS, 10)
    monkeypatch.setattr(Patience, "has_time", False)
    with pytest.raises(GaveUp, match="though nobody gave its lock back did not come within 600 s"):
        HeldLock(refusing(*[TIMED_OUT] * 9), holder()).must_be_given_up(ROWS, 10)
    assert not record.proofs


# What a Hive Metastore 2.3.10 answered: a lock that was given, one that waits, the locks with one of each, and none.
GIVEN = "80010002000000046c6f636b000000000c00000a0001000000000000000e080002000000010000"
WAITS = "80010002000000046c6f636b000000000c00000a0001000000000000000f080002000000020000"
UNLOCKED = "8001000200000006756e6c6f636b0000000000"
SHOWN = (
    "800100020000000a73686f775f6c6f636b73000000000c00000f00010c000000020a0001000000000000000e0b000200000003735f310b0003"
    "00000005747269707308000500000001080006000000030a000700000000000000000a0008000001a22235bae70a0009000001a22235bae70b"
    "000a00000008736f6d65626f64790b000b00000009656c736577686572650b000d00000007556e6b6e6f776e0a001000000000000000010"
    "00a0001000000000000000f0b000200000003735f310b000300000005747269707308000500000002080006000000030a000700000000000000"
    "000a0008000001a22235bc4e0b000a00000008736f6d65626f64790b000b00000009656c736577686572650b000d00000007556e6b6e6f776e"
    "0a000e000000000000000e0a000f00000000000000010a00100000000000000001000000"
)
# An exception of the call, with its words.
REFUSED = "80010002000000046c6f636b000000000c00010b000100000004676f6e650000"


class Metastore:
    """A metastore that gives recorded answers, one after another, and keeps the names of what it was asked."""

    def __init__(self, *answers: str) -> None:
        self.asked: list[str] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, args=answers, daemon=True).start()

    def _serve(self, *answers: str) -> None:
        connection, _ = self._server.accept()
        for answer in answers:
            call = connection.recv(4096)
            length = struct.unpack(">i", call[4:8])[0]
            self.asked.append(call[8 : 8 + length].decode())
            connection.sendall(bytes.fromhex(answer))


def held(monkeypatch: pytest.MonkeyPatch, said: str, *answers: str) -> Metastore:
    """Run the program with this input."""
    metastore = Metastore(*answers)
    monkeypatch.setattr(sys, "stdin", io.StringIO(said))
    monkeypatch.setattr(sys, "argv", ["hive_lock", "127.0.0.1", str(metastore.port), "s_1", "trips"])
    runpy.run_path(str(Path(hive_lock.__file__)), run_name="__main__")
    return metastore


def test_the_program_holds_a_lock_and_counts_who_waits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    metastore = held(monkeypatch, "count\ngive back\ncount\n", GIVEN, SHOWN, UNLOCKED)
    assert capsys.readouterr().out == "held\n1\ngiven back\n"
    assert metastore.asked == ["lock", "show_locks", "unlock"]


def test_the_program_gives_a_lock_back_at_the_end_of_its_input(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert held(monkeypatch, "", GIVEN, UNLOCKED).asked == ["lock", "unlock"]
    assert capsys.readouterr().out == "held\ngiven back\n"


def test_the_program_that_is_killed_gives_nothing_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(*sent: int) -> None:
        raise SystemExit(f"killed by {sent[1]}")

    monkeypatch.setattr("os.kill", killed)
    with pytest.raises(SystemExit, match="killed by 9"):
        held(monkeypatch, "die\n", GIVEN)
    assert capsys.readouterr().out == "held\n"


def test_the_program_does_not_wait_for_a_lock_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemExit, match=r"Somebody else holds the lock of s_1\.trips"):
        held(monkeypatch, "", WAITS, UNLOCKED)
    with pytest.raises(SystemExit, match=r"The metastore refuses lock: {1: {1: b'gone'}}"):
        held(monkeypatch, "", REFUSED)


def test_maps_and_doubles_are_read_as_others() -> None:
    content = bytes.fromhex("0b0800000001") + hive_lock.text("a") + struct.pack(">i", 7)
    assert hive_lock.value_of(io.BytesIO(content), 13) == {b"a": 7}
    assert hive_lock.value_of(io.BytesIO(struct.pack(">d", 1.5)), 4) == 1.5
