"""The timeline of a run says for every second of every worker what it was spent on."""

import json
from pathlib import Path

import pytest

from sparkproof.run import timeline
from sparkproof.run.timeline import Ran, Shown, Timeline, Wait
from tests.support.projects import behave, project

STEPS = """
import time
from behave import given
from sparkproof.core import evidence
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually

@given("spark takes {seconds:g} s")
def _(context, seconds):
    context.add_cleanup(time.sleep, 0.1)
    with evidence.spending(On.INSTALLING, "a platform"):
        time.sleep(seconds)
        evidence.spend(On.SPARK, seconds / 2, "SELECT 1")

@given("pods start in {seconds:g} s")
def _(context, seconds):
    late = time.monotonic() + seconds
    eventually("the pods", time.monotonic, lambda now: now > late, within_s=9, every_s=0.01, on=On.PODS)
    time.sleep(0.1)

@given("it breaks")
def _(context):
    raise AssertionError("no")
"""
ENVIRONMENT = """
import time
from sparkproof.core.progress import doing
from sparkproof.core.resources import Reservation
from sparkproof.run import Plan

def prepare(selected):
    with doing("building it"):
        time.sleep(0.1)

plan = Plan(
    prepare=prepare,
    reservation=lambda s: Reservation(
        locks=frozenset({"one"}), shared=frozenset({"Lakehouse"} if s.name == "S0" else ())
    ),
)
"""
FEATURE = """Feature: f
  Scenario: S0
    Given spark takes 0.4 s
  Scenario: S1
    Given pods start in 0.3 s
  Scenario: S2
    Given it breaks
"""


def run(folder: Path, *options: str) -> Timeline:
    project(folder, steps=STEPS, environment=ENVIRONMENT, f=FEATURE)
    assert behave(*options, "-D", "retry=1", cwd=folder).returncode == 1
    return timeline.read(folder / "reports" / timeline.FILE)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_each_attempt_is_divided_by_what_it_was_spent_on(tmp_path: Path, jobs: str) -> None:
    found = run(tmp_path, "-j", jobs)
    assert [(span.on, span.what) for span in found.before] == [("installing", "building it")]
    assert sorted((each.name, each.attempt, each.outcome) for each in found.attempts) == [
        ("S0", 1, "passed"),
        ("S1", 1, "passed"),
        ("S2", 1, "broken"),
        ("S2", 2, "broken"),
    ]
    first, second = (next(each for each in found.attempts if each.name == name) for name in ("S0", "S1"))
    assert first.platforms == ["Lakehouse"]
    # A busy machine makes all of them longer, and none shorter.
    slept = [(first, {"installing": 0.2, "spark": 0.2, "clean-up": 0.1}), (second, {"pods": 0.3, "ours": 0.1})]
    for each, least in slept:
        assert {on: each.spent[on] for on, s in least.items() if each.spent[on] < s - 0.01} == {}
    for each in found.attempts:
        assert sum(each.spent.values()) == pytest.approx(each.s, abs=0.01)
    assert set(found.platforms) == {"Lakehouse", "none that is shared"}


def attempt(worker: int, at: float, s: float) -> Ran:
    return Ran("a", "S", 1, "passed", worker, [], at, s, {}, [])


def test_a_timeline_is_read_as_it_was_written(tmp_path: Path) -> None:
    shown = [Shown("spark", "SELECT 1", 2.5, 0.5)]
    made = Timeline(9.5, shown, [attempt(1, 2.0, 4.0)._replace(spans=shown)], [Wait(2, "idle", 8.0, 1.5)])
    (tmp_path / timeline.FILE).write_text(json.dumps(made.content))
    assert timeline.read(tmp_path / timeline.FILE) == made


def test_a_worker_waits_for_room_before_a_scenario_and_is_idle_after_its_last() -> None:
    two = [attempt(2, 7.0, 1.0), attempt(1, 2.0, 4.0), attempt(2, 3.0, 1.0), attempt(1, 6.0, 5.0)]
    assert list(timeline.waits(two)) == [
        Wait(2, "room", 2.0, 1.0),
        Wait(2, "room", 4.0, 3.0),
        Wait(2, "idle", 8.0, 3.0),
    ]
    one = [attempt(0, 2.0, 1.0), attempt(0, 4.0, 1.0)]
    assert list(timeline.waits(one)) == [Wait(0, "ours", 3.0, 1.0)]


def test_a_single_process_waits_for_nobody(tmp_path: Path) -> None:
    assert {"room", "idle"}.isdisjoint(run(tmp_path).spent)
