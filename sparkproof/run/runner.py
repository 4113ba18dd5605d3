"""behave's own runner, with a ledger, a verdict, retries and reports: `behave -r sparkproof.run:Runner`."""

import functools
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from behave import runner as behave_runner
from behave.configuration import Configuration
from behave.formatter._registry import make_formatters
from behave.formatter.base import Formatter
from behave.formatter.null import NullFormatter
from behave.model import Feature, Scenario
from behave.parser import ParserError
from behave.reporter.base import Reporter
from behave.runner_util import parse_features, print_undefined_step_snippets

from sparkproof import evidence
from sparkproof.errors import SparkproofError
from sparkproof.run import summary
from sparkproof.run.attempt import Attempt
from sparkproof.run.outcome import Outcome, judge, sentence
from sparkproof.run.plan import Plan
from sparkproof.run.results import Results

_EVENTS = (
    "uri",
    "feature",
    "background",
    "rule",
    "rule_finished",
    "scenario",
    "step",
    "match",
    "result",
    "eof",
    "close",
)


class Context(behave_runner.Context):  # type: ignore[misc]
    """behave's context, which also keeps the first error of a layer's clean-ups: behave drops it."""

    def __init__(self, runner: "Runner") -> None:
        super().__init__(runner)
        self._cleanup_errors: dict[str, BaseException] = {}

    def _do_cleanups(self) -> None:
        try:
            super()._do_cleanups()
        except Exception as broken:
            self._cleanup_errors[self._stack[0]["@layer"]] = broken
            raise


class Runner(behave_runner.Runner):  # type: ignore[misc]
    """Runs the selected scenarios as behave's own runner does and accounts for every one of them.

    -D reports=FOLDER (reports), -D retry=N (0): N more attempts at what failed, -D require=success|stable.
    An environment.py may define `plan = Plan(...)`; see sparkproof.run.plan.
    """

    def __init__(self, config: Configuration) -> None:
        super().__init__(config)
        self.plan = Plan()
        self.results: Results | None = None

    def run(self) -> bool:
        """Run behave; True when the run failed. Exits with code 3 when nothing could be proved."""
        if self.config.dry_run:
            return bool(super().run())
        try:
            self.results = results = Results(Path(self.config.userdata.get("reports", "reports")))
        except OSError as refused:
            print(f"verdict: failure (reports cannot be written: {refused})")
            return True
        failed = False
        try:
            failed = bool(super().run())
        except (SparkproofError, ParserError) as wrong:
            results.cause(str(wrong))
        except KeyboardInterrupt:
            results.cause("Stopped by Ctrl-C.")
        except Exception as broken:
            traceback.print_exc()
            results.cause(f"The run itself broke: {sentence(broken)}")
        return self._conclude(results, failed)

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()
        locations = [where for where in self.feature_locations() if not self.config.exclude(where)]
        self.features.extend(parse_features(locations, language=self.config.lang))
        self.formatters = make_formatters(self.config, self.config.outputs)
        if self.results is not None:
            self._prepare(self.results)
        return bool(self.run_model())

    def _prepare(self, results: Results) -> None:
        plan = self.hooks.get("plan")
        self.plan = plan if isinstance(plan, Plan) else Plan()
        self.plan.check(self.features, self.config)
        selected = [
            scenario
            for feature in self.features
            if feature.should_run(self.config)
            for scenario in feature.walk_scenarios()
            if scenario.should_run(self.config)
        ]
        results.expect(selected, self.plan)
        for index, scenario in enumerate(selected):
            scenario.capture_sink.store_on_success = True
            scenario.run = functools.partial(self._run_scenario, index, scenario)
        # A formatter that shows nothing need not be told anything: it costs a fifth of an empty scenario's time.
        self.formatters = [one for one in self.formatters if type(one) is not NullFormatter]
        for formatter in self.formatters:
            _guard(formatter, results)
        for name in {"before_all", "after_all"} & self.hooks.keys():
            self.hooks[name] = _noting(name, self.hooks[name], results)
        self.config.reporters.append(_Unrun(self, results, {id(s): n for n, s in enumerate(selected)}))

    def _run_scenario(self, index: int, scenario: Scenario, _runner: behave_runner.Runner) -> bool:
        """Run `scenario` until it passes or no attempt is left; True when it failed, as behave's own run says."""
        assert self.results is not None
        number, again, failed = 0, True, False
        while again:
            number += 1
            # What an earlier attempt left in behave must not colour this one.
            scenario.exception = scenario.exc_traceback = scenario.error_message = None
            attempt, failed = self._attempt(index, scenario, number)
            again = self._again(attempt)
            self.results.add(attempt, last=not again)
        return failed

    def _attempt(self, index: int, scenario: Scenario, number: int) -> tuple[Attempt, bool]:
        evidence.begin()
        self.context._cleanup_errors.pop("scenario", None)
        started = time.time()
        try:
            failed = bool(type(scenario).run(scenario, self))
        except BaseException as stop:
            reason = "stopped by Ctrl-C" if isinstance(stop, KeyboardInterrupt) else sentence(stop)
            ended = Attempt(index, number, Outcome.BROKEN, reason, started, time.time() - started, evidence.current())
            if self.results is not None:
                self.results.add(ended)
            raise
        judged = judge(scenario, self.context._cleanup_errors.get("scenario"))
        attempt = Attempt(
            index=index,
            number=number,
            outcome=judged.outcome,
            reason=judged.reason,
            started=started,
            duration_s=time.time() - started,
            record=evidence.current(),
            trace=judged.trace,
            output=scenario.captured.make_output() if scenario.captured.has_output() else "",
            transient=judged.error is not None and self.plan.transient(judged.error),
        )
        return attempt, failed

    def _again(self, attempt: Attempt) -> bool:
        if not attempt.outcome.bad or self.aborted:
            return False
        return attempt.number <= max(int(self.config.userdata.get("retry", 0)), attempt.transient)

    def _conclude(self, results: Results, failed: bool) -> bool:
        if self.config.show_snippets and self.undefined_steps:
            print_undefined_step_snippets(self.undefined_steps, colored=self.config.has_colored_mode())
        self.config.show_snippets = False
        if self.context and "testrun" in self.context._cleanup_errors:
            results.cause(f"Clean-up of the run failed: {sentence(self.context._cleanup_errors['testrun'])}")
        if self.aborted and not results.causes:
            results.cause("The run was stopped before its end.")
        for index in range(len(results.scenarios)):
            if not results.ended(index):
                results.lost(index, Outcome.SKIPPED, f"not run: {results.causes[0] if results.causes else 'unknown'}")
        explained = results.causes or any(Outcome(line.outcome).bad or line.attempts > 1 for line in results.lines)
        if failed and not explained:
            results.cause("behave reports a failure that no scenario and no hook explains.")
        judged = results.close(self.config.userdata.get("require", ""))
        print()
        print(summary.text(results.lines, judged, time.time() - results.started), flush=True)
        if judged.exit_code > 1:
            raise SystemExit(judged.exit_code)
        return judged.exit_code != 0


