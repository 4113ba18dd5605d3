"""How long rendering and validating the charts takes; beside it helm and kubeconform, one chart after another."""

import json
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from itertools import compress

from bench.figure import Figure, seconds
from sparkproof import charts
from sparkproof.charts import Case
from sparkproof.cluster import binaries, schemas
from sparkproof.settings import read

_AT_LEAST = 60
_ROUNDS = 3


def measure() -> Iterator[Figure]:
    """Every chart in every version with every preset, and with two presets where those are too few."""
    found = charts.in_folder(read({}).charts)
    single, pairs = charts.every_preset(found), charts.every_two_presets(found)
    combinations = list(compress([*single, *pairs], charts.can_work([*single, *pairs])))
    cases = combinations[: max(_AT_LEAST, len(single))]
    _one_after_another(cases[:1])
    charts.render(cases[:1])
    rounds = [
        (seconds(lambda: charts.render(cases)), seconds(lambda: _one_after_another(cases))) for _ in range(_ROUNDS)
    ]
    ours, theirs = (statistics.median(taken) for taken in zip(*rounds, strict=True))
    what = f"{len(cases)} charts with their presets and versions, rendered and validated"
    yield Figure(what, ours, "s", 10.0, f"median of {_ROUNDS}, by turns")
    yield Figure("the same by helm template and kubeconform", theirs, "s", None, "one after another")
    yield Figure("ours", ours / theirs, "x", 1 / 3, "of that")


def _one_after_another(cases: Sequence[Case]) -> None:
    """Each case by the two programs, as in a shell; raises CalledProcessError for one that is refused or wrong."""
    validate = [str(binaries.build("kubeconform")), "-strict", "-schema-location", schemas.pattern(), "-"]
    for case in cases:
        files = [f"--values={preset}" for preset in case.presets]
        template = [str(binaries.build("helm")), "template", case.release, str(case.chart.folder)]
        rendered = subprocess.run(
            [*template, f"--namespace={case.namespace}", *files, "--values=-"],
            input=json.dumps(case.given).encode(), check=True, capture_output=True,
        )  # fmt: skip
        subprocess.run(validate, input=rendered.stdout, check=True, capture_output=True)
