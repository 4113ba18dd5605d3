"""Each line of each preset is missed by a criterion of features/charts/presets.feature when it goes or changes."""

import re
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from behave.model import Scenario, Step
from behave.parser import parse_file

from sparkproof.charts import renderings, values
from sparkproof.charts.renderings import Case, Rendering, Renderings
from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.suite import phrases
from tests.support.rendering import ALL, CHARTS

# The charts whose executors are pods share their presets; GPUs are on one of them alone.
APART = [chart for chart in ALL if chart.name != "spark-3.5"]
FEATURE = CHARTS.parent / "features/charts/presets.feature"
_NAMED = re.compile(r"with their (\S+) presets")
_OTHERS = [("Exists", "Equal"), ("NoSchedule", "NoExecute"), ("applications", "drains")]

Keys = tuple[str | int, ...]


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


def lines(found: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Any]]:
    """Every value of a preset by its path, those in lists too."""
    if isinstance(found, dict | list) and found:
        for key, value in found.items() if isinstance(found, dict) else enumerate(found):
            yield from lines(value, (*keys, key))
    else:
        yield keys, found


def other(value: Any) -> Any:
    """Return a value of the same kind that a preset could have as well."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if value in ("true", "false"):
        return "false" if value == "true" else "true"
    for pair in _OTHERS:
        if value in pair:
            return pair[1 - pair.index(value)]
    if number := re.match(r"\d+", value):
        return f"{int(number[0]) + 1}{value[number.end() :]}"
    return f"{value}-else"


def broken(chart: renderings.Chart, preset: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each line of a preset, dropped and with another value: what was done, and the values that are left."""
    whole = values.read(preset)
    for keys, value in lines(whole):
        for what in ("dropped", other(value)):
            left: Any = deepcopy(whole)
            inner = left
            for key in keys[:-1]:
                inner = inner[key]
            if what == "dropped":
                del inner[keys[-1]]
            else:
                inner[keys[-1]] = what
            # A line that says what holds without it may as well not be there.
            if values.merged(chart.values, left) != values.merged(chart.values, whole):
                yield f"{'.'.join(map(str, keys))}: {what}", left


def noticed(rendering: Rendering, preset: str) -> bool:
    """Return True if a criterion of the preset turns red, or the chart refuses what is left of it."""
    made = Renderings([rendering])
    for scenario in scenarios(preset):
        if ("are in workers" if not rendering.view.standalone else "are pods") in scenario.steps[0].name:
            continue
        try:
            for step in scenario.steps[1:]:
                check(step, made)
        except CheckFailed:
            return True
    return bool(rendering.refusal)


def check(step: Step, made: Renderings) -> None:
    """Run one step of a criterion on these renderings."""
    found = phrases.match(step.step_type, step.name)
    assert found, step.name
    phrase, given, _ = found
    phrase.function(SimpleNamespace(renderings=made, table=step.table), **given)


@pytest.mark.parametrize("chart", APART, ids=lambda chart: chart.name)
def test_each_line_of_each_preset_is_missed(chart: renderings.Chart) -> None:
    faults = [(preset, *fault) for preset in chart.presets for fault in broken(chart, preset)]
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
