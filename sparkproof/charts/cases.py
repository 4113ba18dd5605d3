"""Cases: what a chart is rendered with, one at a time or by the hundred."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from pathlib import Path

from sparkproof.charts.chart import Chart
from sparkproof.charts.values import Values, has_key, leaves, merged, nested, read
from sparkproof.core import examples
from sparkproof.core.errors import UsageError

_BRIEF = 80

# The keys that switch a part on.
_SWITCHES = ("enabled", "startsPods")


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
        return self._told(json.dumps(self.values) if self.values else "")

    @property
    def brief(self) -> str:
        """The case as a message names it: of many values, only the keys at the top."""
        given = json.dumps(self.values) if self.values else ""
        return self._told(given if len(given) <= _BRIEF else f"with other values of {', '.join(sorted(self.values))}")

    def _told(self, given: str) -> str:
        presets = "+".join(preset.name.removesuffix("-values.yaml") for preset in self.presets)
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
            found = merged(found, read(preset))
        return merged(found, self.given)

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The path of the first key of its values that the chart does not have; empty where it has all."""
        paths = (keys[:depth] for keys, _ in leaves(self.values) for depth in range(1, len(keys) + 1))
        return next((path for path in paths if not has_key(self.chart.values, path)), ())

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


def every_platform(charts: Sequence[Chart]) -> list[Case]:
    """Each chart in each version with each preset, for each environment, and with all that works without GPUs on.

    What is there already may take the place of the release's own store and database, and users may want all otherwise.
    """
    return [
        *every_preset(charts),
        *every_environment(charts),
        *with_everything(charts, every_version=True),
        *with_everything_on_gpus(charts),
        *with_a_long_name(charts),
        *on_what_is_there(charts),
        *as_users_want(charts),
        *with_workers_by_cpu(charts),
        *with_gpus_explained(charts),
        *with_unused_secrets(charts),
    ]


