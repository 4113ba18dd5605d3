"""The chart's values: each is documented, typed, closed against misspelling, and changes what is rendered."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import yaml

from sparkproof.charts import renderings
from sparkproof.charts.coverage import Effects
from sparkproof.charts.renderings import Chart
from tests.support.rendering import ALL, CHART

# Of the chart that has the most of them; the search in the others takes minutes.
EFFECTS = {chart.name: Effects(chart) for chart in ALL if chart.folder == CHART}
# What Helm itself passes to a chart that another one has, and to the library.
OF_HELM = {"enabled", "global", "spark-common"}
FOLDERS = ("donePrefix", "prefix")
# Keys whose values name something that is the user's.
NAMES = (
    *FOLDERS,
    *("applications", "dags", "existingClaim", "existingSecret", "kedaNamespace", "key", "region", "storageClass"),
)
each_chart = pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)


@pytest.mark.parametrize(
    ("chart", "keys"),
    [(name, keys) for name, effects in EFFECTS.items() for keys in effects.others],
    ids=lambda given: given if isinstance(given, str) else ".".join(given),
)
def test_every_value_changes_what_is_rendered(chart: str, keys: tuple[str, ...]) -> None:
    assert keys in EFFECTS[chart].cases, "no preset, switch or example beside it makes another value matter"


@pytest.mark.parametrize("chart", EFFECTS)
def test_other_values_render_what_kubernetes_knows(chart: str) -> None:
    made = renderings.rendered(list(EFFECTS[chart].cases.values()))
    assert [f"{each.case}: {problem}" for each in made for problem in each.problems] == []


@each_chart
@pytest.mark.parametrize("given", ["1e{}", "off"])
def test_names_that_yaml_takes_for_numbers_or_truth_stay_names(chart: Chart, given: str) -> None:
    (usual,) = renderings.with_everything([chart])
    # Connect of Spark 3.5 takes no Secret, so everything there goes without it.
    found = [keys for keys, value in renderings.leaves(usual.effective) if value or keys[-1] != "existingSecret"]
    named = {keys: given.format(n) for n, keys in enumerate(found) if keys[-1] in NAMES or keys == ("bucket", "name")}
    # Folders beside each other have names that differ.
    named = {keys: name for keys, name in named.items() if keys[-1] not in FOLDERS or "{}" in given}
    # A user of PostgreSQL's begins with a letter, so what looks like a number is refused.
    named |= {keys: "off" for keys in found if keys[-1] == "database"}
    values = usual.values
    for keys, name in named.items():
        values = renderings.merged(values, renderings.nested(keys, name))
    place = given.format("05")
    (made,) = renderings.rendered([replace(usual, values=values, release=place, namespace=place)])
    assert (made.refusal, made.problems) == ("", [])
    settings = made.get("ConfigMap", f"{place}-connect")["data"]["spark-defaults.conf"].splitlines()
    assert f"spark.hadoop.fs.s3a.endpoint.region={named['objectStore', 'region']}" in settings
    assert ("master" in chart.values) != (f"spark.kubernetes.namespace={place}" in settings)


@each_chart
def test_every_key_is_documented(chart: Chart) -> None:
    lines = (chart.folder / "values.yaml").read_text().splitlines()
    documented: set[str] = set()
    for node, path in keys(yaml.compose("\n".join(lines))):
        if lines[node.start_mark.line - 1].strip().startswith("# -- "):
            documented.add(path)
    paths = [".".join(keys) for keys, _ in renderings.leaves(chart.values)]
    assert [path for path in paths if not any(path == d or path.startswith(d + ".") for d in documented)] == []


def keys(node: Any, path: str = "") -> Iterator[tuple[Any, str]]:
    for key, value in node.value:
        here = f"{path}.{key.value}" if path else key.value
        yield key, here
        if isinstance(value, yaml.MappingNode):
            yield from keys(value, here)


@each_chart
def test_the_schema_knows_just_the_keys_that_there_are(chart: Chart) -> None:
    assert not set(chart.schema["properties"]) ^ (set(chart.values) | OF_HELM)
    for component, values in chart.values.items():
        if "properties" in chart.schema["properties"][component]:
            assert set(chart.schema["properties"][component]["properties"]) == set(values), component


@each_chart
def test_the_schema_is_closed_at_every_level(chart: Chart) -> None:
    def open_objects(schema: Any, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if schema.get("type") == "object" and not {"additionalProperties", "maxProperties"} & set(schema):
                yield path
            for key, value in schema.items():
                yield from open_objects(value, f"{path}/{key}")

    assert list(open_objects(chart.schema, "#")) == []
