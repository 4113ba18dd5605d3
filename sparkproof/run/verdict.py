"""The verdict on a whole run: one word, an exit code, and reports/verdict.json for machines."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from sparkproof.core.evidence import Level
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import About


class Verdict(StrEnum):
    """The words of docs/verdict.md, best first."""

    SUCCESS = "success"
    PARTIAL = "partial"
    UNPROVEN = "unproven"
    FAILURE = "failure"


@dataclass(frozen=True)
class Judged:
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
    outcomes = {Outcome(line.outcome) for line in lines}
    if known or any(outcome.bad for outcome in outcomes):
        return Judged(Verdict.FAILURE, 1, known)
    if outcomes == {Outcome.PASSED}:
        return Judged(Verdict.SUCCESS, 0, known)
    if Outcome.PASSED in outcomes:
        return Judged(Verdict.PARTIAL, 1 if require == "success" else 0, known)
    return Judged(Verdict.UNPROVEN, 3, known)


def write(path: Path, judged: Judged, lines: Sequence[Line], duration_s: float, about: About) -> None:
    """Write verdict.json; counts by level count what passed, since only that was proved."""
    outcomes = Counter(line.outcome for line in lines)
    levels = Counter(line.level or "none" for line in lines if line.outcome == Outcome.PASSED)
    content = {
        "verdict": judged.verdict,
        "exit_code": judged.exit_code,
        "causes": list(judged.causes),
        "outcomes": {outcome.value: outcomes[outcome] for outcome in Outcome},
        "levels": {level: levels[level] for level in ("none", *Level)},
        "flaky": sum(line.flaky for line in lines),
        "duration_s": round(duration_s, 3),
        "cluster": about.cluster,
        "versions": dict(about.versions),
        "remarks": list(about.remarks),
    }
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
