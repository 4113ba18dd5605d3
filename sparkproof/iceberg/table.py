"""An Iceberg table as a data engineer uses it: writing, altering, time travel, rollback and maintenance."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.spark.session import Answer, Row, Session
from sparkproof.spark.trips import Generated


@dataclass(frozen=True)
class Snapshot:
    """One committed state of a table; `committed_at` is the session's local time ("2026-11-23 14:05:00.123").

    `summary` counts what the commit added and removed, by Iceberg's names ("added-data-files").
    """

    id: int
    committed_at: str
    operation: str
    summary: Mapping[str, str]


@dataclass
class Table:
    """An Iceberg table by its full name ("lake.team.trips"), used through one session.

    Statements of the session can use its short name ("trips"). `commits` counts the commits made with this class.
    """

    session: Session
    name: str
    commits: int = 0

    @classmethod
    def create(cls, session: Session, name: str, columns: Mapping[str, str]) -> "Table":
        """Create an empty table with these columns (name to SQL type), and its database."""
        typed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        table = cls._in_a_database(session, name)
        session.run(f"CREATE TABLE {name} ({typed}) USING iceberg")
        return table

    @classmethod
    def create_from(cls, session: Session, name: str, query: str, layout: str = "", *, files: int = 1) -> "Table":
        """Create a table of the query's rows in this many files, or partitioned by `layout` ("months(at), zone")."""
        table = cls._in_a_database(session, name)
        files_of = f"PARTITIONED BY ({layout}) AS" if layout else f"AS SELECT /*+ REPARTITION({files}) */ * FROM"
        session.run(f"CREATE TABLE {name} USING iceberg {files_of} ({query})")
        table.commits = 1
        return table

    @classmethod
    def _in_a_database(cls, session: Session, name: str) -> "Table":
        table = cls(session, name)
        session.run(f"CREATE NAMESPACE IF NOT EXISTS {table.catalog}.{table.database}")
        session.run(f"USE {table.catalog}.{table.database}")
        return table

    def seen_by(self, session: Session) -> "Table":
        """Return the same table, used through another session."""
        return replace(self, session=session)

    def branch(self, name: str) -> "Table":
        """Return the table's branch of this name, which can be written like a table."""
        return Table(self.session, f"{self.name}.branch_{name}")

    @property
    def catalog(self) -> str:
        return self.name.split(".")[0]

    @property
    def database(self) -> str:
        return self.name.split(".")[1]

    def append(self, rows: Sequence[Row]) -> None:
        """Append these rows in one commit and one file."""
        self.session.run(self.insertion(rows))
        self.commits += 1

    def insertion(self, rows: Sequence[Row], *, files: int = 1) -> str:
        """Return the statement that appends these rows in this many files."""
        values = ", ".join("(" + ", ".join(map(literal, row)) + ")" for row in rows)
        hint = f"REPARTITION({files})" if files > 1 else "COALESCE(1)"
        return f"INSERT INTO {self.name} SELECT /*+ {hint} */ * FROM VALUES {values}"

    def append_from(self, query: str) -> None:
        """Append the query's rows in one commit."""
        self.session.run(f"INSERT INTO {self.name} {query}")
        self.commits += 1

    def alter(self, change: str) -> Answer:
        """Run ALTER TABLE with this change ("ADD COLUMN tip double"); a refusal is returned as an answer."""
        return self.session.sql(f"ALTER TABLE {self.name} {change}")

    def read_with(self, access_key: str, secret: str) -> Answer:
        """Read through a copy of the table's catalog that uses this key for the object store."""
        return with_settings(self, {"s3.access-key-id": access_key, "s3.secret-access-key": secret}).read()

    def read_in(self, catalog: str) -> Answer:
        """Read the table of this name in another catalog."""
        return self.session.sql(f"SELECT * FROM {catalog}.{self.name.partition('.')[2]}")

    @property
    def snapshots(self) -> list[Snapshot]:
        """All snapshots, oldest first."""
        found = self.session.run(
            f"SELECT snapshot_id, committed_at, operation, summary FROM {self.name}.snapshots ORDER BY committed_at"
        )
        return [Snapshot(*row) for row in found.rows]

    def read(self, columns: str = "*") -> Answer:
        """Read the table as it is now."""
        return self.session.sql(f"SELECT {columns} FROM {self.name}")

    def read_version(self, version: int | str, columns: str = "*") -> Answer:
        """Read the table as of a snapshot id or the name of a tag or branch."""
        return self.session.sql(f"SELECT {columns} FROM {self.name} VERSION AS OF {literal(version)}")

    def read_timestamp(self, timestamp: str, columns: str = "*") -> Answer:
        """Read the table as of a timestamp in the session's local time."""
        return self.session.sql(f"SELECT {columns} FROM {self.name} TIMESTAMP AS OF '{timestamp}'")

    def drop(self) -> None:
        """Drop the table with its data, and its database."""
        self.session.run(f"DROP TABLE IF EXISTS {self.name} PURGE")
        self.session.run(f"DROP NAMESPACE IF EXISTS {self.catalog}.{self.database}")

    def must_hold(self, rows: Sequence[Row]) -> None:
        """Check that the table has exactly these rows now."""
        self.read().must_hold(rows)

    def must_hold_result_of(self, query: str) -> None:
        """Check that the table has exactly the rows of the query, by their number and the sum of their hashes."""
        answer = self.session.run(f"{fingerprint(self.name)} UNION ALL {fingerprint(f'({query})')}")
        found, expected = sorted(answer.rows, key=lambda row: row[0] != self.name)
        if not expected[1]:
            raise CheckFailed(f"{query!r} gives no rows, so there is nothing that {self.name} could hold.")
        if found[1:] != expected[1:]:
            raise CheckFailed(f"{self.name} has {found[1]} rows with the hash sum {found[2]}; expected {expected[1:]}.")
        evidence.prove(Level.EXECUTED, f"{self.name} has the expected {found[1]} rows, with the hash sum {found[2]}")

    def must_be_unchanged(self) -> None:
        """Check that the table has no commits but those made with this class, and that nobody moved its current state.

        Its history has an entry for each snapshot that became the current one, also by a rollback, which makes none.
        """
        found = own_commits(self)
        moves = len(self.session.run(f"SELECT snapshot_id FROM {self.name}.history").rows)
        if moves != self.commits:
            raise CheckFailed(
                f"{self.name} has the snapshots of {self.commits} commits, and became another {moves} times."
            )
        at = f"at snapshot {found[-1].id}" if found else "empty"
        evidence.prove(Level.EXECUTED, f"{self.name} is still {at}")

    def must_still_hold(self, rows: Sequence[Row]) -> None:
        """Check the rows at the first answer: a Service forwards to a new pod about a second after the pod is ready."""
        answer = eventually(
            f"an answer from {self.name} after the restart",
            self.read,
            lambda found: found.refusal is None,
            within_s=timeouts.SERVICE_BACK,
        )
        answer.must_hold(rows)

    def evidence(self) -> None:
        """Attach the table's snapshots as evidence."""
        evidence.attach(f"snapshots of {self.name}", [vars(snapshot) for snapshot in self.snapshots])


