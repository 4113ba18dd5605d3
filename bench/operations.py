"""What operators are promised: seconds of autoscalers, a restore and the control plane, and minutes of whole areas."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import kept
from bench.figure import Figure, seconds

# Half of them are in the table of each of three catalogs when the drill begins.
_ROWS = 2_000_000
# What a criterion of this title measures, and how many seconds of it are promised.
_OF: Mapping[str, Mapping[str, float]] = {
    "Workers come for an application that waits, and go after it": {
        "from the application to the first worker": 15.0,
        # The platform's workers cool down for 20 s.
        "from the end of the applications to that of the workers": 35.0,
    },
    "Executors that wait bring a spot node of the size that they need, and it goes after them": {
        "from the pending executor to its node": 20.0,
    },
    "A control plane that lost its data comes back from a snapshot, and Spark goes on meanwhile": {
        "from the restore of the control plane to its first write": 30.0,
    },
    "A platform that loses its databases and its object store comes back from a backup that was taken while somebody "
    "wrote": {
        "from the loss to all that was saved (RTO)": 240.0,
    },
}
# Areas by their tags, and the minutes that are promised of one version of Spark.
_AREAS = {
    "@resilience": 30.0,
    "@autoscaling or @observability or @recovery or @resilience or @governance or @load or @environments": 45.0,
}


def measure() -> Iterator[Figure]:
    """Measure by criteria, on platforms of one version of Spark with images at hand, and remove the platforms."""
    with tempfile.TemporaryDirectory() as folder:
        reports = Path(folder)
        try:
            for title, promised in _OF.items():
                (line,) = kept.ledger(reports, "--name", title, "-D", f"rows={_ROWS}")
                how = f"{line['duration_s']:.0f} s for the criterion"
                yield from _promised(line["measured"], promised, how)
            for tags, limit_min in _AREAS.items():
                selected = f"({tags}) and {kept.ONE_VERSION}"
                took_s = seconds(partial(kept.ledger, reports, "--tags", selected, "-j", "2"))
                yield Figure(f"{tags}, -j 2", took_s / 60, "min", limit_min)
        finally:
            kept.sweep()


def _promised(measured: Sequence[Mapping[str, Any]], promised: Mapping[str, float], how: str) -> Iterator[Figure]:
    """Yield what was measured of what is promised; raises KeyError for what the criterion no longer measures."""
    found = {each["what"]: each["value"] for each in measured}
    for what, limit in promised.items():
        yield Figure(what, found[what], "s", limit, how)
