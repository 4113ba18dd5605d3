"""Judges a finished run by rules from a file, for CI: `sparkproof gate reports/ --rules gate.yaml`."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from cucumber_tag_expressions import TagExpressionError, parse
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sparkproof.core.errors import UsageError
from sparkproof.core.evidence import Level
from sparkproof.core.nearest import hint, nearest
from sparkproof.run.finished import Finished
from sparkproof.run.outcome import Outcome
from sparkproof.run.verdict import Verdict, decide

_TAG = re.compile(r"[^\s()@]+")
_LEAST = Annotated[int, Field(ge=1, strict=True)]
_LONG = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]


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
    least_passed: Mapping[str, _LEAST] = Field(default={}, description="least number of passed scenarios, by group")
    least_proof: Mapping[str, Level] = Field(default={}, description="least level of proof of what passed, by tags")
    most_skipped: int | None = Field(default=None, ge=0, strict=True, description="most skipped or unsupported")
    longest_s: _LONG | None = Field(default=None, description="longest duration of the run in seconds")
    oldest_h: _LONG | None = Field(default=24, description="most hours since the run began; null: any age")
    known_issues: Sequence[KnownIssue] = ()

    @field_validator("least_proof")
    @classmethod
    def _expressions(cls, proofs: Mapping[str, Level]) -> Mapping[str, Level]:
        for given in proofs:
            try:
                parse(given.replace("@", ""))
            except TagExpressionError:
                raise ValueError(f"{given!r} is no expression of tags: write it as for --tags") from None
        return proofs

    @field_validator("known_issues")
    @classmethod
    def _once(cls, issues: Sequence[KnownIssue]) -> Sequence[KnownIssue]:
        twice = [each for each, count in Counter(issue.id for issue in issues).items() if count > 1]
        if twice:
            raise ValueError(f"{twice[0]!r} is excused twice: keep one of both")
        return issues


@dataclass(frozen=True)
class Excuse:
    """A scenario that failed and is excused by a known issue."""

    id: str
    outcome: str
    reason: str
    owner: str
    expires: str


@dataclass(frozen=True)
class Judgement:
    """What the gate found: a sentence for each broken rule, remarks that break none, and who was excused."""

    run: str
    rules: str
    judged: str
    broken: Sequence[str]
    remarks: Sequence[str]
    excused: Sequence[Excuse]

    def write(self, folder: Path) -> None:
        """Write gate.json beside the verdict, for the report."""
        text = json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"
        (folder / "gate.json").write_text(text, encoding="utf-8")


def read(path: Path) -> Rules:
    """The rules in a YAML file; raises UsageError with one line for each thing that is wrong with it."""
    try:
        return Rules.model_validate(yaml.load(path.read_text(encoding="utf-8"), _Once) or {})
    except OSError as missing:
        raise UsageError(f"The rules {path} cannot be read: {missing.strerror}.") from None
    except yaml.YAMLError as wrong:
        raise UsageError(f"The rules {path} are not YAML: {str(wrong).splitlines()[0]}.") from None
    except ValidationError as wrong:
        raise UsageError("\n".join(f"{path}: {_mistake(each)}" for each in wrong.errors())) from None


def judge(
    found: Finished, rules: Rules, now: datetime, *, named: str = "", since: datetime | None = None, run: str = ""
) -> Judgement:
    """Judge a run by `rules`, which are those of the file `named`; with `run`, it must be the one of this id.

    A run that began before `since` is too old.
    """
    issues = {issue.id: issue for issue in rules.known_issues if now.date() <= issue.expires}
    excused = [
        Excuse(line.id, line.outcome, line.reason, issues[line.id].owner, issues[line.id].expires.isoformat())
        for line in found.lines
        if line.id in issues and Outcome(line.outcome).bad
    ]
    broken = [
        *found.contradictions(),
        *_identity(found, run),
        *_age(found, rules, now, since),
        *_issues(rules, found, now.date()),
        *_verdict(rules, found, {excuse.id for excuse in excused}),
        *_passed(rules, found),
        *_proof(rules, found),
        *_limits(rules, found),
    ]
    passed = {line.id for line in found.lines if line.outcome == Outcome.PASSED}
    remarks = [f"{each} passed: its excuse can go." for each in issues if each in passed]
    return Judgement(found.run, named, now.isoformat(timespec="seconds"), broken, remarks, excused)


def _identity(found: Finished, run: str) -> Iterator[str]:
    if run and found.run != run:
        yield f"The run is {found.run or 'of no known id'}; {run} was asked for."


def _age(found: Finished, rules: Rules, now: datetime, since: datetime | None) -> Iterator[str]:
    began = found.started
    if began is None:
        yield "The verdict does not say when the run began, so its age is not known."
        return
    said = f"The run {found.run} began at {began.isoformat(timespec='seconds')}"
    if since is not None and began < since.replace(microsecond=0):
        yield f"{said}, before {since.isoformat(timespec='seconds')}: these are the results of an earlier run."
    if began > now + timedelta(minutes=5):
        yield f"{said}, which is in the future: the clocks differ."
    if rules.oldest_h is not None and now - began > timedelta(hours=rules.oldest_h):
        yield f"{said}, more than {rules.oldest_h:g} h ago: run behave again, or set oldest_h."


def _issues(rules: Rules, found: Finished, today: date) -> Iterator[str]:
    ids = {line.id for line in found.lines} | set(found.selection.get("not_selected", ()))
    for issue in rules.known_issues:
        if issue.id not in ids:
            yield f"The known issue {issue.id!r} is the id of no scenario; {_like(issue.id, ids)}"
        if today > issue.expires:
            yield f"The excuse for {issue.id} expired on {issue.expires}: {issue.owner} must mend it or renew it."


def _verdict(rules: Rules, found: Finished, excused: set[str]) -> Iterator[str]:
    """What is left without the excused scenarios is judged by the words of every run."""
    rest = [line for line in found.lines if line.id not in excused]
    word = found.verdict
    if excused:
        word = decide(rest, len(rest), found.causes).verdict if rest else Verdict.UNPROVEN
    order = list(Verdict)
    if order.index(word) <= order.index(rules.verdict):
        return
    whose = f"The verdict without what is excused ({len(excused)})" if excused else "The verdict"
    yield f"{whose} is {word}; at least {rules.verdict} is asked for."
    yield from found.causes
    bad = (line for line in rest if Outcome(line.outcome).bad or line.outcome == Outcome.NOT_RUN)
    yield from (f"{line.outcome}: {line.id}: {line.reason}" for line in bad)


def _passed(rules: Rules, found: Finished) -> Iterator[str]:
    groups = Counter(line.group for line in found.lines if line.outcome == Outcome.PASSED)
    known = sorted({line.group for line in found.lines} | set(found.selection.get("groups", ())))
    for group, least in rules.least_passed.items():
        if group not in known:
            yield f"least_passed: no scenario is of group {group}; {hint(group, known)}"
        elif groups[group] < least:
            yield f"{groups[group]} of group {group} passed; at least {least} must."


def _proof(rules: Rules, found: Finished) -> Iterator[str]:
    known = sorted({tag for line in found.lines for tag in line.tags} | set(found.selection.get("tags", ())))
    for given, least in rules.least_proof.items():
        unknown = [tag for tag in _TAG.findall(given) if tag not in ("and", "or", "not", *known)]
        yield from (f"least_proof: no scenario carries @{tag}; {hint(tag, known, '@{}')}" for tag in unknown)
        carried = parse(given.replace("@", ""))
        passed = [line for line in found.lines if line.outcome == Outcome.PASSED and carried.evaluate(line.tags)]
        if not passed and not unknown:
            yield f"No scenario with {given} passed, so nothing is proved at level {least}."
        for line in passed:
            reached = Level(line.level).rank if line.level else -1
            if reached < least.rank:
                yield f"{line.id} is proved at level {line.level or 'none'}; {given} asks for {least}."


def _limits(rules: Rules, found: Finished) -> Iterator[str]:
    skipped = sum(line.outcome in (Outcome.SKIPPED, Outcome.UNSUPPORTED) for line in found.lines)
    if rules.most_skipped is not None and skipped > rules.most_skipped:
        yield f"{skipped} were skipped or unsupported; at most {rules.most_skipped} may be."
    took = found.record.get("duration_s")
    if rules.longest_s is not None and (took is None or took > rules.longest_s):
        said = "The verdict does not say how long the run took" if took is None else f"The run took {took:.0f} s"
        yield f"{said}; at most {rules.longest_s:.0f} s are allowed."


def now() -> datetime:
    """Return the time by which runs are judged."""
    return datetime.now(UTC)


class _Once(yaml.SafeLoader):
    """Reads YAML in which no key of a mapping stands twice: the first one would be lost without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = Counter(str(key.value) for key, _ in node.value)
        twice = [key for key, count in keys.items() if count > 1]
        if twice:
            raise yaml.YAMLError(f"{twice[0]} stands twice")
        return super().construct_mapping(node, deep)


def _mistake(error: Any) -> str:
    """Return one sentence on what pydantic refused."""
    where = ".".join(map(str, error["loc"])) or "the file"
    last, given = str(error["loc"][-1]) if error["loc"] else "", error["input"]
    if error["type"] == "extra_forbidden":
        model = KnownIssue if error["loc"][0] == "known_issues" else Rules
        return f"{where} is unknown; {hint(last, model.model_fields)}"
    if error["type"] == "enum":
        kind = Verdict if error["loc"][0] == "verdict" else Level
        return f"{where}: {given!r} is unknown; {hint(str(given), kind)}"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}"


def _like(name: str, ids: set[str]) -> str:
    """Return the nearest id; they are too many to list them."""
    near = nearest(name, sorted(ids))
    return f"did you mean {near[0]!r}?" if near else "the ids are in the ledger."
