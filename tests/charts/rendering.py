"""Renders the charts and takes what helm printed apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from sparkproof import process
from sparkproof.cluster import binaries

CHARTS = Path(__file__).resolve().parents[2] / "charts"
CHART = CHARTS / "spark-4.1"
PRESETS = sorted((CHART / "presets").glob("*-values.yaml"))


@dataclass(frozen=True)
class Rendering:
    """What helm printed: each template file's text by its path in the chart."""

    text: str

    @cached_property
    def files(self) -> dict[str, list[dict[str, Any]]]:
        """The objects of each template, by the template's path."""
        found: dict[str, list[dict[str, Any]]] = {}
        for part in self.text.split("---\n# Source: ")[1:]:
            source, _, body = part.partition("\n")
            found.setdefault(source, []).extend(filter(None, yaml.safe_load_all(body)))
        return found

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [each for objects in self.files.values() for each in objects]

    def get(self, kind: str, name: str) -> dict[str, Any]:
        return next(each for each in self.objects if (each["kind"], each["metadata"]["name"]) == (kind, name))

    @property
    def configuration(self) -> dict[str, str]:
        """Spark's settings as the server reads them."""
        lines = self.get("ConfigMap", "spark-connect")["data"]["spark-defaults.conf"].splitlines()
        return dict(line.split("=", 1) for line in lines)

    @property
    def pods(self) -> dict[str, dict[str, Any]]:
        """Every pod that comes of the chart, by its component; the executors' as their template has it."""
        made = [each["spec"]["template"] for each in self.objects if each["kind"] in ("StatefulSet", "Deployment")]
        for each in self.objects:
            if each["kind"] == "ConfigMap":
                made += [yaml.safe_load(text) for file, text in each["data"].items() if file.endswith("-pod.yaml")]
        return {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod for pod in made}


def template(
    values: Mapping[str, Any] | None = None,
    presets: Sequence[Path] = (),
    *,
    release: str = "spark",
    chart: Path | str = CHART,
) -> Rendering:
    """A chart rendered by the pinned helm; a refusal is a process.CommandFailed with helm's words."""
    files = [part for preset in presets for part in ("--values", str(preset))]
    done = process.run(
        [binaries.build("helm"), "template", release, CHARTS / chart, "--namespace", "team", *files, "--values", "-"],
        input_text=yaml.safe_dump(dict(values or {})),
        timeout_s=60,
    )
    return Rendering(done.stdout)


def leaves(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that has a value of its own, by its dotted path."""
    for key, value in values.items():
        here = f"{path}.{key}" if path else key
        if isinstance(value, dict) and value:
            yield from leaves(value, here)
        else:
            yield here, value
