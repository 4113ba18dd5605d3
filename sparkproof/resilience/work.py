"""The work of a data engineer while a platform is disturbed: what was attempted, acknowledged, refused and answered."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.patience import stretched
from sparkproof.core.wait import eventually
from sparkproof.iceberg import Table
from sparkproof.iceberg.table import fingerprint
from sparkproof.kube.places import Streams, last_words
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session
from sparkproof.spark.trips import Generated

PROGRAM, STATEMENTS = (Path(__file__).with_name(name) for name in ("engineer.py", "statements.py"))
KINDS = ("write", "read")
# After so many seconds an engineer gives up on a statement and tries again; after more on an overloaded machine.
PATIENCE_S = 20.0
# The trips that each write adds.
_A_WRITE = 10


@dataclass(frozen=True)
class Attempt:
    """One statement of the engineer, a "write" or a "read", with the moments of its begin and end.

    `error` is what the engineer was told, "" for success; `answered` is False if nothing came. `value` is the number of
    rows that were read.
    """

    work: str
    number: int
    began_at: float
    ended_at: float
    error: str = ""
    answered: bool = True
    value: int | None = None


@dataclass
class EngineerAtWork:
    """A table to which a data engineer writes, and which the engineer reads, again and again, until `stop`.

    `begun` are the numbers of the writes that were begun, `attempts` what came to an end, oldest first. After
    `patience_s` seconds the engineer gives up on a statement.
    """

    platform: Platform
    table: Table
    trips: Generated
    attempts: list[Attempt] = field(default_factory=list)
    begun: set[int] = field(default_factory=set)
    patience_s: float = PATIENCE_S
    _ahead_s: float | None = None
    _streams: Streams | None = field(default=None, repr=False)
    _listener: "Future[None] | None" = field(default=None, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @classmethod
    def start(cls, platform: Platform, session: Session, kind: str, trips: Generated) -> "EngineerAtWork":
        """Put the first trips into a table of the catalog of this kind, and begin to work in a client of its own."""
        name = platform.catalogs.unused_table("trips", kind)
        return cls(platform, Table.create_from(session, name, _some(trips, "0")), trips)

    def begin(self) -> None:
        """Begin, and wait until the engineer has written and read once; raises GaveUp."""
        streams = self.platform.workloads.place("client").exec(["python3", "-uc", PROGRAM.read_text()])
        self._streams = streams
        write = f"INSERT INTO {self.table.name} {_some(self.trips, '{number}')}"
        self.patience_s = stretched(PATIENCE_S)
        request: dict[str, Any] = {
            "write": write,
            "read": fingerprint(self.table.name),
            "patience": self.patience_s,
        }
        request["statements"] = STATEMENTS.read_text()
        streams.write_line(json.dumps(request))
        self._listener = aside(self._listen, streams)
        self.await_work_since(clock.now(), within_s=timeouts.SQL)

    def _listen(self, streams: Streams) -> None:
        while not self._stop.is_set():
            line = streams.read_line(timeouts.POLL)
            if line is not None:
                self._hear(json.loads(line))
            elif not streams.open:
                raise CheckFailed(f"The engineer's program ended: {last_words(streams)}")

    def _hear(self, said: dict[str, Any]) -> None:
        began_at = float(said.pop("at"))
        if self._ahead_s is None:
            self._ahead_s = clock.now() - began_at
        began_at += self._ahead_s
        if "seconds" in said:
            self.attempts.append(Attempt(began_at=began_at, ended_at=began_at + said.pop("seconds"), **said))
        elif said["work"] == "write":
            self.begun.add(said["number"])

    def stop(self) -> None:
        """Let the engineer end; raises what went wrong with the engineer's program."""
        self._stop.set()
        if self._listener is not None and self._streams is not None:
            listener, self._listener = self._listener, None
            listener.result(timeouts.TOOL)
            self._streams.close()

    def end(self) -> None:
        """Let the engineer end, drop the table, and have the next work done by other executors.

        A statement that is given up while an executor loads a class for the first time leaves one that can never use
        that class again ("Could not initialize class"): Spark interrupts the load, and Java does not try it twice.
        """
        self.stop()
        self.table.seen_by(self.platform.open_session()).drop()
        own = self.platform.workloads
        for pod in own.executors:
            own.end(pod["metadata"]["name"])

    def since(self, moment: float) -> Sequence[Attempt]:
        """Return the attempts that were over after a moment."""
        return [each for each in list(self.attempts) if each.ended_at > moment]

    def works_since(self, moment: float) -> bool:
        """True if a write and a read that began after a moment have succeeded, and were the last of their kind."""
        last = {each.work: each for each in self.since(moment)}
        return all(kind in last and last[kind].began_at > moment and not last[kind].error for kind in KINDS)

    def await_work_since(self, moment: float, *, within_s: float) -> None:
        """Wait until a write and a read that began after a moment have succeeded; raises GaveUp."""
        eventually(
            "a write and a read of the data engineer that succeed",
            lambda: self.works_since(moment),
            bool,
            within_s=within_s,
            unrecoverable=lambda _: self._broken(),
            explain=self.platform.why,
            show=lambda _: (
                "; ".join(f"{each.work}: {each.error or 'done'}" for each in self.attempts[-2:]) or "nothing"
            ),
        )

    def _broken(self) -> str | None:
        if self._listener is not None and self._listener.done():
            self._listener.result()
        return None

    def must_go_on(self) -> None:
        """Check that a write and a read that begin now succeed, and that no statement fails until then."""
        now = clock.now()
        self.await_work_since(now, within_s=timeouts.SQL)
        if failed := [each for each in self.since(now) if each.error]:
            raise CheckFailed(f"A {failed[0].work} of {self.table.name} failed: {failed[0].error}")
        evidence.prove(Level.EXECUTED, f"{self.table.name} is written and read, and no statement failed")

    def must_have_lost_nothing(self) -> None:
        """Check that the table has each acknowledged trip once, with all its columns, and none that nobody wrote.

        A write that was refused or not answered may be there, as a whole. Whoever read saw what had been acknowledged.
        """
        acknowledged = {0} | {each.number for each in self.attempts if each.work == "write" and not each.error}
        if len(acknowledged) < 2:
            raise CheckFailed(
                f"Nothing was acknowledged but the first trips of {self.table.name}, so nothing can be lost."
            )
        session = self.platform.open_session()
        hashed = "SELECT trip, xxhash64(*, cast(struct(*) AS string)) FROM"
        found = session.run(f"{hashed} {self.table.name}").rows
        written = session.run(f"{hashed} ({_some(self.trips, ', '.join(map(str, sorted({0} | self.begun))))})").rows
        there = {int(trip) // _A_WRITE for trip, _ in found}
        expected = sorted(row for row in written if row[0] // _A_WRITE in there)
        if gone := sorted(acknowledged - there):
            raise CheckFailed(f"{self.table.name} lacks {len(gone)} writes that were acknowledged: {gone}.")
        if sorted(found) != expected:
            raise CheckFailed(
                f"{self.table.name} has {len(found)} trips, not the {len(expected)} that were written, "
                "or with other values."
            )
        self._must_have_read_what_was_acknowledged()
        unknown = sorted(there - acknowledged)
        evidence.prove(
            Level.EXECUTED,
            f"All {len(acknowledged)} acknowledged writes are in {self.table.name}, each trip once, with its hash over "
            f"all columns; of {len(self.begun | {0}) - len(acknowledged)} others {len(unknown)} are there as well",
        )

    def _must_have_read_what_was_acknowledged(self) -> None:
        writes = [each for each in self.attempts if each.work == "write" and not each.error]
        for read in (each for each in self.attempts if each.work == "read" and not each.error):
            known = _A_WRITE * (1 + sum(each.ended_at < read.began_at for each in writes))
            if read.value is None or read.value < known:
                raise CheckFailed(f"Somebody read {read.value} trips when {known} had been acknowledged.")


def _some(trips: Generated, numbers: str) -> str:
    """Return the query for the trips of the writes of these numbers, in one file."""
    return f"SELECT /*+ COALESCE(1) */ * FROM ({trips.query}) WHERE trip DIV {_A_WRITE} IN ({numbers})"
