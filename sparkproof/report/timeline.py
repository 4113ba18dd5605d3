"""The picture of a run's timeline: one HTML file that any browser opens, and the slowest scenarios as text."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sparkproof.core.errors import SparkproofError
from sparkproof.core.spans import On
from sparkproof.run import timeline
from sparkproof.run.timeline import IDLE, OURS, ROOM, Ran, Shown, Timeline

_COLORS: Mapping[str, str] = {
    On.INSTALLING: "#8c6bb1",
    On.PODS: "#e6852e",
    On.SPARK: "#2b7bba",
    On.CLIENT: "#6fb8d9",
    On.EVENTS: "#d9b13b",
    On.CLEAN_UP: "#9b9b9b",
    OURS: "#4a9a5b",
    ROOM: "#c8403c",
    IDLE: "#e8e8e8",
}
_MEANINGS: Mapping[str, str] = {
    On.INSTALLING: "building, loading and installing, also by another worker",
    On.PODS: "waiting for pods to be ready",
    On.SPARK: "Spark's own answers",
    On.CLIENT: "the client around Spark's answers",
    On.EVENTS: "waiting for other events",
    On.CLEAN_UP: "cleaning up after scenarios",
    OURS: "the suite's own work",
    ROOM: "a worker waits until a scenario may start",
    IDLE: "a worker has nothing left to start",
}
_LABEL, _WIDTH, _ROW, _GAP = 190, 1000, 26, 6
_SLOWEST = 20
_STYLE = """
body { font: 14px system-ui, sans-serif; margin: 2em; color: #222; max-width: 1240px; }
table { border-collapse: collapse; } td, th { padding: 3px 10px; text-align: left; vertical-align: top; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.part { white-space: nowrap; } tr + tr td { border-top: 1px solid #ddd; }
i { display: inline-block; width: 12px; height: 12px; margin-right: 6px; }
svg text { font: 12px system-ui, sans-serif; } .bar { display: flex; width: 320px; height: 12px; }
"""


def write(reports: Path) -> Path:
    """Write `reports`/timeline.html and return its path; raises SparkproofError without a timeline."""
    page = reports / "timeline.html"
    page.write_text(_page(_read(reports)), encoding="utf-8")
    return page


def print_slowest(reports: Path) -> None:
    """Print a table of the slowest attempts and one of the whole run; raises SparkproofError without a timeline."""
    found = _read(reports)
    table = Table("s", "scenario", "spent on", title=f"The slowest of {len(found.attempts)} attempts")
    for each in _longest(found):
        parts = ", ".join(f"{on} {seconds:.1f}" for on, seconds in _most_first(each.spent) if seconds >= 0.1)
        table.add_row(f"{each.s:.1f}", _title(each), parts)
    workers = Table("spent on", "s", "%", "", title="All workers")
    total = sum(found.spent.values()) or 1.0
    for on, seconds in found.spent.items():
        workers.add_row(on, f"{seconds:.1f}", f"{100 * seconds / total:.1f}", _MEANINGS[on])
    Console(width=None if sys.stdout.isatty() else 160).print(table, workers)


def _read(reports: Path) -> Timeline:
    path = reports / timeline.FILE
    try:
        return timeline.read(path)
    except FileNotFoundError:
        raise SparkproofError(
            f"There is no timeline in {reports}: run behave first, or name the folder of its reports."
        ) from None
    except (ValueError, TypeError, KeyError) as wrong:
        raise SparkproofError(f"{path} is not the timeline of a run ({wrong}): run behave again.") from None


def _page(found: Timeline) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Timeline of a run</title><style>{_STYLE}</style></head><body>
<h1>Where {found.s:.0f} seconds went</h1>
<p>{len(found.attempts)} attempts. Each row is a worker, or a shared platform with the scenarios that used it.
Point at a box to see what it is.</p>
{_picture(found)}
<h2>All workers</h2>
{_totals(found.spent)}
<h2>Scenarios of each shared platform</h2>
<table>{"".join(_platform_row(name, spent) for name, spent in found.platforms.items())}</table>
<h2>The slowest attempts</h2>
<table>{"".join(map(_slow_row, _longest(found)))}</table>
</body></html>
"""


def _picture(found: Timeline) -> str:
    rows = list(_rows(found))
    height = len(rows) * (_ROW + _GAP) + 30
    drawn = [_axis(found.s, height)]
    for number, (label, boxes) in enumerate(rows):
        y = number * (_ROW + _GAP)
        drawn.append(f'<text x="0" y="{y + 17}">{escape(label)}</text>')
        drawn += [_box(box, y, found.s) for box in boxes]
    return f'<svg viewBox="0 0 {_LABEL + _WIDTH + 10} {height}" width="100%">{"".join(drawn)}</svg>'


def _rows(found: Timeline) -> Iterator[tuple[str, list[Shown]]]:
    """Yield the rows of the picture: the time before, each worker, each shared platform; a later box covers others."""
    if found.before:
        yield "before the first", list(found.before)
    for worker in sorted({each.worker for each in found.attempts}):
        boxes = [Shown(wait.on, "", wait.at, wait.s) for wait in found.waits if wait.worker == worker]
        for each in found.attempts:
            if each.worker == worker:
                boxes += [Shown(OURS, f"{_title(each)}: {each.outcome}", each.at, each.s), *each.spans]
        yield f"worker {worker}" if worker else "scenarios", boxes
    for platform in sorted({name for each in found.attempts for name in each.platforms}):
        users = [each for each in found.attempts if platform in each.platforms]
        boxes = [Shown(OURS, _title(each), each.at, each.s) for each in users]
        yield platform, boxes + [span for each in users for span in each.spans if span.on == On.INSTALLING]


def _box(box: Shown, y: int, total: float) -> str:
    x, width = _LABEL + _WIDTH * box.at / total, max(_WIDTH * box.s / total, 0.3)
    words = escape(f"{box.what or _MEANINGS[box.on]} ({box.on}, {box.s:.1f} s)")
    return (
        f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_ROW}" fill="{_COLORS[box.on]}" stroke="#fff"'
        f' stroke-width="0.3"><title>{words}</title></rect>'
    )


def _axis(total: float, height: int) -> str:
    step = next((step for step in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600) if total / step <= 15), 36000)
    marks = []
    for seconds in range(0, int(total) + 1, step):
        x = _LABEL + _WIDTH * seconds / total
        marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height - 18}" stroke="#ddd"/>')
        marks.append(f'<text x="{x:.1f}" y="{height - 4}" text-anchor="middle">{seconds} s</text>')
    return "".join(marks)


