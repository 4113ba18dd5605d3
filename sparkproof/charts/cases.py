"""Cases: what a chart is rendered with, one at a time or by the hundred."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from pathlib import Path

import yaml

from sparkproof.charts.chart import Chart
from sparkproof.charts.values import Values, leaves, merged, nested


@dataclass(frozen=True)
class Case:
    """The input of a rendering: presets, weakest first, and values over them; `version` is Spark's, if chosen."""

    chart: Chart
    version: str = ""
    presets: tuple[Path, ...] = ()
    values: Values = field(default_factory=dict)
    release: str = "spark"
    namespace: str = "team"

    def __str__(self) -> str:
        presets = "+".join(preset.name.removesuffix("-values.yaml") for preset in self.presets)
        given = json.dumps(self.values) if self.values else ""
        return " ".join(filter(None, [self.chart.name, self.version, presets, given]))

    @property
    def given(self) -> Values:
        """The values over the presets."""
        return {**self.values, **({"sparkVersion": self.version} if self.version else {})}

    @cached_property
    def effective(self) -> Values:
        """All values as the templates see them, with Spark's version named."""
        found: Values = {**self.chart.values, "sparkVersion": str(self.chart.about["appVersion"])}
        for preset in self.presets:
            # The loader in C: a preset is read for every case that it is in.
            found = merged(found, yaml.load(preset.read_text(), Loader=yaml.CSafeLoader))
        return merged(found, self.given)

    def request(self) -> Values:
        """The case as chartcheck is asked for it."""
        return {
            "chart": str(self.chart.folder),
            "release": self.release,
            "namespace": self.namespace,
            "files": [str(preset) for preset in self.presets],
            "values": self.given,
        }


def every_preset(charts: Sequence[Chart]) -> list[Case]:
    """Each chart in each version, without presets and with each."""
    return [
        Case(chart, version, presets)
        for chart in charts
        for version in chart.versions
        for presets in [(), *((preset,) for preset in chart.presets)]
    ]


def every_two_presets(charts: Sequence[Chart]) -> list[Case]:
    """Each chart in each version with each two presets in both orders, and with all of them."""
    return [
        Case(chart, version, presets)
        for chart in charts
        for version in chart.versions
        for presets in [*permutations(chart.presets, 2), chart.presets]
    ]


def every_misspelling(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with each of its keys written wrong, one at a time."""
    return [
        Case(chart, values=nested((*keys[:-1], f"{keys[-1]}x"), value))
        for chart in charts
        for keys, value in {
            path[:depth]: value for path, value in leaves(chart.values) for depth in range(1, len(path) + 1)
        }.items()
    ]
