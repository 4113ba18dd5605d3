"""What changed between a run and the finished run before it, whose verdict and ledger are kept in reports/previous."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sparkproof.run.ledger import Line

_KEPT = ("verdict.json", "ledger.jsonl")


class Changes(NamedTuple):
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
        before = dict(_results(folder / "previous" / "ledger.jsonl"))
        run, since = str(known["run"]), str(known["started"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    now = {line.id: _result(line.outcome, line.level) for line in lines}
    return Changes(
        run,
        since,
        [
            {"id": each, "before": before[each], "after": result}
            for each, result in now.items()
            if before.get(each, result) != result
        ],
        [each for each in now if each not in before],
        [each for each in before if each not in now],
    )


def _results(kept: Path) -> Iterator[tuple[str, str]]:
    """Yield each scenario of a ledger with its result; its lines, maybe thousands, are parsed as one list."""
    for line in json.loads(b"[%s]" % b",".join(kept.read_bytes().splitlines())):
        yield line["id"], _result(line["outcome"], line["level"])


def _result(outcome: str, level: str | None) -> str:
    return f"{outcome}, {level}" if level and outcome == "passed" else outcome
