"""The truth about a run: reports/ledger.jsonl, one line for each selected scenario, written the moment it ends."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from behave.model import Scenario

from sparkproof.run.attempt import Attempt
from sparkproof.run.lasting import LastingFile, replace
from sparkproof.run.outcome import readable
from sparkproof.run.plan import Plan

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


class Line(NamedTuple):
    """One scenario's line; `level` is the weakest proof behind it (None: nothing was proved), `attempts` how many.

    `spent` says how many seconds of `duration_s` were spent on what: {"spark": 2.1}; the rest is the suite's own work.
    `version` is that of the product which the scenario is about, as the plan has it; `run` is the id of the run that
    wrote the line. `measured` are the amounts that checks measured, as evidence.Measured has them.
    """

    id: str
    name: str
    feature: str
    tags: list[str]
    outcome: str
    reason: str
    level: str | None
    attempts: int
    started: str
    duration_s: float
    group: str
    location: str
    spent: Mapping[str, float] = {}
    version: str = ""
    run: str = ""
    measured: tuple[Mapping[str, Any], ...] = ()

    @property
    def flaky(self) -> bool:
        return self.outcome == "passed" and self.attempts > 1


# The line of an attempt that has ended, and True if another attempt at its scenario follows.
Ended = tuple[Line, bool]


def line(identity: str, plan: Plan, scenario: Scenario, attempt: Attempt) -> Line:
    """The line that says how `scenario`, whose last attempt is `attempt`, ended."""
    return Line(
        id=identity,
        name=readable(scenario.name),
        feature=readable(scenario.feature.name),
        tags=sorted(map(readable, scenario.effective_tags)),
        outcome=attempt.outcome.value,
        reason=attempt.reason,
        level=attempt.record.level,
        attempts=attempt.number,
        started=datetime.fromtimestamp(attempt.started, UTC).isoformat(timespec="milliseconds"),
        duration_s=round(attempt.duration_s, 3),
        group=plan.group(scenario),
        location=f"{scenario.filename}:{scenario.line}",
        spent={on: round(seconds, 3) for on, seconds in attempt.record.spent.items()},
        version=plan.version(scenario),
        run=plan.run,
        measured=tuple(each._asdict() for each in attempt.record.measured),
    )


class Ledger:
    """Writes the ledger; a line is on its way to the disk when `add` returns, so a killed run keeps what had ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.file = LastingFile(path)
        self._lines: dict[str, Line] = {}
        self._superseded = False

    def add(self, line: Line) -> None:
        """Write `line`; a later one for the same id (from a project that repeats scenarios itself) replaces it."""
        self._superseded |= line.id in self._lines
        self._lines[line.id] = line
        self.file.write(_bytes(line))

    @property
    def lines(self) -> list[Line]:
        return list(self._lines.values())

    def __contains__(self, identity: str) -> bool:
        return identity in self._lines

    def close(self) -> bool:
        """Close the file, with exactly one line per id; return False if somebody had removed or replaced it."""
        stayed, whole = self.file.is_in_place, self.file.is_whole and not self._superseded
        self.file.close()
        if not whole:
            replace(self._path, b"".join(map(_bytes, self.lines)))
        return stayed


def read(path: Path) -> list[Line]:
    """The lines of a ledger; raises OSError, or ValueError or TypeError for a text that is no ledger."""
    # Bytes end a line at a line's end only; a text does so at any of Unicode's separators, which a name may hold.
    found = [json.loads(text) for text in path.read_bytes().splitlines()]
    return [Line(**{**each, "measured": tuple(each.get("measured", ()))}) for each in found]


def _bytes(line: Line) -> bytes:
    return (_ENCODE(line._asdict()) + "\n").encode(errors="backslashreplace")
