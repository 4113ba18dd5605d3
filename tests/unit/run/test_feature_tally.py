"""A parallel run knows which scenarios of a feature are left, and which hooks run where none is selected."""

from types import SimpleNamespace
from typing import Any

from sparkproof.run.feature_tally import FeatureTally
from tests.support.ended import configuration, feature, scenarios

RULES = """Feature: G
  Rule: A
    Scenario: a
      Then it answers
  Rule: B
    Scenario: b
      Then it answers
"""


def tally(*arguments: str, select: slice = slice(None)) -> tuple[FeatureTally, list[Any]]:
    """A tally of two features: F with the rule R (numbers 0 and 1), G with the rules A and B (2, 3 and 4)."""
    features = [feature(), feature(RULES, "g.feature")]
    runner: Any = SimpleNamespace(features=features, config=configuration(*arguments))
    return FeatureTally(runner, scenarios(*features)[select]), features


def test_features_and_rules_have_numbers_and_scenarios_know_theirs() -> None:
    counted, (one, other) = tally()
    assert counted.entities == [one, one.rules[0], other, *other.rules]
    assert [counted.number(entity) for entity in counted.entities] == [0, 1, 2, 3, 4]
    assert [counted.feature(index) for index in range(5)] == [0, 0, 0, 2, 2]
    assert [counted.above(index) for index in range(5)] == [{0}, {0}, {0, 1}, {2, 3}, {2, 4}]
    assert counted.known == 5
    assert [counted.has_scenarios(number) for number in range(5)] == [True, False, True, False, False]


def test_a_feature_has_ended_with_its_last_scenario() -> None:
    counted, (one, _) = tally()
    assert [counted.has_ended(0), counted.end_one(0), counted.end_one(0), counted.has_ended(0)] == [False] * 4
    assert counted.end_one(0) is True
    assert counted.has_ended(0)
    assert counted.end_one(0) is False, "one more than there were"
    assert counted.has_ended(0)
    assert not counted.has_ended(2)
    counted.add(scenarios(one)[0])
    counted.add(scenarios(one)[1])
    assert not counted.has_ended(0)
    assert counted.end_one(0) is True


def test_a_feature_is_closed_after_its_rules() -> None:
    counted, _ = tally()
    assert counted.closings(0) == [("close", 1), ("close", 0)]
    assert counted.closings(2) == [("close", 4), ("close", 3), ("close", 2)]


def test_hooks_run_where_no_scenario_is_selected_but_may_be() -> None:
    counted, (one, other) = tally(select=slice(3))
    assert [counted.has_only_hooks(entity) for entity in counted.entities] == [False, False, True, True, True]
    assert counted.visits(one) == []
    assert counted.visits(other) == [("open", 2), ("open", 3), ("open", 4)]
    assert counted.has_ended(2), "nothing of it is selected"
    counted.add(scenarios(other)[1])
    assert [counted.has_only_hooks(entity) for entity in counted.entities] == [False, False, False, True, False]
    assert counted.visits(other) == [("open", 3)]
    excluded, (_, other) = tally("--tags=gpu", select=slice(3))
    assert not excluded.has_only_hooks(other)
