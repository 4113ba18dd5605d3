"""Taxi trips: the small table that criteria about data are told with."""

from collections.abc import Iterable, Mapping

from sparkproof.spark.session import Row

COLUMNS: Mapping[str, str] = {"trip": "bigint", "zone": "string", "fare": "double"}
_PARSE = {"trip": int, "zone": str, "fare": float}


def rows(table: Iterable[Mapping[str, str]]) -> list[Row]:
    """The rows of a step's table, each cell in the type of its column; an empty cell is NULL."""
    return [tuple(_cell(name, text) for name, text in line.items()) for line in table]


def _cell(column: str, text: str) -> object:
    return _PARSE.get(column, float)(text) if text else None
