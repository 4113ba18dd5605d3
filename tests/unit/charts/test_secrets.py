"""Where the charts put secrets: names of Secrets stand in references only, and nothing else of them is ever written."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from sparkproof.charts import renderings
from sparkproof.charts.renderings import Chart, everything_on
from tests.support.rendering import ALL, template

REFERENCES = ("secretKeyRef/name", "secret/secretName", "secretTargetRef/name")


def words(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text in an object with the keys that lead to it; the pods that ConfigMaps hold are objects too."""
    if isinstance(node, dict):
        for key, value in node.items():
            inner = yaml.safe_load(value) if key.endswith("-pod.yaml") else value
            yield from words(inner, f"{path}/{key}")
    elif isinstance(node, list):
        for value in node:
            yield from words(value, path)
    else:
        yield path, str(node)


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.name)
def test_the_name_of_a_secret_stands_in_references_only(chart: Chart) -> None:
    values = everything_on(chart)
    names = {value for keys, value in renderings.leaves(values) if keys[-1] == "existingSecret"}
    rendering = template(values, chart=chart.folder)
    # The alert of Secrets that are old asks for them by name.
    objects = [item for item in rendering.objects if item["kind"] != "PrometheusRule"]
    found = [each for item in objects for each in words(item) if "sentinel-" in each[1]]
    assert {name for _, name in found} == names
    assert [where for where, _ in found if not where.endswith(REFERENCES)] == []
