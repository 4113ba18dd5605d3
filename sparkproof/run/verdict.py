"""The verdict on a whole run: one word, an exit code, and reports/verdict.json for machines."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from sparkproof.core.evidence import Level
from sparkproof.run.changes import since_previous
from sparkproof.run.fingerprint import fingerprint
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import About

# What a run writes beside its verdict; history.json is the next run's.
FILES = ("ledger.jsonl", "run.log", "timeline.json", "allure-results", "junit")
REQUIREMENTS = ("success", "stable")


class Verdict(StrEnum):
    """The words of docs/verdict.md, best first."""

    SUCCESS = "success"
    PARTIAL = "partial"
    UNPROVEN = "unproven"
    FAILURE = "failure"


class Judged(NamedTuple):
    """A verdict, the exit code that goes with it, and every cause beyond single scenarios, in sentences."""

    verdict: Verdict
    exit_code: int
    causes: Sequence[str]


def decide(lines: Sequence[Line], selected: int, causes: Sequence[str] = (), require: str = "") -> Judged:
    """The verdict on `lines`, the ledger of a run that selected `selected` scenarios.

    `causes` are what went wrong beyond single scenarios. `require` is "success" (partial exits 1 as well) or "stable"
    (a scenario that passed only when repeated makes a failure).
    """
    known = list(causes)
    if len(lines) != selected:
        known.append(f"{selected} scenarios were selected, but {len(lines)} are in the ledger.")
    if not selected and not known:
        known.append("Nothing was selected: no scenario matches the tags, names and paths that were asked for.")
    flaky = [line for line in lines if line.flaky]
    if require == "stable" and flaky:
        known.append(f"{len(flaky)} passed only when repeated, and -D require=stable asks for stable results.")
    outcomes = {Outcome(outcome) for outcome in {line.outcome for line in lines}}
    if known or Outcome.NOT_RUN in outcomes or any(outcome.bad for outcome in outcomes):
        return Judged(Verdict.FAILURE, 1, known)
    if outcomes == {Outcome.PASSED}:
        return Judged(Verdict.SUCCESS, 0, known)
    if Outcome.PASSED in outcomes:
        return Judged(Verdict.PARTIAL, 1 if require == "success" else 0, known)
    return Judged(Verdict.UNPROVEN, 3, known)


class Selection(NamedTuple):
    """What a run selected of what there is: `scenarios` in all files that were read, `not_selected` by id.

    `paths` are the files and folders that behave was given, `tags` and `groups` those of all scenarios.
    """

    paths: Sequence[str] = ()
    scenarios: int = 0
    selected: int = 0
    tags: Sequence[str] = ()
    groups: Sequence[str] = ()
    not_selected: Sequence[str] = ()


class Run(NamedTuple):
    """A run as such: its id, the command, when it began and for how long it took, and what it selected."""

    id: str
    command: str
    started: datetime
    duration_s: float
    selection: Selection = Selection()


def write(folder: Path, run: Run, judged: Judged, lines: Sequence[Line], about: About) -> None:
    """Write verdict.json; counts by level count what passed, since only that was proved.

    `files` are the fingerprints of all that the run wrote beside it: whoever reads the verdict can tell if ledger and
    reports are those of this run.
    """
    content = {
        "run": run.id,
        "verdict": judged.verdict,
        "exit_code": judged.exit_code,
        "causes": list(judged.causes),
        **counts(lines),
        "command": run.command,
        "started": run.started.isoformat(timespec="seconds"),
        "ended": (run.started + timedelta(seconds=run.duration_s)).isoformat(timespec="seconds"),
        "duration_s": round(run.duration_s, 3),
        "selection": run.selection._asdict(),
        "cluster": about.cluster,
        "versions": dict(about.versions),
        "artifacts": dict(about.artifacts),
        "commit": about.commit,
        "changed": list(about.changed),
        "remarks": list(about.remarks),
        "changes": changes._asdict() if (changes := since_previous(folder, lines)) else None,
        "files": {name: fingerprint(folder / name) for name in FILES if (folder / name).exists()},
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    (folder / "verdict.json").write_text(text, encoding="utf-8", errors="backslashreplace")


def counts(lines: Sequence[Line]) -> dict[str, Any]:
    """Return the numbers that a verdict has of its ledger."""
    outcomes = Counter(line.outcome for line in lines)
    levels = Counter(line.level or "none" for line in lines if line.outcome == Outcome.PASSED)
    return {
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
        "levels": {level: levels[level] for level in ("none", *Level)},
        "flaky": sum(line.flaky for line in lines),
    }
