"""The summary at the end of a run: reasons, groups, causes and, as the last line, the verdict."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome
from sparkproof.run.verdict import Judged

_COLUMNS = (*(outcome.value for outcome in Outcome), "flaky")


def text(lines: Sequence[Line], judged: Judged, duration_s: float) -> str:
    """The summary for a terminal; its last line is the verdict.

    A reason is said once for scenarios in a row, and a cause of the whole run stands below, with the verdict.
    """
    said = [
        part
        for (_, reason), alike in groupby(_not_passed(lines), key=lambda line: (line.outcome, line.reason))
        for part in (*map(_line, alike), *([] if reason in judged.causes else [f"    {reason}"]))
    ]
    groups = _groups(lines)
    if groups:
        width = max(len("group"), *map(len, groups))
        said += ["", f"{'group':<{width}}  " + "  ".join(f"{column:>11}" for column in _COLUMNS)]
        for group, counts in groups.items():
            said.append(f"{group:<{width}}  " + "  ".join(f"{counts[column] or '-':>11}" for column in _COLUMNS))
    said += ["", *(f"cause: {cause}" for cause in judged.causes)]
    return "\n".join([*said, conclusion(lines, judged, duration_s)]).lstrip("\n")


def conclusion(lines: Sequence[Line], judged: Judged, duration_s: float) -> str:
    """The verdict in one line."""
    counts = Counter(line.outcome for line in lines)
    outcomes = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "no scenario"
    return f"verdict: {judged.verdict} ({outcomes} in {duration_s:.1f} s)"


def write_markdown(path: Path, lines: Sequence[Line], judged: Judged, duration_s: float) -> None:
    """Write the summary for a CI system's page."""
    rows = [f"# {conclusion(lines, judged, duration_s)}", ""]
    rows += [f"- **cause**: {_cell(cause)}" for cause in judged.causes]
    rows += ["", "| group | " + " | ".join(_COLUMNS) + " |", "| --- |" + " ---: |" * len(_COLUMNS)]
    for group, counts in _groups(lines).items():
        rows.append(f"| {_cell(group)} | " + " | ".join(str(counts[column]) for column in _COLUMNS) + " |")
    others = [(line.outcome, f"{line.feature}: {line.name}", line.reason) for line in _not_passed(lines)]
    if others:
        rows += ["", "| outcome | scenario | reason |", "| --- | --- | --- |"]
        rows += ["| " + " | ".join(map(_cell, row)) + " |" for row in others]
    path.write_text("\n".join(rows) + "\n", encoding="utf-8", errors="backslashreplace")


def _line(line: Line) -> str:
    return f"{line.outcome}: {line.name} ({line.location})"


def _not_passed(lines: Sequence[Line]) -> Iterator[Line]:
    for outcome in (Outcome.SKIPPED, Outcome.UNSUPPORTED, Outcome.NOT_RUN, Outcome.BROKEN, Outcome.FAILED):
        yield from sorted((line for line in lines if line.outcome == outcome), key=lambda line: line.id)


def _groups(lines: Sequence[Line]) -> dict[str, Counter[str]]:
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        groups[line.group][line.outcome] += 1
        groups[line.group]["flaky"] += line.flaky
    return dict(sorted(groups.items()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
