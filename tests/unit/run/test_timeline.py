"""The timeline of a run says for every second of every worker what it was spent on."""

from pathlib import Path

import pytest

from sparkproof.run import timeline
from sparkproof.run.timeline import Timeline
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
    assert {on: first.spent[on] for on in ("installing", "spark", "clean-up")} == pytest.approx(
        {"installing": 0.2, "spark": 0.2, "clean-up": 0.1}, abs=0.08
    )
    assert {on: second.spent[on] for on in ("pods", "ours")} == pytest.approx({"pods": 0.3, "ours": 0.1}, abs=0.08)
    for each in found.attempts:
        assert sum(each.spent.values()) == pytest.approx(each.s, abs=0.01)
    assert set(found.platforms) == {"Lakehouse", "none that is shared"}


def test_a_worker_that_had_to_wait_waited_for_room(tmp_path: Path) -> None:
    found = run(tmp_path, "-j", "2")
    workers = {each.worker for each in found.attempts}
    waited = sum(each.s for each in found.waits) + sum(each.s for each in found.attempts)
    assert waited == pytest.approx(len(workers) * (found.end - found.begin), abs=0.3)
    if len(workers) == 2:
        assert found.spent["room"] > 0.1


def test_a_single_process_waits_for_nobody(tmp_path: Path) -> None:
    assert {"room", "idle"}.isdisjoint(run(tmp_path).spent)
