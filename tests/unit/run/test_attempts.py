"""An attempt is judged by what behave left, ends with its limit, and is repeated as often as the settings ask."""

import os
import signal
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from behave.capture import Captured
from behave.model import Scenario
from behave.model_type import Status

from sparkproof.core import clock, evidence
from sparkproof.core.errors import UsageError
from sparkproof.run.attempts import Attempts, number
from sparkproof.run.limits import uninterrupted
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import Plan
from tests.support.ended import attempt, feature, scenarios


class Runner:
    """behave's runner as far as an attempt needs it."""

    def __init__(self, **settings: str) -> None:
        self.config = SimpleNamespace(userdata=settings)
        self.aborted = False
        self.reasons: list[str] = []
        self.stopped = 0
        self.popped: list[str] = []
        self.context: Any = SimpleNamespace(
            _cleanup_errors={}, _owner=os.getpid(), _stack=[{"@layer": "feature"}], _pop=self._pop
        )
        self.capture_controller = SimpleNamespace(stop_capture=self._stop)

    def abort(self, reason: str) -> None:
        self.reasons.append(reason)

    def _stop(self) -> None:
        self.stopped += 1

    def _pop(self) -> None:
        self.popped.append(self.context._stack.pop(0)["@layer"])
        if len(self.popped) == 1:
            raise ValueError("a clean-up failed")


def made(
    run: Callable[[Any], object], runner: Runner | None = None, plan: Plan | None = None, worker: int = 0
) -> tuple[Any, bool, Scenario]:
    """The attempt at a scenario that runs so, behave's word on it, and the scenario."""
    runner = runner or Runner()
    scenario = scenarios(feature())[0]
    runs = Attempts(runner, plan or Plan())
    workers = (worker,) if worker else ()
    does: Any = lambda one: run(scenario if one is runner else None)  # noqa: E731
    made, failed = runs.make(7, scenario, 2, does, *workers)
    return made, failed, scenario


def ends(status: Status, error: BaseException | None = None, returned: object = True) -> Callable[[Any], object]:
    """A run whose steps pass but for the last one, which ends so."""

    def run(scenario: Scenario) -> object:
        *others, last = scenario.all_steps
        for step in others:
            step.status = Status.passed
        last.status, last.exception = status, error
        return returned

    return run


def test_a_scenario_that_passed_is_an_attempt_that_passed() -> None:
    before = clock.now()

    def run(scenario: Scenario) -> object:
        time.sleep(0.02)
        return ends(Status.passed, returned=0)(scenario)

    found, failed, scenario = made(run, worker=3)
    assert (found.index, found.number, found.outcome, found.reason) == (7, 2, Outcome.PASSED, "")
    assert (found.trace, found.output, found.transient, found.worker) == ("", "", False, 3)
    assert failed is False
    assert before <= found.started <= clock.now()
    assert 0.02 <= found.duration_s < 5
    assert scenario.capture_sink.store_on_success is True
    evidence.attach("a", "b")
    assert [each.name for each in found.record.items] == ["a"], "it is the current record"


def test_a_check_that_does_not_hold_is_a_failed_attempt_with_its_output() -> None:
    def run(scenario: Scenario) -> object:
        scenario.captured.captures.append(Captured("said \udcff", "", "", name="step"))
        return ends(Status.failed, AssertionError("2 rows came"), 1)(scenario)

    found, failed, _ = made(run)
    assert (found.outcome, found.reason, failed) == (Outcome.FAILED, "2 rows came", True)
    assert found.trace.endswith("AssertionError: 2 rows came\n")
    assert r"said \udcff" in found.output


def test_a_clean_up_of_this_scenario_that_failed_breaks_it_and_one_of_an_earlier_one_does_not() -> None:
    runner = Runner()
    runner.context._cleanup_errors = {"scenario": ValueError("earlier"), "feature": ValueError("other")}

    def run(scenario: Scenario) -> object:
        assert runner.context._cleanup_errors.keys() == {"feature"}
        runner.context._cleanup_errors["scenario"] = ValueError("no room")
        scenario.set_status(Status.cleanup_error)
        return True

    found, _, _ = made(run, runner)
    assert (found.outcome, found.reason) == (Outcome.BROKEN, "ValueError: no room (in clean-up)")
    assert made(ends(Status.passed), runner)[0].outcome is Outcome.PASSED
    assert made(lambda one: one.set_status(Status.cleanup_error), Runner())[0].reason == "clean-up failed"


class Refused(evidence.Brought):
    trouble = "It was refused."


def test_what_nobody_looked_at_is_the_cause_and_is_not_sent() -> None:
    def run(scenario: Scenario) -> object:
        Refused().__post_init__()
        return ends(Status.failed, AssertionError("2 rows came"))(scenario)

    found, _, _ = made(run)
    assert found.reason == "It was refused; after that: 2 rows came"
    assert found.record.unread == {}


@pytest.mark.parametrize(
    ("stop", "reason", "aborts"),
    [
        (KeyboardInterrupt(), "the run was stopped", ["KeyboardInterrupt"]),
        (SystemExit(3), "it ended the program by SystemExit: 3", []),
        (ValueError("x"), "ValueError: x", []),
    ],
)
def test_what_comes_between_two_steps_breaks_the_scenario_and_leaves_it(
    stop: BaseException, reason: str, aborts: list[str]
) -> None:
    runner = Runner()
    runner.context._stack = [{"@layer": "scenario"}, {"@layer": "scenario"}, {}, {"@layer": "feature"}]

    def run(_: object) -> object:
        raise stop

    found, failed, _ = made(run, runner)
    assert (found.outcome, found.reason, failed) == (Outcome.BROKEN, reason, True)
    assert (runner.reasons, runner.popped, runner.stopped) == (aborts, ["scenario", "scenario"], 1)
    assert str(runner.context._cleanup_errors["scenario"]) == "a clean-up failed"


