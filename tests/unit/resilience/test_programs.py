"""The programs of a data engineer at work: each statement has an answer, an error, or the end of one's patience."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sparkproof.resilience.work import PROGRAM, STATEMENTS

# Stands in for statements.py: it hangs where a statement says so, and names its process in each answer.
ANSWERS = """
import json, os, sys, time
print("ready", flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    if "hangs 2" in asked: time.sleep(60)
    if "ends 2" in asked: sys.exit()
    print(json.dumps([f"{os.getpid()} {asked}", "refused" if "refused" in asked else ""]), flush=True)
"""
SPARK = """
import itertools
numbers = itertools.count(1)
class Session:
    def __init__(self, url): self.url = url
    def create(self):
        self.number = next(numbers)
        return self
    def sql(self, question):
        if "refused" in question: raise ValueError("[NO_CATALOG] no catalog\\nat x")
        self.rows = [] if "nothing" in question else [("first", f"{self.number} {self.url}", "last")]
        return self
    def collect(self): return self.rows
class SparkSession:
    class builder: remote = Session
"""


@contextmanager
def engineer(write: str, read: str, patience: float) -> Iterator[Callable[[str], dict[str, Any]]]:
    """An engineer at work; gives what returns the next attempt of a kind that is over."""
    program = subprocess.Popen(
        [sys.executable, "-uc", PROGRAM.read_text()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdin and program.stdout
    request = {"write": write, "read": read, "patience": patience, "statements": ANSWERS}
    program.stdin.write(f"{json.dumps(request)}\n")
    program.stdin.flush()
    begun = set[tuple[str, int]]()

    def over(kind: str) -> dict[str, Any]:
        assert program.stdout
        for line in program.stdout:
            said: dict[str, Any] = json.loads(line)
            if "seconds" not in said:
                begun.add((said["work"], said["number"]))
            elif said["work"] == kind:
                assert (kind, said["number"]) in begun, "an attempt is told before it is made"
                return said
        raise AssertionError("the engineer's program ended")

    try:
        yield over
    finally:
        program.stdin.close()
        assert program.wait(timeout=30) == 0, "it ends with its input"
        program.stdout.close()


def process(attempt: dict[str, Any]) -> str:
    return str(attempt["value"]).partition(" ")[0]


def works(number: str) -> bool:
    """True if a process goes on; one that has ended may still be listed."""
    try:
        return Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_who_writes_and_who_reads_are_processes_of_their_own() -> None:
    with engineer("write {number}", "read {number}", 20) as over:
        first, second, read = over("write"), over("write"), over("read")
    assert [each["value"].partition(" ")[2] for each in (first, second)] == ["write 1", "write 2"]
    assert process(first) == process(second) != process(read)
    assert all((each["error"], each["answered"]) == ("", True) for each in (first, second, read))


def test_who_is_not_answered_gives_up_and_begins_anew() -> None:
    """An answer that comes later would be taken for that to the next statement."""
    with engineer("hangs {number}", "read {number}", 1) as over:
        first, silent, third = over("write"), over("write"), over("write")
    assert (first["error"], first["answered"]) == ("", True)
    assert (silent["error"], silent["answered"], silent["value"]) == ("no answer within 1 s", False, None)
    assert silent["seconds"] >= 1
    assert (third["error"], third["value"].partition(" ")[2]) == ("", "hangs 3")
    assert process(third) != process(first)
    assert not works(process(first)), "the statement that was given up goes on"


def test_a_process_that_ends_is_an_error_and_another_takes_its_place() -> None:
    with engineer("ends {number}", "read {number}", 20) as over:
        first, ended, third = over("write"), over("write"), over("write")
    assert (ended["error"], ended["answered"]) == ("the engineer's process ended", True)
    assert (third["error"], third["value"].partition(" ")[2]) == ("", "ends 3")
    assert process(third) != process(first)


def test_a_refusal_is_told_as_it_is() -> None:
    with engineer("refused {number}", "read {number}", 20) as over:
        assert over("write")["error"] == "refused"


@pytest.fixture
def answers(tmp_path: Path) -> Callable[..., list[Any]]:
    """What returns the program's answers to statements."""
    connect = tmp_path / "pyspark" / "sql" / "connect"
    connect.mkdir(parents=True)
    (connect / "session.py").write_text(SPARK)

    def ask(*statements: str) -> list[Any]:
        variables = {**os.environ, "PYTHONPATH": str(tmp_path), "SPARK_REMOTE": "sc://x"}
        ended = subprocess.run(
            [sys.executable, "-uc", STATEMENTS.read_text()],
            env=variables, input="".join(f"{json.dumps(each)}\n" for each in statements),
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        ready, *lines = ended.stdout.splitlines()
        assert ready == "ready"
        return [json.loads(line) for line in lines]

    return ask


def test_statements_are_executed_in_one_session_until_one_fails(answers: Callable[..., list[Any]]) -> None:
    """A session of a server that was lost is gone with it, and nobody would work in it again."""
    assert answers("SELECT 1", "SELECT 2", "refused", "SELECT 3", "nothing") == [
        ["1 sc://x", ""],
        ["1 sc://x", ""],
        [None, "[NO_CATALOG] no catalog\nat x"],
        ["2 sc://x", ""],
        [None, ""],
    ]
