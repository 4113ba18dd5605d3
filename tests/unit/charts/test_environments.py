"""Each line of each environment is missed by a criterion of features/charts/environments.feature."""

import re
from functools import cache

import pytest
from behave.model import Scenario
from behave.parser import parse_file

from sparkproof.charts import renderings
from sparkproof.charts.renderings import Case, Renderings
from sparkproof.core import evidence, examples
from sparkproof.suite import phrases
from tests.support.lines import broken, missed
from tests.support.rendering import ALL, CHARTS

FEATURE = CHARTS.parent / "features/charts/environments.feature"
ENVIRONMENTS = sorted(examples.names("environments"))
(PODS,) = (chart for chart in ALL if chart.name == "spark-4.1")


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    return evidence.begin()


@cache
def scenarios(environment: str) -> tuple[Scenario, ...]:
    """The criteria of an environment."""
    phrases.load()
    found = parse_file(str(FEATURE)).walk_scenarios()
    return tuple(each for each in found if re.search(rf"\b{environment} environment", each.steps[0].name))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_line_of_an_environment_is_missed(environment: str) -> None:
    faults = list(broken(PODS, examples.environment(environment)))
    made = renderings.render([Case(PODS, values=left) for _, left in faults])
    unnoticed = [
        what
        for (what, _), one in zip(faults, made, strict=True)
        if not one.refusal and not missed(Renderings([one]), scenarios(environment))
    ]
    assert unnoticed == []


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_an_environment_as_it_is_keeps_its_criteria(environment: str) -> None:
    assert scenarios(environment)
    made = renderings.render([Case(PODS, values=examples.environment(environment))])
    assert not missed(Renderings(made), scenarios(environment))
