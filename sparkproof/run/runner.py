"""behave's own runner, with a ledger, a verdict, retries and reports: `behave -r sparkproof.run:Runner`."""

import functools
import gc
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from behave import runner as behave_runner
from behave.configuration import Configuration
from behave.exception import InvalidFileLocationError, InvalidFilenameError
from behave.formatter._registry import make_formatters
from behave.formatter.null import NullFormatter
from behave.model import Feature, Scenario
from behave.parser import ParserError
from behave.runner_util import parse_features, print_undefined_step_snippets

from sparkproof.core import evidence
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.nearest import hint
from sparkproof.run import attempts, summary
from sparkproof.run.attempts import Attempts
from sparkproof.run.context import Context
from sparkproof.run.durations import Durations
from sparkproof.run.guards import guard, noting_failure
from sparkproof.run.ledger import identities
from sparkproof.run.not_run import NotRunReporter
from sparkproof.run.outcome import Outcome, sentence
from sparkproof.run.plan import Plan
from sparkproof.run.results import Results
from sparkproof.run.signals import Stop, stopped_by_signals
from sparkproof.run.verdict import REQUIREMENTS

if TYPE_CHECKING:
    from sparkproof.run.schedule import Job


_CHOICES = {"require": REQUIREMENTS, "groups": ("sequential",), "plan": ("show",)}


