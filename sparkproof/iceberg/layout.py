"""How a table's rows lie in files: the layout of each file, and what a change or a clean-up did to them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg.table import Table


@dataclass(frozen=True)
class File:
    """A file of rows, or of deletes beside them: the fields it is partitioned by, in order, its rows, its bytes."""

    layout: tuple[str, ...]
    rows: int
    size: int
    deletes: bool


@dataclass(frozen=True)
class Layout:
    """The files of a table's present state."""

    files: tuple[File, ...]

    @classmethod
    def of(cls, table: Table) -> "Layout":
        """Ask the table's own list of files."""
        found = table.session.run(
            f"SELECT to_json(partition), record_count, file_size_in_bytes, content > 0 FROM {table.name}.files"
        )
        return cls(tuple(File(tuple(json.loads(fields or "{}")), *rest) for fields, *rest in found.rows))

    @property
    def rows(self) -> dict[str, int]:
        """How many rows lie in files of each layout, by the names of its fields ("zone", "picked_up_at_month")."""
        counted: Counter[str] = Counter()
        for file in self.files:
            counted[", ".join(file.layout)] += 0 if file.deletes else file.rows
        return dict(counted)

    def must_have_rows(self, expected: Mapping[str, int]) -> None:
        """Check how many rows lie in files of which layout, by the names of its fields."""
        if self.rows != expected:
            raise CheckFailed(f"The rows lie in files by {self.rows}, not by {dict(expected)}.")
        evidence.prove(
            Level.EXECUTED, f"Rows by the layout of their files: {self.rows}", files=list(map(vars, self.files))
        )


def must_have_fewer_files(table: Table, count: int) -> None:
    """Check that less than `count` files hold the table's rows."""
    found = table.session.run(f"SELECT file_path, record_count, file_size_in_bytes FROM {table.name}.data_files")
    if len(found.rows) >= count:
        raise CheckFailed(f"{len(found.rows)} files hold the rows of {table.name}; there were {count}.")
    evidence.prove(Level.EXECUTED, f"{len(found.rows)} instead of {count} files hold the rows", files=found.table())


def must_have_replaced_files(table: Table) -> None:
    """Check that the last commit wrote the changed files anew."""
    _last_commit(table, added="added-data-files", removed="deleted-data-files", untouched="added-delete-files")


def must_have_kept_files(table: Table) -> None:
    """Check that the last commit left every file as it was and wrote deletes beside them."""
    _last_commit(table, added="added-delete-files", removed=None, untouched="deleted-data-files")


def _last_commit(table: Table, *, added: str, removed: str | None, untouched: str) -> None:
    summary = table.snapshots[-1].summary
    missing = [name for name in (added, removed) if name and not int(summary.get(name, 0))]
    if missing or int(summary.get(untouched, 0)):
        raise CheckFailed(f"The last commit to {table.name} was to have {added} and no {untouched}: {dict(summary)}.")
    evidence.prove(Level.EXECUTED, f"The last commit had {added} and no {untouched}", summary=dict(summary))
