"""The acceptance statement of a run: what was proved, what was not and why, on one page that needs nothing else."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sparkproof.core.evidence import Level
from sparkproof.run import finished
from sparkproof.run.finished import Finished
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from sparkproof.run.verdict import Verdict

_HERE = Path(__file__).parent
_FORMS = ("statement.html", "statement.md")
# The pages that `sparkproof report` makes beside the statement, by what it makes them of.
_PAGES = {"allure-results": "allure-report/index.html", "timeline.json": "timeline.html"}
_NONE = "none"
# Names that are not written like others.
_SPELT = {"rapids": "RAPIDS"}
# More changed files than these are counted by folder.
_CHANGED_SHOWN = 8
_ROW = re.compile(r" -- @\d+\.\d+ ?(.*)$")


@dataclass(frozen=True)
class Criterion:
    """One line of the ledger, as the statement shows it."""

    line: Line

    @property
    def area(self) -> str:
        return PurePath(self.line.location.rpartition(":")[0]).parent.name or "features"

    @property
    def title(self) -> str:
        """The criterion's name; a row of examples has its block's name in brackets, not its number."""
        return _ROW.sub(lambda row: f" ({row[1]})" if row[1] else "", self.line.name)

    @property
    def proved(self) -> bool:
        return self.line.outcome == Outcome.PASSED

    @property
    def wrong(self) -> bool:
        """True if the criterion failed, or broke on the way."""
        return Outcome(self.line.outcome).bad

    @property
    def repeated(self) -> str:
        """The attempt at which the criterion passed, in words; "" for the first."""
        return f" at attempt {self.line.attempts}" if self.line.flaky else ""


@dataclass(frozen=True)
class Row:
    """The criteria of one area on one version."""

    area: str
    version: str
    criteria: Sequence[Criterion]

    def proved_at(self, level: str) -> int:
        """Return how many are proved at this level."""
        return sum(each.proved and (each.line.level or _NONE) == level for each in self.criteria)

    def of(self, *outcomes: str) -> int:
        """Return how many have one of these outcomes."""
        return sum(each.line.outcome in outcomes for each in self.criteria)


@dataclass(frozen=True)
class Statement:
    """The content of the page, from the files of a finished run and, if it was judged, from gate.json.

    `pages` are the paths of the pages beside it, by what they are made of.
    """

    run: Finished
    gate: Mapping[str, Any] | None
    pages: Mapping[str, str]

    @property
    def record(self) -> Mapping[str, Any]:
        """The content of verdict.json; what an older one lacks is empty."""
        empty = {
            "versions": {},
            "artifacts": {},
            "changed": [],
            "flaky": 0,
            "commit": "",
            "command": "",
            "started": "",
            "ended": "",
        }
        return {**empty, "cluster": "", "remarks": [], "changes": None, **self.run.record}

    @cached_property
    def contradictions(self) -> Sequence[str]:
        """Sentences on what shows that the files are not those of one run."""
        return list(self.run.contradictions())

    @cached_property
    def criteria(self) -> Sequence[Criterion]:
        found = map(Criterion, self.run.lines)
        return sorted(found, key=lambda each: (each.area, each.line.feature, each.line.version, each.line.id))

    @property
    def rows(self) -> list[Row]:
        """The criteria by area and version."""
        found: defaultdict[tuple[str, str], list[Criterion]] = defaultdict(list)
        for each in self.criteria:
            found[each.area, each.line.version].append(each)
        return [Row(area, version, criteria) for (area, version), criteria in sorted(found.items())]

    @property
    def total(self) -> Row:
        return Row("all", "", self.criteria)

    @property
    def areas(self) -> Mapping[str, Sequence[Criterion]]:
        """The criteria by area."""
        found: defaultdict[str, list[Criterion]] = defaultdict(list)
        for each in self.criteria:
            found[each.area].append(each)
        return found

    @property
    def wrong(self) -> Sequence[Criterion]:
        """The criteria that failed or broke."""
        return [each for each in self.criteria if each.wrong]

    @property
    def measured(self) -> Sequence[tuple[Criterion, Mapping[str, Any]]]:
        """What criteria that are proved have measured, each with its criterion."""
        return [(each, found) for each in self.criteria if each.proved for found in each.line.measured]

    @property
    def unproved(self) -> Mapping[tuple[str, str], Sequence[Criterion]]:
        """The criteria that are not proved and did not fail, by outcome and reason, those with most criteria first."""
        found: defaultdict[tuple[str, str], list[Criterion]] = defaultdict(list)
        for each in self.criteria:
            if not each.proved and not each.wrong:
                found[each.line.outcome, each.line.reason].append(each)
        return dict(sorted(found.items(), key=lambda item: -len(item[1])))

    @property
    def excuses(self) -> Mapping[str, Mapping[str, str]]:
        """The excuse of each excused criterion by its id: "owner" and "expires"."""
        return {each["id"]: each for each in self.gate["excused"]} if self.gate else {}

    @property
    def not_selected(self) -> Mapping[str, int]:
        """The number of criteria that were not selected, by area."""
        ids = self.run.selection.get("not_selected", ())
        areas = Counter(PurePath(each.partition("::")[0]).parent.name or "features" for each in ids)
        return dict(sorted(areas.items()))

    @property
    def changed(self) -> str:
        """The changed files of the suite's commit: the paths of a few, the number of many in each folder."""
        paths = self.record["changed"]
        count = f"{len(paths)} changed {'file' if len(paths) == 1 else 'files'}"
        if len(paths) <= _CHANGED_SHOWN:
            return f"{count}: {', '.join(paths)}"
        folders = Counter(path.partition("/")[0] for path in paths)
        named = ", ".join(f"{number} of {folder}" for folder, number in sorted(folders.items()))
        return f"{count}: {named}; verdict.json names them"

    @property
    def judgement(self) -> str:
        """The release rules' result in a sentence; "" where none were applied."""
        if self.gate is None:
            return ""
        broken, excused = len(self.gate["broken"]), len(self.gate["excused"])
        result = f"{broken} {'is' if broken == 1 else 'are'} broken" if broken else "each is kept"
        return f"Release rules of {self.gate['rules']}: {result}{f'; criteria excused: {excused}' if excused else ''}."

    @property
    def conclusion(self) -> str:
        """The verdict in a sentence."""
        known = Counter(each.line.outcome for each in self.criteria)
        selected, proved = len(self.criteria), known[Outcome.PASSED]
        unproved = known[Outcome.SKIPPED] + known[Outcome.UNSUPPORTED]
        if self.run.verdict is Verdict.SUCCESS:
            return f"All {selected} selected criteria are proved."
        if self.run.verdict is Verdict.PARTIAL:
            return f"Nothing failed. {proved} of {selected} selected criteria are proved; not proved: {unproved}."
        if self.run.verdict is Verdict.UNPROVEN:
            return f"Nothing is proved: all {selected} selected criteria were skipped or are unsupported."
        parts = {
            "failed": known[Outcome.FAILED],
            "broke": known[Outcome.BROKEN],
            "not run": known[Outcome.NOT_RUN],
            "skipped or unsupported": unproved,
        }
        wrong = ", ".join(f"{count} {what}" for what, count in parts.items() if count) or "The run itself failed"
        return f"{wrong}. {proved} of {selected} selected criteria are proved."

    @property
    def outcomes(self) -> Mapping[str, int]:
        known = Counter(each.line.outcome for each in self.criteria)
        return {outcome.value: known[outcome] for outcome in Outcome}

    @property
    def levels(self) -> Mapping[str, int]:
        """The number of criteria proved at each level; "none" only where a project's checks record no proof."""
        counted = {level.value: self.total.proved_at(level) for level in Level}
        none = self.total.proved_at(_NONE)
        return {**counted, **({_NONE: none} if none else {})}


