"""Waits for what a cluster will show: returns the value that was awaited or raises with what was last seen."""

from collections.abc import Callable
from typing import TypeVar

import tenacity

from sparkproof import timeouts
from sparkproof.errors import CheckFailed

T = TypeVar("T")


class GaveUp(CheckFailed):
    """An awaited event did not come, or can no longer come; the text says what, how long, last seen, and why."""


def eventually(
    awaiting: str,
    observe: Callable[[], T],
    until: Callable[[T], bool],
    *,
    within_s: float,
    hopeless: Callable[[T], str | None] = lambda _: None,
    explain: Callable[[], str] = lambda: "",
    every_s: float = timeouts.POLL,
) -> T:
    """Call `observe` every `every_s` seconds until `until` accepts what it returns, and return that.

    `awaiting` names the event in a noun phrase. `hopeless` may say why the event can no longer come: the wait ends at
    once. `explain` is asked once, on giving up, for what is known about why. Raises GaveUp.
    """
    seen: list[T] = []

    def attempt() -> T:
        seen[:] = [observe()]
        if (reason := hopeless(seen[0])) is not None:
            first, *more = known() or [""]
            raise GaveUp("\n".join([f"{awaiting} cannot come any more: {reason}. {first}".rstrip(), *more]))
        return seen[0]

    def known() -> list[str]:
        return explain().splitlines()

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_result(lambda value: not until(value)),
        stop=tenacity.stop_after_delay(within_s),
        wait=tenacity.wait_fixed(every_s),
    )
    try:
        return retrying(attempt)
    except tenacity.RetryError as late:
        first, *more = known() or ["nothing is known about why"]
        last = f"last seen: {seen[0] if seen else 'nothing'}"
        raise GaveUp("\n".join([f"{awaiting} did not come within {within_s:g} s: {first}", *more, last])) from late
