"""A scenario is about what its When brought: an unread refusal breaks it, or leads the reason of its failed Then."""

from pathlib import Path

from tests.support.projects import behave, ledger, project

STEPS = """
from dataclasses import dataclass
from sparkproof.core import evidence
@dataclass(frozen=True)
class Asked(evidence.Brought):
    refusal: str
    @property
    def trouble(self):
        return self.refusal
@step("a statement is refused")
def refused(context):
    context.asked = Asked("Spark refused 'drop all': PARSE_SYNTAX_ERROR.")
@step("the refusal is as expected")
def looked(context):
    evidence.look_at(context.asked)
    evidence.prove(evidence.Level.EXECUTED, "refused")
@step("the table still holds")
def holds(context):
    evidence.prove(evidence.Level.EXECUTED, "3 rows")
@step("the table has a row more")
def more(context):
    assert False, "3 rows came, 4 were expected"
@step("a step breaks")
def breaks(context):
    raise RuntimeError("no room")
"""
# The hooks of the suite's own environment.py.
HOOKS = """
from sparkproof.core import evidence
def after_step(context, step):
    if step.step_type == "given" and step.status.name == "passed":
        evidence.must_be_prepared()
def after_scenario(context, scenario):
    if scenario.status.name == "passed":
        evidence.must_be_read()
        evidence.must_have_proof()
"""
REFUSED = "Spark refused 'drop all': PARSE_SYNTAX_ERROR"


def outcomes(folder: Path, *steps: str) -> tuple[str, str]:
    lines = "".join(f"    {step}\n" for step in steps)
    project(folder, steps=STEPS, environment=HOOKS, f=f"Feature: F\n  Scenario: S\n{lines}")
    behave(cwd=folder)
    (line,) = ledger(folder)
    return line["outcome"], line["reason"]


def test_a_refusal_that_no_then_looks_at_breaks_the_scenario(tmp_path: Path) -> None:
    outcome, reason = outcomes(tmp_path, "When a statement is refused", "Then the table still holds")
    assert outcome == "broken"
    assert reason.startswith(f"{REFUSED}; no check looked at that.")


def test_a_refusal_that_a_then_looks_at_is_what_the_scenario_is_about(tmp_path: Path) -> None:
    outcome, _ = outcomes(
        tmp_path, "When a statement is refused", "Then the table still holds", "And the refusal is as expected"
    )
    assert outcome == "passed"


def test_an_unread_refusal_is_the_first_cause_of_a_failed_then(tmp_path: Path) -> None:
    outcome, reason = outcomes(tmp_path, "When a statement is refused", "Then the table has a row more")
    assert outcome == "failed"
    assert reason == f"{REFUSED}; after that: 3 rows came, 4 were expected"


def test_an_unread_refusal_is_the_first_cause_of_a_broken_step(tmp_path: Path) -> None:
    outcome, reason = outcomes(tmp_path, "When a statement is refused", "And a step breaks")
    assert outcome == "broken"
    assert reason == f"{REFUSED}; after that: RuntimeError: no room (in And a step breaks)"


def test_a_refusal_that_was_read_is_no_cause_of_what_fails_later(tmp_path: Path) -> None:
    _, reason = outcomes(
        tmp_path, "When a statement is refused", "Then the refusal is as expected", "And the table has a row more"
    )
    assert reason == "3 rows came, 4 were expected"


def test_a_given_that_is_refused_breaks_the_scenario_at_once(tmp_path: Path) -> None:
    outcome, reason = outcomes(tmp_path, "Given a statement is refused", "Then the refusal is as expected")
    assert outcome == "broken"
    assert reason == f"{REFUSED}. (in Given a statement is refused)"
