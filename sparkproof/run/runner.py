"""behave's own runner, with a ledger, a verdict, retries and reports: `behave -r sparkproof.run:Runner`."""

import functools
import gc
import sys
import threading
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from behave import runner as behave_runner
from behave.configuration import Configuration
from behave.exception import InvalidFileLocationError, InvalidFilenameError
from behave.formatter._registry import make_formatters
from behave.formatter.null import NullFormatter
from behave.model import Feature, ScenarioOutline
from behave.runner_util import parse_features, print_undefined_step_snippets

from sparkproof.core import evidence
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint
from sparkproof.run import attempts, guards, own_process, selection, summary
from sparkproof.run.alone import Alone
from sparkproof.run.attempts import Attempts
from sparkproof.run.context import Context
from sparkproof.run.durations import Durations
from sparkproof.run.not_run import NotRunReporter
from sparkproof.run.outcome import BAD, Outcome, sentence, trace_of
from sparkproof.run.plan import Plan
from sparkproof.run.quicker import keep_locations, look_up_statuses
from sparkproof.run.refusals import REFUSALS, told
from sparkproof.run.results import Results
from sparkproof.run.selection import Selected
from sparkproof.run.signals import Stop, stopped_by_signals
from sparkproof.run.verdict import REQUIREMENTS

