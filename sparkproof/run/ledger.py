"""The truth about a run: reports/ledger.jsonl, one line for each selected scenario, written the moment it ends."""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from io import FileIO
from pathlib import Path

from behave.model import Rule, Scenario

from sparkproof.run.attempt import Attempt
from sparkproof.run.plan import Plan

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Line:
    """One scenario's line; `level` is the weakest proof behind it (None: nothing was proved), `attempts` how many.

    `spent` says how many seconds of `duration_s` were spent on what: {"spark": 2.1}; the rest is the suite's own work.
    `version` is that of the product which the scenario is about, as the plan has it; `run` is the id of the run that
    wrote the line.
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
    spent: dict[str, float] = field(default_factory=dict)
    version: str = ""
    run: str = ""

    @property
    def flaky(self) -> bool:
        return self.outcome == "passed" and self.attempts > 1


def line(identity: str, plan: Plan, scenario: Scenario, attempt: Attempt) -> Line:
    """The line that says how `scenario`, whose last attempt is `attempt`, ended."""
    return Line(
        id=identity,
        name=scenario.name,
        feature=scenario.feature.name,
        tags=sorted(map(str, scenario.effective_tags)),
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
    )


def identities(scenarios: Iterable[Scenario]) -> Iterator[str]:
    """One stable id per scenario: file, rule and name (never a line number); equal ones are numbered in their order.

    `scenarios` are all of a file, selected or not: what else is selected must not change an id.
    """
    seen: dict[str, int] = {}
    for scenario in scenarios:
        parts = [scenario.filename, *(rule.name for rule in _rules(scenario)), scenario.name or scenario.keyword]
        name = "::".join(parts)
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}#{seen[name]}"


def rule_of(scenario: Scenario) -> Rule | None:
    """The rule that `scenario` stands under, if any."""
    return next(_rules(scenario), None)


def _rules(scenario: Scenario) -> Iterator[Rule]:
    entity = scenario.parent
    while entity is not None:
        if isinstance(entity, Rule):
            yield entity
        entity = entity.parent


class Ledger:
    """Writes the ledger; a line is on its way to the disk when `add` returns, so a killed run keeps what had ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lines: dict[str, Line] = {}
        self._superseded = False

    @cached_property
    def _file(self) -> FileIO:
        # Opened at the first line: a project's before_all may have made the folder anew.
        return self._path.open("wb", buffering=0)

    def add(self, line: Line) -> None:
        """Write `line`; a later one for the same id (from a project that repeats scenarios itself) replaces it."""
        self._superseded |= line.id in self._lines
        self._lines[line.id] = line
        self._file.write(_text(line).encode())

    @property
    def lines(self) -> list[Line]:
        return list(self._lines.values())

    def __contains__(self, identity: str) -> bool:
        return identity in self._lines

    def close(self) -> bool:
        """Close the file, with exactly one line per id; return False if somebody had removed or replaced it."""
        file = self._file
        kept = self._path.exists() and os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        file.close()
        if self._superseded or not kept:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            clean = self._path.with_suffix(".tmp")
            clean.write_text("".join(map(_text, self.lines)), encoding="utf-8")
            clean.replace(self._path)
        return kept


def read(path: Path) -> list[Line]:
    """The lines of a ledger; raises OSError, or ValueError or TypeError for a text that is no ledger."""
    return [Line(**json.loads(text)) for text in path.read_text(encoding="utf-8").splitlines()]


def _text(line: Line) -> str:
    return _ENCODE(vars(line)) + "\n"