def with_settings(table: Table, settings: Mapping[str, str]) -> Table:
    """Return the table in a copy of its catalog that has these settings over its own ("s3.access-key-id")."""
    own, _, rest = table.name.partition(".")
    other, prefix = f"{own}_{uuid.uuid4().hex[:8]}", f"spark.sql.catalog.{own}"
    known = table.session.run("SET").rows
    copied = {name.removeprefix(prefix): text for name, text in known if f"{name}.".startswith(f"{prefix}.")}
    for name, text in (copied | {f".{name}": text for name, text in settings.items()}).items():
        table.session.run(f"SET `spark.sql.catalog.{other}{name}` = `{text}`")
    return replace(table, name=f"{other}.{rest}")


def own_commits(table: Table) -> list[Snapshot]:
    """Return the table's snapshots; raises CheckFailed when others than its class committed, or undid, one."""
    found = table.snapshots
    if len(found) != table.commits:
        raise CheckFailed(f"{table.name} had {table.commits} snapshots; now it has {[s.operation for s in found]}.")
    return found


def travel(session: Session, name: str, trips: Generated) -> str:
    """Create a table with half of the trips in each of two commits; return a query as of its first snapshot."""
    first, second = trips.halves
    table = Table.create_from(session, name, first.query)
    table.append_from(second.query)
    return f"SELECT zone, count(*), sum(fare) FROM {name} VERSION AS OF {table.snapshots[0].id} GROUP BY zone"


def fingerprint(source: str) -> str:
    """Return the query for the name, the number of rows and the sum of the rows' hashes of a table or a query.

    A hash passes over NULL, so that it cannot tell (NULL, 1) from (1, NULL): the row's text says where NULL stands.
    """
    name = "query" if source.startswith("(") else source
    hashed = "xxhash64(*, cast(struct(*) AS string))"
    return f"SELECT '{name}', count(*), cast(sum(cast({hashed} AS decimal(38, 0))) AS string) FROM {source}"


@dataclass(frozen=True)
class Timestamp:
    """A timestamp in the session's local time, in SQL's notation."""

    text: str


@dataclass(frozen=True)
class Map:
    """A map of texts, in SQL's notation."""

    entries: Mapping[str, str]


def literal(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Timestamp):
        return f"TIMESTAMP '{value.text}'"
    if isinstance(value, Map):
        return f"map({', '.join(literal(part) for pair in value.entries.items() for part in pair)})"
    if isinstance(value, bool):
        return str(value).lower()
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)


def url_of(table: Table) -> str:
    """Return the URL of the table's folder, as its catalog has it: where its latest metadata file is."""
    found = table.session.run(f"SELECT max(file) FROM {table.name}.metadata_log_entries").rows[0][0]
    return str(found).rpartition("/metadata/")[0]
