"""A governed table of customers, one of whom is to be forgotten and is in all places where Iceberg keeps rows."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table, maintenance
from sparkproof.iceberg.store import ObjectStore, folder_of
from sparkproof.spark.history import DriverRest
from sparkproof.spark.session import Session

_COLUMNS = {"id": "bigint", "email": "string", "since": "timestamp"}
_PROPERTIES = {
    "governance.owner": "rides",
    "governance.classification.id": "internal",
    "governance.classification.email": "personal",
    "governance.classification.since": "internal",
    "governance.retention": "365 days",
    "governance.retention-column": "since",
    # A deleted row stays in its data file, and another file says that it is gone.
    "write.delete.mode": "merge-on-read",
}
_OTHERS, _NEIGHBOUR = 3, "neighbour@other.org"
# Longer than a change takes on a slow machine.
_READ_MS = 120_000
BRANCH, TAG = "offers", "audited"


@dataclass(frozen=True)
class Customers:
    """A table of customers; `forgotten` is the address of one of them.

    The address is short enough to stand whole in the bounds that manifests have of a column.
    """

    table: Table
    forgotten: str

    @classmethod
    def create(cls, session: Session, name: str) -> "Customers":
        """Create the table under this name, with customers of today."""
        table = Table.create(session, name, _COLUMNS)
        given = ", ".join(f"'{name}' = '{value}'" for name, value in _PROPERTIES.items())
        table.alter(f"SET TBLPROPERTIES ({given})").must_succeed()
        table.append_from(f"SELECT id + 1, concat(id, '@other.org'), current_timestamp() FROM range({_OTHERS})")
        return cls(table, f"{uuid.uuid4().hex[:8]}@x.org")

    def used_by(self, session: Session) -> "Customers":
        """Return the same customers, used through another session."""
        return Customers(self.table.seen_by(session), self.forgotten)

    def add(self, days_ago: int = 0) -> None:
        """Add the customer who is to be forgotten, of so many days ago, in one file with another of today."""
        since = f"current_timestamp() - INTERVAL {days_ago} DAYS"
        neighbour = f"({_OTHERS + 1}, '{_NEIGHBOUR}', current_timestamp())"
        self.table.append_from(f"SELECT /*+ COALESCE(1) */ * FROM VALUES (0, '{self.forgotten}', {since}), {neighbour}")

    def read_during(self, change: Callable[[], object], spark: DriverRest) -> None:
        """Have a statement that reads the table be under way when the change is made, and end it afterwards.

        Raises CheckFailed when it had ended before.
        """
        reading = self.table.session.start(
            f"SELECT reflect('java.lang.Thread', 'sleep', {_READ_MS}L) FROM {self.table.name} WHERE id = 1"
        )
        spark.hosts_at_work(reading.tag, 1)
        change()
        if reading.is_answered:
            raise CheckFailed(f"{self.table.name} was read before it was changed, and not meanwhile.")
        reading.cancel()

    def spread(self, store: ObjectStore) -> None:
        """Have the customer in a branch, in a tagged snapshot, and in a data file that belongs to no snapshot."""
        latest = self.table.snapshots[-1]
        maintenance.name_snapshot(self.table, "branch", BRANCH, latest).must_succeed()
        maintenance.name_snapshot(self.table, "tag", TAG, latest).must_succeed()
        folder = folder_of(self.table)
        left = [path for path, has in store.search(f"{folder}/data", self.forgotten).items() if has]
        if not left:
            raise CheckFailed(f"No data file of {folder} has the customer, so none can be left over by a failed job.")
        store.copy(left[0], f"{folder}/data/left-by-a-failed-job.parquet")

    def delete(self) -> None:
        """Delete the customer's row as a data engineer does, with one statement."""
        self.table.session.run(f"DELETE FROM {self.table.name} WHERE {self.condition}")

    @property
    def condition(self) -> str:
        """The SQL condition for the customer's rows."""
        return f"email = '{self.forgotten}'"

    def must_be_the_others(self) -> None:
        """Check that the table and its branch, if it has one, have all the other customers and nobody else."""
        others = [(number + 1, f"{number}@other.org") for number in range(_OTHERS)]
        branches = self.table.session.run(f"SELECT name FROM {self.table.name}.refs WHERE type = 'BRANCH'").rows
        for (branch,) in branches:
            self.table.read_version(branch, "id, email").must_hold([*others, (_OTHERS + 1, _NEIGHBOUR)])
        if not branches:
            raise CheckFailed(f"{self.table.name} has no branch, not even main, so it has no rows at all.")
        evidence.prove(Level.EXECUTED, f"The others, and nobody else, are in {len(branches)} branches of the table")
