"""Every run ends: whatever outlives a worker, ignores its limit, or moves the clock."""

import time
from pathlib import Path

import pytest

from tests.support.projects import FIXED, behave, ledger, project, verdict
from tests.support.trouble import STEPS, outcomes, scenarios

DAEMON = """
@step("a daemon is left and its worker {what}")
def daemon(context, what):
    if os.fork() == 0:
        os.setsid()
        time.sleep(40)
        os._exit(0)
    if what == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
@step("it prints much and is killed while it sends")
def prints(context):
    print("x" * 30_000_000)
    worker = os.getpid()
    if os.fork() == 0:
        time.sleep(0.3)
        os.kill(worker, signal.SIGKILL)
        time.sleep(40)
        os._exit(0)
"""


@pytest.mark.parametrize(("what", "outcome"), [("dies", "broken"), ("lives", "passed")])
def test_a_daemon_that_holds_a_workers_pipe_does_not_hold_the_run(what: str, outcome: str, tmp_path: Path) -> None:
    steps = [f"a daemon is left and its worker {what}", "it passes", "it passes", "it passes"]
    project(tmp_path, steps=STEPS + DAEMON, f=scenarios(*steps))
    began = time.monotonic()
    ran = behave("-j", "4", cwd=tmp_path, timeout_s=35)
    assert time.monotonic() - began < 30
    assert ran.returncode == (outcome == "broken")
    assert {line["name"]: line["outcome"] for line in ledger(tmp_path)}["S0"] == outcome
    assert sum(outcomes(tmp_path).values()) == 4


def test_a_worker_that_dies_while_its_result_is_read_loses_its_scenario_alone(tmp_path: Path) -> None:
    project(
        tmp_path, steps=STEPS + DAEMON, f=scenarios("it prints much and is killed while it sends", *["it passes"] * 3)
    )
    behave("-j", "2", cwd=tmp_path, timeout_s=35)
    ended = outcomes(tmp_path)
    assert ended["passed"] >= 3
    assert sum(ended.values()) == 4
    assert not any("broke" in cause for cause in verdict(tmp_path)["causes"])


def test_a_run_on_one_worker_ends_when_nothing_else_ends_a_scenario(tmp_path: Path) -> None:
    environment = "from sparkproof.run import alone\nalone._GRACE_S = 0.5\n"
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it hangs and does not let go", "it passes"))
    ran = behave("-j", "1", "-D", "timeout=0.3", cwd=tmp_path, timeout_s=30)
    assert ran.returncode == 1
    assert ran.stdout.splitlines()[-1].startswith("verdict: failure")
    assert outcomes(tmp_path) == {"broken": 1, "not run": 1}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_clock_that_before_all_stops_does_not_stop_the_limits(jobs: str, tmp_path: Path) -> None:
    environment = """
import sys, time
from sparkproof.run import alone, parallel
alone._GRACE_S = parallel._GRACE_S = 0.5
def before_all(context):
    for module in list(sys.modules.values()):
        for name, stopped in (("monotonic", 1.0), ("perf_counter", 1.0), ("time", 1e9)):
            if vars(module).get(name) is getattr(time, name) and module is not time:
                setattr(module, name, lambda stopped=stopped: stopped)
    time.monotonic = time.perf_counter = lambda: 1.0
    time.time = lambda: 1e9
"""
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it hangs and does not let go", "it passes"))
    ran = behave("-j", jobs, "-D", "timeout=0.3", cwd=tmp_path, timeout_s=30)
    assert ran.returncode == 1
    assert outcomes(tmp_path)["broken"] == 1
    assert ledger(tmp_path)[0]["started"] > "2024"
    assert ("before_all moved the clock" in ran.stderr) == (jobs == "2")


def test_threads_at_the_fork_are_named(tmp_path: Path) -> None:
    environment = """
import threading
def before_all(context): threading.Thread(target=threading.Event().wait, name="poller", daemon=True).start()
"""
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it passes"))
    ran = behave("-j", "2", cwd=tmp_path)
    assert ran.returncode == 0
    assert "before_all left threads that run (poller)" in ran.stderr


@pytest.mark.parametrize("setting", ["retry=inf", "timeout=inf", "timeout=nan"])
def test_endless_settings_are_refused(setting: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    assert behave("-D", setting, cwd=tmp_path).returncode == 1
    assert verdict(tmp_path)["causes"] == [f"-D {setting} is not a number from 0 up."]


def test_a_history_with_a_duration_that_is_none_is_started_anew(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/history.json").write_text('{"features/f.feature::S0": [NaN]}')
    ran = behave("-j", "2", cwd=tmp_path)
    assert ran.returncode == 0
    assert "nan is no duration" in ran.stderr


def test_what_behave_refuses_is_told_in_its_words(tmp_path: Path) -> None:
    ran = behave(cwd=tmp_path)
    assert ran.returncode == 1
    (cause,) = verdict(tmp_path)["causes"]
    assert cause.startswith("ConfigError: No steps directory in")
    assert "Traceback" not in ran.stdout + ran.stderr


def test_a_dry_run_names_the_undefined_step_and_its_line(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes", "it flies"))
    ran = behave("--dry-run", "--no-snippets", cwd=tmp_path)
    assert ran.returncode == 1
    assert "step is not defined: Then it flies (features/f.feature:7)" in ran.stdout


@pytest.mark.parametrize("limit", ["", "timeout=1"])
def test_last_hooks_take_their_time_unless_there_is_a_limit(
    limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The 30 s that a limit gives them are one here."""
    environment = "import time\ndef after_feature(c, f): time.sleep(4)"
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    (tmp_path / "quick.py").write_text(
        "from sparkproof.run import Runner, parallel\nparallel._GRACE_S = 1\nclass Quick(Runner): pass\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setitem(FIXED, "PYTHONPATH", str(tmp_path))
    args = ("-D", limit) if limit else ()
    ran = behave("-j", "2", *args, cwd=tmp_path, runner="quick:Quick")
    late = any("did not clean up in time" in cause for cause in verdict(tmp_path)["causes"])
    assert (ran.returncode, late) == ((1, True) if limit else (0, False)), ran.stdout


@pytest.mark.usefixtures("heard_as_usual")
@pytest.mark.parametrize("how", ["os.kill(os.getpid(), 15)", "os.killpg(0, 15)", "signal.raise_signal(1)"])
def test_a_step_that_ends_its_worker_by_a_signal_does_not_pass(how: str, tmp_path: Path) -> None:
    steps = f"import os, signal\n@step('it ends')\ndef ends(c): {how}\n@step('it passes')\ndef passes(c): pass\n"
    text = "Feature: F\n  Scenario: S0\n    Then it ends\n  Scenario: S1\n    Then it passes\n"
    project(tmp_path, steps=steps, f=text)
    assert behave("-j", "4", cwd=tmp_path).returncode == 1
    assert {line["name"]: line["outcome"] for line in ledger(tmp_path)} == {"S0": "broken", "S1": "passed"}
