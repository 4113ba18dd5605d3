"""The images' module `quality`: bad data is told from rules that could not be judged, and neither passes for kept."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support import programs

STANDINS = ("great_expectations", "great_expectations.checkpoint", "great_expectations.data_context.types.base")
RAISED = {"raised_exception": True, "exception_message": "no column amuont", "exception_traceback": ""}
WELL = {"raised_exception": False, "exception_message": None, "exception_traceback": None}


@pytest.fixture
def quality(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module, beside a Great Expectations that judges nothing."""
    for name in STANDINS:
        made: Any = ModuleType(name)
        made.UpdateDataDocsAction = made.ProgressBarsConfig = object
        monkeypatch.setitem(sys.modules, name, made)
    return programs.program("quality/quality.py")


def result(success: bool | None, info: Mapping[str, Any] = WELL, **found: Any) -> dict[str, Any]:
    """A result of Great Expectations, of a rule on the column amount."""
    config = {"type": "expect_it", "kwargs": {"column": "amount"}}
    return {"expectation_config": config, "success": success, "result": found, "exception_info": info}


@pytest.mark.parametrize(
    ("given", "outcome", "error"),
    [
        (result(True), "kept", None),
        (result(False, unexpected_count=2), "broken", None),
        (result(None), "broken", None),
        (result(False, RAISED), "error", "no column amuont"),
        (result(True, RAISED), "error", "no column amuont"),
        (result(False, {"metric one": WELL, "metric two": RAISED}), "error", "no column amuont"),
        (result(False, {"metric one": WELL, "metric two": WELL}), "broken", None),
    ],
    ids=["kept", "broken", "not judged", "raised", "raised after it", "of one metric", "of no metric"],
)
def test_bad_data_is_told_from_what_could_not_be_judged(
    quality: Any, given: dict[str, Any], outcome: str, error: str | None
) -> None:
    found = quality._rule(given, ["id"])
    assert (found["outcome"], found["error"], found["on"]) == (outcome, error, "amount")


def test_rows_that_break_a_rule_are_named_by_their_key_alone(quality: Any) -> None:
    rows = [{"id": 1002, "amount": -2}, {"id": 1001, "amount": -1}]
    found = quality._rule(result(False, unexpected_count=2, unexpected_index_list=rows), ["id"])
    assert (found["unexpected"], found["keys"]) == (2, [{"id": 1001}, {"id": 1002}])
    both = result(False)
    both["expectation_config"]["kwargs"] = {"column_A": "paid", "column_B": "due"}
    assert quality._rule(both, [])["on"] == "paid, due"


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([], "kept"),
        (["kept", "kept"], "kept"),
        (["kept", "broken", "kept"], "broken"),
        (["broken", "error", "kept"], "error"),
    ],
)
def test_a_verdict_is_as_bad_as_its_worst_rule(quality: Any, outcomes: list[str], worst: str) -> None:
    assert quality._worst(outcomes) == worst


def verdict(outcome: str) -> dict[str, Any]:
    rule = {"rule": "expect_it", "on": "amount", "unexpected": 1, "keys": [{"id": 7}], "observed": None, "error": "no"}
    return {"table": "orders", "suite": "shop", "outcome": outcome, "rules": [{**rule, "outcome": outcome}]}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ("broken", r"orders breaks rules of shop: expect_it on amount \(1 rows, \[{'id': 7}\]\)\."),
        ("error", r"orders cannot be judged by all rules of shop: expect_it on amount raised no\."),
    ],
)
def test_what_is_not_kept_stops_who_needs_it(
    quality: Any, monkeypatch: pytest.MonkeyPatch, outcome: str, said: str
) -> None:
    monkeypatch.setattr(quality, "judge", lambda *_, **__: verdict(outcome))
    with pytest.raises(quality.NotKept, match=said):
        quality.must_keep(None, {}, ["id"])
    monkeypatch.setattr(quality, "judge", lambda *_, **__: verdict("kept"))
    assert quality.must_keep(None, {}, ["id"]) == verdict("kept")


@pytest.mark.parametrize(("outcome", "code"), [("kept", 0), ("broken", 3), ("error", 4)])
def test_the_program_ends_with_what_came_of_it_and_its_session_ends_with_it(
    quality: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    outcome: str,
    code: int,
) -> None:
    asked: list[str] = []
    spark = SimpleNamespace(sql=asked.append, stop=lambda: asked.append("stop"), addTag=asked.append)
    sql = SimpleNamespace(SparkSession=SimpleNamespace(builder=SimpleNamespace(getOrCreate=lambda: spark)))
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setitem(sys.modules, "pyspark.sql", sql)
    monkeypatch.setattr(quality, "judge", lambda *_, **__: verdict(outcome))
    (tmp_path / "suite.json").write_text("{}")
    monkeypatch.setattr(
        "sys.argv", ["quality", str(tmp_path / "suite.json"), "orders", "--tag", "t", "--snapshot", "7"]
    )
    assert quality.main() == code
    assert asked == ["t", "SELECT * FROM orders VERSION AS OF 7", "stop"]
    assert json.loads(capsys.readouterr().out)["outcome"] == outcome
