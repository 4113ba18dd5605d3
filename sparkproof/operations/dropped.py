"""A table that was dropped by mistake, and how it comes back from its metadata files in the object store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sparkproof.core import clock, evidence
from sparkproof.core.errors import first_line
from sparkproof.iceberg import Table, maintenance
from sparkproof.iceberg.store import ObjectStore, folder_of, url
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.operations.recovery import Recovery

_METADATA = ".metadata.json"


@dataclass(frozen=True)
class DroppedTable:
    """A table that is no longer in its catalog; `folder` is where its files were, `before` what it held."""

    table: Table
    folder: str
    before: Fingerprint
    lost_at: float

    @classmethod
    def drop(cls, table: Table, *, purge: bool = False) -> "DroppedTable":
        """Drop the table as a user does; with `purge` its files go too."""
        folder, before = folder_of(table), Fingerprint.of(table)
        table.session.run(f"DROP TABLE {table.name}{' PURGE' if purge else ''}")
        return cls(table, folder, before, clock.now())

    def bring_back(self, store: ObjectStore, which: Literal["first", "last"]) -> Recovery:
        """Register the table again by the first or the last of its metadata files, and read all its rows."""
        files = store.files(f"{self.folder}/metadata")
        found = named(files, which)
        if not found:
            return self._refused(f"{self.folder} has no metadata file.")
        if len(found) > 1:
            return self._refused(f"{' and '.join(found)} have one number: look which of them the catalog had.")
        answer = maintenance.register(self.table, url(found[0]))
        if answer.refusal is not None:
            evidence.look_at(answer)
            return self._refused(first_line(answer.refusal))
        after = Fingerprint.of(self.table)
        return Recovery([self.before], [after], files[found[0]], self.lost_at, clock.now())

    def _refused(self, reason: str) -> Recovery:
        return Recovery([self.before], [], self.lost_at, self.lost_at, clock.now(), reason)


def named(files: Mapping[str, float], which: Literal["first", "last"]) -> list[str]:
    """Return the paths of the metadata files with the first or the last number ("00002-a1.metadata.json" has 2)."""
    numbers: dict[int, list[str]] = {}
    for path in files:
        name = path.rpartition("/")[2]
        if name.endswith(_METADATA):
            numbers.setdefault(int(name.partition("-")[0]), []).append(path)
    return numbers[(min if which == "first" else max)(numbers)] if numbers else []
