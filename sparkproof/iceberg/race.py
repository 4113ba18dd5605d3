"""Two who change a table at the same time, again and again, and whether the table has just what was accepted."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table
from sparkproof.spark.session import Answer, Row, Session

# How Iceberg tells a writer that another was faster.
_CONFLICT = ("CommitFailedException", "ValidationException", "Found conflicting files", "Cannot commit")


@dataclass(frozen=True)
class Attempt:
    """One writer's change in one round: the trip it was about, what came of it, when it began and ended (seconds)."""

    trip: int
    answer: Answer
    began: float
    ended: float


@dataclass(frozen=True)
class Race:
    """All attempts, round by round; each adds 1 to the fare of its trip, and adds the trip if it was not there."""

    rounds: tuple[tuple[Attempt, ...], ...]

    @classmethod
    def to_add(cls, table: Table, colleague: Session, *, rounds: int) -> "Race":
        """In each round both add a trip of their own."""

        def insert(turn: int, writer: int) -> tuple[int, str]:
            trip = 2 * turn + writer
            return trip, f"INSERT INTO {table.name} (trip, fare) VALUES ({trip}, 1.0)"

        return cls._run((table.session, colleague), insert, rounds)

    @classmethod
    def to_raise(cls, table: Table, colleague: Session, *, rounds: int) -> "Race":
        """In each round both raise the fare of one trip by 1, which is new in the round: who comes first adds it."""

        def merge(turn: int, writer: int) -> tuple[int, str]:
            return turn, (
                f"MERGE INTO {table.name} trips USING (SELECT {writer}) ON trips.trip = {turn} "
                "WHEN MATCHED THEN UPDATE SET fare = trips.fare + 1 "
                f"WHEN NOT MATCHED THEN INSERT (trip, fare) VALUES ({turn}, 1.0)"
            )

        return cls._run((table.session, colleague), merge, rounds)

    @classmethod
    def _run(cls, writers: Sequence[Session], change: Callable[[int, int], tuple[int, str]], rounds: int) -> "Race":
        start = threading.Barrier(len(writers))

        def attempt(turn: int, writer: int) -> Attempt:
            trip, statement = change(turn, writer)
            start.wait()
            began = time.monotonic()
            return Attempt(trip, writers[writer].sql(statement), began, time.monotonic())

        with ThreadPoolExecutor(len(writers)) as pool:
            run = [tuple(pool.map(lambda w, t=turn: attempt(t, w), range(len(writers)))) for turn in range(rounds)]
        evidence.spend("spark", sum(max(one.answer.seconds for one in attempts) for attempts in run))
        return cls(tuple(run))

    @property
    def accepted(self) -> Mapping[int, int]:
        """How many changes of each trip were accepted."""
        return Counter(one.trip for attempts in self.rounds for one in attempts if one.answer.refusal is None)

    @property
    def refused(self) -> list[Answer]:
        return [one.answer for attempts in self.rounds for one in attempts if one.answer.refusal is not None]

    def must_all_be_accepted(self) -> None:
        """Check that every change was accepted, and that the writers were at work at the same time."""
        self._must_have_met()
        if self.refused:
            raise CheckFailed(f"{len(self.refused)} changes were refused; the first: {self.refused[0].refusal}")
        evidence.prove(Level.EXECUTED, f"All {sum(self.accepted.values())} changes were accepted")

    def must_have_a_winner_each(self) -> None:
        """Check that a change was accepted in every round, and that refusals name the conflict."""
        self._must_have_met()
        lost = [turn for turn, attempts in enumerate(self.rounds) if all(one.answer.refusal for one in attempts)]
        if lost:
            raise CheckFailed(f"Nobody won in round {lost[0]}: {self.refused[0].refusal}")
        other = [one.refusal for one in self.refused if not any(words in str(one.refusal) for words in _CONFLICT)]
        if other:
            raise CheckFailed(f"A change was refused, but not because of another: {other[0]}")
        accepted = sum(self.accepted.values())
        evidence.prove(
            Level.EXECUTED,
            f"In {len(self.rounds)} rounds {accepted} changes were accepted, {len(self.refused)} refused",
            refusals="\n".join(str(one.refusal).partition("\n")[0] for one in self.refused),
        )

    def must_be_in(self, table: Table) -> None:
        """Check that each trip is there once, its fare as high as changes were accepted, and no other trip."""
        found = table.session.run(f"SELECT trip, count(*), sum(fare) FROM {table.name} GROUP BY trip")
        must_tally(self.accepted, found.rows)

    def _must_have_met(self) -> None:
        """Check that the writers' statements overlapped in every round: otherwise nothing was tried."""
        apart = [
            turn for turn, (one, other) in enumerate(self.rounds) if one.began > other.ended or other.began > one.ended
        ]
        if apart:
            raise CheckFailed(f"In round {apart[0]} one writer had ended before the other began.")


def must_tally(accepted: Mapping[int, int], found: Sequence[Row]) -> None:
    """Check that what a table has, as (trip, rows, sum of fares), is what was accepted: changes by trip."""
    expected = {trip: (1, float(changes)) for trip, changes in accepted.items()}
    there = {trip: (rows, fare) for trip, rows, fare in found}
    for trip in sorted(expected | there):
        if there.get(trip) != expected.get(trip):
            rows, fare = there.get(trip, (0, 0.0))
            raise CheckFailed(
                f"Trip {trip} is there {rows} times, its fare {fare}; {accepted.get(trip, 0)} changes were accepted."
            )
    evidence.prove(Level.EXECUTED, f"{len(there)} trips are there once, with all that was accepted and nothing else")
