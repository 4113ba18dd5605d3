"""What is special to runs on several workers: reservations, hooks, output, groups, and workers that do not end."""

import json
import signal
from collections import Counter, deque
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.run import worker_pool
from sparkproof.run.context import Context
from sparkproof.run.messages import Opened, Ran, State
from sparkproof.run.model import Model
from sparkproof.run.outcome import Outcome
from sparkproof.run.parallel import Parallel, _note
from sparkproof.run.results import Results
from sparkproof.run.runner import Runner
from sparkproof.run.schedule import Job, Schedule
from tests.support.ended import attempt, configuration
from tests.support.ended import feature as parsed
from tests.support.projects import behave, ledger, project, verdict
from tests.support.trouble import STEPS, outcomes, scenarios


def test_a_lease_larger_than_the_cluster_is_skipped_with_the_reason(tmp_path: Path) -> None:
    environment = """
from sparkproof.core.resources import Reservation
from sparkproof.run import Plan
plan = Plan(reservation=lambda s: Reservation(gpus=8 if s.name == "S1" else 1), capacity=lambda: Reservation(gpus=2))
"""
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it passes", "it passes"))
    assert behave("-j", "2", cwd=tmp_path).returncode == 0
    assert outcomes(tmp_path) == {"passed": 1, "skipped": 1}
    (skipped,) = [line for line in ledger(tmp_path) if line["outcome"] == "skipped"]
    assert skipped["reason"] == "it needs 8 GPUs (there are 2 GPUs)"


def test_hooks_run_once_per_run_and_once_per_worker_and_feature(tmp_path: Path) -> None:
    environment = """
import os
def note(name): open("hooks", "a").write(f"{name} {os.getpid()}\\n")
def before_all(context): note("before_all")
def after_all(context): note("after_all")
def before_feature(context, feature): note("before " + feature.name)
def after_feature(context, feature): note("after " + feature.name)
"""
    two = {
        name: f"Feature: {name}\n" + scenarios(*["it takes 0.05 s"] * 6).partition("\n")[2] for name in ("one", "two")
    }
    project(tmp_path, steps=STEPS, environment=environment, **two)
    assert behave("-j", "3", cwd=tmp_path).returncode == 0
    noted = Counter((tmp_path / "hooks").read_text().splitlines())
    assert set(noted.values()) == {1}
    names = Counter(line.rsplit(" ", 1)[0] for line in noted)
    assert names["before_all"] == names["after_all"] == 1
    for feature in ("one", "two"):
        assert 1 <= names[f"before {feature}"] == names[f"after {feature}"] <= 3


