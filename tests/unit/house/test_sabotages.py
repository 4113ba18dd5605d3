"""Deliberate faults are what they say: each has a name of its own, changes one place, and is for one scenario."""

import ast
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from behave.parser import parse_feature, parse_file

from sparkproof.suite import checks, every_version, phrases
from tests.support.every_sabotage import EVERY
from tests.support.sabotages import Sabotage

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def scenarios() -> list[str]:
    """The names of all scenarios, of each Spark version apart."""
    features = [parse_file(str(path)) for path in sorted(ROOT.glob("features/**/*.feature"))]
    every_version.expand(features)
    return [scenario.name for feature in features for scenario in feature.walk_scenarios()]


@pytest.fixture(scope="module")
def _steps() -> None:
    phrases.load()


def test_each_sabotage_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(sabotage.name for sabotage in EVERY).items() if count > 1] == []


@pytest.mark.parametrize("sabotage", EVERY, ids=lambda sabotage: sabotage.name)
def test_a_sabotage_changes_one_place_and_runs_one_scenario(sabotage: Sabotage, scenarios: list[str]) -> None:
    assert sabotage.broken(ROOT)
    assert len([name for name in scenarios if re.search(sabotage.scenario, name)]) == 1


@pytest.mark.parametrize("sabotage", EVERY, ids=lambda sabotage: sabotage.name)
@pytest.mark.usefixtures("_steps")
def test_a_sabotage_leaves_a_file_that_can_be_read(sabotage: Sabotage) -> None:
    for path, text in sabotage.broken(ROOT).items():
        if path.suffix == ".py":
            ast.parse(text)
        elif path.suffix in (".json", ".ipynb"):
            json.loads(text)
        elif path.suffix == ".feature":
            feature = parse_feature(text, filename=str(path))
            every_version.expand([feature])
            (scenario,) = (each for each in feature.walk_scenarios() if re.search(sabotage.scenario, each.name))
            assert checks.check(scenario, "4.1.1").faults == ()
