"""Somebody who asks all the time: each wrong answer since a loss is seen, and so is that nobody asked meanwhile."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.operations.steady_user import SteadyUser
from sparkproof.spark.trips import Generated
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

PROGRAM = Path(__file__).resolve().parents[3] / "sparkproof/operations/one_question.py"
TRIPS = Generated(seed=1, first=2, last=5)
RIGHT = [[3, 9]]
LOST, BACK = 100.0, 150.0


def line(began: float, *, rows: object = RIGHT, error: str = "", seconds: float = 1.0) -> str:
    return json.dumps({"began": began, "ended": began + seconds, "rows": rows, "error": error})


def user(
    *lines: str, says: str = '{"pid": 7, "file": "/tmp/x"}', ended: list[Sequence[str]] | None = None
) -> SteadyUser:
    """Somebody who has noted these lines."""

    def programs(_: str, argv: Sequence[str]) -> RecordedStreams:
        if argv[0] == "cat":
            return RecordedStreams("a warning of a library", *lines, exit_code=0)
        if ended is not None and argv[-1] == "7":
            ended.append(argv)
        return RecordedStreams(says, errors="" if says else "no python3")

    platform = RecordedPlatform(RecordedKube(pod("spark-client-0", "client"), programs=programs))
    return SteadyUser.start(platform, platform.open_session(), TRIPS)


def later() -> str:
    return line(clock.now() + 60)


def test_the_right_answer_is_known_beforehand() -> None:
    own = user(line(1.0))
    assert own.expected == RIGHT
    assert own.sql.startswith("SELECT count(*), sum(trip) FROM rest.")
    assert own.await_answer()[0].began == 1.0


def test_somebody_who_cannot_be_started_is_told() -> None:
    with pytest.raises(SparkproofError, match="Nobody could be started who asks all the time: no python3"):
        user(says="")


def test_each_right_answer_since_the_loss_is_proved(record: Record) -> None:
    # What went wrong before is another matter.
    before = [line(90.0, error="early"), line(99.0), line(99.5)]
    own = user(*before, line(LOST, seconds=BACK - LOST), line(120.0), line(149.5), later(), '{"began": 1')
    own.must_have_been_answered(LOST, BACK)
    assert record.level is Level.EXECUTED
    assert "all 6 questions since the loss were answered with [[3, 9]], 2 of them while there" in record.proofs[0].seen
    (kept,) = record.items
    assert (kept.name, len(json.loads(kept.content))) == ("questions since the loss of the control plane", 6)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ([line(101.0), line(120.0, error="UNAVAILABLE")], r"1 of 3 questions .* gave UNAVAILABLE, not \[\[3, 9\]\]"),
        ([line(101.0), line(120.0, rows=[[3, 8]])], r"gave \[\[3, 8\]\], not"),
        ([line(101.0, rows=[])], r"gave \[\], not"),
        ([line(99.0, seconds=60)], "No question was asked and answered while the control plane was away"),
        ([], "No question was asked and answered"),
    ],
    ids=["an error", "another answer", "no rows", "one that took all the time", "none"],
)
def test_a_wrong_answer_and_none_meanwhile_are_seen(lines: Sequence[str], sentence: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=sentence):
        user(*lines, later()).must_have_been_answered(LOST, BACK)
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_who_asks_no_more_is_given_up() -> None:
    with pytest.raises(GaveUp, match=r"an answer to somebody who asks all the time .*1 answers"):
        user(line(101.0)).must_have_been_answered(LOST, BACK)


def test_the_process_ends_and_its_table_goes() -> None:
    ended: list[Sequence[str]] = []
    user(line(1.0), ended=ended).end()
    assert len(ended) == 1


SPARK = """
import os
class Session:
    def __getattr__(self, _): return self
    def __call__(self, *_, **__): return self
    def create(self):
        print("a session", file=open(os.environ["TMPDIR"] + "/opened", "a"))
        return self
    def sql(self, question):
        if "x" in question: raise ValueError("no " + question)
        return self
    def collect(self): return [(3, 9)]
class SparkSession: builder = Session()
"""


@pytest.mark.parametrize(("question", "rows", "error"), [("SELECT 1", RIGHT, ""), ("x", [], "no x")])
def test_the_program_asks_on_when_whoever_started_it_is_gone(
    question: str, rows: object, error: str, tmp_path: Path
) -> None:
    (tmp_path / "pyspark").mkdir()
    (tmp_path / "pyspark" / "__init__.py").touch()
    (tmp_path / "pyspark" / "sql.py").write_text(SPARK)
    variables = {**os.environ, "PYTHONPATH": str(tmp_path), "SPARK_REMOTE": "sc://x", "TMPDIR": str(tmp_path)}
    argv = [sys.executable, "-c", PROGRAM.read_text(), question]
    started = json.loads(subprocess.run(argv, env=variables, capture_output=True, check=True, timeout=60).stdout)
    try:
        file, end = Path(started["file"]), time.monotonic() + 60
        while len(file.read_text().splitlines()) < 2 and time.monotonic() < end:
            time.sleep(0.1)
        first, second, *_ = map(json.loads, file.read_text().splitlines())
        assert (first["rows"], first["error"]) == (second["rows"], second["error"]) == (rows, error)
        assert first["began"] <= first["ended"] < second["began"]
        assert (tmp_path / "opened").read_text() == "a session\n", "it asks in one session"
        assert os.getsid(started["pid"]) == started["pid"]
    finally:
        os.kill(started["pid"], signal.SIGKILL)
