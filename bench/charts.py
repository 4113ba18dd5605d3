"""Seconds to render and validate the charts, compared with helm and kubeconform for one chart after another."""

import json
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from itertools import compress

from bench.figure import Figure, seconds
from sparkproof.build import programs
from sparkproof.charts import renderings, schemas
from sparkproof.charts.renderings import Case
from sparkproof.suite.settings import read

_AT_LEAST = 60
_ROUNDS = 3


def measure() -> Iterator[Figure]:
    """Measure every chart in every version with every preset, and with pairs of presets if these are too few."""
    found = renderings.in_folder(read({}).charts)
    single, pairs = renderings.every_preset(found), renderings.every_two_presets(found)
    combinations = list(compress([*single, *pairs], renderings.can_work([*single, *pairs])))
    cases = combinations[: max(_AT_LEAST, len(single))]
    _one_after_another(cases[:1])
    renderings.render(cases[:1])
    rounds = [
        (seconds(lambda: renderings.render(cases)), seconds(lambda: _one_after_another(cases))) for _ in range(_ROUNDS)
    ]
    ours, theirs = (statistics.median(taken) for taken in zip(*rounds, strict=True))
    what = f"{len(cases)} charts with their presets and versions, rendered and validated"
    yield Figure(what, ours, "s", 10.0, f"median of {_ROUNDS}, in turns")
    yield Figure("the same by helm template and kubeconform", theirs, "s", None, "one after another")
    yield Figure("ours", ours / theirs, "x", 1 / 3, "of that")


def _one_after_another(cases: Sequence[Case]) -> None:
    """Run both programs for each case, as in a shell; raise CalledProcessError for a refused or invalid case."""
    validate = [str(programs.build("kubeconform")), "-strict", "-schema-location", schemas.pattern(), "-"]
    for case in cases:
        files = [f"--values={preset}" for preset in case.presets]
        template = [str(programs.build("helm")), "template", case.release, str(case.chart.folder)]
        rendered = subprocess.run(
            [*template, f"--namespace={case.namespace}", *files, "--values=-"],
            input=json.dumps(case.given).encode(), check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(validate, input=rendered.stdout, check=True, capture_output=True)
