"""Scenarios that have ended, and the attempts that a run makes at them, without a run."""

from typing import Any

from behave.configuration import Configuration
from behave.model import Feature, Scenario
from behave.parser import parse_feature

from sparkproof.core.evidence import Record
from sparkproof.run.attempt import Attempt
from sparkproof.run.outcome import Outcome

# Two scenarios under a feature and one under a rule.
TEXT = """@gpu @iceberg
Feature: F
  What it is about
  Scenario: first
    Given a cluster
    Then it answers
  Scenario: second
    Then it answers
  Rule: R
    Scenario: third
      Then it answers
"""
# A scenario and an outline of two rows.
OUTLINE = """Feature: F
  Scenario: first
    Then it answers
  Scenario Outline: <name>
    Then it answers <name>
    Examples:
      | name |
      | a    |
      | b    |
"""


def feature(text: str = TEXT, filename: str = "features/iceberg/trips.feature") -> Feature:
    """The feature of a text, as behave reads it from a file of that name."""
    return parse_feature(text, filename=filename)


def scenarios(*features: Feature) -> list[Scenario]:
    return [scenario for each in features for scenario in each.walk_scenarios()]


def configuration(*arguments: str) -> Configuration:
    return Configuration(list(arguments), load_config=False)


def attempt(index: int = 0, outcome: Outcome = Outcome.PASSED, reason: str = "", **changes: Any) -> Attempt:
    """An attempt that began at noon of a day in 2026 and took a second and a half."""
    made = Attempt(index, 1, outcome, reason, 1795435200.25, 1.5004, Record())
    return made._replace(**changes)
