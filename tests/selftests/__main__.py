"""`python -m tests.selftests [PATH ...]`: run behave's own self-tests by its runner and by ours, and compare.

Four ways: ours outside with -j 1 and -j 4, and ours inside, where the self-tests run behave on small projects. Exit
with 1 if a scenario differs that known.yaml does not explain, or if it explains one that does not differ. PATH names
features of the source distribution, or folders of them; without it all are run.

Many self-tests use what those before them left in the working folder. behave's own runner tells which: they pass when
all of a feature share one folder, and not when each has its own. With -j 4 outside each has its own, by both runners.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from sparkproof.core import clock
from sparkproof.core.errors import UsageError
from tests.selftests import source
from tests.selftests.compared import EACH

KNOWN = Path(__file__).with_name("known.yaml")
# Each has its own steps and environment.py. The validation of JSON would run all the others once more.
_PATHS = (
    "features",
    "issue.features",
    "more.features/run_examples.feature",
    "more.features/tutorial.feature",
    "tools/test-features",
)
_LONGEST_S = 3600.0
# So many features run one after another in a copy of their own.
_PIECE = 3

Statuses = dict[str, str]


class Way(NamedTuple):
    """By which runner the self-tests run, and by which the runs that they make; `apart`: each in its own folder."""

    outer: tuple[str, ...]
    inner: tuple[str, ...] = ()
    apart: bool = False


_OWN = ("-r", "behave.runner:Runner")
_OURS = ("-r", "sparkproof.run:Runner", "-j")
TOGETHER, APART = Way(_OWN), Way(_OWN, apart=True)
WAYS = {
    "outer -j 1": Way((*_OURS, "1")),
    "outer -j 4": Way((*_OURS, "4"), apart=True),
    "inner -j 1": Way(_OWN, (*_OURS, "1")),
    "inner -j 4": Way(_OWN, (*_OURS, "4")),
}


def main(arguments: Sequence[str]) -> int:
    """Compare, print what differs, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.selftests")
    parser.add_argument("paths", nargs="*", default=_PATHS)
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way; may be given more than once")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="run N pieces of the self-tests at once")
    parser.add_argument("--keep", type=Path, help="keep what has ended in this folder, and go on from what it has")
    given = parser.parse_args(arguments)
    known: dict[str, Any] = yaml.safe_load(KNOWN.read_text(encoding="utf-8")) or {}
    chosen = {name: WAYS[name] for name in given.way or WAYS}
    try:
        with tempfile.TemporaryDirectory() as folder:
            everything = list(_pieces(given.paths, source.copy(Path(folder) / "source")))
            compared = Compared(everything, Path(folder), given.keep or Path(folder) / "kept", given.at_once)
            own = {TOGETHER: compared.run(TOGETHER, "behave's own runner")}
            _refuse_ruins(own[TOGETHER])
            faults = 0
            if any(way.apart for way in chosen.values()):
                own[APART] = compared.run(APART, "behave's own runner, each scenario in a folder of its own")
                faults += _tell_builders(own[TOGETHER], own[APART], known.get("builds_on_others", {}))
            for name, way in chosen.items():
                ours = compared.run(way, name)
                faults += _compare(name, own[APART if way.apart else TOGETHER], ours, known)
    except UsageError as told:
        print(told)
        return 2
    return 1 if faults else 0


class Compared(NamedTuple):
    """The self-tests in pieces, where copies of them are made and results kept, and how many run at once."""

    pieces: list[tuple[str, ...]]
    folder: Path
    kept: Path
    at_once: int

    def run(self, way: Way, title: str) -> Statuses:
        """Run the self-tests; return the status of each scenario by its place and name."""
        began = clock.elapsed()
        self.kept.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(self.at_once) as pool:
            ended = list(pool.map(lambda piece: self._run_piece(piece, way), self.pieces))
        found = {name: status for statuses in ended for name, status in statuses.items()}
        print(f"{title}: {len(found)} scenarios in {clock.elapsed() - began:.0f} s", flush=True)
        return found

    def _run_piece(self, piece: tuple[str, ...], way: Way) -> Statuses:
        kept = self.kept / (hashlib.sha256(repr((way, piece)).encode()).hexdigest()[:16] + ".json")
        if not kept.exists():
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                kept.write_text(json.dumps(_run_in(source.copy(Path(folder)), piece, way)), encoding="utf-8")
        return dict(json.loads(kept.read_text(encoding="utf-8")))


