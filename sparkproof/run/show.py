"""Chooses the display of a parallel run, and keeps one that breaks from taking the run with it."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import TracebackType
from typing import Self

from sparkproof.run.display import Busy, Display, Lines
from sparkproof.run.ledger import Ended


class Guarded:
    """A display that is replaced by plain lines when it breaks: it must not take the run with it."""

    def __init__(self, display: Display, total: int) -> None:
        self._display = display
        self._total = total
        self._shown = ExitStack()

    def __enter__(self) -> Self:
        self._try(lambda: self._shown.enter_context(self._display))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._try(self._shown.close)

    def ended(self, attempts: Sequence[Ended]) -> None:
        self._try(lambda: self._display.ended(attempts))

    def tick(self, busy: Sequence[Busy], waiting: Sequence[tuple[str, str]], left_s: float | None) -> None:
        self._try(lambda: self._display.tick(busy, waiting, left_s))

    @contextmanager
    def paused(self) -> Iterator[None]:
        with self._display.paused():
            yield

    def _try(self, call: Callable[[], object]) -> None:
        try:
            call()
        except Exception as broken:
            with suppress(Exception):
                self._shown.close()
            self._display = Lines(self._total)
            print(f"the display broke ({type(broken).__name__}: {broken}); plain lines follow", file=sys.stderr)


def display(total: int) -> Display:
    """The display for a run of `total` scenarios: a live table on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        from sparkproof.run.live import Live

        return Guarded(Live(total), total)
    return Lines(total)
