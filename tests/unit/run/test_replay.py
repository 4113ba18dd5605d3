"""The parent tells the last hooks of a feature how its scenarios have ended on all workers."""

from types import SimpleNamespace
from typing import Any

from behave.model_type import Status

from sparkproof.run.outcome import Outcome
from sparkproof.run.replay import Replay
from sparkproof.run.selection import Selected
from tests.support.ended import configuration, feature, scenarios


def test_a_scenario_is_known_by_its_number_and_one_that_came_up_by_its_line_and_name() -> None:
    one = feature()
    selection = Selected()
    selection.choose([one], configuration("--name=first", "--name=third"))
    runner: Any = SimpleNamespace(config=configuration(), features=[one])
    results: Any = SimpleNamespace(selection=selection)
    replay = Replay(runner, results)
    first, _, third = scenarios(one)
    first.set_status(Status.passed)
    third.set_status(Status.failed)
    assert replay.statuses(one, 1) == {0: Status.passed.value, (third.line, "third"): Status.failed.value}
    assert replay.statuses(one, 2) == {0: Status.passed.value, 1: Status.failed.value}
    replay.lose(0, Outcome.BROKEN, "its worker was killed")
    assert replay.statuses(one, 2) == {0: Status.error.value, 1: Status.failed.value}
