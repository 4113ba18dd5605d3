"""The ledger has one line for each scenario, the last one, whatever happens to its file."""

from pathlib import Path

import pytest

from sparkproof.core.evidence import Level, Measured, Proof, Record
from sparkproof.core.spans import On, Span
from sparkproof.run.ledger import Ledger, Line, line, read
from sparkproof.run.outcome import Outcome
from sparkproof.run.plan import Plan
from tests.support import runs
from tests.support.ended import attempt, feature, scenarios

A, B = runs.line("a"), runs.line("b", outcome="failed", reason="2 rows \udcff came")


def test_a_line_says_how_a_scenario_ended() -> None:
    record = Record(
        proofs=[Proof(Level.EXECUTED, "a row"), Proof(Level.PLANNED, "a plan")],
        spans=[Span(On.SPARK, "x", 1.0, 1.23456)],
        measured=[Measured("lost work", 2.5, "s", "at most 24 h")],
    )
    plan = Plan(group=lambda scenario: scenario.name.upper(), version=lambda scenario: f"of {scenario.name}", run="0a")
    scenario = scenarios(feature())[0]
    made = line("an id", plan, scenario, attempt(0, Outcome.FAILED, "2 rows came", number=2, record=record))
    assert made == Line(
        id="an id",
        name="first",
        feature="F",
        tags=["gpu", "iceberg"],
        outcome="failed",
        reason="2 rows came",
        level="planned",
        attempts=2,
        started="2026-11-23T12:00:00.250+00:00",
        duration_s=1.5,
        group="FIRST",
        location="features/iceberg/trips.feature:4",
        spent={on: round(seconds, 3) for on, seconds in record.spent.items()},
        version="of first",
        run="0a",
        measured=({"what": "lost work", "value": 2.5, "unit": "s", "promise": "at most 24 h"},),
    )
    assert made.spent == {"spark": 1.235}
    assert type(made.outcome) is str


def test_a_name_that_no_file_can_hold_is_escaped() -> None:
    scenario = scenarios(feature())[0]
    scenario.name = scenario.feature.name = "a\udcff"
    scenario.tags.append("t\udcff")
    made = line("x", Plan(), scenario, attempt())
    assert (made.name, made.feature, made.tags[-1]) == (r"a\udcff", r"a\udcff", r"t\udcff")


def test_only_what_passed_at_a_later_attempt_is_flaky() -> None:
    flaky = [
        runs.line("a", outcome=outcome, attempts=number).flaky for outcome in ("passed", "failed") for number in (1, 2)
    ]
    assert flaky == [False, True, False, False]


def test_a_line_is_in_the_file_when_it_is_added(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(A)
    assert read(tmp_path / "ledger.jsonl") == [A]
    ledger.add(B)
    assert ("a" in ledger, "c" in ledger) == (True, False)
    assert ledger.lines == [A, B]
    assert ledger.close() is True
    before = (tmp_path / "ledger.jsonl").read_bytes()
    assert rb"2 rows \\udcff came" in before or rb"2 rows \udcff came" in before
    assert before.count(b"\n") == 2


def test_a_later_line_of_the_same_id_takes_the_place_of_the_first(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    for each in (A, A._replace(outcome="failed"), runs.line("b")):
        ledger.add(each)
    assert len(read(tmp_path / "ledger.jsonl")) == 3
    assert ledger.close() is True
    assert read(tmp_path / "ledger.jsonl") == [A._replace(outcome="failed"), runs.line("b")]


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_ledger_that_somebody_took_away_is_whole_and_told(how: str, tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(A)
    (tmp_path / "ledger.jsonl").unlink()
    if how == "replaced":
        (tmp_path / "ledger.jsonl").write_text("{}\n")
    ledger.add(runs.line("c"))
    assert ledger.close() is False
    assert read(tmp_path / "ledger.jsonl") == [A, runs.line("c")]


def test_a_ledger_that_somebody_closed_is_whole(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(A)
    ledger.file._file.close()
    with pytest.raises(OSError, match="closed"):
        ledger.add(runs.line("c"))
    ledger.close()
    assert read(tmp_path / "ledger.jsonl") == [A, runs.line("c")]


def test_a_name_with_a_line_separator_is_one_line(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(runs.line("a", name="one\u2028two"))
    ledger.close()
    assert "\u2028" in (tmp_path / "ledger.jsonl").read_text(encoding="utf-8")
    assert [each.name for each in read(tmp_path / "ledger.jsonl")] == ["one\u2028two"]


def test_what_is_no_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none")
    (tmp_path / "x").write_text("{}\n")
    with pytest.raises(TypeError):
        read(tmp_path / "x")


def test_a_line_that_a_full_disk_did_not_take_is_written_at_the_end(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    ledger.add(A)
    real = ledger.file._file

    class Full:
        """A file on a full disk."""

        fileno, close = real.fileno, real.close

        def write(self, _content: bytes) -> int:
            raise OSError(28, "No space left on device")

    ledger.file.__dict__["_file"] = Full()
    with pytest.raises(OSError, match="No space left"):
        ledger.add(runs.line("c"))
    assert read(tmp_path / "ledger.jsonl") == [A]
    assert ledger.close() is True
    assert read(tmp_path / "ledger.jsonl") == [A, runs.line("c")]
