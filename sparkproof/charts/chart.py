"""The charts under test, in their folders."""

import json
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sparkproof.charts.values import Values, read
from sparkproof.core.errors import UsageError


@dataclass(frozen=True)
class Chart:
    """A chart that can be installed, in its folder."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def about(self) -> Values:
        """The content of Chart.yaml."""
        return dict(read(self.folder / "Chart.yaml"))

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """The Spark versions that the chart installs."""
        return tuple(self._known["spark"])

    def images(self, version: str) -> Values:
        """The images of versions.yaml: `tag` and `gpuTag` of this Spark version, and each service's by its name."""
        return {**self._known["images"], **self._known["spark"].get(version, {})}

    @cached_property
    def _known(self) -> Values:
        return dict(read(self.folder / "versions.yaml"))

    @cached_property
    def presets(self) -> tuple[Path, ...]:
        return tuple(sorted((self.folder / "presets").glob("*-values.yaml")))

    @cached_property
    def values(self) -> Values:
        """The values that hold where none are given."""
        return dict(read(self.folder / "values.yaml"))

    @cached_property
    def schema(self) -> Values:
        return dict(json.loads((self.folder / "values.schema.json").read_text()))


def in_folder(folder: Path) -> list[Chart]:
    """The charts in `folder` that can be installed, since they have a version; raises UsageError when there is none."""
    found = [Chart(path.parent) for path in sorted(folder.resolve().glob("*/Chart.yaml"))]
    if charts := [chart for chart in found if chart.about.get("type") != "library" and chart.versions]:
        return charts
    raise UsageError(f"There is no chart in {folder}: name the folder that holds them by -D charts=FOLDER.")


def with_template(charts: Sequence[Chart], template: Path) -> list[Chart]:
    """The charts in a folder of their own, each with another template; `remove` removes them."""
    copies = _copied(charts)
    for copy in copies:
        shutil.copy(template, copy.folder / "templates")
    return copies


def with_value(charts: Sequence[Chart], name: str) -> list[Chart]:
    """The charts in a folder of their own, each with a text more, which nothing reads; `remove` removes them."""
    copies = _copied(charts)
    for copy in copies:
        values, schema = copy.folder / "values.yaml", copy.folder / "values.schema.json"
        values.write_text(f"{values.read_text()}\n{name}: one\n")
        known = json.loads(schema.read_text())
        known["properties"][name] = {"type": "string", "examples": ["another"]}
        schema.write_text(json.dumps(known))
    return copies


def _copied(charts: Sequence[Chart]) -> list[Chart]:
    folder = shutil.copytree(charts[0].folder.parent, Path(tempfile.mkdtemp(), "charts"))
    return [Chart(folder / chart.name) for chart in charts]


def remove(copies: Sequence[Chart]) -> None:
    """Remove charts that `with_template` or `with_value` made."""
    shutil.rmtree(copies[0].folder.parent.parent)