def every_environment(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with the values of each environment of examples/environments."""
    return [each for name in examples.names("environments") for each in with_values(charts, examples.environment(name))]


def with_values(charts: Sequence[Chart], values: Values) -> list[Case]:
    """Each chart with these values over its own."""
    return [Case(chart, values=values) for chart in charts]


def with_everything(charts: Sequence[Chart], *, every_version: bool = False) -> list[Case]:
    """Each chart, or each in each version, with all its presets and switches that work without GPUs.

    The release has another name than usual, in another namespace: what is fixed is told from what follows the release.
    """
    return [
        Case(chart, version, _without_gpus(chart), everything_on(chart, version), "second", "others")
        for chart in charts
        for version in (chart.versions if every_version else (str(chart.about["appVersion"]),))
    ]


def with_everything_on_gpus(charts: Sequence[Chart]) -> list[Case]:
    """Each chart that can have GPUs, with them and with everything else on."""
    return [
        replace(each, presets=(*each.presets, preset))
        for each in with_everything(charts)
        for preset in _of_gpus(each.chart)
    ]


def with_a_long_name(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with everything on, under a name as long as helm takes, which is not to be cut after a hyphen."""
    return [replace(each, release=f"{'n' * 38}-{'e' * 14}") for each in with_everything(charts)]


def on_what_is_there(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with everything on but its own store and database: it works on others that are there already."""
    theirs: Values = {
        "objectStore": {"enabled": False, "endpoint": "https://store.example:9000"},
        "postgres": {"enabled": False, "host": "server.example", "port": 5433},
        # A digest says more than a tag.
        "image": {"tag": "mine", "digest": f"sha256:{'0123456789abcdef' * 4}"},
    }
    return [replace(each, values=merged(each.values, theirs)) for each in with_everything(charts)]


def as_users_want(charts: Sequence[Chart]) -> list[Case]:
    """Each chart, and with GPUs where it can have them, with what users add to it and what they want otherwise."""
    placed: Values = {
        "nodeSelector": {"disk": "fast"},
        "tolerations": [{"key": "disk", "operator": "Equal", "value": "fast", "effect": "NoSchedule"}],
    }
    egress = [{"to": [{"ipBlock": {"cidr": "192.0.2.0/24"}}], "ports": [{"protocol": "TCP", "port": 443}]}]
    wanted: Values = {
        "image": {"pullPolicy": "Always", "repository": "mirror/team/spark", "pullSecrets": [{"name": "pull"}]},
        "sparkConf": {"spark.scheduler.mode": "FIFO"},
        "monitoring": {"enabled": True, "dashboards": {"labels": {"grafana_dashboard": "mine"}}},
        "networkPolicy": {"enabled": True, "egress": egress, "dnsCidrs": ["169.254.20.10/32"]},
        "dynamicAllocation": {"enabled": False},
        "executor": {"cores": 3, "instances": 3},
        # Of one label, what an executor or a worker says itself wins.
        "gpu": {"nodeSelector": {"gpu": "large", "disk": "any"}},
    }
    # Where workers run the executors, they are what is placed.
    own = {
        chart: {"worker": {"cores": 4, **placed}} if "worker" in chart.values else {"executor": placed}
        for chart in charts
    }
    return [
        Case(chart, presets=presets, values=merged(wanted, own[chart]))
        for chart in charts
        for presets in [(), *((each,) for each in _of_gpus(chart))]
    ]


def with_unused_secrets(charts: Sequence[Chart]) -> list[Case]:
    """Each chart that is told Secrets of a store and of databases that nothing of it uses, and how old they may be."""
    told: Values = {
        "monitoring": {"enabled": True, "rules": {"secretMaxAge": "90d"}},
        "objectStore": {"existingSecret": "of-no-store"},
        "postgres": {"existingSecret": "of-no-database"},
    }
    return with_values(charts, told)


def with_workers_by_cpu(charts: Sequence[Chart]) -> list[Case]:
    """Each chart that has workers, whose number follows what they take of the CPU, and who is told of lost ones."""
    scaled: Values = {"monitoring": {"enabled": True}, "worker": {"autoscaling": {"enabled": True, "follows": "cpu"}}}
    return with_values([chart for chart in charts if "worker" in chart.values], scaled)


def with_gpus_explained(charts: Sequence[Chart]) -> list[Case]:
    """Each chart that can have GPUs, where RAPIDS says what it would do with one, beside a plugin of users' own."""
    explained: Values = {"gpu": {"mode": "explainOnly"}, "sparkConf": {"spark.plugins": "org.example.Plugin"}}
    return [Case(chart, presets=(preset,), values=explained) for chart in charts for preset in _of_gpus(chart)]


def without_a_server(charts: Sequence[Chart]) -> list[Case]:
    """Each chart for submissions alone, with and without metrics and networks, and under a name that is refused."""
    alone: Values = {"connect": {"enabled": False}, "client": {"enabled": False}, "submit": {"enabled": True}}
    watched: Values = {"monitoring": {"enabled": True}, "networkPolicy": {"enabled": True}}
    return [
        case
        for chart in charts
        for case in (Case(chart, values=alone), Case(chart, values=merged(alone, watched)), Case(chart, release="a.b"))
    ]


def _of_gpus(chart: Chart) -> tuple[Path, ...]:
    """The preset by which a chart has GPUs, if it can have them."""
    return tuple(each for each in chart.presets if each.name == "gpu-values.yaml")


def _without_gpus(chart: Chart) -> tuple[Path, ...]:
    return tuple(each for each in chart.presets if "gpu" not in each.name)


def with_preset(charts: Sequence[Chart], name: str) -> list[Case]:
    """Each chart that has the preset, in each version with it alone; raises UsageError where none has it."""
    found = [(chart, each) for chart in charts for each in chart.presets if each.name == f"{name}-values.yaml"]
    if not found:
        raise UsageError(f"No chart has a preset {name}-values.yaml.")
    return [Case(chart, version, (preset,)) for chart, preset in found for version in chart.versions]


def everything_on(chart: Chart, version: str = "") -> Values:
    """Values by which all components are there but GPUs, and each Secret has a name of its own and grows old."""
    # Connect of Spark 3.5 asks for no token.
    asks = not (version or str(chart.about["appVersion"])).startswith("3.")
    wanted: Values = {}
    for keys, _ in leaves(chart.values):
        if keys[-1] in _SWITCHES and keys[0] != "gpu":
            wanted = merged(wanted, nested(keys, True))
        elif keys[-1] == "existingSecret" and (asks or keys[0] != "connect"):
            wanted = merged(wanted, nested(keys, f"sentinel-{'-'.join(keys).lower()}"))
        elif keys[-1] == "secretMaxAge":
            wanted = merged(wanted, nested(keys, "90d"))
    return wanted


def every_misspelling(charts: Sequence[Chart]) -> list[Case]:
    """Each chart with each of its keys written wrong, one at a time."""
    return [
        Case(chart, values=nested((*keys[:-1], f"{keys[-1]}x"), value))
        for chart in charts
        for keys, value in {
            path[:depth]: value for path, value in leaves(chart.values) for depth in range(1, len(path) + 1)
        }.items()
    ]
