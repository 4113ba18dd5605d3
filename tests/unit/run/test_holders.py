"""What an object of the project holds is found wherever Python keeps it."""

from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.run.holders import Holder, holders


class One:
    __slots__ = "errors"

    def __init__(self) -> None:
        self.errors = ["e"]


class Several:
    """Its first variable has no value yet."""

    __slots__ = ("absent", "errors")

    def __init__(self) -> None:
        self.errors = ["e"]


class Both(Several):
    """It has variables in slots and others."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 1


def held(value: Any) -> Holder:
    """What is found in an object that hooks have left on the context."""
    runner: Any = SimpleNamespace(
        context=SimpleNamespace(_root={"kept": value}), hooks={}, config=SimpleNamespace(userdata={}), base_dir=__file__
    )
    return next(one for one in holders(runner) if one.place == ("context", "kept"))


@pytest.mark.parametrize("kind", [One, Several, Both])
def test_variables_in_slots_are_found_and_set(kind: type[Any]) -> None:
    value = kind()
    found = held(value)
    assert found.values == {"errors": ["e"]} | ({"count": 1} if kind is Both else {})
    found.put("errors", ["new"])
    assert value.errors == ["new"]