if TYPE_CHECKING:
    from sparkproof.run.schedule import Job, Schedule

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
        self._untouched: list[ScenarioOutline] = []
        # True if before_all is the project's own, which may change the features.
        self._prepares = False

    def run(self) -> bool:
        """Run behave and return True if the run failed. Exits with code 3 if nothing could be proved."""
        if self.config.dry_run:
            return self._run_dry()
        try:
            self.results = results = Results(Path(self.config.userdata.get("reports", "reports")))
        except OSError as refused:
            print(f"verdict: failure (reports cannot be written: {refused.filename}: {refused.strerror})")
            return True
        guards.no_sudden_end(weakref.WeakMethod(self._end_now))
        look_up_statuses()
        keep_locations()
        with stopped_by_signals() as self._stop:
            failed = self._run_accounted(results)
            self._stop.ending = True
            gc.unfreeze()  # at its end Python closes the files of what it can collect
            return self._conclude(results, failed)

    def _run_accounted(self, results: Results) -> bool:
        """Run behave, and make what ends it early a cause; return True if behave calls the run failed."""
        try:
            failed = bool(super().run())
            if taken := results.selection.withdraw(self.features, results.ended):
                print(f"Hooks of the project took these scenarios away: {', '.join(taken)}.", file=sys.stderr)
            return failed
        except REFUSALS as refused:
            results.cause(told(refused))
        except KeyboardInterrupt:
            results.cause(self._stop.cause)
        except BaseException as broken:
            self.capture_controller.stop_capture()
            print(trace_of(broken), file=sys.stderr)
            results.cause(f"The run itself broke: {sentence(broken)}")
        return False

    def _run_dry(self) -> bool:
        try:
            failed = bool(super().run())
            for step in self.undefined_steps:
                print(f"step is not defined: {step.keyword} {step.name} ({step.location})")
            if self._shows_plan:
                print(self._forecast())
        except REFUSALS as refused:
            print(told(refused))
            return True
        except BrokenPipeError:
            guards.leave_unread_output()
            return True
        return failed

    @property
    def _shows_plan(self) -> bool:
        return bool(self.config.userdata.get("plan", "") == "show")

    def _forecast(self) -> str:
        """Return the plan of the run that this dry run stands for, by the durations of earlier runs."""
        from sparkproof.run import forecast

        selected = Selected()
        selected.choose(self.features, self.config)
        self._history = Durations(Path(self.config.userdata.get("reports", "reports")) / "history.json")
        expected = forecast.forecast(self._schedule(selected), self.config.jobs)
        return forecast.text(expected, selected.ids, self._history.knows)

    def run_with_paths(self) -> bool:
        self.context = Context(self)
        with guards.loading():
            self.load_hooks()
            self.load_step_definitions()
        try:
            locations = [where for where in self.feature_locations() if not self.config.exclude(where)]
        except (FileNotFoundError, InvalidFileLocationError, InvalidFilenameError) as wrong:
            raise UsageError(
                f"No feature can be read from {wrong}: name a feature file, a folder of them, or FILE:LINE."
            ) from None
        self.features.extend(parse_features(locations, language=self.config.lang))
        self._untouched = selection.untouched(self.features)
        self.formatters = make_formatters(self.config, self.config.outputs)
        plan = self.hooks.get("plan")
        self.plan = plan if isinstance(plan, Plan) else Plan()
        self.attempts = Attempts(self, self.plan)
        self.plan.check(self.features, self.config)
        if self.results is not None:
            self._prepare(self.results)
        return bool(self.run_model())

    def run_model(self, features: list[Feature] | None = None) -> bool:
        if self.results is None:
            return bool(super().run_model(features))
        if self.config.jobs > 1:
            return self._run_parallel(self.results)
        with Alone(self, self.attempts, self.results, self._end_now).accounting():
            return bool(super().run_model(features))

    def run_hook(self, hook_name: str, *args: Any) -> bool:
        if hook_name not in self.hooks:
            return True
        passed = bool(super().run_hook(hook_name, *args))
        if hook_name == "before_all" and self.results is not None:
            self._select_again(self.results)
        return passed

    def _run_parallel(self, results: Results) -> bool:
        """Do what behave's run_model does, in its order; return True if behave would call the run failed."""
        from sparkproof.run import before_fork
        from sparkproof.run.model import Model
        from sparkproof.run.parallel import Parallel

        capacity = self.plan.capacity()
        self.hook_failures = 0
        self.step_registry = behave_runner.the_step_registry
        threads = threading.enumerate()
        self.run_hook("before_all")
        failed = True
        try:
            if not self.aborted:
                for remark in before_fork.warnings(threads):
                    print(remark, file=sys.stderr)
            selected = results.selection
            model = Model.of(self.features, selected.scenarios, self._untouched)
            schedule = self._schedule(selected, capacity)
            job = functools.partial(self._job, selected)
            parallel = Parallel(self, self.attempts, results, schedule, job, model)
            parallel.run()
            failed = parallel.failed
        finally:
            self.run_hook_with_capture("after_all")
            with suppress(Exception):  # the context keeps the error, and it becomes a cause
                self.context._do_remaining_cleanups()
        if self.aborted:
            print("\nABORTED: By user.")
        for formatter in self.formatters:
            formatter.close()
        for reporter in self.config.reporters:
            reporter.end()
        return failed or self.aborted

    def _schedule(self, selected: Selected, capacity: Any = None) -> "Schedule":
        from sparkproof.run.schedule import Schedule

        jobs = [self._job(selected, index) for index in range(len(selected.scenarios))]
        return Schedule(jobs, capacity, sequential=self.config.userdata.get("groups") == "sequential")

    def _job(self, selected: Selected, index: int) -> "Job":
        from sparkproof.run.schedule import Job

        assert self._history is not None
        identity, scenario, plan = selected.ids[index], selected.scenarios[index], self.plan
        needs = (plan.reservation(scenario), plan.isolation(scenario), plan.group(scenario))
        usual_s = self._history.usual(identity)
        return Job(index, usual_s or self._history.of_all, *needs, usual_s)

    def _select_again(self, results: Results) -> None:
        """Select from what before_all has made of the features, if it is the project's own."""
        if not self._prepares:
            return
        selection.part(self.features)
        self._untouched = selection.untouched(self.features)
        results.selection.choose(self.features, self.config)
        if self.config.jobs == 1:
            selection.restore(self._untouched)

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
        chosen = results.selection
        chosen.choose(self.features, self.config)
        results.open(self.config.paths, self.plan)
        results.timeline.outside = evidence.begin().spans
        self.plan.prepare(list(chosen.scenarios))
        self._prepares = self.hooks["before_all"] != self.before_all_default_hook
        if self._prepares or self.config.jobs == 1:  # workers restore their own copies
            selection.restore(self._untouched)
        self._history = Durations(results.folder / "history.json")
        if self._history.complaint:
            print(self._history.complaint, file=sys.stderr)
        # A formatter that shows nothing is not called: its calls cost a fifth of an empty scenario's time.
        self.formatters = [one for one in self.formatters if type(one) is not NullFormatter]
        for formatter in self.formatters:
            guards.guard(formatter, results)
        # The parsed features live as long as the run: collecting garbage need not look at them again and again.
        gc.freeze()
        for name in {"before_all", "after_all"} & self.hooks.keys():
            self.hooks[name] = guards.noting_failure(name, self.hooks[name], results)
        if "after_all" in self.hooks:
            self.hooks["after_all"] = self._stop.spares(self.hooks["after_all"])
        for reporter in self.config.reporters:
            guards.guard_reporter(reporter, results)
        self.config.reporters.append(NotRunReporter(self, results))

    def _end_now(self, cause: str) -> None:
        """End the run where it is, with its verdict: what runs cannot be ended."""
        assert self.results is not None
        sys.stdout = sys.__stdout__  # behave captures for the scenario that hangs
        self.results.cause(cause)
        self._conclude(self.results, failed=True)
        own_process.end(1)

    def _conclude(self, results: Results, failed: bool) -> bool:
        if self.config.show_snippets and self.undefined_steps:
            print_undefined_step_snippets(self.undefined_steps, colored=self.config.has_colored_mode())
        self.config.show_snippets = False
        if self.context and "testrun" in self.context._cleanup_errors:
            results.cause(f"Clean-up of the run failed: {sentence(self.context._cleanup_errors['testrun'])}")
        if self.aborted and not results.causes:
            results.cause(self._stop.cause if self._stop.by else "The run was stopped before its end.")
        for index in range(len(results.selection.scenarios)):
            if index not in results.selection.withdrawn and not results.ended(index):
                results.lost(index, Outcome.NOT_RUN, results.causes[0] if results.causes else "behave left it out")
        explained = results.causes or any(line.outcome in BAD or line.attempts > 1 for line in results.lines)
        if failed and not explained:
            results.cause("behave reports a failure that no scenario and no hook explains.")
        if self._history is not None:
            try:
                self._history.learn(results.lines)
            except OSError as full:
                results.cause(f"The history of durations could not be written: {full.strerror}.")
        judged = results.close(self.config.userdata.get("require", ""))
        guards.say(f"\n{summary.text(results.lines, judged, results.duration_s)}")
        if judged.exit_code > 1:
            raise SystemExit(judged.exit_code)
        return judged.exit_code != 0
