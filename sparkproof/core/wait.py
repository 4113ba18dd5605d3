"""Waits for what a cluster will show: returns the value that was awaited or raises with what was last seen."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import tenacity

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed, SparkproofError
from sparkproof.core.patience import Patience
from sparkproof.core.spans import On

T = TypeVar("T")


# The most characters of what was last seen in the first sentence of an error.
_SHOWN = 300


class GaveUp(CheckFailed):
    """An awaited event did not come, or can no longer come; the text says what, how long, last seen, and why.

    Its first sentence names the first known cause; where none is known, what was last seen is in its place.
    """

    def __init__(self, awaited: str, causes: Sequence[Cause] = (), *last_words: str) -> None:
        self.causes = tuple(causes)
        first, *more = [cause.sentence for cause in causes] or [""]
        super().__init__("\n".join([f"{awaited}: {first}" if first else f"{awaited}.", *more, *last_words]))


class TooSlow(SparkproofError):
    """An awaited event did not come on a machine that had too much to do: nothing is known about the criterion.

    `causes` are those that are known for its absence.
    """

    def __init__(self, sentence: str, causes: Sequence[Cause] = ()) -> None:
        self.causes = tuple(causes)
        super().__init__("\n".join([sentence, *(cause.sentence for cause in causes)]))


def eventually(
    awaiting: str,
    observe: Callable[[], T],
    until: Callable[[T], bool],
    *,
    within_s: float,
    unrecoverable: Callable[[T], str | None] = lambda _: None,
    explain: Callable[[], Sequence[Cause]] = tuple,
    show: Callable[[T], object] = lambda seen: seen,
    every_s: float = timeouts.POLL,
    on: On = On.EVENTS,
) -> T:
    """Call `observe` every `every_s` seconds until `until` accepts what it returns, and return that.

    `awaiting` names the event in a noun phrase. `unrecoverable` may return why the event can no longer come: the wait
    ends at once. `explain` is called once, on giving up, for the known causes; `show` says what was last seen. The time
    counts as spent on `on`. While the machine is overloaded, time counts less. Raises GaveUp, or TooSlow when that was
    not enough.
    """
    seen: list[T] = []
    patience = Patience(within_s)

    def attempt() -> T:
        seen[:] = [observe()]
        if (reason := unrecoverable(seen[0])) is not None:
            raise GaveUp(f"{awaiting} cannot come any more, {reason}", explain())
        return seen[0]

    def goes_on(value: T) -> bool:
        if until(value):
            return False
        # A wait has looked at what it does not accept; what it returns is for its caller to look at.
        if isinstance(value, evidence.Brought):
            evidence.look_at(value)
        return True

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(goes_on),
        stop=patience,
        wait=tenacity.wait_fixed(every_s),
    )
    try:
        with evidence.spending(on, awaiting):
            return retrying(attempt)
    except tenacity.RetryError as late:
        awaited, causes = f"{awaiting} did not come within {within_s:g} s", explain()
        last = f"last seen: {show(seen[0]) if seen else 'nothing'}"
        if patience.has_time:
            late_by = f"{awaiting} did not come within {patience.waited_s:.0f} s"
            raise TooSlow(
                f"This machine is too slow to judge: {late_by}, in which up to {patience.most:.0f} programs wanted "
                f"each core; run it again when less goes on here; {' '.join(last.split())[:_SHOWN]}",
                causes,
            ) from late
        if causes:
            raise GaveUp(awaited, causes, last) from late
        raise GaveUp(f"{awaited}; {' '.join(last.split())[:_SHOWN]}") from late


def watch(observe: Callable[[], T]) -> list[T]:
    """Observe what is expected to stay as it is, for a minute, and return all that was seen, the first one first."""
    began, seen = clock.elapsed(), list[T]()
    while not seen or clock.elapsed() - began < timeouts.AT_REST:
        if seen:
            threading.Event().wait(timeouts.AT_REST / 12)
        seen.append(observe())
    return seen
