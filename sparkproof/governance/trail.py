"""The trail of a table's changes: which user made each, with which application, by snapshots and by Spark's own record.

A user is whom the client says that it is: Spark Connect believes it. Who needs more has a proxy before the server that
asks for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table
from sparkproof.spark.history import DriverRest

_APPLICATION = "spark.app.id"


@dataclass(frozen=True)
class Change:
    """A snapshot of a table: what it did, the application that its summary names, and the users at work then."""

    operation: str
    application: str
    users: frozenset[str]

    def __str__(self) -> str:
        return f"{self.operation} by {' or '.join(sorted(self.users)) or 'nobody'} with {self.application or 'nothing'}"


@dataclass(frozen=True)
class Trail(evidence.Brought):
    """The changes of a table, oldest first; `application` is the driver's that was asked."""

    table: str
    application: str
    changes: Sequence[Change]

    @classmethod
    def of(cls, table: Table, spark: DriverRest) -> "Trail":
        """Ask Spark, of the driver or of its event log, whose statements on the table were under way at each commit."""
        rows = table.session.run(
            f"SELECT unix_millis(committed_at), operation, summary['{_APPLICATION}'] "
            f"FROM {table.name}.snapshots ORDER BY committed_at"
        ).rows
        words = table.name.partition(".")[2]
        changes = [
            Change(operation, application or "", frozenset(spark.writers_at(moment, words)))
            for moment, operation, application in rows
        ]
        trail = cls(table.name, spark.application, changes)
        evidence.attach(f"trail of {table.name}", "\n".join(map(str, changes)))
        return trail

    @property
    def to_read(self) -> str | None:
        """The trail was asked for."""
        return f"{self.table} has {len(self.changes)} changes"

    def must_be(self, wanted: Sequence[Mapping[str, str]]) -> None:
        """Check that the last changes are these ({"user": "ada", "change": "append"}), all of the driver asked."""
        evidence.look_at(self)
        last = self.changes[-len(wanted) :] if wanted else []
        found = [(each.operation, sorted(each.users)) for each in last]
        others = {each.application for each in last} - {self.application}
        if not last or found != [(row["change"], [row["user"]]) for row in wanted] or others:
            raise CheckFailed(
                f"The trail of {self.table} does not end as it should, with {self.application}: "
                f"{'; '.join(map(str, self.changes)) or 'it has no change'}."
            )
        evidence.prove(Level.EXECUTED, f"The trail of {self.table} ends with {'; '.join(map(str, last))}")
