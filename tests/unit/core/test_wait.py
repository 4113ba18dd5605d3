"""Waits return what was awaited or raise with what was seen."""

from collections.abc import Iterator
from itertools import count

import pytest

from sparkproof.core.errors import Cause, Reason
from sparkproof.core.wait import GaveUp, eventually


def numbers() -> Iterator[int]:
    return count(1)


def test_the_awaited_value_is_returned() -> None:
    seen = numbers()
    assert eventually("three", lambda: next(seen), lambda n: n == 3, within_s=5, every_s=0.001) == 3


def test_giving_up_tells_what_how_long_last_seen_and_why() -> None:
    quota = Cause(Reason.QUOTA, "quota refused it")
    with pytest.raises(GaveUp, match=r"a pod did not come within 0\.05 s: quota refused it\nlast seen: None"):
        eventually("a pod", lambda: None, bool, within_s=0.05, every_s=0.01, explain=lambda: [quota])


def test_a_hopeless_wait_ends_at_once() -> None:
    seen = numbers()
    with pytest.raises(GaveUp, match=r"readiness cannot come any more, it crashed\.$"):
        eventually(
            "readiness",
            lambda: next(seen),
            lambda _: False,
            within_s=60,
            unrecoverable=lambda n: "it crashed" if n == 2 else None,
            every_s=0.001,
        )
    assert next(seen) == 3
