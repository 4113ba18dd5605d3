"""The driver of a platform that stands still in the middle of a commit, and is killed then or goes on."""

from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.iceberg.store import folder_of
from sparkproof.iceberg.table import Table, url_of
from sparkproof.kube.places import Place, Streams, last_words
from sparkproof.spark.platform import Platform

_ON_A_VOLUME = Path(__file__).with_name("mid_commit.sh")
_IN_A_STORE = Path(__file__).with_name("mid_commit_in_store.py")
# Outside of a container, -1 would be every program of the machine.
_KILLER = "echo ready; read -r && ((UID)) && kill -KILL -1"


@dataclass(frozen=True)
class MidCommit:
    """A program in the driver's container that stops every other one there in the middle of a commit to a table."""

    program: Streams

    @classmethod
    def watch(cls, table: Table, platform: Platform) -> "MidCommit":
        """Watch for the next commit to the table, where its files are, from when this returns."""
        program = platform.workloads.place("connect").exec(_watching(table))
        hear(program, "watching")
        return cls(program)

    def caught(self, within_s: float = timeouts.SQL) -> tuple[int, list[str]]:
        """Wait until the driver stands still; return how many commits were whole before, and the manifests of this."""
        completed, *written = hear(self.program, "caught", within_s).split()[1:]
        return int(completed), written

    def kill(self) -> None:
        """Kill every program of the driver."""
        self.program.write_line("kill")

    def let_go(self) -> None:
        """Let the driver go on with its commit."""
        self.program.write_line("go on")


def killer(place: Place) -> Streams:
    """Return a program that kills all others of a container as soon as it gets a line."""
    program = place.exec(["bash", "-c", _KILLER])
    hear(program, "ready")
    return program


def hear(program: Streams, word: str, within_s: float = timeouts.SQL) -> str:
    """Return the next line of the program, which has to begin with this word; raises GaveUp, or CheckFailed."""
    line = next_line(program, f'"{word}" from the program in the writer\'s container', within_s)
    if not line.startswith(word):
        raise CheckFailed(f"The program in the writer's container should write {word!r}, but wrote {line!r}.")
    return line


def next_line(program: Streams, what: str, within_s: float) -> str:
    """Return the next line of the program, which is `what`; raises GaveUp, also if it ends without one."""
    line = eventually(
        what,
        lambda: program.read_line(timeouts.POLL),
        lambda said: said is not None,
        within_s=within_s,
        unrecoverable=lambda said: None if said or program.open else f"it ended: {last_words(program)}",
        every_s=0,
    )
    return str(line)


def _watching(table: Table) -> list[str]:
    url = url_of(table)
    if url.startswith("file:"):
        return ["bash", "-c", _ON_A_VOLUME.read_text(), "mid-commit", f"{url.removeprefix('file:')}/metadata"]
    return ["python3", "-c", _IN_A_STORE.read_text(), f"{folder_of(table)}/metadata"]
