"""Accounts for results that behave does not report: scenarios that did not run, failed hooks of features and rules."""

from typing import Any

from behave.model import Feature, Scenario
from behave.reporter.base import Reporter
from behave.runner import Runner

from sparkproof.run.outcome import Outcome, sentence
from sparkproof.run.results import Results


class NotRunReporter(Reporter):  # type: ignore[misc]
    """Accounts, after each feature, for scenarios that did not run and for failed hooks."""

    def __init__(self, runner: Runner, results: Results) -> None:
        super().__init__(runner.config)
        self._runner = runner
        self._results = results

    def feature(self, feature: Feature) -> None:
        for entity in (feature, *feature.rules):
            if entity.hook_failed:
                self._results.cause(f"{_hook(entity)} of {entity.keyword} {entity.name!r} failed: {_why(entity)}")
            elif entity.status.name == "cleanup_error":
                self._results.cause(f"Clean-up of {entity.keyword} {entity.name!r} failed.")
        selection = self._results.selection
        chosen = feature.should_run(self.config)
        for scenario in feature.walk_scenarios():
            index = selection.find(scenario)
            if index is None and chosen and scenario.should_run(self.config):
                index = selection.admit(scenario)
            if index is not None and not self._results.ended(index):
                self._account(index, scenario)

    def _account(self, index: int, scenario: Scenario) -> None:
        entity = scenario.parent
        while entity is not None:
            if getattr(entity, "hook_failed", False):
                self._results.lost(index, Outcome.BROKEN, f"{_why(entity)} (in {_hook(entity)})")
                return
            entity = entity.parent
        if self._runner.aborted:
            why = self._results.causes[0] if self._results.causes else "the run was stopped before its end"
        elif self.config.stop:
            why = "the run ended at its first failure, as --stop asks"
        else:
            why = "behave did not come to it"
        self._results.lost(index, Outcome.NOT_RUN, why)


def _hook(entity: Any) -> str:
    return (entity.error_message or "").removeprefix("HOOK-ERROR in ").split(":", 1)[0] or f"a hook of {entity.type}"


def _why(entity: Any) -> str:
    return sentence(entity.exception) if entity.exception else "it was interrupted"
