"""Cells of a step's table, read as values."""

from collections.abc import Callable, Mapping
from typing import TypeVar

Value = TypeVar("Value")


def read(line: Mapping[str, str], column: str, parse: Callable[[str], Value]) -> Value:
    """Return the value of a line in a column; raises ValueError, with both, for a text that `parse` refuses."""
    try:
        return parse(line[column])
    except ValueError:
        raise ValueError(f"{line[column]!r} is no value of the column {column!r}") from None
