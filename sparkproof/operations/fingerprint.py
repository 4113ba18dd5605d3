"""What a table holds at each of its snapshots, read from its data files, so that a restored table can be compared."""

from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table
from sparkproof.iceberg.table import fingerprint


@dataclass(frozen=True)
class State:
    """The content of a table at a snapshot: the number of rows and the sum of their hashes over all columns."""

    committed_at: str
    rows: int
    hashes: str | None


@dataclass(frozen=True)
class Fingerprint:
    """The content of the table `name` by snapshot id, oldest first."""

    name: str
    states: Mapping[int, State]

    @classmethod
    def of(cls, table: Table) -> "Fingerprint":
        """Read the table at each of its snapshots; raises SqlRefused when a file of one of them is missing."""
        at = {f"{table.name} VERSION AS OF {snapshot.id}": snapshot for snapshot in table.snapshots}
        found = table.session.run(" UNION ALL ".join(map(fingerprint, at))).rows if at else ()
        read = {source: (rows, hashes) for source, rows, hashes in found}
        states = {snapshot.id: State(snapshot.committed_at, *read[source]) for source, snapshot in at.items()}
        return cls(table.name, states)

    @property
    def latest(self) -> State | None:
        """The content now; None for a table without a snapshot."""
        return list(self.states.values())[-1] if self.states else None

    def missing_in(self, other: "Fingerprint") -> list[str]:
        """Return, in words, the commits that the other lacks, oldest first."""
        gone = [state for number, state in self.states.items() if number not in other.states]
        return [
            f"{self.name}: the commit of {state.committed_at}, after which it had {state.rows} rows" for state in gone
        ]

    def altered_in(self, other: "Fingerprint") -> list[str]:
        """Return, in words, the snapshots that hold something else in the other, and those that only the other has."""
        both = [number for number in other.states if number in self.states]
        differ = [
            f"{self.name} at snapshot {number} has {other.states[number].rows} rows with the hash sum "
            f"{other.states[number].hashes}, not {self.states[number].rows} with {self.states[number].hashes}"
            for number in both
            if (other.states[number].rows, other.states[number].hashes)
            != (self.states[number].rows, self.states[number].hashes)
        ]
        new = [
            f"{self.name} has a snapshot {number} that it never had" for number in other.states if number not in both
        ]
        return differ + new

    def must_differ_with_as_many_rows(self, table: Table) -> None:
        """Check that the table now has other content than at its last snapshot here, in the same number of rows."""
        before, now = self.latest, Fingerprint.of(table).latest
        if before is None or now is None or not before.rows:
            raise CheckFailed(f"{self.name} had no rows before or has none now, so there is nothing to compare.")
        if before.rows != now.rows:
            raise CheckFailed(f"{self.name} had {before.rows} rows and has {now.rows} now, so a count shows it too.")
        if before.hashes == now.hashes:
            raise CheckFailed(f"{self.name} was changed, and its {now.rows} rows still have the hash sum {now.hashes}.")
        seen = (
            f"{now.rows} rows before and after, and the sum of their hashes went from {before.hashes} to {now.hashes}"
        )
        evidence.prove(Level.EXECUTED, seen)
