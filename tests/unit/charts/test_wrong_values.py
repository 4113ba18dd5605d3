"""Each value of the charts refuses what nobody can mean by it: a text with a break, a number below all, or nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sparkproof.charts.renderings import Chart, leaves, merged, nested
from tests.support.rendering import ALL, CHARTS

each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
# What cannot be meant, by what is there where nobody says otherwise. A number is never a text, nor below all.
WRONG: Mapping[type, tuple[Any, ...]] = {
    bool: ("yes", 1),
    int: ("1", -1, 0.5),
    str: ("no such\nthing", -1, True),
    list: ("one", {"one": 1}, [{"nobody": "knows"}, -1]),
    dict: ("one", [1]),
}
# Numbers for which more than that is wrong: the ports of a machine, and what nobody can do without.
NUMBERS = {
    "connect.port": (80, 65536),
    "postgres.port": (0, 65536),
    "postgres.maxConnections": (5,),
    "backup.keep": (0,),
    "backup.maxAgeHours": (0,),
    "airflow.parallelism": (0,),
    "driver.cores": (0,),
    "dynamicAllocation.maxExecutors": (0,),
    "ingest.pollingSeconds": (0,),
    "executor.cores": (0,),
    "executor.instances": (0,),
    "gpu.concurrentTasks": (0,),
    "worker.cores": (0,),
}
# What is in lists.
ENTRIES: Mapping[str, tuple[Any, ...]] = {
    "airflow.users": (
        [],
        [{"name": "admin"}],
        [{"role": "admin"}],
        [{"name": "Admin!", "role": "admin"}],
        [{"name": "admin", "role": "owner"}],
    ),
    "image.pullSecrets": ([{}], [{"name": ""}]),
    "mlflow.allowedHosts": (["a b"],),
    "networkPolicy.dnsPorts": ([0], [65536]),
    "networkPolicy.dnsCidrs": (["everywhere"],),
    "networkPolicy.apiServer.ports": ([0], [65536]),
    "networkPolicy.prometheus": ([{}],),
    "networkPolicy.users": ([{}],),
    "networkPolicy.egress": ([{}], [{"ports": [{"port": 443}]}]),
}


def validator(chart: Chart, key: str) -> Draft202012Validator:
    """The chart's own schema of one key at the top."""
    known = {key: chart.schema["properties"][key]}
    return Draft202012Validator({"$defs": chart.schema.get("$defs", {}), "properties": known})


def is_refused(chart: Chart, keys: tuple[str, ...], value: Any) -> bool:
    given = merged(chart.values, nested(keys, value))
    return not validator(chart, keys[0]).is_valid({keys[0]: given[keys[0]]})


def without(values: Any, keys: tuple[str, ...]) -> Any:
    """The values without the key at a path, as helm makes them of null."""
    if len(keys) == 1:
        return {key: value for key, value in values.items() if key != keys[0]}
    return {**values, keys[0]: without(values[keys[0]], keys[1:])}


def taken(chart: Chart) -> Iterator[str]:
    """What cannot be meant and is taken all the same, in words."""
    for keys, value in leaves(chart.values):
        name = ".".join(keys)
        for wrong in (*WRONG[type(value)], *NUMBERS.get(name, ()), *ENTRIES.get(name, ())):
            if not is_refused(chart, keys, wrong):
                yield f"{name} takes {wrong!r}"
        if value not in ("", [], {}) and len(keys) > 1 and keys[-1] not in ("cpu",):
            left = without(chart.values, keys)[keys[0]]
            if validator(chart, keys[0]).is_valid({keys[0]: left}):
                yield f"{name} may be missing"


@each_chart
def test_each_value_refuses_what_nobody_can_mean_by_it(chart: Chart) -> None:
    assert list(taken(chart)) == []


@each_chart
def test_values_as_they_are_are_taken(chart: Chart) -> None:
    for key in chart.values:
        assert validator(chart, key).is_valid({key: chart.values[key]}), key


@pytest.mark.parametrize(
    ("path", "rule", "said"),
    [
        ("backup.properties.schedule", "pattern", "backup.schedule takes 'no such\\nthing'"),
        ("backup.properties.keep", "minimum", "backup.keep takes -1"),
        ("postgres.properties.port", "maximum", "postgres.port takes 65536"),
        ("gpu.properties.mode", "enum", "gpu.mode takes 'no such\\nthing'"),
        ("airflow.properties.users.items.properties.role", "enum", "airflow.users takes [{'name': 'admin', 'role': "),
        ("eventLog", "required", "eventLog.prefix may be missing"),
    ],
)
def test_a_rule_that_a_schema_has_lost_is_named(path: str, rule: str, said: str) -> None:
    chart = Chart(CHARTS / "spark-4.1")
    node: Any = chart.schema["properties"]
    for key in path.split("."):
        node = node[key]
    del node[rule]
    assert any(each.startswith(said) for each in taken(chart))
