"""A display that breaks is replaced by plain lines, and the run goes on."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import pytest

from sparkproof.run.display import Busy
from sparkproof.run.ledger import Ended
from sparkproof.run.show import Guarded
from tests.support.runs import line

BUSY = [Busy(1, "a", 2.0, 0.0, "Given it runs")]
WAITING = [("b", "lock x")]
ENDED = [(line("a"), False)]


class Shown:
    """A display that notes what it is asked to show, and breaks when it is asked for one of `breaks`."""

    def __init__(self, *breaks: str) -> None:
        self.noted: list[object] = []
        self._breaks = breaks

    def _note(self, name: str, *told: object) -> None:
        self.noted.append((name, *told))
        if name in self._breaks:
            raise ValueError(f"no {name}")

    def __enter__(self) -> Self:
        self._note("enter")
        return self

    def __exit__(self, *_: object) -> None:
        self._note("exit")

    def ended(self, attempts: Sequence[Ended]) -> None:
        self._note("ended", attempts)

    def tick(self, busy: Sequence[Busy], waiting: Sequence[tuple[str, str]], left_s: float | None) -> None:
        self._note("tick", busy, waiting, left_s)

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


def test_a_display_is_opened_told_everything_and_closed(capsys: pytest.CaptureFixture[str]) -> None:
    shown = Shown()
    with Guarded(shown, 2) as display:
        display.tick(BUSY, WAITING, 7.0)
        display.ended(ENDED)
    assert shown.noted == [("enter",), ("tick", BUSY, WAITING, 7.0), ("ended", ENDED), ("exit",)]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("breaks", [("tick",), ("tick", "exit")])
def test_plain_lines_follow_one_that_breaks_also_when_it_is_closed(
    breaks: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Shown(*breaks)
    with Guarded(shown, 2) as display:
        display.tick(BUSY, WAITING, None)
        display.ended(ENDED)
    assert shown.noted == [("enter",), ("tick", BUSY, WAITING, None), ("exit",)]
    assert capsys.readouterr().err == (
        "the display broke (ValueError: no tick); plain lines follow\n[1/2] passed in 1.0 s: a\n"
    )