class Runner(behave_runner.Runner):  # type: ignore[misc]
    """Runs the selected scenarios as behave's own runner does and accounts for every one of them.

    -D reports=FOLDER (reports), -D retry=N (0): N more attempts at what failed, -D require=success|stable;
    --dry-run -D plan=show: the plan of the run.
    An environment.py may define `plan = Plan(...)`; see sparkproof.run.plan.
    """

    def __init__(self, config: Configuration) -> None:
        super().__init__(config)
        self.plan = Plan()
        self.results: Results | None = None
        self.attempts = Attempts(self, self.plan)
        self._history: Durations | None = None
        self._stop = Stop()

    def run(self) -> bool:
        """Run behave and return True if the run failed. Exits with code 3 if nothing could be proved."""
        if self.config.dry_run:
            return self._run_dry()
        try:
            self.results = results = Results(Path(self.config.userdata.get("reports", "reports")))
        except OSError as refused:
            print(f"verdict: failure (reports cannot be written: {refused})")
            return True
        with stopped_by_signals() as self._stop:
            failed = self._run_accounted(results)
            self._stop.ending = True
            return self._conclude(results, failed)

    def _run_accounted(self, results: Results) -> bool:
        """Run behave, and make what ends it early a cause; return True if behave calls the run failed."""
        try:
            return bool(super().run())
        except (SparkproofError, ParserError) as wrong:
            results.cause(str(wrong))
        except KeyboardInterrupt:
            results.cause(self._stop.cause)
        except Exception as broken:
            traceback.print_exc()
            results.cause(f"The run itself broke: {sentence(broken)}")
        return False

    def _run_dry(self) -> bool:
        try:
            failed = bool(super().run())
            if self._shows_plan:
                print(self._forecast())
        except (SparkproofError, ParserError) as wrong:
            print(wrong)
            return True
        return failed

    @property
    def _shows_plan(self) -> bool:
        return bool(self.config.userdata.get("plan", "") == "show")

    def _forecast(self) -> str:
        """Return the plan of the run that this dry run stands for, by the durations of earlier runs."""
        from sparkproof.run import forecast
        from sparkproof.run.schedule import Schedule

        selected = self._selected()
        every = [scenario for feature in self.features for scenario in feature.walk_scenarios()]
        known = {id(scenario): name for scenario, name in zip(every, identities(every), strict=True)}
        ids = [known[id(scenario)] for scenario in selected]
        history = Durations(Path(self.config.userdata.get("reports", "reports")) / "history.json")
        schedule = Schedule(self._jobs(selected, ids, history), sequential=self._sequential)
        return forecast.text(forecast.forecast(schedule, self.config.jobs), ids, history.knows)

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        self.load_hooks()
        self.load_step_definitions()
        try:
            locations = [where for where in self.feature_locations() if not self.config.exclude(where)]
        except (FileNotFoundError, InvalidFileLocationError, InvalidFilenameError) as wrong:
            raise UsageError(
                f"No feature can be read from {wrong}: name a feature file, a folder of them, or FILE:LINE."
            ) from None
        self.features.extend(parse_features(locations, language=self.config.lang))
        self.formatters = make_formatters(self.config, self.config.outputs)
        plan = self.hooks.get("plan")
        self.plan = plan if isinstance(plan, Plan) else Plan()
        self.attempts = Attempts(self, self.plan)
        self.plan.check(self.features, self.config)
        if self.results is not None:
            self._prepare(self.results)
        return bool(self.run_model())

    def run_model(self, features: list[Feature] | None = None) -> bool:
        if self.results is None or self.config.jobs == 1:
            return bool(super().run_model(features))
        from sparkproof.run.parallel import Parallel
        from sparkproof.run.schedule import Schedule

        results = self.results
        assert self._history is not None
        jobs = self._jobs(results.scenarios, results.ids, self._history)
        schedule = Schedule(jobs, self.plan.capacity(), sequential=self._sequential)
        return Parallel(self, self.attempts, results, schedule).run()

    @property
    def _sequential(self) -> bool:
        return bool(self.config.userdata.get("groups") == "sequential")

    def _jobs(self, scenarios: Sequence[Scenario], ids: Sequence[str], history: Durations) -> "list[Job]":
        from sparkproof.run.schedule import Job

        return [
            Job(
                index,
                history.expected(ids[index]),
                self.plan.reservation(scenario),
                self.plan.isolation(scenario),
                self.plan.group(scenario),
            )
            for index, scenario in enumerate(scenarios)
        ]

    def _selected(self) -> list[Scenario]:
        return [
            scenario
            for feature in self.features
            if feature.should_run(self.config)
            for scenario in feature.walk_scenarios()
            if scenario.should_run(self.config)
        ]

    def _prepare(self, results: Results) -> None:
        if self.config.jobs < 1:
            raise UsageError(f"-j {self.config.jobs} leaves nobody to run a scenario: use -j 1 or more.")
        for name in attempts.SETTINGS:
            attempts.number(self.config, name)
        for name, choices in _CHOICES.items():
            given = self.config.userdata.get(name, "")
            if given and given not in choices:
                raise UsageError(f"-D {name}={given} is unknown; {hint(given, choices)}")
        if self._shows_plan:
            raise UsageError("-D plan=show shows what would run: give it together with --dry-run.")
        selected = self._selected()
        every = [scenario for feature in self.features for scenario in feature.walk_scenarios()]
        results.expect(selected, every, self.config.paths, self.plan)
        results.timeline.outside = evidence.begin().spans
        self.plan.prepare(selected)
        self._history = Durations(results.folder / "history.json")
        if self._history.complaint:
            print(self._history.complaint, file=sys.stderr)
        for index, scenario in enumerate(selected):
            scenario.capture_sink.store_on_success = True
            if self.config.jobs == 1:
                scenario.run = functools.partial(self._run_scenario, index, scenario)
        # A formatter that shows nothing is not called: its calls cost a fifth of an empty scenario's time.
        self.formatters = [one for one in self.formatters if type(one) is not NullFormatter]
        for formatter in self.formatters:
            guard(formatter, results)
        # The parsed features live as long as the run: collecting garbage need not look at them again and again.
        gc.freeze()
        for name in {"before_all", "after_all"} & self.hooks.keys():
            self.hooks[name] = noting_failure(name, self.hooks[name], results)
        if "after_all" in self.hooks:
            self.hooks["after_all"] = self._stop.spares(self.hooks["after_all"])
        self.config.reporters.append(NotRunReporter(self, results, {id(s): n for n, s in enumerate(selected)}))

    def _run_scenario(self, index: int, scenario: Scenario, _runner: behave_runner.Runner) -> bool:
        """Run `scenario` until it passes or no attempt is left; return True if behave calls it failed."""
        assert self.results is not None
        number, again, failed = 0, True, False
        while again:
            number += 1
            # An earlier attempt's errors, which behave keeps, are not this one's.
            scenario.exception = scenario.exc_traceback = scenario.error_message = None
            attempt, failed = self.attempts.make(
                index, scenario, number, functools.partial(type(scenario).run, scenario)
            )
            again = self.attempts.repeats(attempt)
            self.results.add(attempt, last=not again)
        return failed

    def _conclude(self, results: Results, failed: bool) -> bool:
        if self.config.show_snippets and self.undefined_steps:
            print_undefined_step_snippets(self.undefined_steps, colored=self.config.has_colored_mode())
        self.config.show_snippets = False
        if self.context and "testrun" in self.context._cleanup_errors:
            results.cause(f"Clean-up of the run failed: {sentence(self.context._cleanup_errors['testrun'])}")
        if self.aborted and not results.causes:
            results.cause(self._stop.cause if self._stop.by else "The run was stopped before its end.")
        for index in range(len(results.scenarios)):
            if not results.ended(index):
                results.lost(index, Outcome.NOT_RUN, results.causes[0] if results.causes else "behave left it out")
        explained = results.causes or any(Outcome(line.outcome).bad or line.attempts > 1 for line in results.lines)
        if failed and not explained:
            results.cause("behave reports a failure that no scenario and no hook explains.")
        if self._history is not None:
            try:
                self._history.learn(results.lines)
            except OSError as full:
                results.cause(f"The history of durations could not be written: {full.strerror}.")
        judged = results.close(self.config.userdata.get("require", ""))
        print()
        print(summary.text(results.lines, judged, results.duration_s), flush=True)
        if judged.exit_code > 1:
            raise SystemExit(judged.exit_code)
        return judged.exit_code != 0
