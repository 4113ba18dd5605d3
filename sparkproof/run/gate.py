"""Judges a finished run by rules from a file, for CI: `sparkproof gate reports/ --rules gate.yaml`."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sparkproof.core.errors import UsageError
from sparkproof.core.evidence import Level
from sparkproof.run import ledger
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from sparkproof.run.verdict import Verdict


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KnownIssue(_Strict):
    """A scenario that may fail for a while: who mends it, and until when it is excused."""

    id: str
    owner: Annotated[str, Field(min_length=1)]
    expires: date


class Rules(_Strict):
    """The least that a run must reach; a rule that is not given asks for nothing."""

    verdict: Verdict = Verdict.PARTIAL
    least_passed: Mapping[str, int] = Field(default={}, description="least number of passed scenarios, by group")
    least_proof: Mapping[str, Level] = Field(default={}, description="least level of proof of what passed, by tag")
    most_skipped: int | None = Field(default=None, ge=0, description="most scenarios skipped or unsupported")
    longest_s: float | None = Field(default=None, gt=0, description="longest duration of the run in seconds")
    known_issues: Sequence[KnownIssue] = ()


def read(path: Path) -> Rules:
    """The rules in a YAML file; raises UsageError with one line for each thing that is wrong with it."""
    try:
        return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except OSError as missing:
        raise UsageError(f"The rules {path} cannot be read: {missing.strerror}.") from None
    except yaml.YAMLError as wrong:
        raise UsageError(f"The rules {path} are not YAML: {str(wrong).splitlines()[0]}.") from None
    except ValidationError as wrong:
        messages = (f"{path}: {'.'.join(map(str, e['loc'])) or 'the file'}: {e['msg']}" for e in wrong.errors())
        raise UsageError("\n".join(messages)) from None


def broken(reports: Path, rules: Rules, today: date) -> Iterator[str]:
    """One sentence for each rule that the run in `reports` does not keep; raises UsageError when there is no run."""
    try:
        verdict = json.loads((reports / "verdict.json").read_text(encoding="utf-8"))
        lines = ledger.read(reports / "ledger.jsonl")
        word = Verdict(verdict["verdict"])
    except (OSError, ValueError, TypeError, KeyError) as wrong:
        raise UsageError(f"{reports} holds no finished run ({wrong}): run behave first, or name its folder.") from None
    excused = {issue.id for issue in rules.known_issues if today <= issue.expires}
    yield from _expired(rules, today)
    yield from _verdict(rules, word, verdict["causes"], [line for line in lines if line.id not in excused])
    passed = [line for line in lines if line.outcome == Outcome.PASSED]
    groups = Counter(line.group for line in passed)
    for group, least in rules.least_passed.items():
        if groups[group] < least:
            yield f"{groups[group]} of group {group} passed; at least {least} must."
    yield from _proof(rules, passed)
    skipped = sum(line.outcome in (Outcome.SKIPPED, Outcome.UNSUPPORTED) for line in lines)
    if rules.most_skipped is not None and skipped > rules.most_skipped:
        yield f"{skipped} were skipped or unsupported; at most {rules.most_skipped} may be."
    if rules.longest_s is not None and verdict["duration_s"] > rules.longest_s:
        yield f"The run took {verdict['duration_s']:.0f} s; at most {rules.longest_s:.0f} s are allowed."


def _expired(rules: Rules, today: date) -> Iterator[str]:
    for issue in rules.known_issues:
        if today > issue.expires:
            yield f"The excuse for {issue.id} expired on {issue.expires}: {issue.owner} must mend it or renew it."


def _verdict(rules: Rules, word: Verdict, causes: Sequence[str], lines: Sequence[Line]) -> Iterator[str]:
    """The verdict must be good enough; a failure is excused when known issues are all there is to it."""
    order = list(Verdict)
    if order.index(word) <= order.index(rules.verdict):
        return
    bad = [line for line in lines if Outcome(line.outcome).bad]
    if word is Verdict.FAILURE and not bad and not causes and rules.verdict is not Verdict.SUCCESS:
        return
    yield f"The verdict is {word}; at least {rules.verdict} is asked for."
    yield from causes
    yield from (f"{line.outcome}: {line.id}: {line.reason}" for line in bad)


def _proof(rules: Rules, passed: Sequence[Line]) -> Iterator[str]:
    for tag, least in rules.least_proof.items():
        for line in passed:
            reached: Any = Level(line.level).rank if line.level else -1
            if tag.removeprefix("@") in line.tags and reached < least.rank:
                yield f"{line.id} is proved at level {line.level or 'none'}; @{tag.removeprefix('@')} asks for {least}."
