"""What changed between a run and the finished run before it, whose verdict and ledger are kept in reports/previous."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.run import ledger
from sparkproof.run.ledger import Line

_KEPT = ("verdict.json", "ledger.jsonl")


@dataclass(frozen=True)
class Changes:
    """The differences from an earlier run, which began at `since`; `new` and `gone` are ids of only one of both."""

    run: str
    since: str
    differences: Sequence[dict[str, str]]
    new: Sequence[str]
    gone: Sequence[str]


def keep(folder: Path) -> None:
    """Move the verdict and the ledger of the run in `folder` to `previous`; one that did not finish is not kept."""
    if all((folder / name).is_file() for name in _KEPT):
        previous = folder / "previous"
        previous.mkdir(exist_ok=True)
        for name in _KEPT:
            (folder / name).replace(previous / name)


def since_previous(folder: Path, lines: Sequence[Line]) -> Changes | None:
    """Return what changed since the run that is kept in `folder`; None without one that can be read."""
    try:
        known: dict[str, Any] = json.loads((folder / "previous" / "verdict.json").read_text(encoding="utf-8"))
        before = {line.id: line for line in ledger.read(folder / "previous" / "ledger.jsonl")}
        run, since = str(known["run"]), str(known["started"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    now = {line.id: line for line in lines}
    return Changes(
        run,
        since,
        [
            {"id": each, "before": _result(before[each]), "after": _result(line)}
            for each, line in now.items()
            if each in before and _result(before[each]) != _result(line)
        ],
        [each for each in now if each not in before],
        [each for each in before if each not in now],
    )


def _result(line: Line) -> str:
    return f"{line.outcome}, {line.level}" if line.level and line.outcome == "passed" else line.outcome
