"""The files of finished runs, as the runner writes them, without a run."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sparkproof.run.ledger import Ledger, Line
from sparkproof.run.plan import About
from sparkproof.run.verdict import Run, Selection, decide, write

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def line(identity: str, **changes: Any) -> Line:
    known: dict[str, Any] = {
        "id": identity, "name": identity, "feature": "F", "tags": ["gpu"], "outcome": "passed", "reason": "",
        "level": "planned", "attempts": 1, "started": "", "duration_s": 1.0, "group": "gpu", "location": "f:1",
        "run": "0a1b2c3d",
    }  # fmt: skip
    return Line(**{**known, **changes})


def run_of(
    folder: Path,
    *lines: Line,
    causes: tuple[str, ...] = (),
    began: datetime = NOW,
    about: About | None = None,
    others: Sequence[str] = ("not selected",),
) -> Path:
    """The files of a run that ended with these lines and did not select `others`, as the runner writes them."""
    written = Ledger(folder / "ledger.jsonl")
    for each in lines:
        written.add(each)
    written.close()
    selection = Selection(
        ["features"], len(lines) + len(others), len(lines), ["gpu", "iceberg"], ["gpu", "iceberg"], list(others)
    )
    run = Run("0a1b2c3d", "behave", began, 100.0, selection)
    write(folder, run, decide(lines, len(lines), causes), lines, about or About())
    return folder


def usual(folder: Path, **changes: Any) -> Path:
    """A run with a passed, a skipped and, with `changes`, a changed scenario."""
    return run_of(folder, line("a"), line("b", outcome="skipped", level=None), line("c", **changes))
