"""What docs/verdict.md says of what crosses between workers and their parent: each row of its table."""

from pathlib import Path

import pytest

from tests.support.projects import behave, ledger, project

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
import atexit, os, subprocess, sys
@step("it passes")
def passes(context): pass
@step("the shared folder is there")
def shared(context): assert os.path.isdir("shared")
@step("the row is {letter}")
def row(context, letter): assert context.active_outline["letter"] == letter
@step("its table gets a column")
def column(context):
    context.table.ensure_column_exists("age")
    for row in context.table: row.cells[1] = "10"
@step("streams are real")
def streams(context):
    sys.stdout.buffer.write(b"bytes\\n")
    subprocess.run(["echo", "to our output"], stdout=sys.stdout, check=True)
    subprocess.run(["echo", "SPOKEN"], check=True)
@step("it leaves work for the end")
def end(context): atexit.register(lambda: open("at_the_end", "w").close())
@step("it embeds")
def embeds(context):
    (formatter,) = [one for one in context._runner.formatters if one.name == "mine"]
    formatter.embed("seen")
@step("a line is read")
def reads(context): input()
"""


def run(folder: Path, jobs: str, body: str, environment: str = "", *args: str) -> str:
    """Run a feature; return what it printed."""
    project(folder, steps=STEPS, environment=environment, f="Feature: F\n" + body)
    ran = behave("-j", jobs, *args, cwd=folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@JOBS
@pytest.mark.parametrize(
    "held", ["use_fixture(folder, context)", "context.stack = ExitStack(); context.stack.enter_context(manager())"]
)
def test_what_before_all_set_up_is_taken_down_once_and_after_all(held: str, jobs: str, tmp_path: Path) -> None:
    environment = f"""
import os
from contextlib import ExitStack, contextmanager
from behave import fixture, use_fixture
def folder(context=None):
    os.mkdir("shared")
    try: yield
    finally: open("log", "a").write("removed "); os.rmdir("shared")
manager = contextmanager(folder)
folder = fixture(folder)
def before_all(context): {held}
def after_all(context):
    if hasattr(context, "stack"): context.stack.close()
"""
    body = "".join(f"  Scenario: S{n}\n    Then the shared folder is there\n" for n in range(4))
    run(tmp_path, jobs, body, environment)
    assert (tmp_path / "log").read_text() == "removed "


@JOBS
def test_rows_and_tables_cross(jobs: str, tmp_path: Path) -> None:
    body = """  Scenario Outline: O
    Then the row is <letter>
    Examples:
      | letter |
      | a |
      | b |
  Scenario: T
    Then its table gets a column
      | name |
      | A |
"""
    assert "| A    | 10  |" in run(tmp_path, jobs, body, "", "-f", "plain")


@JOBS
def test_tags_and_attributes_that_hooks_leave_cross(jobs: str, tmp_path: Path) -> None:
    environment = """
from behave.reporter.base import Reporter
class Mine(Reporter):
    def feature(self, feature):
        for s in feature.walk_scenarios(): open("mine", "a").write(f"{feature.place} {s.ticket} {s.steps[0].shot} ")
    def end(self): pass
def before_all(context): context.config.reporters.append(Mine(context.config))
def before_feature(context, feature): feature.place = "here"
def after_step(context, step): step.shot = "a.png"
def after_scenario(context, scenario): scenario.ticket = "T-1"; scenario.tags.append("slow")
"""
    run(tmp_path, jobs, "  Scenario: S\n    Then it passes\n", environment)
    assert (tmp_path / "mine").read_text() == "here T-1 a.png "
    assert ledger(tmp_path)[0]["tags"] == ["slow"]


@JOBS
def test_calls_of_a_formatter_that_is_looked_up_by_name_cross(jobs: str, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("""
from behave.formatter.base import Formatter
class Mine(Formatter):
    name = "mine"
    shown = ""
    def match(self, match): self.shown += "match "
    def embed(self, text): self.shown += text + " "
    def result(self, step): self.shown += "result "
    def close(self): open("shown", "w").write(self.shown)
""")
    run(tmp_path, jobs, "  Scenario: S\n    Then it embeds\n", "", "-f", "mine:Mine", "-o", "out")
    assert (tmp_path / "shown").read_text() == "match seen result "


@JOBS
def test_streams_are_real_and_programs_speak_on_standard_output(jobs: str, tmp_path: Path) -> None:
    printed = run(tmp_path, jobs, "  Scenario: S\n    Then streams are real\n", "", "--no-capture")
    assert {"bytes", "to our output", "SPOKEN"} <= set(printed.splitlines())


@JOBS
def test_hooks_find_the_first_streams_and_what_they_print_there_keeps_its_place(jobs: str, tmp_path: Path) -> None:
    environment = """
import sys
def before_scenario(context, scenario):
    assert sys.stdout is sys.__stdout__ and sys.stderr is sys.__stderr__
    print("one")
    sys.__stdout__.write("two\\n")
    print("three")
"""
    printed = run(
        tmp_path, jobs, "  Scenario: S\n    Then streams are real\n", environment, "--no-capture", "--no-capture-hooks"
    )
    assert "one\ntwo\nthree\n" in printed


@JOBS
def test_what_a_step_leaves_for_the_end_of_its_process_is_done(jobs: str, tmp_path: Path) -> None:
    environment = "import atexit\natexit.register(lambda: open('ends', 'a').write('x'))\n"
    run(tmp_path, jobs, "  Scenario: S\n    Then it leaves work for the end\n", environment)
    assert (tmp_path / "at_the_end").exists()
    assert (tmp_path / "ends").read_text() == "x"


@JOBS
def test_behaves_junit_has_the_lines_of_a_hook_that_broke(jobs: str, tmp_path: Path) -> None:
    environment = "def before_scenario(context, scenario): raise ValueError('no bucket')"
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    behave("-j", jobs, "--junit", "--junit-directory", "j", cwd=tmp_path)
    text = "".join(path.read_text() for path in (tmp_path / "j").glob("*.xml"))
    assert "environment.py" in text
    assert "in before_scenario" in text


def test_a_worker_has_no_standard_input_and_says_so(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f="Feature: F\n  Scenario: S\n    Then a line is read\n")
    assert behave("-j", "2", cwd=tmp_path).returncode == 1
    assert "a worker has no standard input: run with -j 1" in ledger(tmp_path)[0]["reason"]


@JOBS
def test_a_steps_place_is_told_from_the_folder_that_the_run_works_in(jobs: str, tmp_path: Path) -> None:
    environment = """
import json, os
from behave.matchers import Match
def before_scenario(context, scenario):
    os.makedirs("below", exist_ok=True)
    places = []
    for folder in (".", "below", "..", "."):
        os.chdir(folder)
        places += [str(Match.make_location(json.dumps)), str(Match.make_location(json.dumps))]
    os.chdir(os.environ["PWD"])
    assert len(set(places)) == 2 and places[0] == places[1] == places[4], places
    assert places[2] == os.path.join("..", places[0]), places
"""
    assert "1 passed" in run(tmp_path, jobs, "  Scenario: A\n    Given it passes\n", environment)
