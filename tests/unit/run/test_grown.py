"""A worker tells what has come up in its features, once and with where it stands."""

from types import SimpleNamespace
from typing import Any

from behave.model import Feature, Scenario

from sparkproof.run.faces import Face
from sparkproof.run.grown import Grown
from sparkproof.run.model import Model, Place
from tests.support.ended import configuration, feature, scenarios


def opened(one: Feature, *arguments: str) -> Grown:
    runner: Any = SimpleNamespace(features=[one], config=configuration(*arguments), hooks={})
    grown = Grown(runner, Model.of([one], scenarios(one), []))
    assert grown.opened(0, one) == []
    return grown


def new(name: str, *tags: str) -> Scenario:
    return Scenario("features/iceberg/trips.feature", 90, "Scenario", name, tags=tags)


def test_a_scenario_that_a_step_adds_is_told_once() -> None:
    one = feature()
    grown, first = opened(one), one.scenarios[0]
    assert grown.ran(first) == []
    one.add_scenario(new("new"))
    assert grown.ran(first) == [(Place(0, 3, 0, "new"), Face.of(one.run_items[3]))]
    assert grown.ran(first) == []
    one.add_scenario(new("newer"))
    assert grown.ran(first) == [(Place(0, 4, 0, "newer"), Face.of(one.run_items[4]))]


def test_only_what_the_run_selects_is_told() -> None:
    one = feature()
    grown = opened(one, "--tags=wanted")
    one.add_scenario(new("new"))
    one.add_scenario(new("wanted", "wanted"))
    assert [place.name for place, _ in grown.ran(one.scenarios[0])] == ["wanted"]