def _totals(spent: Mapping[str, float]) -> str:
    total = sum(spent.values()) or 1.0
    rows = (
        f'<tr><td>{_patch(on)}{on}</td><td class="n">{seconds:.1f} s</td>'
        f'<td class="n">{100 * seconds / total:.1f} %</td><td>{_MEANINGS[on]}</td></tr>'
        for on, seconds in spent.items()
    )
    return f"<table>{''.join(rows)}</table>"


def _platform_row(name: str, spent: Mapping[str, float]) -> str:
    return f"<tr><td>{escape(name)}</td>{_numbers(spent)}</tr>"


def _slow_row(each: Ran) -> str:
    return (
        f'<tr><td class="n">{each.s:.1f} s</td><td>{escape(_title(each))}</td><td>{_bar(each.spent)}</td>'
        f"{_numbers(each.spent)}</tr>"
    )


def _bar(spent: Mapping[str, float]) -> str:
    total = sum(spent.values()) or 1.0
    parts = (
        f'<span style="width:{100 * seconds / total:.1f}%;background:{_COLORS[on]}"></span>'
        for on, seconds in _most_first(spent)
    )
    return f'<div class="bar">{"".join(parts)}</div>'


def _numbers(spent: Mapping[str, float]) -> str:
    parts = (
        f'<span class="part">{_patch(on)}{on} {seconds:.1f}</span>'
        for on, seconds in _most_first(spent)
        if seconds >= 0.1
    )
    return f"<td>{' &nbsp; '.join(parts)}</td>"


def _patch(on: str) -> str:
    return f'<i style="background:{_COLORS[on]}"></i>'


def _longest(found: Timeline) -> Sequence[Ran]:
    return sorted(found.attempts, key=lambda each: -each.s)[:_SLOWEST]


def _most_first(spent: Mapping[str, float]) -> Iterable[tuple[str, float]]:
    return sorted(spent.items(), key=lambda each: -each[1])


def _title(each: Ran) -> str:
    return each.name if each.attempt == 1 else f"{each.name} (attempt {each.attempt})"
