"""The picture of a dashboard: what a Prometheus answered to its panels, as people see it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from sparkproof.core import evidence
from sparkproof.observability import panels as shipped
from sparkproof.observability import picture
from sparkproof.observability.dashboards import Dashboards
from sparkproof.observability.panels import Panel, Place
from sparkproof.observability.picture import Answered
from sparkproof.observability.prometheus import Prometheus, Series
from tests.support.browser import Browser
from tests.support.prometheus import Cluster

START = 1_795_890_000.0
CHARTS = Path("charts/spark-common/shared/dashboards")


def over(*values: float, every: float = 5) -> Mapping[float, float]:
    return {START + every * number: value for number, value in enumerate(values)}


def drawn(*panels: Answered, title: str = "Spark") -> str:
    return picture.draw(title, panels, START, START + 60).decode()


def panel(*series: Series, title: str = "Executors", legend: str = "{{pod}}", unit: str = "short") -> Answered:
    return Answered(Panel("Spark", title, {'up{job="x"}': legend}, unit, Place(0, 0, 12)), {'up{job="x"}': series})


def texts(svg: str) -> Sequence[str]:
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def lines(svg: str) -> Sequence[str]:
    """Return the paths of what was answered."""
    paths = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")
    return [each.attrib["d"] for each in paths if "line reactive" in each.attrib.get("class", "")]


def test_a_panel_shows_its_series_with_their_legends_and_units() -> None:
    heap = panel(
        Series({"pod": "driver"}, over(2e8, 3e8, 4e8)),
        Series({"pod": "executor-1"}, over(1e8)),
        title="Heap",
        unit="bytes",
    )
    svg = drawn(heap)
    seen = texts(svg)
    assert seen[:2] == ["Spark", "18:20:00 to 18:21:00 UTC on 28 November 2026, as Prometheus answered"]
    assert {"Heap", "driver", "executor-1", "0 B", "200 MB", "400 MB", "18:20:00", "18:20:30", "18:21:00"} < set(seen)
    assert "no data" not in svg
    # A number alone has no line, so it has a dot.
    assert len(lines(svg)) == 1
    assert svg.count("<circle") == 1


@pytest.mark.parametrize(
    ("unit", "value", "label"),
    [
        ("percentunit", 0.04, "4 %"), ("decmbytes", 400, "400 MB"), ("Bps", 2000, "2 kB/s"), ("short", 3, "3"),
        ("short", 4e6, "4 M"), ("short", -2, "-2"), ("short", 0, "1"), ("furlongs", 2, "2 furlongs"),
    ],
)  # fmt: skip
def test_a_scale_has_round_numbers_of_the_panels_unit(unit: str, value: float, label: str) -> None:
    assert label in texts(drawn(panel(Series({}, over(value, value)), unit=unit)))


def test_panels_have_their_places() -> None:
    placed = [
        Answered(Panel("Spark", title, {"up": ""}, "", place), {"up": [Series({"pod": "a"}, over(1, 2))]})
        for title, place in (("c", Place(0, 8, 24)), ("b", Place(12, 0, 12)), ("a", Place(0, 0, 12)))
    ]
    charts = ElementTree.fromstring(drawn(*placed)).findall("{http://www.w3.org/2000/svg}svg")
    places = {
        each[0].find("{http://www.w3.org/2000/svg}title").text: [int(each.attrib[name]) for name in ("x", "y", "width")]  # type: ignore[union-attr]
        for each in charts
    }
    assert places["a"][0] == 0 and places["b"][0] == 620 and places["a"][2] == places["b"][2] == 608
    assert places["a"][1] == places["b"][1] < places["c"][1]
    assert places["c"][2] == 1228


def test_a_query_without_an_answer_is_named_in_its_panel() -> None:
    assert {"no data", "no data: up"} < set(texts(drawn(panel(title="Disk"))))
    nothing = Answered(Panel("Spark", "Nothing", {}), {})
    assert {"no data", "Nothing"} < set(texts(drawn(nothing)))
    half = Panel("Spark", "Tasks", {"done": "done", 'rate(lost{a="b"}[1m])': "lost"})
    seen = texts(drawn(Answered(half, {"done": [Series({}, over(1, 2))], 'rate(lost{a="b"}[1m])': []})))
    assert "no data" not in seen and {"done", "no data: rate(lost[1m])"} < set(seen)


def test_a_line_is_interrupted_where_nothing_was_answered() -> None:
    whole, gone = over(1, 2, 3, 4), {at: value for at, value in over(1, 2, 3, 4, 5, 6).items() if value not in (3, 4)}
    assert len(lines(drawn(panel(Series({}, whole))))) == 1
    assert len(lines(drawn(panel(Series({}, gone))))) == 2


def test_series_with_one_legend_are_all_drawn_and_none_hides_another() -> None:
    svg = drawn(panel(*[Series({"pod": pod}, over(1, 1)) for pod in "abc"], legend="running"))
    assert texts(svg).count("running") == len(lines(svg)) == 3
    for number, dashes in enumerate(("18,0", "12,6", "6,12")):
        assert f".serie-{number}{{stroke-dasharray:{dashes}}}" in svg


@pytest.mark.parametrize(("legend", "words"), [("", "pod=a, core=0"), ("{{ core }} of {{pod}}{{gone}}", "0 of a")])
def test_a_legend_is_filled_as_grafana_fills_it(legend: str, words: str) -> None:
    assert words in texts(drawn(panel(Series({"pod": "a", "core": "0"}, over(1, 2)), legend=legend)))


def test_what_programs_say_of_themselves_is_shown_and_runs_nothing() -> None:
    evil = "</text><script>alert(1)</script>&\x00"
    svg = drawn(panel(Series({"pod": evil}, over(1, 2)), title=evil[:-1]), title=evil[:-1])
    assert "<script" not in svg
    assert {evil[:-1], evil.replace("\x00", "?")} < set(texts(svg))


def contrast(color: str, ground: str) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, 1 to 21."""

    def luminance(text: str) -> float:
        parts = [int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted((luminance(color), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [picture.LIGHT, picture.DARK])
def test_colors_are_seen_on_light_and_on_dark_grounds(colors: Mapping[str, str]) -> None:
    for ground in ("ground", "panel"):
        assert min(contrast(each, colors[ground]) for each in picture.COLORS) >= 3
        assert min(contrast(colors[each], colors[ground]) for each in ("ink", "faint")) >= 4.5
    assert all(color in drawn(panel()) for color in colors.values())


def recorded(query: str) -> Sequence[Any]:
    """Return the series of a query as a Prometheus answers them, over a minute."""
    values = [[START + 5 * number, str(number % 3)] for number in range(13)]
    return [
        {"metric": {"pod": "spark-connect-0", "executor_id": name, "metrics_path": "/metrics/"}, "values": values}
        for name in (("driver", "1") if "executor" in query else ("driver",))
    ]


def test_the_charts_dashboards_are_shown_in_a_browser(tmp_path: Path) -> None:
    for file, words in (("connect.json", ["Heap in use", "wanted by spark-connect-0"]), ("master.json", ["Workers"])):
        read = list(
            shipped.read((CHARTS / file).read_text(), {"namespace": "a", "release": "b", "__rate_interval": "1m"})
        )
        answered = [
            Answered(
                each,
                {
                    query: [
                        Series(one["metric"], {at: float(value) for at, value in one["values"]})
                        for one in recorded(query)
                    ]
                    for query in each.queries
                },
            )
            for each in read
        ]
        page = tmp_path / f"{file}.html"
        page.write_text(f"<body>{drawn(*answered, title=read[0].dashboard)}</body>")
        browser = Browser(tmp_path)
        text = browser.text(page)
        assert all(word in text for word in [*words, *(each.title for each in read)])
        assert not browser.requests(page)


@pytest.mark.usefixtures("one_look")
def test_each_dashboard_has_a_picture_whether_its_panels_have_data_or_not(record: evidence.Record) -> None:
    own = Dashboards(
        Prometheus.on(Cluster(empty=["disk"])),  # type: ignore[arg-type]
        [Panel("Spark", "Tasks", {"tasks": "done"}), Panel("Master", "Cores", {"cores": ""})],
        0,
    )
    own.must_show_data()
    assert [(each.name, each.media_type) for each in record.items[:2]] == [
        ("dashboard Spark", "image/svg+xml"),
        ("dashboard Master", "image/svg+xml"),
    ]
    assert b">Tasks<" in record.items[0].content and b"Cores" not in record.items[0].content
    assert b"no data" not in record.items[0].content
    Dashboards(own.prometheus, [Panel("Spark", "Disk", {"disk": ""})], 0).evidence()
    assert b"no data: disk" in record.items[-1].content


@pytest.mark.parametrize(("ago", "shown"), [(5000, 600), (100, 100), (-30, 60)])
def test_a_picture_begins_with_the_platform(monkeypatch: pytest.MonkeyPatch, ago: float, shown: float) -> None:
    monkeypatch.setattr("time.time", lambda: START)
    asked = []

    class Asked(Cluster):
        def proxy(self, pod: str, port: int, path: str, namespace: str, query: Sequence[tuple[str, Any]]) -> Any:
            asked.append(dict(query))
            return super().proxy(pod, port, path, namespace, query)

    evidence.begin()
    Dashboards(Prometheus.on(Asked()), [Panel("Spark", "Tasks", {"tasks": ""})], START - ago).evidence()  # type: ignore[arg-type]
    assert asked == [{"query": "tasks", "start": START - shown, "end": START, "step": 5}]


def test_a_file_that_is_no_dashboard_has_no_panels() -> None:
    for text in ("{}", "[]", '"panels of wood"'):
        assert not list(shipped.read(json.dumps(json.loads(text)), {}))