class _Unrun(Reporter):  # type: ignore[misc]
    """Accounts, after each feature, for what behave keeps to itself: scenarios that did not run, and failed hooks."""

    def __init__(self, runner: Runner, results: Results, selected: dict[int, int]) -> None:
        super().__init__(runner.config)
        self._runner = runner
        self._results = results
        self._selected = selected

    def feature(self, feature: Feature) -> None:
        for entity in (feature, *feature.rules):
            if entity.hook_failed:
                self._results.cause(f"{_hook(entity)} of {entity.keyword} {entity.name!r} failed: {_why(entity)}")
            elif entity.status.name == "cleanup_error":
                self._results.cause(f"Clean-up of {entity.keyword} {entity.name!r} failed.")
        for scenario in feature.walk_scenarios():
            index = self._selected.get(id(scenario))
            if index is not None and not self._results.ended(index):
                self._account(index, scenario)

    def _account(self, index: int, scenario: Scenario) -> None:
        entity = scenario.parent
        while entity is not None:
            if getattr(entity, "hook_failed", False):
                self._results.lost(index, Outcome.BROKEN, f"{_why(entity)} (in {_hook(entity)})")
                return
            entity = entity.parent
        if self._results.causes and self._runner.aborted:
            self._results.lost(index, Outcome.BROKEN, f"not run: {self._results.causes[0]}")
        elif self._runner.aborted:
            self._results.lost(index, Outcome.SKIPPED, "not run: the run was stopped before its end")
        else:
            self._results.lost(index, Outcome.SKIPPED, "not run: the run ended at its first failure, as --stop asks")


def _hook(entity: Any) -> str:
    return (entity.error_message or "").removeprefix("HOOK-ERROR in ").split(":", 1)[0] or f"a hook of {entity.type}"


def _why(entity: Any) -> str:
    return sentence(entity.exception) if entity.exception else "it was interrupted"


def _noting(name: str, hook: Callable[..., Any], results: Results) -> Callable[..., Any]:
    """The hook, with what it raises noted as a cause of failure: behave prints it and forgets it."""

    @functools.wraps(hook)
    def noting(*args: Any) -> Any:
        try:
            return hook(*args)
        except Exception as broken:
            results.cause(f"{name}: {sentence(broken)}")
            raise

    return noting


def _guard(formatter: Formatter, results: Results) -> None:
    """A formatter that breaks is silenced and makes the run a failure; it must not take the other results with it."""
    for event in _EVENTS:
        call = getattr(formatter, event, None)
        if call is not None:
            setattr(formatter, event, _guarded(formatter, call, results))


def _guarded(formatter: Formatter, call: Callable[..., Any], results: Results) -> Callable[..., Any]:
    def guarded(*args: Any) -> Any:
        if getattr(formatter, "_broken", False):
            return None
        try:
            return call(*args)
        except Exception as broken:
            formatter._broken = True
            results.cause(f"Formatter {type(formatter).__name__} broke: {sentence(broken)}")
            return None

    return guarded
