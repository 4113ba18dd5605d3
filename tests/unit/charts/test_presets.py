"""Each line of each preset is missed by a criterion of features/charts/presets.feature when it goes or changes."""

import re
from functools import cache

import pytest
from behave.model import Scenario
from behave.parser import parse_file

from sparkproof.charts import renderings, values
from sparkproof.charts.renderings import Case, Rendering, Renderings
from sparkproof.core import evidence
from sparkproof.suite import phrases
from tests.support.lines import broken, missed
from tests.support.rendering import ALL, CHARTS

# The charts whose executors are pods share their presets; GPUs are on one of them alone.
APART = [chart for chart in ALL if chart.name != "spark-3.5"]
FEATURE = CHARTS.parent / "features/charts/presets.feature"
_NAMED = re.compile(r"with their (\S+) presets")


@pytest.fixture(autouse=True)
def record() -> evidence.Record:
    return evidence.begin()


@cache
def scenarios(preset: str) -> tuple[Scenario, ...]:
    """The criteria of a preset."""
    phrases.load()
    found = parse_file(str(FEATURE)).walk_scenarios()
    named = ((_NAMED.search(each.steps[0].name), each) for each in found)
    return tuple(each for name, each in named if name and name[1] == preset)


def noticed(rendering: Rendering, preset: str) -> bool:
    """Return True if a criterion of the preset turns red, or the chart refuses what is left of it."""
    others = "are in workers" if not rendering.view.standalone else "are pods"
    own = [each for each in scenarios(preset) if others not in each.steps[0].name]
    return missed(Renderings([rendering]), own) or bool(rendering.refusal)


@pytest.mark.parametrize("chart", APART, ids=lambda chart: chart.name)
def test_each_line_of_each_preset_is_missed(chart: renderings.Chart) -> None:
    faults = [(preset, *fault) for preset in chart.presets for fault in broken(chart, values.read(preset))]
    version = str(chart.about["appVersion"])
    made = renderings.rendered([Case(chart, version, values=left) for _, _, left in faults])
    names = [preset.name.removesuffix("-values.yaml") for preset, *_ in faults]
    unnoticed = [
        f"{name}: {what}"
        for name, (_, what, _), rendering in zip(names, faults, made, strict=True)
        if not noticed(rendering, name)
    ]
    assert unnoticed == []


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
def test_a_preset_as_it_is_keeps_its_criteria(chart: renderings.Chart) -> None:
    version = str(chart.about["appVersion"])
    for rendering in renderings.rendered([Case(chart, version, (preset,)) for preset in chart.presets]):
        name = rendering.case.presets[0].name.removesuffix("-values.yaml")
        assert scenarios(name), f"No criterion of {FEATURE.name} is about the preset {name}."
        assert not noticed(rendering, name), name
