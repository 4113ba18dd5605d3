"""A run ends as a program does, also on several workers: nothing is lost at its end, and nothing ends it unseen."""

from pathlib import Path

import pytest

from tests.support.projects import behave, ledger, project, verdict

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
import atexit, logging, logging.handlers, os, subprocess, sys, tempfile, threading, time
from unittest import mock
KEPT = []
LOG = open("log", "a")
HANDLER = logging.handlers.MemoryHandler(99, target=logging.FileHandler("log"))
logging.getLogger("kept").addHandler(HANDLER)
@step("it passes")
def passes(context): pass
@step("it fails")
def fails(context): assert False, "no"
@step("a line is written to an open file")
def writes(context): LOG.write("line\\n")
@step("a line is written to a file that is never closed")
def opens(context):
    KEPT.append(open("log", "a"))
    KEPT[-1].write("line\\n")
@step("a line is written to the file of before_all")
def of_all(context): context.file.write("line\\n")
@step("a line is logged into memory")
def logs(context): logging.getLogger("kept").warning("line")
@step("a temporary folder is made")
def folder(context):
    KEPT.append(tempfile.TemporaryDirectory(dir="."))
    open("log", "a").write("line\\n")
@step("os.getpid is another")
def another(context): mock.patch("os.getpid", return_value=42).start()
@step("the process is replaced")
def replaced(context): os.execvp("true", ["true"])
@step("a thread ends the process")
def in_thread(context):
    threading.Thread(target=os._exit, args=(0,)).start()
    time.sleep(5)
@step("its clean-up forks")
def cleans(context):
    context.add_cleanup(open("log", "a").write, "line\\n")
    context.add_cleanup(lambda: (pid := os.fork()) and os.waitpid(pid, 0))
@step("it forks a process that exits with {code:d}")
def forks(context, code):
    pid = os.fork()
    if not pid: sys.exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == code
"""


def run(folder: Path, jobs: str, *steps: str, environment: str = "") -> int:
    text = "Feature: F\n" + "".join(f"  Scenario: S{n}\n    Then {step}\n" for n, step in enumerate(steps))
    project(folder, steps=STEPS, environment=environment, f=text)
    return behave("-j", jobs, cwd=folder).returncode


@JOBS
@pytest.mark.parametrize(
    "step",
    [
        "a line is written to an open file",
        "a line is written to a file that is never closed",
        "a line is written to the file of before_all",
        "a line is logged into memory",
        "a temporary folder is made",
        "its clean-up forks",
    ],
)
def test_what_a_step_leaves_to_the_end_is_done_once(step: str, jobs: str, tmp_path: Path) -> None:
    environment = """
def before_all(context):
    context.file = open("log", "a")
    context.file.write("line\\n")
def after_all(context): context.file.close()
"""
    assert run(tmp_path, jobs, step, step, step, environment=environment) == 0
    assert (tmp_path / "log").read_text() == "line\n" * 4
    assert not list(tmp_path.glob("tmp*"))


@JOBS
def test_a_step_that_replaces_the_number_of_the_process_changes_nothing(jobs: str, tmp_path: Path) -> None:
    assert run(tmp_path, jobs, "it passes", "os.getpid is another", "it passes", "it fails") == 1
    assert sorted(line["outcome"] for line in ledger(tmp_path)) == ["failed", "passed", "passed", "passed"]


@JOBS
def test_a_step_that_replaces_the_process_breaks_its_scenario(jobs: str, tmp_path: Path) -> None:
    assert run(tmp_path, jobs, "it passes", "the process is replaced", "it passes") == 1
    assert {line["name"]: line["outcome"] for line in ledger(tmp_path)} == {
        "S0": "passed",
        "S1": "broken",
        "S2": "passed",
    }
    assert verdict(tmp_path)["causes"] == []


@JOBS
def test_a_thread_that_ends_the_process_makes_a_failure(jobs: str, tmp_path: Path) -> None:
    assert run(tmp_path, jobs, "it passes", "a thread ends the process", "it passes") == 1
    assert verdict(tmp_path)["verdict"] == "failure"
    assert len(ledger(tmp_path)) == 3


@JOBS
def test_a_process_that_a_step_forks_ends_with_its_own_exit_code(jobs: str, tmp_path: Path) -> None:
    assert run(tmp_path, jobs, "it forks a process that exits with 3", "it forks a process that exits with 0") == 0
    assert len(ledger(tmp_path)) == 2


@JOBS
@pytest.mark.parametrize("where", ["environment", "steps"])
def test_a_process_that_a_module_forks_while_it_is_loaded_runs_nothing(where: str, jobs: str, tmp_path: Path) -> None:
    fork = "import os\nif not os.fork(): open('log', 'a').write('forked ')\n"
    hooks = "def after_all(context): open('log', 'a').write('after ')\n"
    environment, steps = (fork + hooks, STEPS) if where == "environment" else (hooks, fork + STEPS)
    project(tmp_path, steps=steps, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    assert behave("-j", jobs, cwd=tmp_path).returncode == 0
    assert sorted((tmp_path / "log").read_text().split()) == ["after", "forked"]
    assert len(ledger(tmp_path)) == 1
