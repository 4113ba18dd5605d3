"""Erasure of rows from a table and from the object store: no snapshot, branch, tag or left-over file keeps them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table, maintenance, unused
from sparkproof.iceberg.store import ObjectStore, folder_of

# What an erasure has to reach beside the rows themselves, in users' words.
REACHES = ("the data files", "the branches", "the tags", "the earlier snapshots", "the files of failed jobs")


def expired(table: Table) -> str:
    """Return the SQL condition for the rows that are over the table's retention; raises SparkproofError without one."""
    found: dict[str, str] = dict(table.session.run(f"SHOW TBLPROPERTIES {table.name}").rows)
    retention, column = found.get("governance.retention", ""), found.get("governance.retention-column")
    days = retention.removesuffix("s").removesuffix(" day")
    if not column or not days.isdigit():
        raise SparkproofError(
            f"{table.name} has no retention in days: set governance.retention and governance.retention-column."
        )
    return f"{column} < current_timestamp() - INTERVAL {days} DAYS"


def erase(table: Table, condition: str, store: ObjectStore, *, forget: str = "") -> None:
    """Erase the rows of this condition, with all that REACHES names but what an operator `forget`s.

    Nobody else may write meanwhile: a file that no snapshot has yet would go, too. Raises SqlRefused.
    """
    refs = table.session.run(f"SELECT name, type FROM {table.name}.refs").rows
    _from_main(table, condition, rewrite=forget != "the data files")
    if forget != "the branches":
        for name in (name for name, kind in refs if kind == "BRANCH" and name != "main"):
            _from_branch(table.branch(name), condition)
    if forget != "the tags":
        for name in (name for name, kind in refs if kind == "TAG"):
            table.alter(f"DROP TAG `{name}`").must_succeed()
    if forget != "the earlier snapshots":
        maintenance.expire_all_but_latest(table).must_succeed()
    if forget != "the files of failed jobs":
        unused.remove(table, store)


def _from_main(table: Table, condition: str, *, rewrite: bool) -> None:
    """Delete the rows, and rewrite the data files that have them, whether they were deleted now or earlier.

    A manifest goes on naming a data file that was removed, with the least and greatest value of each column, so
    manifests are rewritten too.
    """
    table.session.run(f"DELETE FROM {table.name} WHERE {condition}")
    if rewrite:
        maintenance.rewrite_deleted(table).must_succeed()
    maintenance.rewrite_manifests(table).must_succeed()


def _from_branch(branch: Table, condition: str) -> None:
    """Write the rows that stay anew, since no procedure rewrites the files of a branch.

    The next commit, of no rows, leaves out the manifests that name removed files alone.
    """
    stays = f"SELECT * FROM {branch.name} WHERE NOT coalesce({condition}, false)"
    branch.session.run(f"INSERT OVERWRITE {branch.name} {stays}")
    branch.session.run(f"INSERT INTO {branch.name} SELECT * FROM {branch.name} WHERE false")


@dataclass(frozen=True)
class Remains:
    """The files of a table's folder in the object store, each with True if it has the text."""

    folder: str
    text: str
    files: Mapping[str, bool]

    @classmethod
    def of(cls, table: Table, store: ObjectStore, text: str) -> "Remains":
        """Read every byte of the table's folder, and what is packed in Parquet, Avro and gzip."""
        folder = folder_of(table)
        files = store.search(folder, text)
        evidence.attach(f"files with {text}", files)
        return cls(folder, text, files)

    @property
    def found(self) -> Sequence[str]:
        """The files that have the text."""
        return [path.removeprefix(f"{self.folder}/") for path, has in self.files.items() if has]

    def must_be_none(self) -> None:
        """Check that there were data files and manifests to search, and that none has the text."""
        kinds = {ending: sum(path.endswith(ending) for path in self.files) for ending in (".parquet", ".avro")}
        if not all(kinds.values()):
            raise CheckFailed(f"{self.folder} has the files {kinds}, so there was nothing to search.")
        if self.found:
            raise CheckFailed(f"{self.text} is still in {len(self.found)} files: {', '.join(self.found)}.")
        evidence.prove(Level.EXECUTED, f"{self.text} is in none of the {len(self.files)} files of {self.folder}")

    def must_be_some(self) -> None:
        """Check that a data file has the text."""
        if not any(path.endswith(".parquet") for path in self.found):
            raise CheckFailed(f"{self.text} is in none of the data files of {self.folder}, but in {self.found}.")
        evidence.prove(Level.EXECUTED, f"{self.text} is still in {len(self.found)} files", still_in=self.found)
