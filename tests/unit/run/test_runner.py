"""A dry run shows its plan and says if nobody reads it; a run that nothing else ends has its verdict."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from behave import runner as behave_runner

from sparkproof.core.errors import UsageError
from sparkproof.run import guards, own_process
from sparkproof.run.durations import Durations
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import Plan
from sparkproof.run.results import Results
from sparkproof.run.runner import Runner
from tests.support.ended import attempt, configuration, feature


def runner(reports: Path, *arguments: str) -> Any:
    """A runner that has read a feature of three scenarios."""
    made = Runner(configuration("-D", f"reports={reports}", *arguments))
    made.features = [feature()]
    return made


def begun(reports: Path) -> Any:
    """The runner of a run that has begun."""
    made = runner(reports)
    made.results = Results(reports)
    made.results.selection.choose(made.features, made.config)
    made.results.open([], Plan())
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
    assert plan.startswith("plan: 1 scenario on 1 worker in about 6 s; durations of 1 are known")
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
    made = begun(tmp_path)
    results = made.results
    made._end_now("A scenario did not end.")
    assert (ended, sys.stdout) == ([1], sys.__stdout__)
    verdict = json.loads((tmp_path / "verdict.json").read_text())
    assert (verdict["verdict"], verdict["causes"]) == ("failure", ["A scenario did not end."])
    assert {(line.outcome, line.reason) for line in results.lines} == {("not run", "A scenario did not end.")}


@pytest.mark.usefixtures("heard_as_usual")
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_does_not_keep_a_run_that_has_ended_from_writing_its_results(
    by: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote: list[str] = []

    def conclude(*_: object) -> bool:
        try:
            signal.raise_signal(by)
            wrote.append("verdict.json")
        except KeyboardInterrupt:
            wrote.append("nothing")
        return False

    monkeypatch.setattr(guards, "no_sudden_end", lambda _: None)
    monkeypatch.setattr(Runner, "_run_accounted", lambda *_: False)
    monkeypatch.setattr(Runner, "_conclude", conclude)
    assert runner(tmp_path).run() is False
    assert wrote == ["verdict.json"]


@pytest.mark.parametrize(("attempts", "fails"), [(1, True), (2, False)], ids=["nothing", "an earlier attempt"])
def test_what_behave_calls_a_failure_is_one_unless_something_explains_it(
    attempts: int, fails: bool, tmp_path: Path
) -> None:
    made = begun(tmp_path)
    for index in range(3):
        made.results.add(attempt(index, number=attempts))
    assert made._conclude(made.results, failed=True) is fails
    assert made.results.causes == ["behave reports a failure that no scenario and no hook explains."] * fails


def test_a_history_that_cannot_be_written_is_a_cause(tmp_path: Path) -> None:
    made = begun(tmp_path)
    for index in range(3):
        made.results.add(attempt(index))
    made._history = Durations(tmp_path / "history.json")
    (tmp_path / "history.json").mkdir()
    assert made._conclude(made.results, failed=False) is True
    assert made.results.causes == ["The history of durations could not be written: Is a directory."]


@pytest.mark.parametrize("failed", [False, True])
def test_a_run_that_failed_tells_how_long_its_scenarios_take_as_well(failed: bool, tmp_path: Path) -> None:
    made = begun(tmp_path)
    for index in range(3):
        made.results.add(attempt(index, Outcome.FAILED if failed else Outcome.PASSED, "2 rows came" * failed))
    made._history = Durations(tmp_path / "history.json")
    assert made._conclude(made.results, failed) is failed
    assert json.loads((tmp_path / "history.json").read_text())["features/iceberg/trips.feature::first"] == [1.5]


@pytest.mark.parametrize("setting", ["require=stabel", "groups=sequentially", "plan=shown"])
def test_a_setting_that_asks_for_nothing_known_is_refused(setting: str, tmp_path: Path) -> None:
    near = {"require": "stable", "groups": "sequential", "plan": "show"}[setting.partition("=")[0]]
    with pytest.raises(UsageError, match=f"^-D {setting} is unknown; did you mean {near}"):
        runner(tmp_path, "-D", setting)._prepare(Results(tmp_path))
