"""Whoever watches a parallel run sees what runs, what waits for what, and what is done."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sparkproof.core import clock
from sparkproof.run.display import Busy, Lines, overdue, remaining_s
from tests.support.projects import FIXED, OURS, behave, project

STEPS = """
import time
from sparkproof.core.progress import say
@step("it takes {seconds:f} s")
def takes(context, seconds):
    say("installing the platform ...")
    time.sleep(seconds)
"""
ENVIRONMENT = """
from sparkproof.core.resources import Reservation
from sparkproof.run import Plan
plan = Plan(reservation=lambda scenario: Reservation(locks=frozenset({"history"})))
"""
FEATURE = "Feature: F\n" + "".join(f"  Scenario: S{n}\n    Given it takes 0.7 s\n" for n in range(3))


def on_a_terminal(folder: Path, columns: int) -> str:
    """What a run of the project in a folder shows on a terminal of this width."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "behave", "-f", "null", "-r", OURS, "-j", "2"]
    terminal = {**FIXED, "TERM": "xterm", "COLUMNS": str(columns)}
    run = subprocess.Popen(command, cwd=folder, env=terminal, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # how Linux says that nobody holds the other end any more
            break
    assert run.wait() == 0
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())


def test_a_terminal_shows_what_runs_and_what_waits(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, environment=ENVIRONMENT, f=FEATURE)
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/history.json").write_text('{"other/long.feature::S": [900.0]}')
    text = on_a_terminal(tmp_path, 120)
    assert "features/f.feature::S0" in text
    assert "Given it takes 0.7 s: installing the platform ..." in " ".join(text.split())
    assert "waits for lock history: features/f.feature::S1" in text
    assert re.search(r"[12] of 3 done after \d s  [12] passed", text)
    left = [int(seconds) for seconds in re.findall(r"about (\d+) s left", text)]
    assert left, "what this run has measured tells when it ends"
    assert max(left) < 60, "durations of others tell nothing"


def test_a_narrow_terminal_cuts_no_name_off(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, a_feature_of_a_long_name=FEATURE)
    text = on_a_terminal(tmp_path, 50)
    assert "features/a_" in text
    assert "…" not in text


def test_ci_gets_one_plain_line_for_each_scenario(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=FEATURE.replace("0.7", "0.01"))
    ran = behave("-j", "2", "-f", "null", cwd=tmp_path)
    lines = ran.stderr.splitlines()
    assert [line.split("]")[0] for line in lines] == ["[1/3", "[2/3", "[3/3"]
    assert all(re.search(r"passed in \d\.\d s: features/f.feature::S\d$", line) for line in lines)


@pytest.mark.parametrize(
    ("waiting", "reasons"),
    [
        ([], ""),
        ([("features/f.feature::T", "lock history")], "; features/f.feature::T waits for lock history"),
        (
            [("features/f.feature::T", "0.5 cores"), ("U", "0.7 cores"), ("V", "1 cores")],
            "; features/f.feature::T waits for 0.5 cores, and 2 others wait",
        ),
    ],
    ids=["nobody", "one", "many"],
)
def test_what_runs_far_longer_than_usual_is_said_once(
    waiting: list[tuple[str, str]], reasons: str, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Busy(1, "features/f.feature::S", 61.0, 30.0, "Then the application succeeds")
    lines = Lines(3)
    for _ in range(2):
        lines.tick([slow], waiting, None)
    told = f"still running after 61 s (usually 30 s): features/f.feature::S: Then the application succeeds{reasons}\n"
    assert capsys.readouterr().err == told


def test_plain_lines_say_now_and_then_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr(clock, "elapsed", lambda: now[0])
    lines = Lines(3)
    for at in (101.0, 161.0, 170.0, 222.0):
        now[0] = at
        lines.tick([], [], 200.0 - at / 2)
    assert capsys.readouterr().err == (
        "0 of 3 done after 61 s, about 120 s left\n0 of 3 done after 122 s, about 89 s left\n"
    )


def test_overdue() -> None:
    assert not overdue(Busy(1, "a", 59.0, 30.0, ""))
    assert not overdue(Busy(1, "a", 9.0, 1.0, ""))
    assert overdue(Busy(1, "a", 11.0, 1.0, ""))
    assert not overdue(Busy(1, "a", 11.0, 0.0, ""))
    assert overdue(Busy(1, "a", 61.0, 0.0, ""))


def test_the_end_follows_from_usual_durations() -> None:
    new, known = Busy(1, "a", 5.0, 0.0, ""), Busy(2, "b", 10.0, 30.0, "")
    assert remaining_s([new], [0.0], 2) is None
    assert remaining_s([], [], 2) is None
    assert remaining_s([known], [40.0, 10.0], 2) == 40.0
    assert remaining_s([new, known], [40.0, 20.0, 30.0], 2) == 67.5, "what is new counts as 30 s, as the others"
    assert remaining_s([Busy(1, "a", 90.0, 30.0, "")], [], 2) == 0.0
