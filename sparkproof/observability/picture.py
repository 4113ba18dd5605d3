"""A picture of a dashboard: each panel at its place, with what a Prometheus answered to its queries."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from xml.sax.saxutils import escape

from sparkproof.observability.panels import Panel
from sparkproof.observability.prometheus import STEP_S, Series

_WIDTH, _HEAD, _GAP = 1240, 72, 12
# Of a panel without its legend, and of a line of the legend.
_PLOT, _LINE = 230, 18
# Each is seen on the light ground and on the dark one.
COLORS = ("#2f7ed8", "#d9622b", "#2f9150", "#a05cc0", "#c9447f", "#8a7a1f", "#1f8a99", "#7d7d86")
LIGHT = {"ground": "#ffffff", "panel": "#f6f8fa", "ink": "#1f2328", "faint": "#59636e", "grid": "#d1d9e0"}
DARK = {"ground": "#0d1117", "panel": "#161b22", "ink": "#e6edf3", "faint": "#9da7b3", "grid": "#3d444d"}
_FONT = "system-ui, 'DejaVu Sans', sans-serif"
# Grafana's names of units: the factor to what is written, and what is written.
_UNITS = {"short": (1, ""), "percentunit": (100, "%"), "bytes": (1, "B"), "decmbytes": (1e6, "B"), "Bps": (1, "B/s")}
# From one line of the scale to the next.
_STEPS = [part * 10.0**power for power in range(-6, 16) for part in (1, 2, 5)]
_SIZES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


@dataclass(frozen=True)
class Answered:
    """A panel, and the series that each of its queries gave."""

    panel: Panel
    answers: Mapping[str, Sequence[Series]]

    @property
    def lines(self) -> Sequence[tuple[str, Mapping[float, float]]]:
        """Each legend with its values over time; of a query without any, that there is no data, and the query."""
        found: list[tuple[str, Mapping[float, float]]] = []
        for query, legend in self.panel.queries.items():
            found += [(_legend(legend, series.labels), series.values) for series in self.answers[query]]
            if not self.answers[query]:
                found.append((f"no data: {re.sub('{[^}]*}', '', query)}", {}))
        return found or [("no data: the panel asks for nothing", {})]

    @property
    def height(self) -> int:
        return _PLOT + _LINE * len(self.lines)


def draw(title: str, panels: Sequence[Answered], start: float, until: float) -> bytes:
    """Return an SVG of a dashboard from `start` to `until`, in seconds since 1970, that loads and runs nothing."""
    drawn, y, row_of = [], _HEAD, attrgetter("panel.place.y")
    for _, found in groupby(sorted(panels, key=row_of), row_of):
        row = list(found)
        height = max(each.height for each in row)
        for each in row:
            x, width = (_WIDTH * part // 24 for part in (each.panel.place.x, each.panel.place.width))
            chart = _chart(each, start, until, width - _GAP, height)
            drawn.append(f'<svg x="{x}" y="{y}" width="{width - _GAP}" height="{height}">{chart}</svg>')
        y += height + _GAP
    end = datetime.fromtimestamp(until, UTC)
    when = f"{_time(start)} to {end:%H:%M:%S} UTC on {end:%d %B %Y}, as Prometheus answered"
    head = f'<text x="0" y="28" class="title">{escape(title)}</text><text x="0" y="52">{when}</text>'
    box = f'viewBox="{-_GAP} 0 {_WIDTH + _GAP} {y}" width="{_WIDTH + _GAP}" height="{y}"'
    ground = f'<rect x="{-_GAP}" width="100%" height="100%" fill="var(--ground)"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {box}><style>{_style()}</style>{ground}{head}{"".join(drawn)}</svg>'
    return svg.encode()


def _chart(each: Answered, start: float, until: float, width: int, height: int) -> str:
    # Imported here because only a platform with dashboards has pictures of them.
    import pygal
    from pygal.style import Style

    style = Style(
        background="var(--panel)", plot_background="var(--panel)", foreground="var(--faint)",
        foreground_strong="var(--ink)", foreground_subtle="var(--grid)", guide_stroke_color="var(--grid)",
        major_guide_stroke_color="var(--grid)", colors=COLORS, font_family=_FONT, title_font_size=15,
        legend_font_size=12, label_font_size=11, major_label_font_size=11, no_data_font_size=28,
        stroke_opacity="1", stroke_width="1.8", opacity="1",
    )  # fmt: skip
    lines = each.lines
    scale = _scale([value for _, values in lines for value in values.values()])
    chart = pygal.XY(
        style=style, js=[], width=width, height=height, title=each.panel.title, no_data_text="no data",
        xrange=(start, until), x_labels=[start + part * (until - start) / 4 for part in range(5)] if scale else [""],
        x_value_formatter=_time, value_formatter=lambda value: _amount(value, each.panel.unit),
        y_labels=scale, include_x_axis=True, show_y_labels=bool(scale),
        legend_at_bottom=True, legend_at_bottom_columns=1, legend_box_size=10, truncate_legend=-1,
        allow_interruptions=True, show_x_guides=False,
    )  # fmt: skip
    for number, (legend, values) in enumerate(lines):
        # A number that stands alone has no line.
        dashes = {"dasharray": _dashes(number, len(lines))}
        chart.add(legend, list(_points(values)), stroke_style=dashes, show_dots=len(values) < 3, dots_size=2)
    text = chart.render(is_unicode=True, disable_xml_declaration=True)
    return re.sub("<script.*?</script>", "", text, flags=re.DOTALL)


def _scale(values: Sequence[float]) -> list[float]:
    """Return round numbers from 0, or from below the lowest value, to above the highest; none without values."""
    if not values:
        return []
    low, high = min(0, *values), max(0, *values)
    step = next(each for each in _STEPS if high - low <= 4 * each) if high > low else 1
    return [step * each for each in range(math.floor(low / step), max(math.ceil(high / step), 1) + 1)]


def _points(values: Mapping[float, float]) -> Iterator[tuple[float, float | None]]:
    """Yield the points of a line, which is interrupted where nothing was answered."""
    before = None
    for at, value in values.items():
        if before is not None and at - before > 1.5 * STEP_S:
            yield before, None
        yield at, value
        before = at


def _dashes(number: int, of: int) -> str:
    """Return the dashes and gaps of a line, by its number: an earlier one is seen through the gaps of later ones."""
    parts = min(of, 4)
    return f"{6 * (parts - number % parts)}, {6 * (number % parts)}"


def _legend(pattern: str, labels: Mapping[str, str]) -> str:
    """Return a legend as Grafana fills its pattern; without one, all labels."""
    every = ", ".join(f"{name}={value}" for name, value in labels.items())
    words = re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found[1], ""), pattern) or every
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _amount(value: float, unit: str) -> str:
    factor, sign = _UNITS.get(unit, (1, unit))
    value *= factor
    size, letter = next((each for each in _SIZES if abs(value) >= each[0]), (1, ""))
    return f"{value / size:.3g} {letter}{sign}".strip()


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%H:%M:%S}"


def _style() -> str:
    light, dark = ("".join(f"--{name}: {color}; " for name, color in each.items()) for each in (LIGHT, DARK))
    colors = f":root {{ {light}}} @media (prefers-color-scheme: dark) {{ :root {{ {dark}}} }}"
    return (
        f"{colors} text {{ font: 14px {_FONT}; fill: var(--faint); }} .title {{ font-size: 22px; fill: var(--ink); }}"
    )
