"""Evidence: the weakest proof is the scenario's level, and a scenario without proof is refused."""

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On


def test_a_scenario_is_proved_as_far_as_its_weakest_check() -> None:
    record = evidence.begin()
    evidence.prove(Level.EXECUTED, "rows came back")
    evidence.prove(Level.ADMITTED, "the server said yes")
    assert record.level is Level.ADMITTED


def test_passing_without_proof_is_refused() -> None:
    evidence.begin()
    with pytest.raises(CheckFailed, match="nothing was proved"):
        evidence.must_have_proof()
    evidence.prove(Level.RENDERED, "helm rendered it")
    evidence.must_have_proof()


def test_what_a_check_measured_is_kept_with_what_is_promised() -> None:
    record = evidence.begin()
    evidence.measured("lost work", 2.50049, "s", "at most 24 h")
    evidence.measured("rows", 3, "rows")
    assert record.measured == [("lost work", 2.5, "s", "at most 24 h"), ("rows", 3, "rows", "")]


def test_what_a_check_saw_is_kept_by_name() -> None:
    record = evidence.begin()
    evidence.prove(Level.EXECUTED, "rows", final_plan="Scan", rows=[1, 2])
    assert [(item.name, item.media_type) for item in record.items] == [
        ("final plan", "text/plain"),
        ("rows", "application/json"),
    ]


def test_what_json_does_not_know_is_kept_in_words() -> None:
    record = evidence.begin()
    evidence.attach("where", {"folder": Path("a") / "b"})
    assert json.loads(record.items[0].content) == {"folder": "a/b"}


def test_each_level_is_stronger_than_the_one_before() -> None:
    record = evidence.begin()
    assert record.level is None
    for level in reversed(Level):
        evidence.prove(level, "seen")
        assert record.level is level
    evidence.prove(Level.ACCELERATED, "seen")
    assert record.level is Level.RENDERED


@pytest.mark.parametrize(
    ("level", "seen"), [(None, "rows"), ("executed", "rows"), (Level.EXECUTED, ""), (Level.EXECUTED, None)]
)
def test_a_proof_without_a_level_or_a_sentence_is_none(level: Any, seen: Any) -> None:
    record = evidence.begin()
    with pytest.raises(TypeError, match="A proof has a level and a sentence"):
        evidence.prove(level, seen)
    assert not record.proofs


def test_a_check_that_only_kept_something_has_proved_nothing() -> None:
    record = evidence.begin()
    evidence.attach("the last statement", "SELECT 1")
    evidence.spend(On.SPARK, 1.0, "SELECT 1")
    assert [(span.on, span.what, span.seconds) for span in record.spans] == [(On.SPARK, "SELECT 1", 1.0)]
    with pytest.raises(CheckFailed, match="nothing was proved"):
        evidence.must_have_proof()


def test_what_the_scenario_before_proved_does_not_count() -> None:
    evidence.begin()
    evidence.prove(Level.EXECUTED, "rows came back")
    evidence.begin()
    with pytest.raises(CheckFailed, match="nothing was proved"):
        evidence.must_have_proof()


def test_outside_of_a_scenario_there_is_nowhere_to_keep_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_current", None)
    evidence.spend(On.SPARK, 1.0)
    with pytest.raises(SparkproofError, match="No scenario is running"):
        evidence.prove(Level.EXECUTED, "rows")
    with pytest.raises(SparkproofError, match="No scenario is running"):
        evidence.attach("x", "y")


def test_only_the_main_threads_waits_are_counted() -> None:
    record = evidence.begin()
    evidence.spend(On.SPARK, 0.001, "SELECT 1")
    time.sleep(0.01)
    evidence.spend(On.SPARK, 0.002)
    other = threading.Thread(target=evidence.spend, args=(On.SPARK, 9.0))
    other.start()
    other.join()
    assert record.spent == {"spark": pytest.approx(0.003)}
    assert [span.what for span in record.spans] == ["SELECT 1", ""]


def test_time_within_a_block_counts_for_the_inner_one_also_when_it_is_noted_afterwards() -> None:
    record = evidence.begin()
    with evidence.spending(On.INSTALLING, "the platform"):
        time.sleep(0.02)
        with pytest.raises(KeyError), evidence.spending(On.PODS, "its pods"):
            time.sleep(0.05)
            raise KeyError
        evidence.spend(On.SPARK, 0.03)
    total = record.spans[-1].seconds
    assert record.spent["spark"] == pytest.approx(0.03)
    assert record.spent["pods"] == pytest.approx(record.spans[0].seconds - 0.03, abs=0.005)
    assert sum(record.spent.values()) == pytest.approx(total, abs=0.005)
