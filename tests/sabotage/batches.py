"""Faults that one run can hold: each is in a file that only its own criterion has to do with."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

from tests.support.sabotages import Sabotage

Batch = tuple[Sabotage, ...]
# A DAG is read by the criteria of its runs alone; applications are what one of the DAGs submits.
_APART = "examples/dags/"
# Without its limit, its query would keep the machine busy while the others run.
_BUSY = "examples/dags/query-with-a-time-limit.py"
_SUBMITTED = ("examples/applications/", "examples/dags/submitted-application.py")


def batches(rows: Iterable[Sabotage]) -> list[Batch]:
    """Return the rows in batches: one of rows that do not touch each other's criteria, or a row alone."""
    made: list[list[Sabotage]] = []
    for row in rows:
        place = next((batch for batch in made if _goes_with(row, batch)), None)
        if place is None:
            made.append([row])
        else:
            place.append(row)
    return [tuple(batch) for batch in made]


def name(batch: Batch) -> str:
    """Return the names of its rows."""
    return " + ".join(row.name for row in batch)


def patterns(batch: Batch) -> Iterator[str]:
    """Yield behave's options that select the criteria of its rows."""
    return (f"--name={row.scenario}" for row in batch)


def _goes_with(row: Sabotage, batch: Sequence[Sabotage]) -> bool:
    units = [_unit(each) for each in batch]
    own = _unit(row)
    return bool(own) and all(units) and own not in units and all(row.criterion != each.criterion for each in batch)


def _unit(row: Sabotage) -> str:
    """Return what the fault is in, as far as other criteria may see it; "" for what any of them may see."""
    if row.file.startswith(_SUBMITTED):
        return "what is submitted"
    return PurePath(row.file).stem if row.file.startswith(_APART) and row.file != _BUSY else ""
