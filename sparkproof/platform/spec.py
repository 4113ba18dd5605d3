"""The specification of a release: chart, version, presets and values; its digest, and the Secrets that it needs."""

import json
import os
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from sparkproof.cluster.target import helm_program
from sparkproof.core import cache
from sparkproof.kube.helm import Helm

NAME = "spark"


@dataclass(frozen=True)
class ReleaseSpec:
    """A chart's folder, Spark's version, presets by name (weakest first), and values over them."""

    chart: Path
    spark_version: str
    presets: Sequence[str] = ("small",)
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        """The presets' values files, weakest first."""
        return [self.chart / "presets" / f"{preset}-values.yaml" for preset in self.presets]

    def of_version(self, version: str) -> "ReleaseSpec":
        """Return the same with another version of Spark, and with the chart of its series where each has its own."""
        had, has = (each.rpartition(".")[0] for each in (self.spark_version, version))
        return replace(self, chart=self.chart.with_name(self.chart.name.replace(had, has)), spark_version=version)

    def digest(self, values: Mapping[str, Any]) -> str:
        """Return twelve hexadecimal digits that change with the chart's files, the presets and `values`."""
        files = sorted(each for each in self.chart.rglob("*") if each.is_file())
        named = [str(each.relative_to(self.chart)) for each in files]
        return cache.digest(*named, *files, *self.presets, json.dumps(values, sort_keys=True))

    def rendered_here(self) -> str:
        """Return all manifests of the release, as helm renders them without a cluster."""
        helm = Helm(helm_program(), Path(os.devnull))
        values = {"sparkVersion": self.spark_version, **self.values}
        return helm.template(NAME, self.chart, NAME, values=values, presets=self.files)

    @property
    def all_presets(self) -> tuple[str, ...]:
        """The names of all presets that the chart has."""
        return tuple(sorted(path.stem.removesuffix("-values") for path in (self.chart / "presets").iterdir()))


def secrets(manifests: str) -> dict[str, set[str]]:
    """Return the Secrets that these manifests take values from, with the keys that they ask for."""

    def asked(node: Any) -> Iterator[Mapping[str, str]]:
        if isinstance(node, Mapping) and "secretKeyRef" in node:
            yield node["secretKeyRef"]
        for inner in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
            yield from asked(inner)

    found: dict[str, set[str]] = defaultdict(set)
    for manifest in yaml.safe_load_all(manifests):
        for reference in asked(manifest):
            found[reference["name"]].add(reference["key"])
    return found
