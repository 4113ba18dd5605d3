"""What clean-ups raise is a cause of failure, whoever asked for them and wherever they run."""

from pathlib import Path

import pytest

from tests.support.projects import behave, ledger, project, verdict

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
@step("it passes")
def passes(context): pass
@step("it fails")
def fails(context): assert False, "2 rows came"
@step("it leaves something to the end of the {layer}")
def leaves(context, layer):
    def fails(): raise OSError("no bucket")
    context.add_cleanup(fails, layer=layer)
"""
PASSES = "Feature: F\n  Scenario: S\n    Then it passes\n"


@JOBS
def test_a_feature_whose_clean_up_fails_makes_a_failure(jobs: str, tmp_path: Path) -> None:
    environment = "def before_feature(c, f): c.add_cleanup(lambda: 1 // 0)"
    project(tmp_path, steps=STEPS, environment=environment, f=PASSES)
    ran = behave("-j", jobs, cwd=tmp_path)
    assert ran.returncode == 1
    assert verdict(tmp_path)["causes"] == ["Clean-up of Feature 'F' failed."]
    assert "ZeroDivisionError" in ran.stdout + ran.stderr
    assert [line["outcome"] for line in ledger(tmp_path)] == ["passed"]


@JOBS
def test_what_a_step_leaves_to_the_end_of_the_run_is_cleaned_up_or_said(jobs: str, tmp_path: Path) -> None:
    text = "Feature: F\n  Scenario: S\n    Then it leaves something to the end of the testrun\n"
    project(tmp_path, steps=STEPS, f=text)
    assert behave("-j", jobs, cwd=tmp_path).returncode == 1
    where = "of the run" if jobs == "1" else "at the end of worker 1"
    assert verdict(tmp_path)["causes"] == [f"Clean-up {where} failed: OSError: no bucket"]


def test_a_run_that_stops_leaves_a_rule_before_its_feature(tmp_path: Path) -> None:
    environment = """
import os
def before_feature(c, f): c.bucket = "there"
def after_rule(c, r): open("left", "a").write(f"{os.getpid()} rule {c.bucket}\\n")
def after_feature(c, f): open("left", "a").write(f"{os.getpid()} feature {c.bucket}\\n")
"""
    rule = "".join(f"    Scenario: S{number}\n      Then it passes\n" for number in range(40))
    text = f"Feature: F\n  Rule: R\n    Scenario: S\n      Then it fails\n{rule}"
    project(tmp_path, steps=STEPS, environment=environment, f=text)
    assert behave("-j", "2", "--stop", cwd=tmp_path).returncode == 1
    left = [line.split(" ", 1) for line in (tmp_path / "left").read_text().splitlines()]
    for worker in {worker for worker, _ in left}:
        assert [said for one, said in left if one == worker] == ["rule there", "feature there"]


def test_a_run_that_breaks_itself_ends_what_before_all_began(tmp_path: Path) -> None:
    environment = """
from sparkproof.run import Plan
plan = Plan(isolation=lambda scenario: 1 // 0)
def after_all(c): open("ended", "a").write("once")
"""
    project(tmp_path, steps=STEPS, environment=environment, f=PASSES)
    ran = behave("-j", "2", cwd=tmp_path)
    assert ran.returncode == 1
    (cause,) = verdict(tmp_path)["causes"]
    assert cause.startswith("The run itself broke: ZeroDivisionError: ")
    assert "features/environment.py" in ran.stderr, "where it broke"
    assert (tmp_path / "ended").read_text() == "once"
