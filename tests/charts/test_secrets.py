"""Where the charts put secrets: names of Secrets stand in references only, and nothing else of them is ever written."""

from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
import yaml
from rendering import CHART, CHARTS, leaves, template

REFERENCES = ("secretKeyRef/name", "secret/secretName")


def everything_on(chart: Path) -> dict[str, Any]:
    """Values by which all components are there, and each Secret has a name of its own."""
    wanted: dict[str, Any] = {}
    for path, _ in leaves(yaml.safe_load((chart / "values.yaml").read_text())):
        if path.endswith(".enabled") and not path.startswith("gpu."):
            wanted[path] = True
        elif path.endswith("existingSecret"):
            wanted[path] = f"sentinel-{path.lower().replace('.', '-')}"
    return reduce(lambda values, each: put(values, *each), wanted.items(), {})


def put(values: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    *parents, last = path.split(".")
    inner = values
    for key in parents:
        inner = inner.setdefault(key, {})
    inner[last] = value
    return values


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


@pytest.mark.parametrize("chart", [CHART, CHARTS / "spark-standalone"], ids=lambda chart: chart.name)
def test_the_name_of_a_secret_stands_in_references_only(chart: Path) -> None:
    values = everything_on(chart)
    names = {value for path, value in leaves(values) if path.endswith("existingSecret")}
    found = [each for item in template(values, chart=chart).objects for each in words(item) if "sentinel-" in each[1]]
    assert {name for _, name in found} == names
    assert [where for where, _ in found if not where.endswith(REFERENCES)] == []
