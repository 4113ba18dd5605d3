"""Taxi trips, the data of criteria: rows of a step's table, and large tables generated from a seed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparkproof.core import cells
from sparkproof.core.errors import CheckFailed
from sparkproof.spark.session import Answer, Row, Session

COLUMNS: Mapping[str, str] = {"trip": "bigint", "zone": "string", "fare": "double"}
_PARSE = {"trip": int, "zone": str, "passengers": int}

_ZONES = ("Soho", "Camden", "Hackney", "Islington", "Southwark", "Lambeth", "Newham", "Ealing")
_TIME_ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata")
_FIRST_DAY = "2026-01-01 00:00:00"
_DAYS = 90
_DRAWS = 1_000_000


def rows(table: Iterable[Mapping[str, str]]) -> list[Row]:
    """Return the rows of a step's table, each cell in the type of its column; an empty cell is NULL.

    Raises ValueError for a cell of another type.
    """
    return [
        tuple(cells.read(line, name, _PARSE.get(name, float)) if text else None for name, text in line.items())
        for line in table
    ]


def one_by_one(table: Iterable[Mapping[str, str]]) -> list[list[Row]]:
    """Return the rows of a step's table, each alone."""
    return [[row] for row in rows(table)]


def batches(number: int, of: int) -> list[list[Row]]:
    """Return so many batches of so many trips each, all with numbers of their own, from 1,000 on."""
    return [[(1000 + batch * of + one, "Soho", 1.0) for one in range(of)] for batch in range(number)]


@dataclass(frozen=True)
class Generated:
    """The trips `first` to `last` (excluded) that are generated from `seed`, the same in every place and order.

    The trips are of the first quarter of 2026, in which clocks change. The first zone has half of them. Fares and tips
    are decimals; one fare in a hundred and three tips in ten are missing. A trip began at an instant (`picked_up_at`);
    a clock in its `time_zone` showed it as `local_time`.
    """

    seed: int
    last: int
    first: int = 0

    def __len__(self) -> int:
        return self.last - self.first

    @property
    def halves(self) -> "tuple[Generated, Generated]":
        """The first and the second half of the trips."""
        middle = (self.first + self.last) // 2
        return Generated(self.seed, middle, self.first), Generated(self.seed, self.last, middle)

    @property
    def query(self) -> str:
        """The trips as a SELECT; the values of a trip come from hashes of its number and the seed."""
        drawn = {
            "zone": _pick(_ZONES, f"pow({self._draw('zone')}, 3)"),
            "passengers": f"1 + int(6 * pow({self._draw('passengers')}, 2))",
            "distance": f"0.3 + 20 * pow({self._draw('distance')}, 2)",
            "picked_up_at": f"TIMESTAMP '{_FIRST_DAY} UTC' + {self._since_first_day}",
            "utc": f"TIMESTAMP_NTZ '{_FIRST_DAY}' + {self._since_first_day}",
            "time_zone": _pick(_TIME_ZONES, self._draw("time zone")),
        }
        columns = {
            "trip": "trip",
            "zone": "zone",
            "passengers": "passengers",
            "distance": "distance",
            "fare": f"IF({self._draw('no fare')} < 0.01, NULL, CAST(2.6 + 1.9 * distance AS decimal(8, 2)))",
            "tip": f"IF({self._draw('no tip')} < 0.3, NULL, CAST(4 * {self._draw('tip')} AS decimal(6, 2)))",
            "picked_up_at": "picked_up_at",
            "time_zone": "time_zone",
            "local_time": "convert_timezone('UTC', time_zone, utc)",
        }
        trips = f"SELECT id AS trip FROM range({self.first}, {self.last})"
        return f"SELECT {_listed(columns)} FROM (SELECT trip, {_listed(drawn)} FROM ({trips}))"

    def must_give(self, answer: Answer, session: Session) -> None:
        """Check that a query FROM trips, a table of these, has the same answer as the query on the generator."""
        expected = session.run(re.sub(r"\bFROM trips\b", f"FROM ({self.query}) trips", answer.statement)).rows
        if not expected:
            raise CheckFailed(f"{answer.statement!r} gives no rows of the generated trips, so nothing was compared.")
        answer.must_hold(expected)

    @property
    def _since_first_day(self) -> str:
        return f"make_dt_interval(0, 0, 0, int({_DAYS * 86400} * {self._draw('time')}))"

    def _draw(self, what: str) -> str:
        """Return SQL for a number from 0 to below 1 that depends on a trip's number, the seed and `what`."""
        return f"(pmod(xxhash64(trip, {self.seed}, '{what}'), {_DRAWS}) / {_DRAWS}D)"


def _pick(words: Iterable[str], draw: str) -> str:
    listed = list(words)
    return f"element_at(array({', '.join(map(repr, listed))}), 1 + int({len(listed)} * {draw}))"


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{value} AS {name}" for name, value in columns.items())
