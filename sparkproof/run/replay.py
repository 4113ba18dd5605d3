"""Calls behave's formatters and reporters, feature by feature and in order, with what workers did, by behave's code."""

import copy
import functools
from collections import defaultdict
from typing import Any

from behave import runner as behave_runner
from behave.formatter.base import Formatter
from behave.model import Feature, Scenario
from behave.model_type import Status

from sparkproof.run.grown import Key
from sparkproof.run.messages import Opened, Ran, entities, put_steps, recapture
from sparkproof.run.outcome import Outcome, sentence
from sparkproof.run.recorder import replay, write
from sparkproof.run.results import Results


class _Context(behave_runner.Context):  # type: ignore[misc]
    """A context in which no project code runs; a layer whose clean-up failed on a worker fails here as well."""

    failing: bool = False

    def _pop(self, capture_sink: Any = None) -> None:
        super()._pop(capture_sink)
        if self.__dict__.pop("_failing", False):
            raise RuntimeError("a clean-up failed on a worker")


class Replay(behave_runner.ModelRunner):  # type: ignore[misc]
    """A runner for behave's model whose hooks and scenarios have already run elsewhere."""

    def __init__(self, runner: behave_runner.Runner, results: Results) -> None:
        config = copy.copy(runner.config)
        # Scenarios that ran after the first failure are shown.
        config.stop = False
        super().__init__(config)
        self.step_registry = behave_runner.the_step_registry
        self.context = _Context(self)
        self.failed = False
        self.opened: defaultdict[int, list[Opened]] = defaultdict(list)
        self.closed: defaultdict[int, list[Opened]] = defaultdict(list)
        self._runner = runner
        self._results = results
        self._ran: defaultdict[int, list[Ran]] = defaultdict(list)
        self._lost: dict[int, str] = {}
        self._number = {id(entity): number for number, entity in enumerate(entities(runner.features))}
        self._selection = results.selection

    @property
    def undefined_steps(self) -> list[Any]:
        return list(self._runner.undefined_steps)

    def keep(self, index: int, ran: Ran) -> None:
        """Keep an attempt until its feature's turn has come."""
        self._ran[index].append(ran)

    def lose(self, index: int, outcome: Outcome, reason: str) -> None:
        """Show the scenario number `index`, of which nothing came back, as skipped or as an error."""
        scenario = self._selection.scenarios[index]
        if outcome is Outcome.SKIPPED:
            scenario.skip(reason)
        else:
            self._lost[index] = reason

    def statuses(self, feature: Feature, known: int) -> dict[Key, int]:
        """What is known of the scenarios of a feature, of which workers share the first `known` of the run."""
        found: dict[Key, int] = {}
        for scenario in feature.walk_scenarios():
            index = self._selection.find(scenario)
            if index is not None:
                status = Status.error if index in self._lost else scenario.status
                found[index if index < known else (scenario.line, scenario.name)] = status.value
        return found

    def show(self, feature: Feature, *, stopped: bool) -> None:
        """Show `feature` to the formatters and reporters; a stopped run shows only what ran."""
        found = (self._selection.find(scenario) for scenario in feature.walk_scenarios())
        indices = [index for index in found if index is not None]
        began = (
            any(index in self._ran or index in self._lost for index in indices)
            or self._number[id(feature)] in self.opened
        )
        if began or not stopped:
            self.formatters = self._runner.formatters
            for index in indices:
                scenario = self._selection.scenarios[index]
                scenario.run = functools.partial(self._scenario, index, scenario)
            for formatter in self.formatters:
                formatter.uri(feature.filename)
            self.failed |= bool(feature.run(self))
        for reporter in self._runner.config.reporters:
            reporter.feature(feature)

    def run_hook_tags_with_capture(self, _hook_name: str, _tags: Any, capture_sink: Any = None) -> bool:
        return capture_sink is not None

    def run_hook_with_capture(self, hook_name: str, *args: Any, **_kwargs: Any) -> bool:
        """Leave in a feature or rule what its hooks on the workers left, and print what they printed, once."""
        entity = args[0]
        reports = (self.opened if hook_name.startswith("before") else self.closed).get(
            self._number.get(id(entity), -1), []
        )
        for stdout, stderr in dict.fromkeys(one.printed for one in reports):
            write("stdout", stdout)
            write("stderr", stderr)
        if reports:
            recapture(entity.captured, reports[0].captured)
        for one in reports:
            entity.hook_failed |= one.hook_failed
            if one.error and entity.exception is None:
                one.error.put(entity)
            if one.skipped:
                entity.should_skip, entity.skip_reason = True, one.skip_reason
            vars(entity).update(one.left)
            if one.cleanup_failed:
                self.context.__dict__["_failing"] = True
        return not entity.hook_failed

    def _scenario(self, index: int, scenario: Scenario, _runner: Any) -> bool:
        """Do what `scenario.run` would do, from what a worker sent."""
        attempts = self._ran.pop(index, [])
        if index in self._lost:
            return self._show_lost(scenario, self._lost[index])
        if not attempts:
            return bool(type(scenario).run(scenario, self)) if scenario.should_skip else False
        for ran in attempts:
            if len(attempts) > 1:
                ran.state.put(scenario)
            replay(scenario, ran.events, self.formatters, self.step_registry.find_match, put_steps, self._broke)
        undefined = [step for step in scenario.all_steps if step.status is Status.undefined]
        self._runner.undefined_steps.extend(undefined)
        return attempts[-1].failed

    def _broke(self, formatter: Formatter, error: BaseException) -> None:
        self._results.cause(f"Formatter {type(formatter).__name__} broke: {sentence(error)}")

    def _show_lost(self, scenario: Scenario, reason: str) -> bool:
        for formatter in self.formatters:
            formatter.scenario(scenario)
            for step in scenario.all_steps:
                formatter.step(step)
        scenario.exception, scenario.error_message = RuntimeError(reason), reason
        scenario.set_status(Status.error)
        return True
