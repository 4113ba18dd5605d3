"""The program that stops a writer amid a commit on a volume: what it stops, lets go on and kills."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sparkproof.iceberg import mid_commit

PROGRAM = Path(mid_commit.__file__).with_name("mid_commit.sh")
# In place of every program of the machine, nothing gets a signal. The commit of FIRST is complete when it is stopped.
SAYS = """
kill() {
  echo "kill $*"
  [[ $1 == -STOP && -e first.avro && ! -e second.avro ]] && : > v2.metadata.json
  return 0
}
"""
NOBODY = 65534


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of metadata that anybody may change: the program refuses to run as root."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o777)
        for name in ("v1.metadata.json", "earlier.avro"):
            Path(made, name).touch()
        yield Path(made)


def watching(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["bash", "-c", SAYS + PROGRAM.read_text(), "mid-commit", str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, user=None if os.getuid() else NOBODY,
    )  # fmt: skip


@pytest.mark.parametrize(("order", "ends"), [("kill", ["kill -KILL -1"]), ("go on", [])])
def test_a_writer_whose_commit_is_complete_goes_on_and_the_next_one_is_caught(
    folder: Path, order: str, ends: list[str]
) -> None:
    program = watching(folder)
    assert program.stdout
    said = [program.stdout.readline()]
    (folder / "first.avro").touch()
    said.append(program.stdout.readline())
    time.sleep(0.5)
    for name in ("second.avro", "snap-second.avro"):
        (folder / name).touch()
    while not said[-1].startswith("caught"):
        said.append(program.stdout.readline())
    caught = said[-1].strip()
    rest, _ = program.communicate(f"{order}\n", timeout=30)
    lines = [each.strip() for each in [*said, *rest.splitlines()]]
    assert lines == ["watching", "kill -STOP -1", "kill -CONT -1", "kill -STOP -1", caught, *ends, "kill -CONT -1"]
    assert caught.split()[1] == "1"
    assert "second.avro" in caught.split()[2:] and not {"first.avro", "earlier.avro"} & set(caught.split())


def test_nothing_is_stopped_where_nobody_waits_any_more(folder: Path) -> None:
    program = watching(folder)
    assert program.communicate("", timeout=30)[0].splitlines() == ["watching"]
