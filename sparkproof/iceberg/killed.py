"""A writer that is killed during a commit, and the state of the table afterwards."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from pathlib import Path

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.iceberg.storage import location
from sparkproof.iceberg.table import Table
from sparkproof.kube.streams import Channel
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row
from sparkproof.spark.workloads import Starts

_SCRIPT = Path(__file__).with_name("mid_commit.sh")
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
        channel = platform.workloads.place("connect").exec(
            ["bash", "-c", _SCRIPT.read_text(), "mid-commit", f"{location(table)}/metadata"]
        )
        _line(channel, "watching")
        for rows in commits:
            table.session.submit_no_wait(table.insertion(rows, files=min(_FILES, len(rows))))
        done, *written = _line(channel, "caught").split()[1:]
        meanwhile()
        channel.write_line("kill")
        whole = commits[: int(done)]
        counts = accumulate((len(rows) for rows in whole), initial=len(before))
        return cls((*before, *chain(*whole)), tuple(written), since, tuple(counts))

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


def _line(channel: Channel, word: str) -> str:
    line = eventually(
        f'"{word}" from the program in the writer\'s container',
        lambda: channel.read_line(1.0),
        lambda output: output is not None,
        within_s=timeouts.SQL,
        unrecoverable=lambda output: None if output or channel.open else f"it ended: {channel.errors().strip()}",
        every_s=0,
    )
    if not str(line).startswith(word):
        raise CheckFailed(f"The program in the writer's container should write {word!r}, but wrote {line!r}.")
    return str(line)