def test_stop_in_parallel_starts_nothing_more(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it fails", *["it takes 0.2 s"] * 12))
    assert behave("-j", "2", "--stop", cwd=tmp_path).returncode == 1
    ended = outcomes(tmp_path)
    assert ended["failed"] == 1
    assert ended["not run"] >= 9
    assert sum(ended.values()) == 13


def test_a_worker_that_has_failed_begins_nothing_more_before_its_parent_has_read_that(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it fails", *["it passes"] * 39))
    (tmp_path / "reports").mkdir()
    usual = {f"features/f.feature::S{number}": [0.001 if number else 0.002] for number in range(40)}
    (tmp_path / "reports/history.json").write_text(json.dumps(usual))
    assert behave("-j", "2", "--stop", cwd=tmp_path).returncode == 1
    attempts = json.loads((tmp_path / "reports/timeline.json").read_text())["attempts"]
    (worker,) = [each["worker"] for each in attempts if each["outcome"] == "failed"]
    assert [each["name"] for each in attempts if each["worker"] == worker] == ["S0"]


@pytest.mark.parametrize("hook", ["before_feature(context, one)", "after_scenario(context, one)"])
def test_a_hook_of_one_worker_may_ask_all_to_stop_at_the_first_failure(hook: str, tmp_path: Path) -> None:
    asks = f"def {hook}: context.config.stop |= one.filename.endswith('a.feature')"
    others = scenarios(*["it takes 0.2 s"] * 5, "it fails", *["it takes 0.2 s"] * 12)
    project(tmp_path, steps=STEPS, environment=asks, a=scenarios("it passes"), b=others)
    assert behave("-j", "2", cwd=tmp_path).returncode == 1
    ended = outcomes(tmp_path)
    assert ended["failed"] == 1
    assert ended["not run"]
    assert {line["reason"] for line in ledger(tmp_path) if line["outcome"] == "not run"} == {
        "the run ended at its first failure, as --stop asks"
    }


def test_what_programs_print_stands_beside_their_scenario(tmp_path: Path) -> None:
    shouts = '@step("a program shouts {word}")\ndef shouts(context, word): subprocess.run(["echo", word.upper()])\n'
    project(tmp_path, steps=STEPS + shouts, f=scenarios("a program shouts apples", "a program shouts pears"))
    ran = behave("-j", "2", "-f", "plain", cwd=tmp_path)
    assert ran.returncode == 0
    pieces = ran.stdout.split("Scenario: ")[1:]
    assert [(piece[:2], "APPLES" in piece, "PEARS" in piece) for piece in pieces] == [
        ("S0", True, False),
        ("S1", False, True),
    ]


def test_a_repeated_scenario_in_parallel(tmp_path: Path) -> None:
    steps = STEPS + (
        '@step("it passes the second time")\n'
        "def second(context):\n"
        "    assert os.path.exists('tried'), open('tried', 'w').close()\n"
    )
    project(tmp_path, steps=steps, f=scenarios("it passes the second time", "it passes"))
    assert behave("-j", "2", "-D", "retry=2", cwd=tmp_path).returncode == 0
    assert {line["name"]: line["attempts"] for line in ledger(tmp_path)} == {"S0": 2, "S1": 1}
    assert verdict(tmp_path)["flaky"] == 1


def test_a_worker_that_does_not_let_go_is_killed(tmp_path: Path) -> None:
    environment = "from sparkproof.run import parallel\nparallel._GRACE_S = 0.5\n"
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it hangs and does not let go", "it passes"))
    assert behave("-j", "2", "-D", "timeout=0.3", cwd=tmp_path, timeout_s=20).returncode == 1
    assert outcomes(tmp_path) == {"broken": 1, "passed": 1}
    (lost,) = [line for line in ledger(tmp_path) if line["outcome"] == "broken"]
    assert lost["reason"].startswith("it did not end within 0.8 s and was killed while it ran: Then it hangs")


def test_groups_follow_one_another_when_asked(tmp_path: Path) -> None:
    environment = "from sparkproof.run import Plan\nplan = Plan(group=lambda scenario: scenario.feature.name)\n"
    two = {name: f"Feature: {name}\n" + scenarios(*["it takes 0.1 s"] * 3).partition("\n")[2] for name in ("a", "b")}
    project(tmp_path, steps=STEPS, environment=environment, **two)
    assert behave("-j", "4", "-D", "groups=sequential", cwd=tmp_path).returncode == 0
    lines = sorted(ledger(tmp_path), key=lambda line: line["started"])
    assert [line["group"] for line in lines] == ["a"] * 3 + ["b"] * 3
    ends = max(_end(line) for line in lines[:3])
    assert all(datetime.fromisoformat(line["started"]) >= ends - timedelta(milliseconds=20) for line in lines[3:])


def _end(line: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(line["started"]) + timedelta(seconds=line["duration_s"])


def test_a_worker_collects_garbage_as_the_project_does(tmp_path: Path) -> None:
    steps = (
        STEPS
        + """
import gc
@step("garbage is looked for as usual")
def usual(context): assert gc.get_threshold() == (321, 7, 5), gc.get_threshold()
"""
    )
    environment = """
import gc
def before_all(context): gc.set_threshold(321, 7, 5)
def after_all(context): assert gc.get_threshold() == (321, 7, 5), gc.get_threshold()
"""
    project(tmp_path, steps=steps, environment=environment, f=scenarios(*["garbage is looked for as usual"] * 2))
    assert behave("-j", "2", cwd=tmp_path).returncode == 0


@pytest.fixture
def parallel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run of three scenarios that may be repeated once, before it starts its workers."""
    monkeypatch.setattr(worker_pool, "flush_before_fork", list)
    runner = Runner(configuration("-D", "retry=1"))
    runner.features = [parsed()]
    runner.context = Context(runner)
    results = Results(tmp_path)
    results.selection.choose(runner.features, runner.config)
    model = Model.of(runner.features, results.selection.scenarios, [])
    schedule = Schedule([Job(index) for index in range(3)])
    return Parallel(runner, runner.attempts, results, schedule, Job, model)


def given(parallel: Any) -> Any:
    """A worker that has the next scenario."""
    jobs = deque([parallel._schedule.take()])
    return SimpleNamespace(number=7, jobs=jobs, features=set(), closing=set(), since=0.0)


def test_a_run_that_is_stopped_waits_for_nothing_that_has_not_begun(parallel: Any) -> None:
    assert parallel._working()
    parallel._stop()
    assert not parallel._working()
    assert parallel._pool._halt.is_set


@pytest.mark.parametrize(
    ("kind", "killed_because"),
    [("crashed", "it broke: no room"), ("unreadable", "what it sent cannot be read (it broke: no room)")],
)
def test_a_worker_that_says_nothing_more_of_use_is_killed_and_it_is_said_why(kind: str, killed_because: str) -> None:
    kills: list[str] = []
    worker: Any = SimpleNamespace(killed_because="", kill=lambda: kills.append("killed"))
    results: Any = None
    _note(results, worker, kind, "it broke: no room")
    assert (worker.killed_because, kills) == (killed_because, ["killed"])


def test_what_a_worker_remarks_is_told_and_what_went_wrong_is_a_cause(capsys: pytest.CaptureFixture[str]) -> None:
    causes: list[str] = []
    results: Any = SimpleNamespace(cause=causes.append)
    worker: Any = SimpleNamespace(killed_because="")
    _note(results, worker, "cause", "no bucket")
    _note(results, worker, "remark", "a trace")
    assert (causes, capsys.readouterr().err, worker.killed_because) == (["no bucket"], "a trace\n", "")


@pytest.mark.parametrize("stopped", [False, True])
def test_what_failed_is_not_repeated_in_a_run_that_is_stopped_and_has_failed(stopped: bool, parallel: Any) -> None:
    worker = given(parallel)
    if stopped:
        parallel._stop()
    scenario = parallel._selection.scenarios[0]
    ran = Ran(
        attempt(0, Outcome.FAILED, "2 rows came"), State.of(scenario, changed=False), [], True, True, False, False
    )
    parallel._take(worker, "ran", ran)
    assert [line.outcome for line in parallel._results.lines] == (["failed"] if stopped else [])
    assert len(parallel._schedule) == (2 if stopped else 3)


@pytest.mark.parametrize("kind", ["missing", "unrun"])
def test_what_a_worker_does_not_run_is_free_again_and_what_it_has_not_is_broken(kind: str, parallel: Any) -> None:
    parallel._take(given(parallel), kind, 0)
    broken = [("broken", "hooks did not make it on worker 7")] if kind == "missing" else []
    assert [(line.outcome, line.reason) for line in parallel._results.lines] == broken
    assert parallel._schedule.running == {}


@pytest.mark.parametrize(("failed", "left"), [(0, 0), (1, 2)], ids=["a feature", "its rule"])
def test_nothing_of_a_feature_or_rule_begins_whose_hook_has_failed(failed: int, left: int, parallel: Any) -> None:
    parallel._schedule.drop([2])
    parallel._schedule.begin(Job(2))
    worker = SimpleNamespace(jobs=deque([Job(2)]), features=set(), since=0.0)
    parallel._take(worker, "opened", Opened(failed, None, True, False, False, None, ("", ""), [], {}, False, False))
    parallel._take(worker, "refused", 2)
    assert len(parallel._schedule) == left


@pytest.mark.parametrize("kind", ["opened", "closed"])
def test_the_hooks_of_a_feature_may_end_the_run_on_their_way_in_and_out(kind: str, parallel: Any) -> None:
    opened = Opened(0, None, False, False, False, None, ("", ""), [], {}, True, True)
    parallel._take(given(parallel), kind, opened)
    assert parallel._stopped
    assert parallel._runner.aborted
    assert parallel._runner.config.stop


def test_no_worker_goes_on_when_the_run_itself_breaks(parallel: Any) -> None:
    told: list[str] = []
    parallel._run_scenarios = lambda: 1 // 0
    parallel._pool.kill = lambda: told.append("killed")
    with pytest.raises(ZeroDivisionError):
        parallel.run()
    assert told == ["killed"]


def test_ctrl_c_interrupts_what_runs_and_a_second_one_kills_it(parallel: Any) -> None:
    told: list[str] = []
    worker = SimpleNamespace(killed_because="", kill=lambda: told.append("killed"))
    parallel._pool.interrupt = lambda: told.append("interrupted")
    before = signal.getsignal(signal.SIGINT)

    def interrupted() -> None:
        parallel._pool._workers = {1: worker}
        signal.raise_signal(signal.SIGINT)
        assert (told, parallel._stopped) == (["interrupted"], True)
        signal.raise_signal(signal.SIGINT)
        parallel._pool._workers = {}

    parallel._run_scenarios = interrupted
    parallel._unreplayed.clear()
    parallel.run()
    assert (told, worker.killed_because) == (["interrupted", "killed"], "it was stopped by a second Ctrl-C")
    assert signal.getsignal(signal.SIGINT) is before
    assert parallel._runner.aborted, "also where no worker has noticed it"


def test_a_run_goes_on_when_all_its_workers_have_died_and_says_what_hooks_did_not_run(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios(*["it kills its worker"] * 3, *["it passes"] * 3))
    assert behave("-j", "2", cwd=tmp_path).returncode == 1
    assert outcomes(tmp_path) == {"broken": 3, "passed": 3}
    causes = verdict(tmp_path)["causes"]
    for number in (1, 2):
        assert f"Hooks after 'F' did not run on worker {number}." in causes
