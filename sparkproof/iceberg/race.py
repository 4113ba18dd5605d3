"""Two writers that change a table at the same time, repeatedly, and the check that only accepted changes are there."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.iceberg.table import Table
from sparkproof.spark.session import Answer, Row, Session

# Iceberg's messages for a commit that conflicts with an earlier one.
_CONFLICT = ("CommitFailedException", "ValidationException", "Found conflicting files", "Cannot commit")


@dataclass(frozen=True)
class WriteAttempt:
    """One writer's change in one round: the changed trip, Spark's answer, start and end in seconds."""

    trip: int
    answer: Answer
    began: float
    ended: float


@dataclass(frozen=True)
class Race:
    """All attempts by round; each adds 1 to the fare of its trip, and inserts the trip if it is missing."""

    rounds: tuple[tuple[WriteAttempt, ...], ...]

    @classmethod
    def to_add(cls, table: Table, colleague: Session, *, rounds: int) -> "Race":
        """Let each writer insert a trip of its own in each round."""

        def insert(turn: int, writer: int) -> tuple[int, str]:
            trip = 2 * turn + writer
            return trip, f"INSERT INTO {table.name} (trip, fare) VALUES ({trip}, 1.0)"

        return cls._run((table.session, colleague), insert, rounds)

    @classmethod
    def to_raise(cls, table: Table, colleague: Session, *, rounds: int) -> "Race":
        """Let both writers raise the fare of one new trip by 1 in each round; the first one inserts the trip."""

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

        def attempt(turn: int, writer: int) -> WriteAttempt:
            trip, statement = change(turn, writer)
            start.wait()
            began = time.monotonic()
            return WriteAttempt(trip, writers[writer].sql(statement), began, time.monotonic())

        def turn_of_all(turn: int) -> tuple[WriteAttempt, ...]:
            attempts = [aside(attempt, turn, writer) for writer in range(len(writers))]
            return tuple(each.result() for each in attempts)

        run = [turn_of_all(turn) for turn in range(rounds)]
        evidence.spend(On.SPARK, sum(max(one.answer.seconds for one in attempts) for attempts in run))
        return cls(tuple(run))

    @property
    def accepted(self) -> Mapping[int, int]:
        """The number of accepted changes by trip."""
        return Counter(one.trip for attempts in self.rounds for one in attempts if one.answer.refusal is None)

    @property
    def refused(self) -> list[Answer]:
        return [one.answer for attempts in self.rounds for one in attempts if one.answer.refusal is not None]

    def must_all_be_accepted(self) -> None:
        """Check that every change was accepted, and that the writers' statements overlapped."""
        self._look_at_refusals()
        self._must_have_overlapped()
        if self.refused:
            raise CheckFailed(f"{len(self.refused)} changes were refused; the first: {self.refused[0].refusal}")
        evidence.prove(Level.EXECUTED, f"All {sum(self.accepted.values())} changes were accepted")

    def must_have_accepted_one_each(self) -> None:
        """Check that a change was accepted in every round, and that each refusal names a conflict."""
        self._look_at_refusals()
        self._must_have_overlapped()
        lost = [turn for turn, attempts in enumerate(self.rounds) if all(one.answer.refusal for one in attempts)]
        if lost:
            first = self.rounds[lost[0]][0].answer
            raise CheckFailed(f"No change was accepted in round {lost[0]}: {first.refusal}")
        other = [one.refusal for one in self.refused if not any(message in str(one.refusal) for message in _CONFLICT)]
        if other:
            raise CheckFailed(f"A change was refused for a reason other than a conflict: {other[0]}")
        accepted = sum(self.accepted.values())
        evidence.prove(
            Level.EXECUTED,
            f"In {len(self.rounds)} rounds {accepted} changes were accepted, {len(self.refused)} refused",
            refusals="\n".join(str(one.refusal).partition("\n")[0] for one in self.refused),
        )

    def must_be_in(self, table: Table) -> None:
        """Check that the table has each trip once, with the number of accepted changes as its fare, and no other."""
        found = table.session.run(f"SELECT trip, count(*), sum(fare) FROM {table.name} GROUP BY trip")
        must_match(self.accepted, found.rows)

    def _look_at_refusals(self) -> None:
        for answer in self.refused:
            evidence.look_at(answer)

    def _must_have_overlapped(self) -> None:
        """Check that the writers' statements overlapped in every round; otherwise nothing was tested."""
        if not self.rounds:
            raise CheckFailed("No round was run, so nothing was tested.")
        apart = [
            turn for turn, (one, other) in enumerate(self.rounds) if one.began > other.ended or other.began > one.ended
        ]
        if apart:
            raise CheckFailed(f"In round {apart[0]} one statement ended before the other began, so nothing was tested.")


def must_match(accepted: Mapping[int, int], found: Sequence[Row]) -> None:
    """Check the table's (trip, number of rows, sum of fares) against the number of accepted changes by trip."""
    if not accepted:
        raise CheckFailed("No change was accepted, so there is nothing that the table could have.")
    expected = {trip: (1, float(changes)) for trip, changes in accepted.items()}
    there = {trip: (rows, fare) for trip, rows, fare in found}
    for trip in sorted(expected | there):
        if there.get(trip) != expected.get(trip):
            rows, fare = there.get(trip, (0, 0.0))
            raise CheckFailed(
                f"Trip {trip} is there {rows} times, with fare {fare}; {accepted.get(trip, 0)} changes were accepted."
            )
    evidence.prove(Level.EXECUTED, f"{len(there)} trips are there once, with all accepted changes and nothing else")
