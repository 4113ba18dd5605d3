"""Shows a parallel run while it happens: a live table on a terminal, one plain line per finished scenario elsewhere."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from sparkproof.core import clock
from sparkproof.run.ledger import Ended, Line

# Nothing is overdue before this many seconds; what never ran before is given more time.
_OVERDUE_S = 10.0
_UNKNOWN_S = 60.0
# How often plain lines say how much is left.
_TOLD_EVERY_S = 60.0


class Busy(NamedTuple):
    """A worker that runs something: for how many seconds, how long it usually takes (0: unknown), and its step."""

    worker: int
    identity: str
    seconds: float
    usual_s: float
    step: str


class Display(Protocol):
    """Shows a run to its user."""

    def __enter__(self) -> Self: ...
    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None: ...
    def ended(self, attempts: Sequence[Ended]) -> None:
        """Attempts have ended, at least one."""

    def tick(self, busy: Sequence[Busy], waiting: Sequence[tuple[str, str]], left_s: float | None) -> None:
        """Twice a second: what runs, what waits for what, and the expected rest of the run in seconds."""

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leave standard output to somebody else for a while."""
        yield


class Lines:
    """Plain lines, for CI."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._ended = 0
        self._shown: set[str] = set()
        self._began = self._told = clock.elapsed()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        sys.stderr.flush()

    def ended(self, attempts: Sequence[Ended]) -> None:
        # One write for all lines: print() makes two for each.
        sys.stderr.write("".join(self._told_of(line, again=again) for line, again in attempts))

    def _told_of(self, line: Line, *, again: bool) -> str:
        self._ended += not again
        more = f", attempt {line.attempts}" if line.attempts > 1 or again else ""
        return f"[{self._ended}/{self._total}] {line.outcome}{more} in {line.duration_s:.1f} s: {line.id}\n"

    def tick(self, busy: Sequence[Busy], waiting: Sequence[tuple[str, str]], left_s: float | None) -> None:
        # Of one who waits it is said for what; a run of many scenarios has dozens of them.
        reasons = "".join(f"; {identity} waits for {why}" for identity, why in waiting[:1])
        reasons += f", and {len(waiting) - 1} others wait" if len(waiting) > 1 else ""
        for one in busy:
            if overdue(one) and one.identity not in self._shown:
                self._shown.add(one.identity)
                usual = f" (usually {one.usual_s:.0f} s)" if one.usual_s else ""
                print(
                    f"still running after {one.seconds:.0f} s{usual}: {one.identity}: {one.step}{reasons}",
                    file=sys.stderr,
                )
        if left_s is not None and clock.elapsed() - self._told > _TOLD_EVERY_S:
            self._told = clock.elapsed()
            after = f"after {self._told - self._began:.0f} s"
            print(f"{self._ended} of {self._total} done {after}, about {left_s:.0f} s left", file=sys.stderr)

    @contextmanager
    def paused(self) -> Iterator[None]:
        yield


def overdue(one: Busy) -> bool:
    """Return True if a scenario has been running for more than twice its usual time."""
    return one.seconds > (max(_OVERDUE_S, 2 * one.usual_s) if one.usual_s else _UNKNOWN_S)


def remaining_s(busy: Sequence[Busy], waiting: Sequence[float], workers: int) -> float | None:
    """The expected rest of the run in seconds, from the usual durations of what runs and of what is `waiting`.

    One of which nothing is known (0) counts as the mean of the others. Return None while nothing is known of any.
    """
    known = [usual for usual in (*(one.usual_s for one in busy), *waiting) if usual]
    if not known:
        return None
    mean_s = sum(known) / len(known)
    left = [max(0.0, (one.usual_s or mean_s) - one.seconds) for one in busy] + [usual or mean_s for usual in waiting]
    return max(sum(left) / max(1, workers), max(left, default=0.0))
