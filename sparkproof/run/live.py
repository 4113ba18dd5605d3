"""The live table of a parallel run on a terminal: what runs on which worker, what waits, what is done, when it ends."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live as RichLive
from rich.table import Table
from rich.text import Text

from sparkproof.core import clock
from sparkproof.run.display import Busy, overdue
from sparkproof.run.ledger import Ended

_WAITING_SHOWN = 3
_STYLES = {
    "passed": "green",
    "failed": "red",
    "broken": "yellow",
    "skipped": "dim",
    "unsupported": "dim",
    "not run": "dim",
}


class Live:
    """A table on standard error that is drawn again on every tick."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._began = clock.elapsed()
        self._counts: Counter[str] = Counter()
        self._live = RichLive(console=Console(stderr=True), auto_refresh=False, transient=True, redirect_stdout=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._live.stop()

    def ended(self, attempts: Sequence[Ended]) -> None:
        self._counts.update(line.outcome for line, again in attempts if not again)

    def tick(self, busy: Sequence[Busy], waiting: Sequence[tuple[str, str]], left_s: float | None) -> None:
        table = Table.grid(padding=(0, 2))
        for one in busy:
            style = "red" if overdue(one) else ""
            # A long name is broken, and not cut off.
            told = [Text(each, overflow="fold") for each in (one.identity, one.step)]
            table.add_row(f"worker {one.worker}", Text(f"{one.seconds:.0f} s", style=style), *told)
        lines = [Text(f"waits for {why}: {identity}", style="dim") for identity, why in waiting[:_WAITING_SHOWN]]
        self._live.update(Group(table, *lines, self._progress(left_s)), refresh=True)

    @contextmanager
    def paused(self) -> Iterator[None]:
        self._live.stop()
        try:
            yield
        finally:
            self._live.start()

    def _progress(self, left_s: float | None) -> Text:
        done = self._counts.total()
        text = Text(f"{done} of {self._total} done after {clock.elapsed() - self._began:.0f} s")
        for outcome, count in self._counts.items():
            text.append(f"  {count} {outcome}", style=_STYLES[outcome])
        return text.append(f"  about {left_s:.0f} s left") if left_s is not None else text
