"""A dry run shows its plan and says if nobody reads it; a run that nothing else ends has its verdict."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from behave import runner as behave_runner

from sparkproof.run import guards, own_process
from sparkproof.run.plan import Plan
from sparkproof.run.results import Results
from sparkproof.run.runner import Runner
from tests.support.ended import configuration, feature


def runner(reports: Path, *arguments: str) -> Any:
    """A runner that has read a feature of three scenarios."""
    made = Runner(configuration("-D", f"reports={reports}", *arguments))
    made.features = [feature()]
    return made


def test_a_dry_run_plans_what_is_selected_by_the_history_of_its_reports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(behave_runner.Runner, "run", lambda _self: False)
    history = {"features/iceberg/trips.feature::second": [6.0]}
    (tmp_path / "history.json").write_text(json.dumps(history))
    made = runner(tmp_path, "--dry-run", "-D", "plan=show", "--name=second")
    assert made.run() is False
    plan, *_, only = capsys.readouterr().out.splitlines()
    assert plan.startswith("plan: 1 scenarios on 1 workers in about 6 s; durations of 1 are known")
    assert only == "     0 s  worker 1     6.0 s  features/iceberg/trips.feature::second"


def test_a_dry_run_that_nobody_reads_to_its_end_has_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_self: object) -> bool:
        raise BrokenPipeError

    left: list[str] = []
    monkeypatch.setattr(behave_runner.Runner, "run", run)
    monkeypatch.setattr(guards, "leave_unread_output", lambda: left.append("left"))
    assert runner(tmp_path, "--dry-run").run() is True
    assert left == ["left"], "Python would tell of it at its end"


def test_a_run_that_cannot_be_ended_otherwise_ends_with_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(own_process, "end", ended.append)
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    made = runner(tmp_path)
    made.results = results = Results(tmp_path)
    results.selection.choose(made.features, made.config)
    results.open([], Plan())
    made._end_now("A scenario did not end.")
    assert (ended, sys.stdout) == ([1], sys.__stdout__)
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert (verdict["verdict"], verdict["causes"]) == ("failure", ["A scenario did not end."])
    assert {(line.outcome, line.reason) for line in results.lines} == {("not run", "A scenario did not end.")}
