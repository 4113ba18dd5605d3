"""How long a scenario will take is known from earlier runs: its own durations, or those of its like."""

import json
from pathlib import Path

import pytest

from sparkproof.run.durations import Durations, measured
from tests.support.runs import line


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


def test_in_a_run_what_has_ended_tells_of_its_like_alone() -> None:
    ended = [
        line("features/charts/own.feature::A", duration_s=4.0),
        line("features/charts/values.feature::B", outcome="failed", duration_s=8.0),
        line("features/charts/own.feature::C", outcome="broken", duration_s=0.0),
    ]
    expected = measured(ended)
    assert expected("features/charts/own.feature::new") == 4.0
    assert expected("features/charts/new.feature::new") == 6.0
    assert expected("features/scaling/keda.feature::D") == 0.0


def test_the_last_five_durations_of_what_ran_to_its_end_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "reports" / "history.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"f::A": [1.0, 2.0, 3.0, 4.0, 5.0]}))
    durations = Durations(path)
    durations.learn(
        [
            line("f::A", duration_s=9.0),
            line("f::B", outcome="failed", duration_s=7.0),
            line("f::C", outcome="broken", duration_s=8.0),
        ]
    )
    assert json.loads(path.read_text()) == {"f::A": [2.0, 3.0, 4.0, 5.0, 9.0], "f::B": [7.0]}
    assert [durations.knows(identity) for identity in ("f::A", "f::B", "f::C")] == [True, True, False]


@pytest.mark.parametrize(
    "text", ["[", "[1]", "\xff", '{"f::A": [-1]}', '{"f::A": ["1"]}', '{"f::A": [Infinity]}', '{"f::A": 1}']
)
def test_a_history_that_cannot_be_read_is_started_anew_and_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(text)
    durations = Durations(path)
    assert durations.complaint.startswith(f"{path} is not a history of durations (")
    assert "-1" not in text or "(-1 is no duration);" in durations.complaint
    assert not durations.knows("f::A")
    path.write_text('{"f::A": [0]}')
    assert (Durations(path).complaint, Durations(path).knows("f::A")) == ("", True)


def test_nothing_is_expected_without_a_history(tmp_path: Path) -> None:
    empty = Durations(tmp_path / "history.json")
    assert (empty.usual("f::S"), empty.of_all) == (0.0, 0.0)
