"""The picture of a timeline shows each worker, platform and span, and needs nothing from elsewhere."""

import json
import re
from pathlib import Path

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.core.spans import On
from sparkproof.report import timeline
from sparkproof.run.timeline import FILE, IDLE, OURS, ROOM, Ran, Shown, Timeline, Wait

LAKEHOUSE = "Lakehouse on Spark 4.1.1"
INSTALLED = Shown("installing", "the <Lakehouse>", 2.0, 5.0)
SPARK = Shown("spark", "SELECT 1", 8.0, 1.5)
FIRST = Ran(
    "a", "S1", 1, "passed", 1, [LAKEHOUSE], 2.0, 10.0, {"installing": 5, "spark": 1.5, "ours": 3.5}, [INSTALLED, SPARK]
)
SECOND = Ran("b", "S2", 2, "failed", 2, [], 4.0, 3.0, {"ours": 3.0}, [])
RUN = Timeline(
    20.0,
    [Shown("installing", "building images", 0.0, 2.0)],
    [SECOND, FIRST],
    [Wait(2, "room", 2.0, 2.0), Wait(2, "idle", 7.0, 5.0)],
)


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    (tmp_path / FILE).write_text(json.dumps(RUN.content))
    return tmp_path


def boxes(page: str) -> list[tuple[float, float, str]]:
    """Return the boxes of a picture: where each begins and how wide it is, in seconds, and its words."""
    found = re.findall(r'<rect x="([\d.]+)" y="\d+" width="([\d.]+)" .*?<title>(.*?)</title>', page)
    return [((float(x) - 190) / 50, float(width) / 50, words) for x, width, words in found]


def test_every_span_has_its_place_in_the_picture(reports: Path) -> None:
    page = timeline.write(reports).read_text()
    assert boxes(page) == [
        (0.0, 2.0, "building images (installing, 2.0 s)"),
        (2.0, 10.0, "S1: passed (ours, 10.0 s)"),
        (2.0, 5.0, "the &lt;Lakehouse&gt; (installing, 5.0 s)"),
        (8.0, 1.5, "SELECT 1 (spark, 1.5 s)"),
        (2.0, 2.0, "a worker waits until a scenario may start (room, 2.0 s)"),
        (7.0, 5.0, "a worker has nothing left to start (idle, 5.0 s)"),
        (4.0, 3.0, "S2 (attempt 2): failed (ours, 3.0 s)"),
        (2.0, 10.0, "S1 (ours, 10.0 s)"),
        (2.0, 5.0, "the &lt;Lakehouse&gt; (installing, 5.0 s)"),
    ]
    assert not re.search(r"https?://|src=", page)


def test_the_slowest_come_first_with_what_they_spent_time_on(reports: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timeline.print_slowest(reports)
    printed = capsys.readouterr().out
    assert printed.index("S1") < printed.index("S2 (attempt 2)")
    assert "installing 5.0, ours 3.5, spark 1.5" in printed
    assert re.search(r"ours\s*│\s*6.5 │ 32.5", printed)


def test_the_slowest_is_not_the_one_that_ended_last(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / FILE).write_text(json.dumps(RUN._replace(attempts=[SECOND._replace(at=15.0), FIRST]).content))
    timeline.print_slowest(tmp_path)
    printed = capsys.readouterr().out
    assert printed.index("S1") < printed.index("S2 (attempt 2)")
    rows = re.findall(r"<tr><td class=\"n\">[\d.]+ s</td><td>(S\d)", timeline.write(tmp_path).read_text())
    assert rows == ["S1", "S2"]


def test_everything_that_time_is_spent_on_has_a_color_and_a_meaning() -> None:
    assert set(timeline._COLORS) == set(timeline._MEANINGS) == {*On, OURS, ROOM, IDLE}


@pytest.mark.parametrize(
    ("content", "words"), [(None, "run behave first"), ("[]", "not the timeline of a run"), ("{", "not the")]
)
def test_without_a_timeline_there_is_one_sentence(tmp_path: Path, content: str | None, words: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(SparkproofError, match=words):
        timeline.write(tmp_path)
