"""The panels of Grafana's dashboards, as a chart ships them: what they ask for, and how they show it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sparkproof.core.errors import CheckFailed

_VARIABLE = re.compile(r"\$\{?(\w+)\}?")


class Place(NamedTuple):
    """Where a panel is, in Grafana's units: a dashboard is 24 wide."""

    x: int = 0
    y: int = 0
    width: int = 24


_WHOLE = Place()


@dataclass(frozen=True)
class Panel:
    """A panel of a dashboard, by its title: its queries with their variables filled, each with its legend's pattern."""

    dashboard: str
    title: str
    queries: Mapping[str, str]
    unit: str = ""
    place: Place = _WHOLE

    @property
    def name(self) -> str:
        return f"{self.dashboard} / {self.title}"


def read(text: str, filled: Mapping[str, str]) -> Iterator[Panel]:
    """Yield the panels of a file of JSON, none if it is no dashboard.

    Raises CheckFailed for a variable that nothing fills.
    """
    dashboard = json.loads(text)
    for panel in dashboard.get("panels", ()) if isinstance(dashboard, dict) else ():
        queries = {_fill(each["expr"], filled): each.get("legendFormat", "") for each in panel.get("targets", ())}
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit", "")
        yield Panel(dashboard["title"], panel["title"], queries, unit, _place(panel.get("gridPos", {})))


def _place(grid: Mapping[str, Any]) -> Place:
    return Place(grid.get("x", 0), grid.get("y", 0), grid.get("w", 24))


def _fill(query: str, filled: Mapping[str, str]) -> str:
    """Return a query with its variables filled; raises CheckFailed for a variable that nothing fills."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in filled:
            raise CheckFailed(f"The query {query!r} has a variable that is unknown: {found[1]}.")
        return filled[found[1]]

    return _VARIABLE.sub(value, query)
