"""Whatever happens to a run, every selected scenario ends in exactly one line and the verdict says why."""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.projects import FIXED, OURS, behave, ledger, project, verdict
from tests.support.trouble import STEPS, outcomes, scenarios


@pytest.fixture
def running(tmp_path: Path) -> Path:
    return project(tmp_path, steps=STEPS, f=scenarios(*["it takes 5.0 s"] * 4))


def start(folder: Path, *args: str) -> subprocess.Popen[str]:
    """Start behave and return when a scenario is running."""
    command = [sys.executable, "-m", "behave", "-f", "null", "-r", OURS, *args]
    began = subprocess.Popen(
        command,
        cwd=folder,
        env=FIXED,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    until = time.monotonic() + 20
    while not (folder / "began").exists():
        assert time.monotonic() < until, "no scenario began"
        time.sleep(0.02)
    time.sleep(0.2)  # it is asleep by now: an interrupt in a destructor, which Python drops, would be no test of ours
    return began


@pytest.mark.parametrize("step", ["it kills its worker", "it exits"])
def test_a_worker_that_dies_loses_nothing_but_its_scenario(step: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes", step, *["it passes"] * 8))
    ran = behave("-j", "2", cwd=tmp_path)
    assert ran.returncode == 1
    assert outcomes(tmp_path) == {"passed": 9, "broken": 1}
    (lost,) = [line for line in ledger(tmp_path) if line["outcome"] == "broken"]
    assert re.match(r"it (was killed by SIGKILL|ended with exit code 7)", lost["reason"])
    assert lost["name"] in "".join(verdict(tmp_path)["causes"]) or lost["id"] in "".join(verdict(tmp_path)["causes"])


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_scenario_that_hangs_is_ended_and_cleaned_up(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it takes 30.0 s", "it passes"))
    ran = behave("-j", jobs, "-D", "timeout=0.3", cwd=tmp_path)
    assert ran.returncode == 1
    assert outcomes(tmp_path) == {"broken": 1, "passed": 1}
    assert "it had not ended after 0.3 s" in ledger(tmp_path)[-1 if jobs == "2" else 0]["reason"]
    assert (tmp_path / "cleaned").read_text() == "S0\n"


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize(("own", "run"), [("0.3", "20"), ("20", "0.3")])
def test_the_shorter_of_a_scenarios_own_limit_and_the_runs_ends_it(
    own: str, run: str, jobs: str, tmp_path: Path
) -> None:
    environment = f"from sparkproof.run import Plan\nplan = Plan(limit=lambda scenario: {own})\n"
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it takes 30.0 s", "it passes"))
    assert behave("-j", jobs, "-D", f"timeout={run}", cwd=tmp_path).returncode == 1
    assert outcomes(tmp_path) == {"broken": 1, "passed": 1}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_once_cleans_up_and_writes_results(jobs: str, running: Path) -> None:
    run = start(running, "-j", jobs)
    os.kill(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=20)
    assert run.returncode == 1
    began, cleaned = ((running / name).read_text().split() for name in ("began", "cleaned"))
    assert sorted(began) == sorted(cleaned)
    assert outcomes(running) == {"broken": int(jobs), "not run": 4 - int(jobs)}
    assert verdict(running)["verdict"] == "failure"
    assert said.splitlines()[-1].startswith("verdict: failure")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_twice_stops_now_and_says_what_is_left(jobs: str, tmp_path: Path) -> None:
    steps = STEPS + (
        '@step("its clean-up hangs")\n'
        "def hanging(context):\n"
        "    context.add_cleanup(lambda: (open('cleaning', 'w').close(), time.sleep(60)))\n"
        "    open('began', 'w').close()\n"
        "    time.sleep(60)\n"
    )
    project(tmp_path, steps=steps, f=scenarios("its clean-up hangs", "it passes"))
    run = start(tmp_path, "-j", jobs)
    os.kill(run.pid, signal.SIGINT)
    until = time.monotonic() + 20
    while not (tmp_path / "cleaning").exists():
        assert time.monotonic() < until, "no clean-up began"
        time.sleep(0.02)
    time.sleep(0.2)
    os.kill(run.pid, signal.SIGINT)
    said, _ = run.communicate(timeout=10)
    assert run.returncode == 1
    assert sum(outcomes(tmp_path).values()) == 2
    assert said.splitlines()[-1].startswith("verdict: failure")


def test_kill_9_keeps_what_had_ended_and_leaves_no_worker(tmp_path: Path) -> None:
    environment = "def after_feature(c, f): open('cleaned', 'a').write('the feature\\n')"
    text = scenarios("it passes", "it passes", "it takes 2.0 s")
    project(tmp_path, steps=STEPS, environment=environment, f=text)
    (tmp_path / "cleaned").touch()
    run = start(tmp_path, "-j", "2")
    until = time.monotonic() + 20
    while len(ledger(tmp_path)) < 2:
        assert time.monotonic() < until, "nothing ended"
        time.sleep(0.02)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert outcomes(tmp_path) == {"passed": 2}
    run.communicate(timeout=20)  # returns when the last worker, which holds the pipe no more, has cleaned up
    until = time.monotonic() + 20
    while not {"S2", "the feature"} <= set((tmp_path / "cleaned").read_text().splitlines()):
        assert time.monotonic() < until, "the orphaned worker did not clean up"
        time.sleep(0.05)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_results_that_cannot_be_written_make_a_failure(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios(*["it passes"] * 30))
    command = [sys.executable, "-m", "behave", "-f", "null", "-r", OURS, "-j", jobs]

    def little_room() -> None:
        # The kernel's own "file too large", as a full disk's "no space left", is an OSError on write.
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env=FIXED,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=little_room,
    )
    assert ran.returncode == 1
    assert "ledger.jsonl under reports could not be written: File too large" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("verdict: failure (30 passed")


def test_a_reports_folder_that_cannot_be_made_is_said_before_anything_runs(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    (tmp_path / "reports").write_text("a file")
    ran = behave(cwd=tmp_path)
    assert (ran.returncode, ran.stdout.splitlines()[-1].split(" (")[0]) == (1, "verdict: failure")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_second_run_does_not_take_the_results_of_the_first(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it takes 3.0 s"))
    first = start(tmp_path, "-j", jobs)
    second = behave(cwd=tmp_path)
    assert second.returncode == 1
    assert f"process {first.pid} runs and writes there: wait for its end" in second.stdout
    assert first.wait(60) == 0
    assert outcomes(tmp_path) == {"passed": 1}
    assert behave(cwd=tmp_path).returncode == 0, "the next run may"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_formatter_that_crashes_is_silenced_and_makes_a_failure(jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes", "it passes"))
    (tmp_path / "broken.py").write_text(
        "from behave.formatter.base import Formatter\n"
        "class Broken(Formatter):\n"
        "    def result(self, step): raise ValueError('no colour')\n"
    )
    ran = behave("-j", jobs, "-f", "broken:Broken", cwd=tmp_path)
    assert ran.returncode == 1
    assert outcomes(tmp_path) == {"passed": 2}
    assert verdict(tmp_path)["causes"] == ["Formatter Broken broke: ValueError: no colour"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_reader_that_leaves_standard_output_is_named_and_the_verdict_is_said_elsewhere(
    jobs: str, tmp_path: Path
) -> None:
    text = scenarios(*["it passes"] * 40)
    project(tmp_path, steps=STEPS, f=text.replace("Scenario: S", f"Scenario: {'more than a pipe holds ' * 200}"))
    command = [sys.executable, "-m", "behave", "-r", OURS, "-j", jobs, "-f", "plain"]
    run = subprocess.Popen(command, cwd=tmp_path, env=FIXED, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.stdout and run.stderr
    assert run.stdout.readline().startswith("USING RUNNER")
    run.stdout.close()
    said = run.stderr.read()
    assert run.wait(60) == 1
    assert "Traceback" not in said and "Exception ignored" not in said
    assert "cause: Nobody read what formatters and reporters write to its end" in said
    assert said.splitlines()[-1].startswith("verdict: failure (40 passed in ")
    assert outcomes(tmp_path) == {"passed": 40}


def test_a_dry_run_that_nobody_reads_ends_silently(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios(*["it passes"] * 2000))
    command = f"{sys.executable} -m behave -r {OURS} --dry-run -f plain | head -1"
    ran = subprocess.run(["bash", "-c", command], cwd=tmp_path, env=FIXED, capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("hook", ["before_all", "after_all"])
def test_a_hook_of_the_run_that_breaks_is_the_cause(hook: str, jobs: str, tmp_path: Path) -> None:
    environment = f"def {hook}(context): raise RuntimeError('no bucket')"
    project(tmp_path, steps=STEPS, environment=environment, f=scenarios("it passes"))
    assert behave("-j", jobs, cwd=tmp_path).returncode == 1
    assert verdict(tmp_path)["causes"] == [f"{hook}: RuntimeError: no bucket"]
    assert outcomes(tmp_path) == ({"not run": 1} if hook == "before_all" else {"passed": 1})


def test_jobs_of_zero_are_refused(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    ran = behave("-j", "0", cwd=tmp_path)
    assert ran.returncode == 1
    assert verdict(tmp_path)["causes"] == ["-j 0 leaves nobody to run a scenario: use -j 1 or more."]


@pytest.mark.parametrize("setting", ["retry=often", "timeout=-1"])
def test_numbers_that_are_none_are_refused(setting: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    assert behave("-D", setting, cwd=tmp_path).returncode == 1
    assert verdict(tmp_path)["causes"] == [f"-D {setting} is not a number from 0 up."]


def test_a_history_that_is_none_is_started_anew(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=scenarios("it passes"))
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/history.json").write_text('{"durations": 3')
    ran = behave("-j", "2", cwd=tmp_path)
    assert ran.returncode == 0
    assert "is not a history of durations" in ran.stderr
    assert list(json.loads((tmp_path / "reports/history.json").read_text())) == ["features/f.feature::S0"]
