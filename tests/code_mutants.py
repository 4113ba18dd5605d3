"""Breaks the checks' own code, one place at a time, and lists what no unit test notices: `make mutants-code`.

mutmut makes the breaks, by its settings in pyproject.toml, and tests/code_breaks.py tries them. Results are kept in
mutants/, so a run that its budget ended goes on at the next one; breaks that survived are tried again.
docs/code-mutants.md is written from them and the reasons in tests/code_survivors.yaml. The exit code is 1 if fewer than
90 % are noticed.

Usage: python -m tests.code_mutants [--minutes N] [--only PATTERN ...] [--tests FOLDER ...] [--most SECONDS] [--page]
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import yaml
from mutmut.mutation.diff_apply import get_diff_for_mutant

ROOT = Path(__file__).resolve().parents[1]
RESULTS, PAGE = ROOT / "mutants", ROOT / "docs" / "code-mutants.md"
REASONS = Path(__file__).with_name("code_survivors.yaml")
# The checks of criteria, what all of them rest on, evidence and waits, and the runner.
SCOPE = ("*must_*", "sparkproof.core.evidence.*", "sparkproof.core.wait.*", "sparkproof.run.*")
ENOUGH = 90.0
# mutmut forks to make the breaks, and must not have this project's code loaded.
_MAKE = """
from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants
copy_src_dir()
copy_also_copy_files()
create_mutants(1)
"""
# Settings that choose what is broken, and change no break.
_MODULES = ("only_mutate", "do_not_mutate", "also_copy")
# mutmut's exit codes: its tests did not notice, no test reaches it, not run yet. All others are noticed.
SURVIVED, UNREACHED, UNKNOWN = 0, (5, 33), None


@dataclass
class Tally:
    """The breaks of one module: how many were noticed, and the names of those that were not.

    `worded` are those that change nothing but the words of a message, which are not counted.
    """

    noticed: int = 0
    survived: list[str] = field(default_factory=list)
    unknown: int = 0
    worded: int = 0

    @property
    def made(self) -> int:
        return self.noticed + len(self.survived)

    @property
    def share(self) -> str:
        """The share that was noticed, in words; "-" if none has been tried."""
        return f"{100 * self.noticed / self.made:.0f} %" if self.made else "-"


@dataclass(frozen=True)
class Survivor:
    """A break that no test notices: its module, name and function, its changed lines, and why that is right."""

    module: str
    name: str
    function: str
    lines: tuple[str, ...]
    reason: str


def main(arguments: Sequence[str]) -> int:
    """Make the breaks, or only write the page; return 1 if too few of them are noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=30.0, help="end after so many minutes; the next run goes on")
    parser.add_argument("--only", nargs="+", default=SCOPE, help="patterns of functions, as mutmut names them")
    parser.add_argument("--tests", nargs="+", default=(), help="folders of unit tests, in place of all")
    parser.add_argument("--most", type=float, default=math.inf, help="try each break for so many seconds of tests only")
    parser.add_argument("--page", action="store_true", help="write the page from the results that are there")
    chosen = parser.parse_args(arguments)
    if not chosen.page:
        run(chosen.only, chosen.minutes, chosen.tests, chosen.most)
    tallies = {module: tally for module, tally in read(RESULTS).items() if tally.made or tally.unknown}
    survivors = list(explained(tallies))
    for each in (each for each in survivors if is_wording(each.lines)):
        tallies[each.module].worded += 1
        tallies[each.module].survived.remove(each.name)
    survivors = [each for each in survivors if not is_wording(each.lines)]
    PAGE.write_text(page(tallies, survivors))
    noticed, made = (sum(getattr(tally, what) for tally in tallies.values()) for what in ("noticed", "made"))
    print(f"{noticed} of {made} breaks were noticed; docs/{PAGE.name} lists the others.")
    return int(not made or 100 * noticed / made < ENOUGH)


