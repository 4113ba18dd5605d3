"""A table whose data files are gone while its catalog and its metadata are there."""

from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table
from sparkproof.iceberg.store import ObjectStore, folder_of
from sparkproof.iceberg.table import fingerprint
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.spark.session import Answer


@dataclass(frozen=True)
class FilesLost:
    """The answers that a table gives after every data file of it was removed: its rows' number, and its fingerprint."""

    before: Fingerprint
    removed: list[str]
    count: Answer
    fingerprint: Answer

    @classmethod
    def of(cls, table: Table, store: ObjectStore) -> "FilesLost":
        """Remove every data file of the table from the object store, and ask for its rows again."""
        before = Fingerprint.of(table)
        removed = store.remove(f"{folder_of(table)}/data", ".parquet")
        return cls(before, removed, table.read("count(*)"), table.session.sql(fingerprint(table.name)))

    def must_be_counted_as_before(self) -> None:
        """Check that the number of rows is answered as if no file were missing."""
        there = self.before.latest
        if there is None or not self.removed:
            raise CheckFailed(f"{self.before.name} had no data files that could be removed, so nothing was tested.")
        self.count.must_hold([(there.rows,)])

    def must_be_found_out(self, reason: str) -> None:
        """Check that the fingerprint cannot be taken, because of the missing files."""
        self.fingerprint.must_be_refused(reason)
        evidence.prove(Level.EXECUTED, f"{len(self.removed)} data files are gone, and no fingerprint can be taken")
