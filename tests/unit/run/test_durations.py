"""How long a scenario will take is known from earlier runs: its own durations, or those of its like."""

import json
from pathlib import Path

import pytest

from sparkproof.run.durations import Durations


@pytest.fixture
def known(tmp_path: Path) -> Durations:
    durations = {
        "features/charts/own.feature::A": [1.0, 3.0],
        "features/charts/own.feature::B": [4.0],
        "features/charts/values.feature::C": [9.0],
        "features/scaling/keda.feature::D": [84.0],
    }
    (tmp_path / "history.json").write_text(json.dumps(durations))
    return Durations(tmp_path / "history.json")


@pytest.mark.parametrize(
    ("identity", "usual", "expected"),
    [
        ("features/charts/own.feature::A", 2.0, 2.0),
        ("features/charts/own.feature::new", 3.0, 3.0),
        ("features/charts/new.feature::new", 5.0, 5.0),
        ("features/chart/new.feature::new", 0.0, 24.75),
    ],
    ids=["its own", "its file's", "its folder's", "nothing of its like"],
)
def test_a_scenario_is_expected_to_take_as_long_as_its_like(
    known: Durations, identity: str, usual: float, expected: float
) -> None:
    assert (known.usual(identity), known.usual(identity) or known.of_all) == (usual, expected)


def test_nothing_is_expected_without_a_history(tmp_path: Path) -> None:
    empty = Durations(tmp_path / "history.json")
    assert (empty.usual("f::S"), empty.of_all) == (0.0, 0.0)
