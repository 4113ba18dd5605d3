"""`python -m tests.selftests [PATH ...]`: run behave's own self-tests by its runner and by ours, and compare.

Four ways: ours outside with -j 1 and -j 4, and ours inside, where the self-tests run behave on small projects. Exit
with 1 if a scenario differs that known.yaml does not explain, or if one that it explains is as behave has it. PATH
names features of the source distribution; without it all are run.

A scenario builds on files of others if it ends otherwise alone, by behave's own runner: --alone tries what differs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from sparkproof.core.errors import UsageError
from tests.selftests import source

KNOWN = Path(__file__).with_name("known.yaml")
_PATHS = ("features", "issue.features", "more.features")
_OWN = ("-r", "behave.runner:Runner")
_OURS = ("-r", "sparkproof.run:Runner", "-j")
# By name: the runner outside, and the one inside.
WAYS = {
    "outer -j 1": ((*_OURS, "1"), ()),
    "outer -j 4": ((*_OURS, "4"), ()),
    "inner -j 1": (_OWN, (*_OURS, "1")),
    "inner -j 4": (_OWN, (*_OURS, "4")),
}
_BUILDS_ON_OTHERS = "builds on files of scenarios before it"

Statuses = dict[str, str]


def main(arguments: Sequence[str]) -> int:
    """Compare, print what differs, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.selftests")
    parser.add_argument("paths", nargs="*", default=_PATHS)
    parser.add_argument("--way", action="append", choices=WAYS, help="only this way; may be given more than once")
    parser.add_argument("--alone", action="store_true", help="run what differs alone, by behave's own runner")
    given = parser.parse_args(arguments)
    known: dict[str, dict[str, str]] = yaml.safe_load(KNOWN.read_text(encoding="utf-8")) or {}
    try:
        own = run(given.paths, _OWN, ())
        passed = sum(status == "passed" for status in own.values())
        if passed <= len(own) / 2:
            raise UsageError(
                f"Only {passed} of {len(own)} self-tests pass by behave's own runner: nothing is compared."
            )
        faults = 0
        for way in given.way or WAYS:
            faults += _compare(way, own, run(given.paths, *WAYS[way]), known.get(way, {}), alone=given.alone)
    except UsageError as told:
        print(told)
        return 2
    return 1 if faults else 0


def run(paths: Sequence[str], outer: Sequence[str], inner: Sequence[str]) -> Statuses:
    """Run the self-tests in a fresh copy; return the status of each scenario by its place and name."""
    with tempfile.TemporaryDirectory() as folder:
        here = source.copy(Path(folder))
        out = here / "statuses.json"
        command = [sys.executable, "-m", "behave", *outer, "--no-junit", "-f", "json", "-o", str(out), *paths]
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(here), str(source.needs()))),
            "INNER_RUNNER": " ".join(inner),
        }
        done = subprocess.run(command, cwd=here, env=env, capture_output=True, text=True, check=False)
        try:
            features = json.loads(out.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise UsageError(f"behave's self-tests did not run: {(done.stderr or done.stdout)[-2000:]}") from None
        return {name: status for feature in features for name, status in _scenarios(feature)}


def _scenarios(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for element in item.get("elements", ()):
        if element.get("type") == "rule":
            yield from _scenarios(element)
        elif element.get("type") == "scenario":
            yield f"{element['location']} {element['name']}", element.get("status", "none")


def _compare(way: str, own: Statuses, ours: Statuses, known: dict[str, str], *, alone: bool) -> int:
    """Print the scenarios that differ and are not known, and those that are known and do not; return their number."""
    differ = {name: (status, ours.get(name, "missing")) for name, status in own.items() if ours.get(name) != status}
    differ |= {name: ("missing", status) for name, status in ours.items() if name not in own}
    unknown = sorted(differ.keys() - known.keys())
    agreeing = sorted(name for name in known if name in own and name not in differ)
    explained = len(differ) - len(unknown)
    print(f"{way}: {len(own)} scenarios, {len(own) - len(differ)} agree, {explained} differ for a known reason.")
    for name in unknown:
        why = ""
        if alone:
            by_itself = run([name.split(" ")[0]], _OWN, ()).get(name, "missing")
            why = f" ({_BUILDS_ON_OTHERS}: alone it is {by_itself})" if by_itself != own.get(name) else ""
        print(f"  {name}: {differ[name][0]} by behave's own runner, {differ[name][1]} by ours{why}")
    for name in agreeing:
        print(f"  {name} is in {KNOWN.name} and agrees: take it out.")
    return len(unknown) + len(agreeing)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
