"""A run with -j 1: behave runs the scenarios in its own process, and every one of them is accounted for."""

import functools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from behave import runner as behave_runner
from behave.model import Scenario

from sparkproof.run.attempts import Attempts
from sparkproof.run.outcome import Outcome
from sparkproof.run.results import Results

# How long a scenario may take to end when its time is up, before the run ends.
_GRACE_S = 30.0


class Alone:
    """Makes an attempt of every scenario that behave runs; `end_now` ends the run for a cause."""

    def __init__(
        self, runner: behave_runner.Runner, attempts: Attempts, results: Results, end_now: Callable[[str], None]
    ) -> None:
        self._runner = runner
        self._attempts = attempts
        self._results = results
        self._end_now = end_now

    @contextmanager
    def accounting(self) -> Iterator[None]:
        """Let every scenario that behave runs in the block be an attempt: also those that hooks add."""
        run = Scenario.run

        def accounted(scenario: Scenario, runner: behave_runner.Runner) -> bool:
            own: bool = runner is self._runner
            return self._run_scenario(scenario, functools.partial(run, scenario)) if own else run(scenario, runner)

        Scenario.run = accounted
        try:
            yield
        finally:
            Scenario.run = run

    def _run_scenario(self, scenario: Scenario, run: Callable[[Any], Any]) -> bool:
        """Run `scenario` until it passes or no attempt is left; return True if behave calls it failed."""
        results, runner = self._results, self._runner
        if results.selection.find(scenario) is None and not scenario.should_run(runner.config):
            return bool(run(runner))
        if runner.aborted:
            return bool(run(runner))  # behave runs nothing of it, and it is accounted for at the end
        index = results.selection.begin(scenario)
        number, again, failed = 0, True, False
        while again:
            number += 1
            # An earlier attempt's errors, which behave keeps, are not this one's.
            scenario.exception = scenario.exc_traceback = scenario.error_message = None
            with self._watched(index, scenario):
                attempt, failed = self._attempts.make(index, scenario, number, run)
            again = self._attempts.repeats(attempt)
            results.add(attempt, last=not again)
        return failed

    @contextmanager
    def _watched(self, index: int, scenario: Scenario) -> Iterator[None]:
        """End the run if the block does not end with its time limit: nothing else can end what ignores it."""
        limit = self._attempts.limit(scenario)
        if not limit:
            yield
            return
        watch = threading.Timer(limit + _GRACE_S, self._give_up, (index, limit + _GRACE_S))
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _give_up(self, index: int, seconds: float) -> None:
        reason = f"it did not end within {seconds:g} s, and the run ended: with -j 2 its worker would be killed"
        self._results.lost(index, Outcome.BROKEN, reason)
        self._end_now(f"{self._results.selection.ids[index]}: {reason}.")
