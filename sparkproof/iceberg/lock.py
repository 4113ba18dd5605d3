"""The lock of a table in a Hive Metastore, which somebody else holds, and writes that meet it."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.iceberg.table import Table, with_settings
from sparkproof.kube.places import Streams, last_words
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Row

_PROGRAM = Path(__file__).with_name("hive_lock.py")
# By this setting of a catalog Iceberg's hive catalog gives up on a lock, which it tries to get for three minutes.
_PATIENCE = "hadoop.iceberg.hive.lock-timeout-ms"
# By these words a writer is told that somebody else holds the lock; how long one tries who will try again.
_LOCKED, _TRY_S = "waiting for lock on", 5


@dataclass
class HeldLock:
    """The lock of a table of the hive catalog, which a program in the client pod holds until `give_back`."""

    table: Table
    program: Streams

    @classmethod
    def take(cls, table: Table, platform: Platform) -> "HeldLock":
        """Take the lock at the metastore that the table's catalog names; raises GaveUp with the program's words."""
        setting = f"spark.sql.catalog.{table.catalog}.uri"
        metastore = urlsplit(table.session.run(f"SET {setting}").rows[0][1])
        if not (metastore.hostname and metastore.port):
            raise CheckFailed(f"No Hive Metastore keeps {table.name}: {setting} is not set.")
        database, name = table.name.split(".")[1:]
        argv = [metastore.hostname, str(metastore.port), database, name]
        program = platform.workloads.place("client").exec(["python3", "-uc", _PROGRAM.read_text(), *argv])
        lock = cls(table, program)
        lock._hear("held")
        return lock

    @property
    def waiting(self) -> int:
        """The number of requests for the lock that the metastore lets wait."""
        self.program.write_line("count")
        return int(self._hear(""))

    def give_back(self) -> None:
        """Give the lock back; one that was given back is fine."""
        if self.program.open:
            self.program.write_line("give back")
            self._hear("given back")
            self.program.close()

    def die(self) -> None:
        """Have the program that holds the lock killed, so that it gives nothing back."""
        self.program.write_line("die")
        eventually(
            f"the end of the program that holds the lock of {self.table.name}",
            self._lives,
            lambda lives: not lives,
            within_s=timeouts.TOOL,
            every_s=0,
        )

    def must_be_given_up(self, rows: Sequence[Row], minutes: int) -> None:
        """Check that a writer who tries again and again gets no lock at first, and gets it after so long at most."""
        writer, tried = patient_for(self.table, _TRY_S), list[str]()

        def attempt() -> Answer:
            answer = writer.session.sql(writer.insertion(rows))
            evidence.look_at(answer)
            if answer.refusal:
                tried.append(answer.refusal)
            return answer

        began = clock.now()
        answer = eventually(
            f"a change of {self.table.name} that is accepted though nobody gave its lock back",
            attempt,
            lambda seen: seen.refusal is None,
            within_s=minutes * 60,
            unrecoverable=lambda seen: None if _LOCKED in (seen.refusal or _LOCKED) else seen.refusal,
        )
        if not tried:
            raise CheckFailed(
                f"{answer.statement!r} was accepted at once, so nobody held the lock of {self.table.name}."
            )
        evidence.prove(
            Level.EXECUTED,
            f"Nobody gave the lock back: {len(tried)} changes were refused, and one was accepted after "
            f"{clock.now() - began:.0f} s",
            refusals=tried,
        )

    def _lives(self) -> bool:
        """Return True if the program still runs; what it says is passed over."""
        self.program.read_line(timeouts.POLL)
        return self.program.open

    def _hear(self, expected: str) -> str:
        """Return the program's next line, which has to be the expected one if any is."""
        line = eventually(
            f"the word of the program that holds the lock of {self.table.name}",
            lambda: self.program.read_line(timeouts.POLL),
            lambda said: said is not None,
            within_s=timeouts.TOOL,
            unrecoverable=lambda said: None if said or self.program.open else last_words(self.program),
            every_s=0,
        )
        if expected and line != expected:
            raise CheckFailed(f"The program that holds the lock of {self.table.name} said {line!r}, not {expected!r}.")
        return str(line)


@dataclass(frozen=True)
class LockedWrite:
    """A write to a table whose lock somebody else held.

    `waiting` is the number of requests that waited for the lock then, and `early` is True if Spark had answered before
    it was given back; `seconds` is how long the answer took from then on.
    """

    answer: Answer
    waiting: int
    early: bool
    seconds: float

    @classmethod
    def meanwhile(cls, lock: HeldLock, rows: Sequence[Row], held_s: float) -> "LockedWrite":
        """Append rows, hold the lock for `held_s` seconds more when the write waits, give it back, and get the answer.

        Raises GaveUp.
        """
        started = lock.table.session.start(lock.table.insertion(rows))
        waiting, answered = eventually(
            f"a write that waits for the lock of {lock.table.name}",
            lambda: (lock.waiting, started.is_answered),
            any,
            within_s=timeouts.SQL,
        )
        if not answered:
            threading.Event().wait(held_s)
        early, given_back_at = started.is_answered, clock.now()
        lock.give_back()
        answer = started.answer(timeouts.SQL)
        return cls(answer, waiting, early, clock.now() - given_back_at)

    def must_have_waited(self) -> None:
        """Check that the write waited until the lock was given back, and that it was accepted then."""
        self.answer.must_succeed()
        if self.early:
            raise CheckFailed(f"{self.answer.statement!r} was accepted while somebody else held the table's lock.")
        if not self.waiting:
            raise CheckFailed(f"Nobody waited for the lock while {self.answer.statement!r} ran.")
        evidence.prove(
            Level.EXECUTED,
            f"The metastore showed {self.waiting} request that waited for the lock; the write was accepted "
            f"{self.seconds:.1f} s after it was given back",
        )


def impatient(table: Table, rows: Sequence[Row], patience_s: float) -> Answer:
    """Append rows as a writer does who tries to get a lock for so many seconds; a refusal is an answer."""
    own = patient_for(table, patience_s)
    return own.session.sql(own.insertion(rows))


def patient_for(table: Table, patience_s: float) -> Table:
    """Return the table for a writer who tries to get its lock for so many seconds."""
    return with_settings(table, {_PATIENCE: str(round(patience_s * 1000))})
