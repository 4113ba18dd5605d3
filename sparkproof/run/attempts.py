"""Attempts at scenarios: made under a time limit, judged, and repeated as often as the settings ask."""

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from behave import runner as behave_runner
from behave.configuration import Configuration
from behave.model import Scenario

from sparkproof.core import clock, evidence
from sparkproof.core.errors import UsageError
from sparkproof.run.attempt import Attempt
from sparkproof.run.context import end_fork
from sparkproof.run.limits import Ended, ends_more, interruptible, time_limit
from sparkproof.run.outcome import Judgement, interrupted, judge, late, readable, sentence
from sparkproof.run.plan import Plan

SETTINGS = ("retry", "timeout")
_NO_LIMIT: AbstractContextManager[None] = nullcontext()


def number(config: Configuration, name: str) -> float:
    """Return the value of -D `name`, 0 without it; raise UsageError for anything but a number from 0 up."""
    given = config.userdata.get(name, "0")
    try:
        if 0 <= float(given) < math.inf:
            return float(given)
    except ValueError:
        pass
    raise UsageError(f"-D {name}={given} is not a number from 0 up.")


class Attempts:
    """Makes the attempts of one process, with behave's runner and the project's plan."""

    def __init__(self, runner: behave_runner.Runner, plan: Plan) -> None:
        self._runner = runner
        self._plan = plan

    def make(
        self, index: int, scenario: Scenario, number: int, run: Callable[[Any], bool], worker: int = 0
    ) -> tuple[Attempt, bool]:
        """Make attempt `number` at the selected scenario `index` by `run`; return it and True if behave failed."""
        runner = self._runner
        record = evidence.begin()
        errors = runner.context._cleanup_errors
        errors.pop("scenario", None)
        scenario.capture_sink.store_on_success = True
        limit = self.limit(scenario)
        started, began = clock.now(), clock.elapsed()
        try:
            with time_limit(limit) if limit else _NO_LIMIT, interruptible() if worker else _NO_LIMIT:
                failed = bool(run(runner))
            judged = judge(scenario, errors.get("scenario"), record.troubles)
        except BaseException as stop:
            # It came between two steps or hooks, where behave does not catch it.
            end_fork(runner.context._owner, stop)
            failed, judged = True, interrupted(Ended.by(stop) if ends_more(stop) else stop)
            self._leave_scenario()
            if isinstance(stop, KeyboardInterrupt):
                runner.abort(reason="KeyboardInterrupt")
        took = clock.elapsed() - began
        record.unread.clear()  # judged by now, and perhaps nothing that can be sent
        if limit and took > limit:
            failed, judged = True, late(judged, took, limit)
        transient, remark = self._plans_word(judged)
        attempt = Attempt(
            index=index,
            number=number,
            outcome=judged.outcome,
            reason=f"{judged.reason.rstrip('.')}; {remark}" if remark else judged.reason,
            started=started,
            duration_s=took,
            record=record,
            trace=judged.trace,
            output=readable(scenario.captured.make_output()) if scenario.captured.has_output() else "",
            transient=transient,
            worker=worker,
        )
        return attempt, failed

    def _plans_word(self, judged: Judgement) -> tuple[bool, str]:
        """Return whether the plan finds another attempt worth it, and its remark, or why it has none."""
        try:
            transient = judged.error is not None and self._plan.transient(judged.error)
            return transient, self._plan.remark(judged.reason) if judged.outcome.bad else ""
        except Exception as broken:
            return False, f"the project's plan has no word on it, since it failed itself: {sentence(broken)}"

    def limit(self, scenario: Scenario) -> float:
        """The seconds after which `scenario` is ended: the shorter of its own limit and -D timeout; 0: never."""
        own = number(self._runner.config, "timeout"), self._plan.limit(scenario)
        return min(filter(None, own), default=0)

    def repeats(self, attempt: Attempt) -> bool:
        """Return True if another attempt is to follow this one."""
        if not attempt.outcome.bad or self._runner.aborted:
            return False
        return attempt.number <= max(number(self._runner.config, "retry"), attempt.transient)

    def _leave_scenario(self) -> None:
        context = self._runner.context
        while context._stack[0].get("@layer") == "scenario":
            try:
                context._pop()
            except Exception as broken:
                context._cleanup_errors["scenario"] = broken
        self._runner.capture_controller.stop_capture()
