"""SIGTERM and SIGHUP stop a run as Ctrl-C does, with clean-up, results and a verdict, and end nothing else."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.projects import FIXED, OURS, behave, ledger, project, verdict
from tests.support.trouble import STEPS, outcomes, scenarios

RUN_HOOKS = (
    "import time\n"
    "def after_all(context):\n"
    "    open('ending', 'w').close()\n"
    "    time.sleep(1)\n"
    "    open('ended', 'w').close()\n"
)


pytestmark = pytest.mark.usefixtures("heard_as_usual")


def begun(folder: Path, *args: str, terminal: int | None = None) -> subprocess.Popen[str]:
    """Start behave in the project at `folder`, and return when its first scenario runs."""
    output = terminal if terminal is not None else subprocess.PIPE
    run = subprocess.Popen(
        [sys.executable, "-m", "behave", "-r", OURS, *args],
        cwd=folder,
        env=FIXED,
        stdin=terminal,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    await_file(folder / "began")
    time.sleep(0.2)
    return run


def await_file(path: Path) -> None:
    until = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < until, f"{path.name} did not come"
        time.sleep(0.02)


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_signal_cleans_up_and_is_the_cause(name: str, jobs: str, tmp_path: Path) -> None:
    steps = STEPS + (
        '@step("it cleans up slowly")\n'
        "def slowly(context):\n"
        "    def clean():\n"
        "        open('cleaning', 'w').close()\n"
        "        time.sleep(1)\n"
        "        open('cleaned', 'a').write(context.scenario.name + '\\n')\n"
        "    context.add_cleanup(clean)\n"
        "    open('began', 'a').write(context.scenario.name + '\\n')\n"
        "    time.sleep(20)\n"
    )
    project(tmp_path, steps=steps, environment=RUN_HOOKS, f=scenarios(*["it cleans up slowly"] * 4))
    run = begun(tmp_path, "-j", jobs)
    # To the whole group and more than once, as `timeout` and shells send it; that is no second Ctrl-C.
    for moment in ("began", "cleaning", "ending"):
        await_file(tmp_path / moment)
        os.killpg(run.pid, signal.Signals[name])
    said, _ = run.communicate(timeout=30)
    assert run.returncode == 1
    assert sorted((tmp_path / "began").read_text().split()) == sorted((tmp_path / "cleaned").read_text().split())
    assert (tmp_path / "ended").exists()
    assert outcomes(tmp_path) == {"broken": int(jobs), "not run": 4 - int(jobs)}
    assert verdict(tmp_path)["causes"] == [f"Stopped by {name}."]
    assert said.splitlines()[-1].startswith("verdict: failure")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("moment", ["before_all", "a scenario"])
def test_a_run_in_the_background_of_a_script_is_stopped_as_well(moment: str, jobs: str, tmp_path: Path) -> None:
    slow = "import time\ndef before_all(context):\n    open('began', 'w').close()\n    time.sleep(20)\n"
    project(
        tmp_path,
        steps=STEPS,
        environment=slow if moment == "before_all" else "",
        f=scenarios("it takes 20.0 s", "it takes 20.0 s"),
    )
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a shell does so for what it starts with &
    try:
        run = begun(tmp_path, "-j", jobs)
    finally:
        signal.signal(signal.SIGINT, before)
    os.kill(run.pid, signal.SIGTERM)
    run.communicate(timeout=15)
    assert run.returncode == 1
    assert verdict(tmp_path)["causes"] == ["Stopped by SIGTERM."]
    assert outcomes(tmp_path).keys() <= {"broken", "not run"}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_signal_that_comes_at_the_end_breaks_nothing_off(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, environment=RUN_HOOKS, f=scenarios("it takes 0.1 s"))
    run = begun(tmp_path, "-j", jobs)
    await_file(tmp_path / "ending")
    os.kill(run.pid, signal.SIGTERM)
    run.communicate(timeout=30)
    assert (run.returncode, outcomes(tmp_path)) == (0, {"passed": 1})
    assert (tmp_path / "ended").exists()


def test_a_signal_to_every_process_lets_workers_clean_up(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios(*["it takes 20.0 s"] * 2))
    run = begun(tmp_path, "-j", "2")
    workers = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    assert len(workers) == 2
    for pid in [*map(int, workers), run.pid]:
        os.kill(pid, signal.SIGTERM)
    run.communicate(timeout=30)
    assert sorted((tmp_path / "cleaned").read_text().split()) == ["S0", "S1"]
    assert verdict(tmp_path)["causes"] == ["Stopped by SIGTERM."]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_lost_terminal_takes_no_result_with_it(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes", *["it takes 20.0 s"] * 2))
    ours, theirs = pty.openpty()
    run = begun(tmp_path, "-f", "plain", "-j", jobs, terminal=theirs)
    os.close(theirs)
    os.close(ours)
    os.kill(run.pid, signal.SIGHUP)
    assert run.wait(timeout=30) == 1
    assert len(ledger(tmp_path)) == 3
    assert verdict(tmp_path)["causes"] == ["Stopped by SIGHUP."]


def test_a_signal_that_was_ignored_stays_ignored(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it takes 1.5 s"))
    nohup = "import signal, runpy, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN)"
    (tmp_path / "sitecustomize.py").write_text(nohup)
    run = subprocess.Popen(
        [sys.executable, "-m", "behave", "-f", "null", "-r", OURS],
        cwd=tmp_path,
        env={**FIXED, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    await_file(tmp_path / "began")
    os.kill(run.pid, signal.SIGHUP)
    run.communicate(timeout=30)
    assert (run.returncode, outcomes(tmp_path)) == (0, {"passed": 1})


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_step_forks_and_terminates_ends(jobs: str, tmp_path: Path) -> None:
    steps = STEPS + (
        "import multiprocessing\n"
        '@step("a child is terminated")\n'
        "def terminated(context):\n"
        "    child = multiprocessing.get_context('fork').Process(target=time.sleep, args=(20,))\n"
        "    child.start()\n"
        "    time.sleep(0.2)\n"
        "    child.terminate()\n"
        "    child.join(5)\n"
        "    assert child.exitcode == -signal.SIGTERM, child.exitcode\n"
    )
    project(tmp_path, steps=steps, f=scenarios("a child is terminated", "it passes"))
    assert behave("-j", jobs, cwd=tmp_path).returncode == 0