def run(patterns: Sequence[str], minutes: float, tests: Sequence[str], most_s: float) -> None:
    """Make the breaks, and for so many minutes try those of these functions that no test has noticed yet."""
    until = time.time() + minutes * 60
    _make_anew()
    subprocess.run([sys.executable, "-c", _MAKE], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    metas = [path for path in RESULTS.rglob("*.py.meta") if (ROOT / path.relative_to(RESULTS)).with_suffix("").exists()]
    names = [
        name
        for path in metas
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items()
        if code in (SURVIVED, UNKNOWN, *UNREACHED) and any(fnmatch(name, pattern) for pattern in patterns)
    ]
    results, order = RESULTS / "results.jsonl", RESULTS / "order.json"
    results.write_text("")
    settings = _settings(ROOT)
    chosen = tests or settings["pytest_add_cli_args_test_selection"]
    flags = settings["pytest_add_cli_args"]
    wanted = {"names": names, "tests": chosen, "flags": flags, "until": until, "results": str(results), "most": most_s}
    order.write_text(json.dumps(wanted))
    environment = {**os.environ, "PYTHONPATH": str(RESULTS), "MUTANT_UNDER_TEST": "", "PY_IGNORE_IMPORTMISMATCH": "1"}
    try:
        subprocess.run(
            [sys.executable, "-m", "tests.code_breaks", str(order)],
            cwd=RESULTS,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=True,
        )
    finally:
        found = dict(json.loads(line) for line in results.read_text().splitlines())
        # Of some tests it is not known what the others reach.
        keep(metas, {name: code for name, code in found.items() if not (tests and code in UNREACHED)})


def _make_anew() -> None:
    """Remove what is not to be used again of earlier breaks.

    Settings by which others are made leave nothing. Otherwise copies of modules go and results stay: mutmut keeps what
    was found of functions that have not changed, and takes a copy for new that is younger than its module, which may
    come from elsewhere with the time at which it was written there.
    """
    shutil.rmtree(RESULTS if _of_breaks(RESULTS) != _of_breaks(ROOT) else RESULTS / "tests", ignore_errors=True)
    for path in (RESULTS / "sparkproof").rglob("*.py"):
        path.unlink()


def _of_breaks(folder: Path) -> dict[str, Any]:
    """Return the settings by which a folder's breaks are made: others make others, whatever tests and modules."""
    settings = _settings(folder)
    return {name: settings[name] for name in settings if name not in _MODULES and not name.startswith("pytest_")}


def _settings(folder: Path) -> dict[str, Any]:
    """Return mutmut's settings in a folder: {} if it has none."""
    path = folder / "pyproject.toml"
    found: dict[str, Any] = tomllib.loads(path.read_text())["tool"]["mutmut"] if path.exists() else {}
    return found


def keep(metas: Sequence[Path], found: Mapping[str, int]) -> None:
    """Write what was found of each break where mutmut keeps it, so that `mutmut show` and the next run know it."""
    for path in metas:
        meta = json.loads(path.read_text())
        codes = meta["exit_code_by_key"]
        meta["exit_code_by_key"] = {name: found.get(name, code) for name, code in codes.items()}
        path.write_text(json.dumps(meta, indent=4))


def read(results: Path) -> dict[str, Tally]:
    """Return the tallies of all modules ("spark/session.py") that have breaks in the scope."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    for path in sorted(results.rglob("*.py.meta")):
        tally = tallies[str(path.relative_to(results / "sparkproof")).removesuffix(".meta")]
        for name, code in json.loads(path.read_text())["exit_code_by_key"].items():
            if not any(fnmatch(name, pattern) for pattern in SCOPE):
                continue
            if code is UNKNOWN:
                tally.unknown += 1
            elif code == SURVIVED or code in UNREACHED:
                tally.survived.append(name)
            else:
                tally.noticed += 1
    return dict(tallies)


def explained(tallies: Mapping[str, Tally]) -> Iterator[Survivor]:
    """Yield each survivor with its lines, and with the reason that stands for its function and these lines."""
    reasons: list[Mapping[str, str]] = yaml.safe_load(REASONS.read_text()) or []
    for module, tally in tallies.items():
        for name in tally.survived:
            path = f"sparkproof/{module}"
            lines = tuple(
                line
                for line in diff(name, path).splitlines()
                if line[:1] in ("+", "-") and not line.startswith(("+++", "---"))
            )
            mangled = name.rpartition(".")[2].rpartition("__mutmut_")[0]
            function = f"{module}: {mangled.removeprefix('x_').removeprefix('xǁ').replace('ǁ', '.')}"
            why = (
                each["reason"]
                for each in reasons
                if each["in"] in function and any(each["line"] in line for line in lines)
            )
            yield Survivor(module, name, function, lines, next(why, ""))


def diff(name: str, path: str) -> str:
    """Return what a break changes, as a unified diff of its function."""
    with chdir(ROOT):
        return get_diff_for_mutant(name, path=path)


def is_wording(lines: Sequence[str]) -> bool:
    """Return True if a break changes only the words of a text: mutmut puts XX around them, or changes their case."""
    before, after = (
        [line[1:].replace("XX", "").casefold() for line in lines if line.startswith(sign)] for sign in "-+"
    )
    return bool(before) and before == after


def page(tallies: Mapping[str, Tally], survivors: Sequence[Survivor]) -> str:
    """Return the page: a line for each module, and each survivor with its reason."""
    noticed, made = (sum(getattr(tally, what) for tally in tallies.values()) for what in ("noticed", "made"))
    left, worded = (sum(getattr(tally, what) for tally in tallies.values()) for what in ("unknown", "worded"))
    rows = [
        f"| {module} | {tally.made} | {tally.noticed} | {tally.share} | {tally.unknown or ''} |"
        for module, tally in tallies.items()
    ]
    listed = []
    for each in sorted(survivors, key=lambda one: (one.reason, one.function)):
        lines = "\n".join(each.lines)
        listed.append(f"`{each.function}`: {each.reason or 'no reason is known yet'}.\n```diff\n{lines}\n```\n")
    share = 100 * noticed / made if made else 0.0
    return (
        "\n".join(
            [
                "# Breaks of the checks' own code",
                "",
                "`make mutants-code` breaks the code of the checks, one place at a time, and runs the unit tests that",
                "reach it. A break that no test notices may be a check that holds for nothing. The command writes",
                "this page.",
                "",
                f"Of {made} breaks {noticed} were noticed: {share:.1f} %. {left} others have not been tried yet,",
                f"and {worded} change only the words of a message, which tests need not know in full.",
                "",
                "| module | breaks | noticed | share | not tried yet |",
                "| --- | --- | --- | --- | --- |",
                *rows,
                "",
                "## What no test notices",
                *(listed or ["Nothing."]),
            ]
        ).rstrip("\n")
        + "\n"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
