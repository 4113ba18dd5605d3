"""Iceberg tables as a data engineer uses them: write, evolve, travel in time."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sparkproof import evidence
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.spark.session import Answer, Row, Session


@dataclass(frozen=True)
class Snapshot:
    """One committed state of a table; `committed_at` is the session's local time ("2026-11-23 14:05:00.123")."""

    id: int
    committed_at: str
    operation: str


@dataclass(frozen=True)
class Table:
    """An Iceberg table by its full name ("lake.team.trips"), spoken to through one session."""

    session: Session
    name: str

    @classmethod
    def create(cls, session: Session, name: str, columns: Mapping[str, str]) -> "Table":
        """Create an empty table with these columns (name to SQL type); its database too."""
        session.run(f"CREATE NAMESPACE IF NOT EXISTS {name.rpartition('.')[0]}")
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        session.run(f"CREATE TABLE {name} ({typed}) USING iceberg")
        return cls(session, name)

    def append(self, rows: Sequence[Row]) -> Snapshot:
        """Commit these rows as one append and return the snapshot it made."""
        values = ", ".join("(" + ", ".join(_literal(cell) for cell in row) + ")" for row in rows)
        self.session.run(f"INSERT INTO {self.name} VALUES {values}")
        return self.snapshots[-1]

    def tag(self, snapshot: Snapshot, name: str) -> Answer:
        """Give a snapshot a name that outlives later commits; needs Iceberg's SQL extensions."""
        return self.alter(f"CREATE TAG `{name}` AS OF VERSION {snapshot.id}")

    def alter(self, change: str) -> Answer:
        """ALTER TABLE with this change ("ADD COLUMN tip double"); a refusal is an answer."""
        return self.session.sql(f"ALTER TABLE {self.name} {change}")

    @property
    def snapshots(self) -> list[Snapshot]:
        """All snapshots, oldest first."""
        found = self.session.run(
            f"SELECT snapshot_id, committed_at, operation FROM {self.name}.snapshots ORDER BY committed_at"
        )
        return [Snapshot(*row) for row in found.rows]

    def read(self, columns: str = "*") -> Answer:
        """The table as it is now."""
        return self.session.sql(f"SELECT {columns} FROM {self.name}")

    def seen_by(self, session: Session) -> "Table":
        """The same table, spoken to through another session."""
        return replace(self, session=session)

    def read_with_wrong_key(self) -> Answer:
        """Read through a catalog that is set up as the table's own, but for its key to the object store."""
        own, _, table = self.name.partition(".")
        other, prefix = f"wrong_{uuid.uuid4().hex[:8]}", f"spark.sql.catalog.{own}"
        known = self.session.run("SET").rows
        settings = {name.removeprefix(prefix): text for name, text in known if f"{name}.".startswith(f"{prefix}.")}
        settings |= {".s3.access-key-id": "nobody", ".s3.secret-access-key": "wrong"}
        for name, text in settings.items():
            self.session.run(f"SET `spark.sql.catalog.{other}{name}` = `{text}`")
        return self.session.sql(f"SELECT * FROM {other}.{table}")

    def read_in(self, catalog: str) -> Answer:
        """Read what has the table's name in another catalog."""
        return self.session.sql(f"SELECT * FROM {catalog}.{self.name.partition('.')[2]}")

    def read_version(self, version: int | str, columns: str = "*") -> Answer:
        """The table as of a snapshot id or a tag's name."""
        return self.session.sql(f"SELECT {columns} FROM {self.name} VERSION AS OF {_literal(version)}")

    def read_moment(self, moment: str, columns: str = "*") -> Answer:
        """The table as of a moment in the session's local time."""
        return self.session.sql(f"SELECT {columns} FROM {self.name} TIMESTAMP AS OF '{moment}'")

    def drop(self) -> None:
        """Drop the table with its data."""
        self.session.run(f"DROP TABLE IF EXISTS {self.name} PURGE")

    def must_be_unchanged_since(self, snapshot: Snapshot) -> None:
        """Check that nothing was committed after this snapshot."""
        latest = self.snapshots[-1]
        if latest != snapshot:
            raise CheckFailed(
                f"{self.name} was at snapshot {snapshot.id} and is now at {latest.id} ({latest.operation})."
            )
        evidence.prove(Level.EXECUTED, f"{self.name} is still at snapshot {snapshot.id}")

    def evidence(self) -> None:
        """Keep the table's history of snapshots."""
        evidence.attach(f"snapshots of {self.name}", [vars(snapshot) for snapshot in self.snapshots])


def travel(session: Session, name: str) -> Answer:
    """The shortest time travel: a table `name` of two commits, counted as of its first."""
    table = Table.create(session, name, {"id": "bigint"})
    first = table.append([(1,), (2,)])
    table.append([(3,)])
    return table.read_version(first.id, "count(*)")


def _literal(cell: object) -> str:
    if cell is None:
        return "NULL"
    return "'" + cell.replace("'", "''") + "'" if isinstance(cell, str) else str(cell)