def write(reports: Path) -> Path:
    """Write the statement of the run in `reports` as HTML and as Markdown; return the path of the HTML page.

    Raise UsageError if there is no finished run.
    """
    run = finished.read(reports)
    beside = {source: page for source, page in _PAGES.items() if (reports / source).exists()}
    statement = Statement(run, _gate(reports, run), beside)
    for page in _FORMS:
        made = _templates(page).get_template(f"{page}.jinja").render(own=statement)
        (reports / page).write_text(made, encoding="utf-8")
    return reports / _FORMS[0]


def _gate(reports: Path, run: Finished) -> Mapping[str, Any] | None:
    """Return what the gate found of this run; None if it did not judge it."""
    try:
        found: Mapping[str, Any] = json.loads((reports / "gate.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found if found["run"] == run.run else None


def _templates(page: str) -> Environment:
    html = page.endswith(".html")
    made = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"seconds": seconds, "moment": moment, "cell": cell, "spelt": spelt, "amount": amount}
    return made


def seconds(value: float) -> str:
    """Return a duration as the run's last line has it, and in minutes when it is longer than one."""
    minutes, rest = divmod(round(value), 60)
    return f"{value:.1f} s ({minutes} min {rest} s)" if minutes else f"{value:.1f} s"


def moment(value: str) -> str:
    """Return a time such as 2026-11-27T00:31:49+00:00 for people; times are those of UTC."""
    return value[:19].replace("T", " ") + " UTC" if value else "not recorded"


def amount(measured: Mapping[str, Any]) -> str:
    """Return a measured amount with its unit: three digits say enough."""
    value = measured["value"]
    return f"{value:.0f} {measured['unit']}" if abs(value) >= 100 else f"{value:.3g} {measured['unit']}"


def spelt(name: str) -> str:
    """Return a program's name as it is written."""
    return _SPELT.get(name, name[:1].upper() + name[1:])


def cell(value: str) -> str:
    """Return a text that fits into a cell of a Markdown table."""
    return value.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
