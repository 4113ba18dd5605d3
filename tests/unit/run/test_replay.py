"""The parent tells hooks and formatters of a feature what has happened on all workers."""

from types import SimpleNamespace
from typing import Any

import pytest
from behave.model import Feature
from behave.model_type import Status

from sparkproof.run.messages import Opened
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


def replay_of(one: Feature) -> Replay:
    """The replay of a run of one feature, of which nothing is selected."""
    runner: Any = SimpleNamespace(config=configuration(), features=[one])
    results: Any = SimpleNamespace(selection=Selected())
    return Replay(runner, results)


def test_a_hook_that_has_failed_on_one_worker_has_failed_whatever_it_did_on_others() -> None:
    one = feature()
    replay = replay_of(one)
    passed = Opened(0, None, False, False, False, None, ("", ""), [], {}, False, False)
    replay.opened[0] = [passed, passed._replace(hook_failed=True), passed]
    assert replay.run_hook_with_capture("before_feature", one) is False
    assert one.hook_failed
    replay.closed[1] = [passed, passed]
    assert replay.run_hook_with_capture("after_rule", one.rules[0]) is True


def test_what_hooks_printed_on_each_worker_is_printed_and_the_same_text_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    one = feature()
    replay = replay_of(one)
    opened = Opened(0, None, False, False, False, None, ("begins\n", ""), [], {}, False, False)
    replay.opened[0] = [opened, opened, opened._replace(printed=("", "no bucket\n"))]
    replay.run_hook_with_capture("before_feature", one)
    assert capsys.readouterr() == ("begins\n", "no bucket\n")
