"""What steps gather for after_all reaches it from every worker, wherever a project's code keeps it."""

from pathlib import Path

import pytest

from tests.support.projects import behave, project

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
HELPERS = """
from dataclasses import dataclass, field
ERRORS = []
class Report:
    shared, one = [], None
    def __init__(self): self.errors, self.count = [], 0
    def add(self, error): self.errors.append(error)
class Slots:
    __slots__ = ("errors",)
    def __init__(self): self.errors = []
class Named(list):
    def __init__(self, name): self.name = name
@dataclass(frozen=True)
class Frozen:
    errors: list = field(default_factory=list)
@dataclass
class Result:
    name: str
"""
BEGIN = """
import queue, types, warnings
from collections import deque
from behave import fixture, use_fixture
import helpers
class World:
    def __init__(self): self.report = helpers.Report()
class Lazy:
    @property
    def __class__(self): raise RuntimeError("asked too early")
@fixture
def collected(context):
    errors = []
    context.note = lambda: errors.append("e")
    context.notes = lambda: len(errors)
    yield
def nonlocals(context):
    count = 0
    def note():
        nonlocal count
        count += 1
    context.note, context.notes = note, lambda: count
"""
# What before_all does, what two steps do, and what after_all finds then.
GATHERS = {
    "a module's list": ("pass", "helpers.ERRORS.append('e')", "len(helpers.ERRORS) == 2"),
    "a class's list": ("pass", "helpers.Report.shared.append('e')", "len(helpers.Report.shared) == 2"),
    "an object": ("c.r = helpers.Report()", "c.r.add('e'); c.r.count += 1", "(len(c.r.errors), c.r.count) == (2, 2)"),
    "an object in an object": ("c.w = World()", "c.w.report.add('e')", "len(c.w.report.errors) == 2"),
    "an object's method": ("c.add = helpers.Report().add", "c.add('e')", "len(c.add.__self__.errors) == 2"),
    "a list's method": ("c.add = [].append", "c.add('e')", "len(c.add.__self__) == 2"),
    "an object with slots": ("c.s = helpers.Slots()", "c.s.errors.append('e')", "len(c.s.errors) == 2"),
    "a frozen object": ("c.f = helpers.Frozen()", "c.f.errors.append('e')", "len(c.f.errors) == 2"),
    "a namespace": ("c.n = types.SimpleNamespace(e=[])", "c.n.e.append('e')", "len(c.n.e) == 2"),
    "a queue": ("c.q = queue.Queue()", "c.q.put('e')", "c.q.qsize() == 2"),
    "a list of an own class": ("c.l = helpers.Named('n')", "c.l.append('e')", "len(c.l) == 2"),
    "a fixture's variable": ("use_fixture(collected, c)", "c.note()", "c.notes() == 2"),
    "a function's count": ("nonlocals(c)", "c.note()", "c.notes() == 2"),
    "a list with two names": ("c.a = c.b = []", "c.a.append('e')", "len(c.b) == 2"),
    "objects": (
        "c.l = [helpers.Result('first')]",
        "c.l.append(helpers.Result(c.scenario.name))",
        "[one.name for one in c.l][0] == 'first' and len(c.l) == 3",
    ),
    "objects in a dict": (
        "c.d = {'a': [helpers.Result('first')]}",
        "c.d['a'].append(helpers.Result('x'))",
        "len(c.d['a']) == 3",
    ),
    "warnings": (
        "c.w = warnings.catch_warnings(record=True); c.l = c.w.__enter__(); warnings.simplefilter('always')",
        "warnings.warn('w')",
        "len(c.l) == 2",
    ),
    "a shorter list": ("c.l = ['S0', 'x', 'S1']", "c.l.remove(c.scenario.name)", "c.l == ['x']"),
    "a shorter dict": ("c.d = dict(S0=1, x=1, S1=1)", "del c.d[c.scenario.name]", "c.d == {'x': 1}"),
    "a smaller set": ("c.s = {'S0', 'x', 'S1'}", "c.s.discard(c.scenario.name)", "c.s == {'x'}"),
    "a list that is cleared": ("c.l = ['x']", "c.l.clear()", "c.l == []"),
    "an object that acts when it is asked": ("c.z = Lazy(); c.l = [Lazy()]", "c.n = [c.z]", "len(c.l) == 1"),
}


def run(folder: Path, jobs: str, begin: str, gather: str, holds: str) -> tuple[int, str]:
    """Run two scenarios that gather and one that does not; return the exit code and what was said."""
    project(
        folder,
        steps=f"import helpers, warnings\n@step('it gathers')\ndef gathers(c): {gather}\n"
        "@step('it passes')\ndef passes(c): pass\n",
        environment=f"{BEGIN}\ndef before_all(c): {begin}\ndef after_all(c): assert {holds}, 'gathered'\n",
        f="Feature: F\n"
        + "".join(f"  Scenario: S{n}\n    Then it {what}\n" for n, what in enumerate(["gathers", "gathers", "passes"])),
    )
    (folder / "helpers.py").write_text(HELPERS)
    ran = behave("-j", jobs, cwd=folder)
    return ran.returncode, ran.stdout + ran.stderr


@JOBS
@pytest.mark.parametrize("what", GATHERS)
def test_what_steps_gather_reaches_after_all(what: str, jobs: str, tmp_path: Path) -> None:
    code, said = run(tmp_path, jobs, *GATHERS[what])
    assert code == 0, said
    assert "does not reach" not in said


def test_what_only_a_worker_has_made_is_named(tmp_path: Path) -> None:
    made = "helpers.Report.one = helpers.Report.one or helpers.Report(); helpers.Report.one.add('e')"
    code, said = run(tmp_path, "4", "pass", made, "not helpers.Report.one")
    assert code == 0
    assert "Report.one.errors: what worker" in said
