"""The data files of a table: how each is partitioned, and what a change or a compaction did to them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Snapshot, Table

# The last commit of a table that has none.
_NOTHING = Snapshot(0, "", "", {})


@dataclass(frozen=True)
class File:
    """A data file or a delete file: its partition fields in order, its number of rows, its size in bytes."""

    layout: tuple[str, ...]
    rows: int
    size: int
    deletes: bool


@dataclass(frozen=True)
class FileLayout:
    """The files of a table's current snapshot."""

    files: tuple[File, ...]

    @classmethod
    def of(cls, table: Table) -> "FileLayout":
        """Read the table's metadata table `files`."""
        found = table.session.run(
            f"SELECT to_json(partition), record_count, file_size_in_bytes, content > 0 FROM {table.name}.files"
        )
        return cls(tuple(File(tuple(json.loads(fields or "{}")), *rest) for fields, *rest in found.rows))

    @property
    def rows(self) -> dict[str, int]:
        """The number of rows by partition layout; a layout is named by its fields ("zone", "picked_up_at_month")."""
        counted: Counter[str] = Counter()
        for file in self.files:
            counted[", ".join(file.layout)] += 0 if file.deletes else file.rows
        return dict(counted)

    def must_have_rows(self, expected: Mapping[str, int]) -> None:
        """Check the number of rows by partition layout; a layout is named by its fields."""
        if self.rows != expected:
            raise CheckFailed(f"The number of rows by partition layout is {self.rows}; expected {dict(expected)}.")
        evidence.prove(
            Level.EXECUTED, f"Number of rows by partition layout: {self.rows}", files=list(map(vars, self.files))
        )


def must_have_fewer_files(table: Table, count: int) -> None:
    """Check that the table's rows are in fewer than `count` data files."""
    found = table.session.run(f"SELECT file_path, record_count, file_size_in_bytes FROM {table.name}.data_files")
    if not found.rows:
        raise CheckFailed(f"{table.name} has no data file at all.")
    if len(found.rows) >= count:
        raise CheckFailed(f"The rows of {table.name} are in {len(found.rows)} files; expected fewer than {count}.")
    evidence.prove(Level.EXECUTED, f"The rows are in {len(found.rows)} files, fewer than {count}", files=found.table())


def must_have_replaced_files(table: Table) -> None:
    """Check that the last commit replaced the changed files (copy-on-write)."""
    _last_commit(table, added="added-data-files", removed="deleted-data-files", untouched="added-delete-files")


def must_have_kept_files(table: Table) -> None:
    """Check that the last commit added delete files and replaced no data file (merge-on-read)."""
    _last_commit(table, added="added-delete-files", removed=None, untouched="deleted-data-files")


def _last_commit(table: Table, *, added: str, removed: str | None, untouched: str) -> None:
    summary = (table.snapshots or [_NOTHING])[-1].summary
    missing = [name for name in (added, removed) if name and not int(summary.get(name, 0))]
    if missing or int(summary.get(untouched, 0)):
        raise CheckFailed(
            f"The last commit to {table.name} should have {added} and no {untouched}; its summary: {dict(summary)}."
        )
    evidence.prove(Level.EXECUTED, f"The last commit had {added} and no {untouched}", summary=dict(summary))
