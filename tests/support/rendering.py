"""What the tests of charts render, and how they take it apart."""

import json
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from itertools import compress
from pathlib import Path
from typing import Any

import yaml

from sparkproof.charts import renderings
from sparkproof.charts.renderings import Case, Chart
from sparkproof.core.errors import SparkproofError
from sparkproof.kube.objects import job_of

CHARTS = Path(__file__).resolve().parents[2] / "charts"
CHART = CHARTS / "spark-4.1"
PRESETS = sorted((CHART / "presets").glob("*-values.yaml"))
ALL = renderings.in_folder(CHARTS)
# Each chart in each version with each preset, and with all of them, where that can work; the criteria combine each two.
EVERY = [
    *renderings.every_preset(ALL),
    *(Case(chart, version, chart.presets) for chart in ALL for version in chart.versions),
]
CASES = list(compress(EVERY, renderings.can_work(EVERY)))


class Refused(SparkproofError):
    """A chart refused its values, with these words of helm's."""


class Rendering(renderings.Rendering):
    """What a case gave, with what is special to Spark's charts."""

    @property
    def configuration(self) -> dict[str, str]:
        """Spark's settings as the server reads them."""
        lines = self.get("ConfigMap", "spark-connect")["data"]["spark-defaults.conf"].splitlines()
        return dict(line.split("=", 1) for line in lines)

    @cached_property
    def pods(self) -> dict[str, dict[str, Any]]:
        """Every pod that comes of the chart, by its component; the executors' as their template has it."""
        kinds = ("StatefulSet", "Deployment", "Job", "CronJob", "ScaledJob")
        made = [job_of(each["spec"])["template"] for each in self.objects if each["kind"] in kinds]
        for each in self.objects:
            if each["kind"] == "ConfigMap":
                texts = [text for file, text in each["data"].items() if file.endswith("-pod.yaml")]
                made += [yaml.load(text, Loader=yaml.CSafeLoader) for text in texts]
        return {pod["metadata"]["labels"]["app.kubernetes.io/component"]: pod for pod in made}


def template(
    values: Mapping[str, Any] | None = None,
    presets: Sequence[Path] = (),
    *,
    release: str = "spark",
    chart: Path | str = CHART,
) -> Rendering:
    """A chart (its folder, or its name) rendered as the pinned helm does; raises Refused."""
    return _template(json.dumps(values or {}), tuple(presets), release, CHARTS / chart)


@cache
def _template(values: str, presets: tuple[Path, ...], release: str, chart: Path) -> Rendering:
    return render([Case(Chart(chart), presets=presets, values=json.loads(values), release=release)])[0]


def render(cases: Sequence[Case]) -> list[Rendering]:
    """The cases rendered in one go; raises Refused for the first that is."""
    made = [Rendering(**vars(each)) for each in renderings.rendered(cases)]
    for each in made:
        if each.refusal:
            raise Refused(f"{each.case}: {each.refusal}")
    return made


@cache
def rendered() -> list[Rendering]:
    """What all of CASES give, in their order."""
    return render(CASES)
