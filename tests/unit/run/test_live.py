"""The live table on a terminal says what runs, what waits and what is done, and leaves nothing there at its end."""

import re
import sys
import threading

import pytest

from sparkproof.core import clock
from sparkproof.run.display import Busy
from sparkproof.run.live import Live
from tests.support.runs import line

DIM, RED, GREEN, PLAIN = "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[0m"


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard error is a terminal with 16 colours, 60 columns wide."""
    for name in ("COLORTERM", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "60", "LINES": "20"}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock shows, which the test moves."""
    shown = [100.0]
    monkeypatch.setattr(clock, "elapsed", lambda: shown[0])
    return shown


def drawn(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines that were drawn on standard error, with their colours."""
    said, shown = capsys.readouterr()
    assert said == "", "standard output is left to formatters"
    return [row.rstrip() for row in re.sub(r"\x1b\[[0-9;?]*[A-HJKhl]|\r", "", shown).splitlines()]


def test_a_tick_draws_what_runs_what_waits_and_what_is_done(
    now: list[float], capsys: pytest.CaptureFixture[str]
) -> None:
    with Live(4) as live:
        live.ended([(line("a"), False), (line("b", outcome="failed"), True), (line("b", outcome="failed"), False)])
        now[0] = 103.0
        late, new = Busy(1, "f::late", 61.0, 30.0, "Then it ends"), Busy(2, "f::new", 2.0, 0.0, "Given it runs")
        live.tick([late, new], [(name, "lock x") for name in "abcd"], 7.0)
        assert drawn(capsys) == [
            f"worker 1  {RED}61 s{PLAIN}  f::late  Then it ends",
            "worker 2  2 s   f::new   Given it runs",
            f"{DIM}waits for lock x: a{PLAIN}",
            f"{DIM}waits for lock x: b{PLAIN}",
            f"{DIM}waits for lock x: c{PLAIN}",
            f"2 of 4 done after 3 s{GREEN}  1 passed{PLAIN}{RED}  1 failed{PLAIN}  about 7 s left",
        ]
        live.tick([], [], None)
        assert drawn(capsys)[-1] == f"2 of 4 done after 3 s{GREEN}  1 passed{PLAIN}{RED}  1 failed{PLAIN}"


def test_a_long_name_is_broken_and_not_cut_off(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(1) as live:
        live.tick([Busy(1, "n" * 50, 2.0, 0.0, "x" * 50)], [], None)
        shown = "".join(drawn(capsys)[:-1])
    assert (shown.count("n"), shown.count("x")) == (50, 50)


def test_the_table_comes_back_when_somebody_else_has_written_or_has_broken(capsys: pytest.CaptureFixture[str]) -> None:
    with Live(1) as live:
        with pytest.raises(ValueError, match="no"), live.paused():
            raise ValueError("no")
        capsys.readouterr()
        live.tick([Busy(1, "an id", 2.0, 0.0, "Then it waits")], [], None)
        assert "an id" in "".join(drawn(capsys))


def test_the_table_is_gone_at_the_end_and_nobody_else_writes_meanwhile(capsys: pytest.CaptureFixture[str]) -> None:
    output, threads = sys.stdout, threading.enumerate()
    with Live(1) as live:
        live.tick([], [], None)
        assert sys.stdout is output, "formatters write as ever"
        assert set(threading.enumerate()) <= set(threads), "it is drawn on ticks alone"
    shown = capsys.readouterr().err
    assert shown.endswith("\x1b[1A\x1b[2K"), "the last line is erased"
