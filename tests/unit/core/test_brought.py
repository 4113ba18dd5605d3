"""What a step brings is looked at by a check: unread refusals and answers are found, and what waits drop is not."""

from dataclasses import dataclass

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Brought, Record
from sparkproof.core.wait import GaveUp, eventually


@dataclass(frozen=True)
class Knock(Brought):
    """The answer of a door, or its refusal."""

    answer: str = ""
    refusal: str = ""

    @property
    def trouble(self) -> str | None:
        return self.refusal or None

    @property
    def to_read(self) -> str | None:
        return f"The door said {self.answer}" if self.answer else None

    def must_be_open(self) -> None:
        evidence.look_at(self)


def test_what_no_step_brought_cannot_be_looked_at() -> None:
    with pytest.raises(TypeError, match="a value that a step brought, not at 'a text'"):
        evidence.look_at("a text")  # type: ignore[arg-type]


def test_a_refusal_that_no_check_looks_at_is_named() -> None:
    refused = Knock(refusal="The door is locked.")
    with pytest.raises(CheckFailed, match=r"^The door is locked; no check looked at that\.$"):
        evidence.must_be_read()
    refused.must_be_open()
    evidence.must_be_read()


def test_an_answer_that_no_check_looks_at_is_named_after_every_refusal() -> None:
    answered, quiet, refused = Knock("welcome"), Knock(), Knock(refusal="It is locked")
    with pytest.raises(CheckFailed, match="It is locked; no"):
        evidence.must_be_read()
    refused.must_be_open()
    with pytest.raises(CheckFailed, match="The door said welcome; no check looked at that"):
        evidence.must_be_read()
    answered.must_be_open()
    evidence.must_be_read()
    quiet.must_be_open()


def test_each_of_two_equal_refusals_is_looked_at() -> None:
    first, _second = Knock(refusal="locked"), Knock(refusal="locked")
    first.must_be_open()
    with pytest.raises(CheckFailed, match="locked"):
        evidence.must_be_read()


def test_a_preparation_that_is_refused_raises_and_its_answers_are_read() -> None:
    Knock("welcome")
    evidence.must_be_prepared()
    evidence.must_be_read()
    Knock(refusal="The door is locked")
    with pytest.raises(SparkproofError, match=r"^The door is locked$"):
        evidence.must_be_prepared()


def test_the_troubles_of_a_record_are_in_order_and_of_its_own_scenario(record: Record) -> None:
    Knock(refusal="locked"), Knock("welcome"), Knock(refusal="bolted")
    assert record.troubles == ["locked", "bolted"]
    assert evidence.begin().troubles == []


def test_what_a_wait_does_not_accept_has_been_looked_at_and_what_it_returns_has_not(record: Record) -> None:
    answers = iter([Knock(refusal="locked"), Knock(refusal="bolted")])
    seen = eventually("a knock", lambda: next(answers), lambda knock: knock.refusal == "bolted", within_s=1, every_s=0)
    assert record.troubles == ["bolted"]
    seen.must_be_open()
    with pytest.raises(GaveUp):
        eventually("a welcome", lambda: Knock(refusal="locked"), lambda knock: bool(knock.answer), within_s=0)
    assert record.troubles == []


def test_outside_of_a_scenario_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_current", None)
    Knock(refusal="locked").must_be_open()