def _pieces(paths: Sequence[str], here: Path) -> Iterator[tuple[str, ...]]:
    """Yield a few features at a time, of those that have the same steps and environment.py."""
    for path in paths:
        found = [str(one.relative_to(here)) for one in sorted(here.joinpath(path).rglob("*.feature"))] or [path]
        yield from (tuple(found[at : at + _PIECE]) for at in range(0, len(found), _PIECE))


def _run_in(here: Path, paths: Sequence[str], way: Way) -> Statuses:
    """Run features in a fresh copy; return the status of each scenario."""
    out = here / "statuses.json"
    command = [sys.executable, "-m", "behave", *way.outer, "--no-junit", "-f", "compared:Statuses", "-o", str(out)]
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(here), str(source.needs()))),
        "INNER_RUNNER": " ".join(way.inner),
        "LOGNAME": "tester",  # an example reads it
    }
    if way.apart:
        env[EACH] = "1"
    try:
        done = subprocess.run(
            [*command, *paths], cwd=here, env=env, capture_output=True, text=True, check=False, timeout=_LONGEST_S
        )
        return dict(json.loads(out.read_text(encoding="utf-8")))
    except subprocess.TimeoutExpired:
        raise UsageError(f"{' '.join(way.outer)} has not ended {' '.join(paths)} after {_LONGEST_S:g} s.") from None
    except (OSError, ValueError):
        raise UsageError(f"behave's self-tests did not run: {(done.stderr or done.stdout)[-2000:]}") from None


def _refuse_ruins(own: Statuses) -> None:
    passed = sum(status == "passed" for status in own.values())
    skipped = sum(status in ("skipped", "untested") for status in own.values())
    if passed <= (len(own) - skipped) / 2:
        raise UsageError(f"Only {passed} of {len(own)} self-tests pass by behave's own runner: nothing is compared.")


def _tell_builders(together: Statuses, apart: Statuses, known: Sequence[str]) -> int:
    """Compare the scenarios that use what others left, by behave's own runner, with the list; return the faults."""
    builders = {name for name, status in together.items() if status == "passed" != apart.get(name)}
    listed = {name for name in known if name in together}
    print(f"{len(builders)} scenarios build on what others left in the working folder.")
    return _tell(
        {name: f"{apart.get(name, 'missing')} in a folder of its own: list it in {KNOWN.name}" for name in builders},
        listed,
        "and passes in a folder of its own",
    )


def _compare(way: str, own: Statuses, ours: Statuses, known: dict[str, Any]) -> int:
    """Print the scenarios that differ and are not known, and those that are known and do not; return their number."""
    differ = {name for name in own.keys() | ours.keys() if own.get(name) != ours.get(name)}
    at_times = _listed(known, f"{way}, at times") & differ
    listed = {name for name in _listed(known, way) if name in own or name in ours}
    passed = sum(status == "passed" for status in own.values())
    agreeing = sum(status == "passed" and name not in differ for name, status in own.items())
    reasons = len(listed | at_times)
    print(f"{way}: of {passed} that pass by behave's own runner {agreeing} agree; {reasons} differ for a reason.")
    return _tell(
        {
            name: f"{own.get(name, 'missing')} by behave's own runner, {ours.get(name, 'missing')} by ours"
            for name in differ - at_times
        },
        listed,
        f"for {way!r} and does not differ",
    )


def _listed(known: dict[str, Any], way: str) -> set[str]:
    return {name for names in known.get(way, {}).values() for name in names}


def _tell(found: dict[str, str], listed: set[str], stale: str) -> int:
    """Print what was `found` of scenarios that are not listed, and those that are `listed` for nothing; count both."""
    for name in sorted(found.keys() - listed):
        print(f"  {name}: {found[name]}")
    for name in sorted(listed - found.keys()):
        print(f"  {name} is in {KNOWN.name} {stale}: take it out")
    return len(found.keys() ^ listed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
