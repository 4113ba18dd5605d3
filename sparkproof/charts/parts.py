"""Writes the files of charts that follow from parts which all charts share, so that each chart's folder is complete.

A chart names its parts, in order, in Chart.yaml's annotation sparkproof.dev/parts, and the presets that it shares with
other charts in sparkproof.dev/presets. In charts/spark-common lie

- values/PART.yaml with documented values and values/PART.schema.yaml with their schema; a line "$FRAGMENT: SUBJECT"
  stands for values/fragments/FRAGMENT.yaml, told about that subject
- shared/templates/PART.yaml, which lists the objects of a component, and shared/templates/NOTES.txt
- shared/presets/PRESET-values.yaml
- shared/dashboards/PART.json, a dashboard for Grafana
- the library, of which each chart has a copy in its folder charts/

The folders templates/, dashboards/ and charts/ of a chart hold nothing else. charts/digests.yaml has a digest of each
chart's files in its version, by which a change without a new version is found.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import images, versions
from sparkproof.core import cache

CHARTS = Path(__file__).resolve().parents[2] / "charts"
_LIBRARY = CHARTS / "spark-common"
_PARTS = _LIBRARY / "values"
_SHARED = _LIBRARY / "shared"
_DIGESTS = "digests.yaml"
# Images that others stand on and no chart names.
_BASES = ("java",)
_MADE = "Written by `make charts`"
_FRAGMENT = re.compile(r"^( *)\$(\w+): (.+)\n", re.M)


def write() -> list[Path]:
    """Write the files of every chart, and remove those that are no longer among them; the paths of both."""
    wanted = dict(files())
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text() != text]
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    left = leftovers()
    for path in left:
        path.unlink()
    return stale + left + _record()


def unversioned() -> list[str]:
    """A sentence for each chart whose files are not those that are recorded for its version."""
    known = _recorded()
    return [
        f"charts/{chart.name} is not what is recorded as its version {about['version']} in charts/digests.yaml: raise "
        "`version` in its Chart.yaml unless you have, then run `make charts`."
        for chart, about in _charts()
        if known.get(chart.name) != {"version": about["version"], "digest": digest(chart)}
    ]


def _record() -> list[Path]:
    """Record each chart that has a version of which nothing is recorded; the path of the record if it changed."""
    known = _recorded()
    found = {
        chart.name: known[chart.name]
        if known.get(chart.name, {}).get("version") == about["version"]
        else {"version": about["version"], "digest": digest(chart)}
        for chart, about in _charts()
    }
    if found == known:
        return []
    told = f"# {_MADE}: a digest of each chart's files in its version.\n"
    (CHARTS / _DIGESTS).write_text(told + yaml.safe_dump(found, sort_keys=False))
    return [CHARTS / _DIGESTS]


def _recorded() -> dict[str, Any]:
    return yaml.safe_load((CHARTS / _DIGESTS).read_text()) if (CHARTS / _DIGESTS).is_file() else {}


def digest(chart: Path) -> str:
    """Return twelve hexadecimal digits that change with any file of the chart."""
    files = sorted(path for path in chart.rglob("*") if path.is_file())
    return cache.digest(*(each for path in files for each in (path.relative_to(chart).as_posix(), path)))


def files() -> Iterator[tuple[Path, str]]:
    """Each file that is put together, with the text that it has to have."""
    for chart, about in _charts():
        parts, presets = (_named(about, what) for what in ("parts", "presets"))
        if not parts:
            continue
        values = [(_PARTS / f"{part}.yaml").read_text() for part in parts]
        yield chart / "values.yaml", f"# {_MADE} from charts/spark-common/values.\n" + "\n".join(map(_told, values))
        yield chart / "values.schema.json", json.dumps(_schema(about["name"], parts), indent=2) + "\n"
        yield chart / "versions.yaml", _versions(about["name"])
        told = f"{_MADE} from charts/spark-common/shared."
        for name in [f"{preset}-values.yaml" for preset in presets]:
            yield chart / "presets" / name, f"# {told}\n" + (_SHARED / "presets" / name).read_text()
        for template in [_SHARED / "templates" / name for name in ("NOTES.txt", *(f"{part}.yaml" for part in parts))]:
            if template.is_file():
                yield chart / "templates" / template.name, f"{{{{- /* {told} */ -}}}}\n" + template.read_text()
        for dashboard in [_SHARED / "dashboards" / f"{part}.json" for part in parts]:
            if dashboard.is_file():
                yield chart / "dashboards" / dashboard.name, dashboard.read_text()
        copy, told = chart / "charts" / _LIBRARY.name, f"# {_MADE}: a copy of charts/spark-common.\n"
        yield copy / "Chart.yaml", told + (_LIBRARY / "Chart.yaml").read_text()
        for template in sorted((_LIBRARY / "templates").iterdir()):
            yield copy / "templates" / template.name, template.read_text()


def leftovers() -> list[Path]:
    """The files in folders of made files that are not, or no longer, among them."""
    made = {path for path, _ in files()}
    made_whole = ("templates", "dashboards", "charts")
    folders = [chart / name for chart, about in _charts() if _named(about, "parts") for name in made_whole]
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file() and path not in made)


def _charts() -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Each chart's folder with what its Chart.yaml says."""
    for path in sorted(CHARTS.glob("*/Chart.yaml")):
        yield path.parent, yaml.safe_load(path.read_text())


def _named(about: Mapping[str, Any], what: str) -> list[str]:
    """The names in an annotation of Chart.yaml."""
    return str(about.get("annotations", {}).get(f"sparkproof.dev/{what}", "")).split()


def _told(part: str) -> str:
    """A part's text with its fragments filled in."""

    def fill(line: re.Match[str]) -> str:
        indent, name, subject = line.groups()
        text = (_PARTS / "fragments" / f"{name}.yaml").read_text().replace("{subject}", subject)
        return "".join(indent + each for each in text.splitlines(keepends=True))

    return _FRAGMENT.sub(fill, part)


def _schema(chart: str, parts: list[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    properties: dict[str, Any] = {}
    for part in parts:
        values, schema = (yaml.safe_load((_PARTS / f"{part}.{kind}").read_text()) for kind in ("yaml", "schema.yaml"))
        told |= yaml.safe_load(_told((_PARTS / f"{part}.yaml").read_text()))
        properties |= {name: _filled(values[name], of) for name, of in schema.items()}
    needed = _needed(told, {"properties": properties})
    given = {"type": "object", "additionalProperties": True}
    needed["properties"] |= {
        # The condition by which a chart above this one has it; Helm does not look at a chart that is switched off.
        "enabled": {"const": True},
        # What charts above this one, Rancher or Fleet tell all charts, and Helm passes on to the library.
        "global": given,
        "spark-common": {"properties": {"global": given}},
    }
    definitions = yaml.safe_load((_PARTS / "definitions.schema.yaml").read_text())
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Values of the {chart} chart",
        **_closed({**needed, "$defs": definitions}),
    }


def _needed(values: Any, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with each key required that has a value of its own: null would take it away."""
    if not isinstance(values, Mapping) or "properties" not in schema:
        return schema
    properties = {name: _needed(values[name], each) for name, each in schema["properties"].items()}
    required = [name for name, value in values.items() if value not in ("", {}, [])]
    return {**schema, "required": required, "properties": properties}


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
    beside = {name: named[f"{name}:{version}"] for name in ("airflow", "jupyter", "mlflow-client")}
    return {**tags, **beside, **other, **shim}
