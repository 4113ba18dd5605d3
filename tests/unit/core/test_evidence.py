"""Evidence: the weakest proof is the scenario's level, and a scenario without proof is refused."""

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level


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


def test_what_a_check_saw_is_kept_by_name() -> None:
    record = evidence.begin()
    evidence.prove(Level.EXECUTED, "rows", final_plan="Scan", rows=[1, 2])
    assert [(item.name, item.media_type) for item in record.items] == [
        ("final plan", "text/plain"),
        ("rows", "application/json"),
    ]
