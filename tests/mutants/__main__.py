"""Break each line of what the charts render, one by one, and list what nothing notices: `make mutants`."""

import os
import sys
import time
from argparse import ArgumentParser, BooleanOptionalAction
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path

from sparkproof.charts import renderings
from sparkproof.charts.promises import View
from tests.mutants import cluster, mutants, page
from tests.mutants.judge import Verdict, judge, share

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "mutants.md"
# The share that has to be noticed, in percent.
ENOUGH = 90


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge all mutants of a seed without a cluster, with --cluster those that live in one, and write the page."""
    asked = ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    asked.add_argument("--seed", type=int, default=1, help="says into what a line is changed")
    asked.add_argument("--minutes", type=float, default=30, help="when to stop")
    asked.add_argument("--cluster", action=BooleanOptionalAction, default=False, help="install what lives, and look")
    asked.add_argument("--at-most", type=int, default=0, help="how many mutants to judge; 0 judges all")
    given = asked.parse_args(arguments)
    ends = time.monotonic() + given.minutes * 60
    chosen = len(_population(given.seed))
    numbers = range(min(given.at_most, chosen) if given.at_most else chosen)
    started = time.monotonic()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        judged = pool.map(_judged, repeat(given.seed), numbers, repeat(ends), chunksize=100)
        verdicts = [each for each in judged if each]
    took_s = time.monotonic() - started
    if given.cluster:
        verdicts = cluster.judged(_population(given.seed), verdicts, ends)
    if not given.at_most:
        PAGE.write_text(page.written(verdicts, given.seed))
    noticed = share(verdicts)
    print(f"{noticed:.1f} % of {len(verdicts)} mutants were noticed; judged without a cluster in {took_s:.0f} s")
    for each in (each for each in verdicts if not each.by and not each.changes_nothing):
        print(f"  lives: {each.mutant}")
    return 0 if noticed >= ENOUGH else 1


@cache
def _population(seed: int) -> list[mutants.Mutant]:
    cases = renderings.every_platform(renderings.in_folder(ROOT / "charts"))
    cases = [case for case in cases if case.version == case.chart.about["appVersion"]]
    return mutants.every([View.of(each.case, each.objects) for each in renderings.render(cases)], seed)


def _judged(seed: int, number: int, ends: float) -> Verdict | None:
    """The verdict on a mutant, or None when the time is over."""
    return judge(_population(seed)[number]) if time.monotonic() < ends else None


if __name__ == "__main__":
    sys.exit(main())
