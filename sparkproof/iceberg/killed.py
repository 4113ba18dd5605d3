"""A writer that is killed during a commit, and the state of the table afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import unused
from sparkproof.iceberg.mid_commit import MidCommit, killer
from sparkproof.iceberg.store import ObjectStore, folder_of
from sparkproof.iceberg.table import Table
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row
from sparkproof.spark.workloads import Starts

# The files of a commit of several rows: half of such a commit would be some of them.
_FILES = 4


@dataclass(frozen=True)
class KilledCommit:
    """A commit whose writer was killed: the table's rows before the commit, and the files written until the kill.

    `since` are the starts of the writer's program from before the kill. `counts` are the numbers of rows after each
    whole commit, the first of them from before all.
    """

    rows: tuple[Row, ...]
    written: tuple[str, ...]
    since: Starts
    counts: tuple[int, ...] = ()

    @classmethod
    def kill_mid_commit(
        cls,
        table: Table,
        commits: Sequence[Sequence[Row]],
        platform: Platform,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> "KilledCommit":
        """Commit rows, these together and then those, and kill the writer during the first commit that is caught.

        It stands still in the middle of the commit while `meanwhile` runs.

        A program in the container of the platform's driver, which sees the table's files, watches and kills.
        """
        before = table.read().must_succeed().rows
        since = platform.workloads.starts("connect")
        watch = MidCommit.watch(table, platform)
        for rows in commits:
            table.session.submit_no_wait(table.insertion(rows, files=min(_FILES, len(rows))))
        done, written = watch.caught()
        meanwhile()
        watch.kill()
        whole = commits[:done]
        counts = accumulate((len(rows) for rows in whole), initial=len(before))
        return cls((*before, *chain(*whole)), tuple(written), since, tuple(counts))

    @classmethod
    def kill_after_commit(cls, table: Table, rows: Sequence[Row], platform: Platform) -> "KilledCommit":
        """Commit these rows and kill the writer as soon as the commit is acknowledged."""
        before = table.read().must_succeed().rows
        since = platform.workloads.starts("connect")
        killing = killer(platform.workloads.place("connect"))
        table.append(rows)
        killing.write_line("kill")
        return cls((*before, *rows), (), since)

    def must_have_left(self, table: Table) -> None:
        """Check that the table has the rows that it had before the commit."""
        table.must_hold(self.rows)
        if not self.written:
            raise CheckFailed("The writer was killed before the commit had written any file, so nothing was tested.")
        evidence.prove(
            Level.EXECUTED,
            f"The writer was killed during a commit, after {len(self.written)} files were written",
            files=self.written,
        )

    def must_accept_new_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """Check that these rows can be appended to the table."""
        table.append(rows)
        table.must_hold([*self.rows, *rows])

    def must_be_tidied(self, table: Table, store: ObjectStore) -> None:
        """Check that the writer left data files that no snapshot has, and remove these; the table reads as before."""
        rows, left = table.read().must_succeed().rows, unused.data_files(table, store)
        if not left:
            raise CheckFailed(f"The killed writer left no file in {folder_of(table)} that no snapshot has.")
        unused.remove(table, store)
        if stay := unused.data_files(table, store):
            raise CheckFailed(f"Files that no snapshot has are still in the object store: {', '.join(stay)}.")
        table.must_hold(rows)
        evidence.prove(
            Level.EXECUTED,
            f"{len(left)} data files that the killed writer left were removed, and the table has its {len(rows)} rows",
            removed=left,
        )
