"""A writer that is killed while it commits, and what the table has of its work afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
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

_SCRIPT = Path(__file__).with_name("mid_commit.sh")


@dataclass(frozen=True)
class KilledCommit:
    """A commit whose writer was killed: the rows that the table had when it began, the files it had written by then."""

    rows: tuple[Row, ...]
    written: tuple[str, ...]

    @classmethod
    def kill_mid_commit(cls, table: Table, rows: Sequence[Row], platform: Platform) -> "KilledCommit":
        """Commit these rows one after another, and kill the writer in the middle of the first commit that is caught.

        A program in the container of the platform's driver, which sees the table's files, watches and kills.
        """
        before = table.read().must_succeed().rows
        channel = platform.workloads.place("connect").exec(
            ["bash", "-c", _SCRIPT.read_text(), "mid-commit", f"{location(table)}/metadata"]
        )
        _line(channel, "watching")
        for row in rows:
            table.session.submit_no_wait(table.insertion([row]))
        done, *written = _line(channel, "caught").split()[1:]
        channel.write_line("kill")
        return cls((*before, *rows[: int(done)]), tuple(written))

    def must_have_left(self, table: Table) -> None:
        """Check that the table has the rows that it had when the commit began."""
        table.must_hold(self.rows)
        if not self.written:
            raise CheckFailed("The commit had written nothing when its writer was killed.")
        evidence.prove(
            Level.EXECUTED, f"Killed in mid-commit, with {len(self.written)} files written", files=self.written
        )

    def must_let_in(self, table: Table, rows: Sequence[Row]) -> None:
        """Check that the table takes these rows beside those that it has."""
        table.append(rows)
        table.must_hold([*self.rows, *rows])


def _line(channel: Channel, word: str) -> str:
    line = eventually(
        f'"{word}" from beside the writer',
        lambda: channel.read_line(1.0),
        lambda told: told is not None,
        within_s=timeouts.SQL,
        unrecoverable=lambda told: None if told or channel.open else f"it ended: {channel.errors().strip()}",
        every_s=0,
    )
    if not str(line).startswith(word):
        raise CheckFailed(f"Beside the writer, {word!r} was awaited and {line!r} came.")
    return str(line)
