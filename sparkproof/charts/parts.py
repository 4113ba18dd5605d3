"""Puts each chart's values.yaml, values.schema.json and versions.yaml together from parts that all charts share.

The parts lie in charts/spark-common/values: PART.yaml with documented values, PART.schema.yaml with their schema. A
chart names its parts, in order, in Chart.yaml's annotation sparkproof.dev/values. A line "$FRAGMENT: SUBJECT" in a part
stands for fragments/FRAGMENT.yaml, told about that subject.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import images, versions

CHARTS = Path(__file__).resolve().parents[2] / "charts"
_PARTS = CHARTS / "spark-common" / "values"
# Images that others stand on and no chart names.
_BASES = ("java",)
_MADE = "Written by `make charts`"
_FRAGMENT = re.compile(r"^( *)\$(\w+): (.+)\n", re.M)


def write() -> list[Path]:
    """Write the files of every chart; the paths of those that were stale."""
    stale = []
    for path, text in files():
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)
            stale.append(path)
    return stale


def files() -> Iterator[tuple[Path, str]]:
    """Each file that is put together, with the text that it has to have."""
    for chart in sorted(path.parent for path in CHARTS.glob("*/Chart.yaml")):
        about = yaml.safe_load((chart / "Chart.yaml").read_text())
        if parts := about.get("annotations", {}).get("sparkproof.dev/values", "").split():
            values = [(_PARTS / f"{part}.yaml").read_text() for part in parts]
            yield chart / "values.yaml", f"# {_MADE} from charts/spark-common/values.\n" + "\n".join(map(_told, values))
            yield chart / "values.schema.json", json.dumps(_schema(about["name"], parts), indent=2) + "\n"
            yield chart / "versions.yaml", _versions(about["name"])


def _told(part: str) -> str:
    """A part's text with its fragments filled in."""

    def fill(line: re.Match[str]) -> str:
        indent, name, subject = line.groups()
        text = (_PARTS / "fragments" / f"{name}.yaml").read_text().replace("{subject}", subject)
        return "".join(indent + each for each in text.splitlines(keepends=True))

    return _FRAGMENT.sub(fill, part)


def _schema(chart: str, parts: list[str]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for part in parts:
        values, schema = (yaml.safe_load((_PARTS / f"{part}.{kind}").read_text()) for kind in ("yaml", "schema.yaml"))
        properties |= {name: _filled(values[name], of) for name, of in schema.items()}
    # What Helm itself passes to the library chart, which has no values.
    properties["spark-common"] = {"properties": {"global": {"type": "object", "maxProperties": 0}}}
    definitions = yaml.safe_load((_PARTS / "definitions.schema.yaml").read_text())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Values of the {chart} chart",
        **_closed({"properties": properties, "$defs": definitions}),
    }


def _filled(values: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of these values with that of the fragments that stand in them."""
    if not isinstance(values, Mapping) or "properties" not in schema:
        return schema
    properties: dict[str, Any] = {}
    for name, value in values.items():
        if name.startswith("$"):
            properties |= yaml.safe_load((_PARTS / "fragments" / f"{name[1:]}.schema.yaml").read_text())
        else:
            properties[name] = _filled(value, schema["properties"][name])
    return {**schema, "properties": properties}


def _closed(schema: Any) -> Any:
    """The schema with every object that lists its properties closed against others."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inside = {name: _closed(each) for name, each in schema.items()}
    listed = isinstance(schema.get("properties"), dict)
    return {"type": "object", "additionalProperties": False, **inside} if listed else inside


def _versions(chart: str) -> str:
    """The tags that docker/ builds: of the Spark versions of the chart's name, or of all, and of the services."""
    series = chart.removeprefix("spark-")
    known = [version for version in versions.names() if not series[0].isdigit() or version.startswith(series)]
    named = {name: recipe.reference.rpartition("/")[2] for name, recipe in images.recipes().items()}
    spark = {version: _of_spark(version, named) for version in known}
    services = {name: image for name, image in named.items() if ":" not in name and name not in _BASES}
    # A Hive Metastore runs from Spark's own jars, for older Sparks too: the default version's are Hive 2.3.10.
    services["hive-metastore"] = named[f"spark:{versions.default()}"]
    told = f"# {_MADE} from docker/: the tags that this checkout builds.\n"
    return told + yaml.safe_dump({"spark": spark, "images": services}, width=120)


def _of_spark(version: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return what versions.yaml says of a Spark version: its images' tags, and whose Connect server and shim it has."""
    kinds = {"tag": f"spark:{version}", "gpuTag": f"spark:{version}-gpu"}
    tags = {kind: named[name].rpartition(":")[2] for kind, name in kinds.items() if name in named}
    spark = versions.spark(version)
    other = {"connect": spark.connect} if spark.connect != version else {}
    shim = {"shimOf": spark.shim, "forcedShim": spark.forced_shim} if spark.shim and spark.forced_shim else {}
    return {**tags, "jupyter": named[f"jupyter:{version}"], **other, **shim}
