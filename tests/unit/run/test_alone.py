"""With -j 1 every scenario that behave runs is an attempt, and one that no limit ends has an end."""

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from behave.model import Scenario

from sparkproof.run import alone
from sparkproof.run.alone import Alone
from sparkproof.run.outcome import Outcome
from sparkproof.run.results import Results
from tests.support.ended import attempt, configuration, feature, scenarios


class Attempts:
    """Attempts that end with these outcomes, and are repeated while another one is there."""

    def __init__(self, *outcomes: Outcome, limit: float = 0.0, until: threading.Event | None = None) -> None:
        self.outcomes = list(outcomes)
        self.asked: list[Any] = []
        self._limit = limit
        self._until = until

    def make(self, index: int, scenario: Scenario, number: int, run: Any) -> tuple[Any, bool]:
        self.asked.append((index, scenario, number, scenario.exception, scenario.error_message))
        run("runner")
        scenario.exception, scenario.error_message = ValueError("earlier"), "earlier"
        if self._until:
            assert self._until.wait(60)
        outcome = self.outcomes.pop(0)
        return attempt(index, outcome, "why", number=number), outcome.bad

    def repeats(self, _attempt: Any) -> bool:
        return bool(self.outcomes)

    def limit(self, _scenario: Scenario) -> float:
        return self._limit


class Run:
    """A run of one feature whose scenarios record that behave ran them."""

    def __init__(self, folder: Path, attempts: Attempts, *arguments: str, aborted: bool = False) -> None:
        self.feature = feature()
        self.results = Results(folder)
        self.runner: Any = SimpleNamespace(config=configuration(*arguments), aborted=aborted)
        self.results.selection.choose([self.feature], self.runner.config)
        self.ended: list[str] = []
        tried: Any = attempts
        self.alone = Alone(self.runner, tried, self.results, self.ended.append)


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What behave's own code has run; it calls every scenario failed."""
    called: list[Any] = []

    def run(scenario: Scenario, runner: Any) -> bool:
        called.append((scenario, runner))
        return True

    monkeypatch.setattr(Scenario, "run", run)
    return called


def test_a_scenario_is_repeated_until_it_passes_and_only_the_last_attempt_counts(
    tmp_path: Path, ran: list[Any]
) -> None:
    tried = Attempts(Outcome.FAILED, Outcome.PASSED)
    run = Run(tmp_path, tried)
    second = scenarios(run.feature)[1]
    with run.alone.accounting():
        assert second.run(run.runner) is False
    assert tried.asked == [(1, second, 1, None, None), (1, second, 2, None, None)]
    assert ran == [(second, "runner")] * 2
    assert [(line.outcome, line.attempts) for line in run.results.lines] == [("passed", 2)]


def test_behaves_word_on_the_last_attempt_is_returned(tmp_path: Path) -> None:
    run = Run(tmp_path, Attempts(Outcome.FAILED))
    with run.alone.accounting():
        assert scenarios(run.feature)[0].run(run.runner) is True
    assert [line.reason for line in run.results.lines] == ["why"]


def test_scenarios_run_as_usual_after_the_block_and_for_other_runners(tmp_path: Path, ran: list[Any]) -> None:
    run = Run(tmp_path, Attempts())
    first, own = scenarios(run.feature)[0], Scenario.run
    with run.alone.accounting():
        assert Scenario.run is not own
        assert first.run("another runner") is True
    assert ran == [(first, "another runner")]
    assert Scenario.run is own
    with pytest.raises(ValueError, match="x"), run.alone.accounting():
        raise ValueError("x")
    assert Scenario.run is own
    assert run.results.lines == []


def test_what_is_not_selected_or_comes_after_the_end_is_left_to_behave(tmp_path: Path, ran: list[Any]) -> None:
    for name, arguments, aborted in (("a", ("--tags=none",), False), ("b", (), True)):
        run = Run(tmp_path / name, Attempts(), *arguments, aborted=aborted)
        with run.alone.accounting():
            assert scenarios(run.feature)[0].run(run.runner) is True
        assert run.results.lines == []
    assert len(ran) == 2


def test_what_a_hook_selects_is_accounted_for(tmp_path: Path) -> None:
    run = Run(tmp_path, Attempts(Outcome.PASSED), "--tags=slow")
    added = scenarios(run.feature)[0]
    added.tags.append("slow")
    with run.alone.accounting():
        assert added.run(run.runner) is False
    assert [line.id for line in run.results.lines] == ["features/iceberg/trips.feature::first"]


def test_what_does_not_end_with_its_limit_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "_GRACE_S", 0.05)
    told = threading.Event()
    run = Run(tmp_path, Attempts(Outcome.PASSED, limit=0.05, until=told))

    def ends(cause: str) -> None:
        run.ended.append(cause)
        told.set()

    monkeypatch.setattr(run.alone, "_end_now", ends)
    with run.alone.accounting():
        scenarios(run.feature)[0].run(run.runner)
    reason = "it did not end within 0.1 s, and the run ended: with -j 2 its worker would be killed"
    assert run.ended == [f"features/iceberg/trips.feature::first: {reason}."]
    assert run.results._ledger.lines[0].outcome == "passed"


@pytest.mark.parametrize("limit", [0.0, 0.05])
def test_what_ends_in_time_ends_nothing(limit: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    timers: list[Any] = []

    class Timer(threading.Timer):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            timers.append(self)

    monkeypatch.setattr(threading, "Timer", Timer)
    run = Run(tmp_path, Attempts(Outcome.PASSED, limit=limit))
    with run.alone.accounting():
        scenarios(run.feature)[0].run(run.runner)
    assert [(timer.interval, timer.daemon, timer.finished.is_set()) for timer in timers] == [
        (30.05, True, True) for _ in range(bool(limit))
    ]
    assert run.ended == []
