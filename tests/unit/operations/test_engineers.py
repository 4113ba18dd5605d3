"""The program of engineers at work, against a Spark that notes who opened which session, asked in it and closed it."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sparkproof.operations.load import PROGRAM

SPARK = """
import itertools, os, time
numbers = itertools.count()
class Session:
    def __init__(self, url): self.url, self.number = url, next(numbers)
    def note(self, what): print(self.number, self.url, what, sep="|", file=open(os.environ["NOTES"], "a"))
    def create(self):
        self.note("open")
        return self
    def sql(self, question):
        self.note(question)
        if "missing" in question: raise ValueError("[TABLE_OR_VIEW_NOT_FOUND] no table\\n" + "x" * 1000)
        time.sleep(0.05)
        return self
    def first(self): return [6]
    def stop(self): self.note("stop")
class SparkSession:
    class builder: remote = Session
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark" / "__init__.py").touch()
    (tmp_path / "pyspark" / "sql.py").write_text(SPARK)
    return tmp_path


def run(folder: Path, remote: str = "sc://spark:15002", **request: Any) -> tuple[Any, list[list[str]]]:
    """Return the program's reply, and what was done: a session, its address, and what somebody did with it."""
    notes = folder / "notes"
    variables = {**os.environ, "PYTHONPATH": str(folder), "SPARK_REMOTE": remote, "NOTES": str(notes)}
    ended = subprocess.run(
        [sys.executable, "-uc", PROGRAM.read_text()],
        env=variables, input=f"{json.dumps(request)}\n", capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return json.loads(ended.stdout), [line.split("|") for line in notes.read_text().splitlines()]


def test_each_engineer_works_as_one_of_the_team_in_a_session_of_the_own(folder: Path) -> None:
    users = [{"team": team, "sql": f"SELECT {number}"} for number, team in enumerate(["rides", "fares", "fares"])]
    reply, notes = run(folder, at_once=users, seconds=0.8)
    asked = {(session, url): what for session, url, what in notes if what in ("SELECT 0", "SELECT 1", "SELECT 2")}
    assert sorted(asked.values()) == ["SELECT 0", "SELECT 1", "SELECT 2"]
    of = {what: url.partition("/;user_id=")[2] for (_, url), what in asked.items()}
    assert of == {"SELECT 0": "rides", "SELECT 1": "fares", "SELECT 2": "fares"}
    counts = Counter(team for team, *_ in reply["answers"])
    assert counts.keys() == {"rides", "fares"} and min(counts.values()) > 1, "they ask again and again"
    assert {tuple(answer[3:]) for answer in reply["answers"]} == {(6, "")}
    assert sum(what == "stop" for *_, what in notes) == 3


def test_a_team_is_added_to_what_the_address_says_already(folder: Path) -> None:
    _, notes = run(folder, "sc://spark:15002/;token=t", at_once=[{"team": "rides", "sql": "SELECT 1"}], seconds=0.1)
    assert {url for _, url, _ in notes} == {"sc://spark:15002/;token=t;user_id=rides"}


def test_an_engineer_who_gets_an_error_tells_it_once_and_the_others_go_on(folder: Path) -> None:
    users = [{"team": "rides", "sql": "SELECT 1"}, {"team": "fares", "sql": "SELECT missing"}]
    reply, _ = run(folder, at_once=users, seconds=0.8)
    failed = [answer for answer in reply["answers"] if answer[4]]
    assert [(team, value) for team, _, _, value, _ in failed] == [("fares", None)]
    assert failed[0][4].startswith("[TABLE_OR_VIEW_NOT_FOUND] no table") and len(failed[0][4]) == 300
    assert len(reply["answers"]) > 3


@pytest.mark.parametrize(("close", "closed"), [(True, 3), (False, 0)])
def test_sessions_follow_one_another_and_are_closed_or_left_open(folder: Path, close: bool, closed: int) -> None:
    reply, notes = run(folder, one_by_one=3, sql="SELECT 1", close=close)
    assert reply == {"right": 3}
    each = [["open", "SELECT 1", *["stop"] * close]] * 3
    assert [what for *_, what in notes] == [what for one in each for what in one]
    assert len({session for session, *_ in notes}) == 3
    assert sum(what == "stop" for *_, what in notes) == closed


def test_a_session_without_an_answer_is_not_right(folder: Path) -> None:
    assert run(folder, one_by_one=2, sql="SELECT missing", close=True)[0] == {"right": 0}
