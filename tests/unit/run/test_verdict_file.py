"""The file of a verdict: when the run began and ended, and what changed since the run before it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sparkproof.run import changes
from sparkproof.run.plan import About
from sparkproof.run.verdict import Run, decide, write
from tests.support.runs import NOW, line, run_of


def verdict(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "verdict.json").read_text(encoding="utf-8")))


def test_a_run_ends_as_many_seconds_after_its_begin_as_it_took(tmp_path: Path) -> None:
    write(tmp_path, Run("0a1b2c3d", "behave", NOW, 100.12345), decide([line("a")], 1), [line("a")], About())
    found = verdict(tmp_path)
    assert found["duration_s"] == 100.123
    assert (found["started"], found["ended"]) == (
        NOW.isoformat(),
        (NOW + timedelta(seconds=100)).isoformat(),
    )


def test_what_changed_since_the_run_before_stands_in_the_verdict(tmp_path: Path) -> None:
    run_of(tmp_path, line("a"), line("b"))
    assert verdict(tmp_path)["changes"] is None
    changes.keep(tmp_path)
    run_of(tmp_path, line("a", outcome="failed"), line("c"))
    assert verdict(tmp_path)["changes"] == {
        "run": "0a1b2c3d",
        "since": NOW.isoformat(),
        "differences": [{"id": "a", "before": "passed, planned", "after": "failed"}],
        "new": ["c"],
        "gone": ["b"],
    }