def test_a_process_that_a_scenario_forks_and_that_comes_back_ends_there() -> None:
    runner = Runner()

    def run(_: object) -> object:
        child = os.fork()
        if not child:
            raise SystemExit(5)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        return False

    assert made(run, runner)[1] is False


def test_an_attempt_ends_with_its_limit_and_one_that_held_it_back_is_late() -> None:
    found, failed, _ = made(lambda _: time.sleep(5), Runner(timeout="0.05"))
    assert (found.outcome, failed) == (Outcome.BROKEN, True)
    assert found.reason == "it had not ended after 0.05 s, its time limit"

    own = Plan(limit=lambda scenario: {"first": 0.05}[scenario.name])
    assert made(lambda _: time.sleep(5), plan=own)[0].reason == found.reason

    def holds_back(scenario: Scenario) -> object:
        try:
            time.sleep(5)
        except BaseException:
            return ends(Status.passed, returned=False)(scenario)
        raise AssertionError("no limit came")

    found, failed, _ = made(holds_back, Runner(timeout="0.05"))
    assert (found.outcome, failed) == (Outcome.BROKEN, True)
    assert "longer than its time limit of 0.05 s" in found.reason


@pytest.mark.parametrize(("worker", "waits"), [(0, True), (3, False)])
def test_ctrl_c_is_let_in_while_a_worker_runs_a_scenario(worker: int, waits: bool) -> None:
    seen: list[bool] = []

    def run(scenario: Scenario) -> object:
        seen.append(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
        return ends(Status.passed)(scenario)

    with uninterrupted():
        made(run, worker=worker)
    assert seen == [waits]


@pytest.mark.parametrize(
    ("given", "own", "limit"), [("0", 0, 0), ("5", 0, 5), ("0", 7, 7), ("5", 7, 5), ("9", 7, 7), ("1.5", 0, 1.5)]
)
def test_the_shorter_limit_counts(given: str, own: float, limit: float) -> None:
    runs = Attempts(Runner(timeout=given), Plan(limit=lambda _: own))
    assert runs.limit(scenarios(feature())[0]) == limit


@pytest.mark.parametrize(
    ("retry", "outcome", "at", "transient", "again"),
    [
        ("0", Outcome.FAILED, 1, False, False),
        ("0", Outcome.FAILED, 1, True, True),
        ("0", Outcome.FAILED, 2, True, False),
        ("1", Outcome.BROKEN, 1, False, True),
        ("1", Outcome.BROKEN, 2, False, False),
        ("2", Outcome.BROKEN, 2, False, True),
        ("2", Outcome.BROKEN, 2, True, True),
        ("2", Outcome.PASSED, 1, True, False),
        ("2", Outcome.SKIPPED, 1, False, False),
    ],
)
def test_what_went_wrong_is_repeated_as_often_as_asked(
    retry: str, outcome: Outcome, at: int, transient: bool, again: bool
) -> None:
    runner = Runner(retry=retry)
    tried = attempt(0, outcome, number=at, transient=transient)
    assert Attempts(runner, Plan()).repeats(tried) is again
    runner.aborted = True
    assert Attempts(runner, Plan()).repeats(tried) is False


def test_the_plan_says_what_is_worth_another_attempt_and_what_to_remark() -> None:
    asked: list[str] = []

    def remark(reason: str) -> str:
        asked.append(reason)
        return "the disk is full"

    plan = Plan(transient=lambda error: str(error) == "gone.", remark=remark)
    found, _, _ = made(ends(Status.error, ConnectionError("gone."), True), plan=plan)
    assert found.transient is True
    assert found.reason == "ConnectionError: gone. (in Then it answers); the disk is full"
    found, _, _ = made(ends(Status.failed, AssertionError("2 rows."), True), plan=plan)
    assert (found.transient, found.reason) == (False, "2 rows; the disk is full")
    assert made(ends(Status.passed), plan=plan)[0].reason == ""
    assert asked == ["ConnectionError: gone. (in Then it answers)", "2 rows."]
    assert made(ends(Status.failed, AssertionError("2 rows.")), plan=Plan())[0].reason == "2 rows."


def test_a_plan_that_fails_itself_stops_nothing() -> None:
    def fails(_: object) -> bool:
        raise KeyError("x")

    found, _, _ = made(ends(Status.failed, AssertionError("2 rows")), plan=Plan(transient=fails))
    assert found.transient is False
    assert found.reason == "2 rows; the project's plan has no word on it, since it failed itself: KeyError: 'x'"


@pytest.mark.parametrize(("given", "known"), [("3", 3.0), ("0", 0.0), ("0.5", 0.5)])
def test_a_setting_is_a_number(given: str, known: float) -> None:
    config: Any = SimpleNamespace(userdata={"retry": given})
    assert number(config, "retry") == known
    assert number(config, "timeout") == 0.0


@pytest.mark.parametrize("given", ["-1", "inf", "nan", "often", "-0.1"])
def test_a_setting_that_is_no_number_from_0_is_refused(given: str) -> None:
    config: Any = SimpleNamespace(userdata={"retry": given})
    with pytest.raises(UsageError) as refused:
        number(config, "retry")
    assert str(refused.value) == f"-D retry={given} is not a number from 0 up."
