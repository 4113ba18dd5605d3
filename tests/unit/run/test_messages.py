"""The state of a scenario crosses from a worker to the parent as behave left it."""

import logging
import pickle
from typing import Any

import pytest
from behave.capture import Captured
from behave.model import Scenario
from behave.model_type import Status

from sparkproof.run import messages
from sparkproof.run.messages import Error, State, entities, put_steps, steps_of
from tests.support.ended import feature, scenarios


class Refuses(AssertionError):
    """An error that cannot be copied."""

    def __reduce__(self) -> Any:
        raise RuntimeError


class Stops(ValueError):
    """An error whose copying is interrupted."""

    def __reduce__(self) -> Any:
        raise KeyboardInterrupt


def broken(error: BaseException, message: str | None = "Error: 2 rows \udcff") -> Any:
    """A step that ended with an error."""
    step = scenarios(feature())[0].steps[0]
    try:
        raise error
    except BaseException as raised:
        step.exception, step.exc_traceback = raised, raised.__traceback__
    step.error_message = message
    return step


def crossed(error: Any) -> Any:
    """A step that has got an error from a worker."""
    step = scenarios(feature())[0].steps[0]
    pickle.loads(pickle.dumps(error)).put(step)
    return step


def test_an_error_crosses_with_its_message_and_lines() -> None:
    there = broken(ValueError("no room"))
    here = crossed(Error.of(there))
    assert (type(here.exception), here.exception.args) == (ValueError, ("no room",))
    assert here.error_message == r"Error: 2 rows \udcff"
    assert here.exc_traceback.tb_frame.f_code.co_name == "broken"
    assert crossed(Error.of(broken(ValueError("x"), None))).error_message is None


@pytest.mark.parametrize("assertion", [True, False])
def test_an_error_that_cannot_be_copied_crosses_by_its_name_and_text(assertion: bool) -> None:
    error = Refuses("2 rows") if assertion else type("Local", (ValueError,), {})("2 rows")
    here = crossed(Error.of(broken(error)))
    assert type(here.exception).__name__ == type(error).__name__
    assert isinstance(here.exception, AssertionError) == assertion
    assert str(here.exception) == "2 rows"


def test_an_error_that_only_the_worker_can_make_crosses_by_its_name_and_text() -> None:
    found = Error.of(broken(ValueError("x")))
    assert found
    for content in (b"no pickle", pickle.dumps("no error")):
        here = crossed(found._replace(pickled=content))
        assert (type(here.exception).__name__, str(here.exception)) == ("ValueError", "x")
        assert type(here.exception) is not ValueError


def test_ctrl_c_is_no_fault_of_an_error() -> None:
    with pytest.raises(KeyboardInterrupt):
        Error.of(broken(Stops()))


def test_a_step_without_an_error_has_none_and_one_with_a_message_has_one() -> None:
    step = scenarios(feature())[0].steps[0]
    assert Error.of(step) is None
    step.error_message = "was interrupted"
    found = Error.of(step)
    assert found
    assert (found.message, found.name, found.is_assertion, found.frames) == ("was interrupted", "NoneType", False, [])


def ended() -> Scenario:
    """A scenario whose first step passed and whose second one failed, with what a hook left on it."""
    found = scenarios(feature())[0]
    first, second = found.steps
    first.status, first.duration = Status.passed, 0.5
    second.status, second.duration, second.hook_failed = Status.failed, 0.25, True
    second.exception = AssertionError("2 rows")
    second.captured.captures.append(Captured("out", "err", "log", name="step", failed=True))
    second.noted = 3
    found.captured.captures.append(Captured("said", "", "", name="hook"))
    found.hook_failed, found.left = True, [1]
    found.set_status(Status.failed)
    return found


def test_a_scenario_crosses_with_its_steps_and_what_hooks_left() -> None:
    state = pickle.loads(pickle.dumps(State.of(ended(), changed=False)))
    assert state.face is None
    here = scenarios(feature())[0]
    here.exception, here.error_message = ValueError("earlier"), "earlier"
    state.put(here)
    assert (here.status, here.hook_failed, here.should_skip, here.skip_reason) == (Status.failed, True, False, None)
    assert (here.exception, here.error_message, here.left) == (None, None, [1])
    assert [(step.status, step.duration) for step in here.steps] == [(Status.passed, 0.5), (Status.failed, 0.25)]
    second = here.steps[1]
    assert (second.hook_failed, str(second.exception), second.noted) == (True, "2 rows", 3)
    (captured,) = second.captured.captures
    assert (captured.stdout, captured.stderr, captured.log, captured.name, captured.failed) == (
        "out", "err", "log", "step", True,
    )  # fmt: skip
    assert [each.stdout for each in here.captured.captures] == ["said"]
    state.put(here)
    assert [each.stdout for each in here.captured.captures] == ["said"], "and nothing else"


def test_a_skipped_scenario_crosses_with_its_reason_and_a_broken_one_with_its_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # behave logs the reason, and a worker of pytest cannot send half a character.
    caplog.set_level(logging.CRITICAL, logger="behave")
    there = scenarios(feature())[0]
    there.skip("no \udcff")
    there.exception = ValueError("no room")
    here = scenarios(feature())[0]
    State.of(there, changed=False).put(here)
    assert (here.status, here.should_skip, here.skip_reason) == (Status.skipped, True, r"no \udcff")
    assert str(here.exception) == "no room"


def test_a_changed_scenario_crosses_with_its_looks() -> None:
    there = ended()
    there.name = "renamed"
    here = scenarios(feature())[0]
    State.of(there, changed=True).put(here)
    assert here.name == "renamed"


def test_a_step_that_passed_in_silence_is_two_values() -> None:
    first, second = steps_of(ended())
    assert first == (Status.passed.value, 0.5)
    assert len(second) == 6
    there = ended()
    there.steps[0].captured.captures.append(Captured("out", "", "", name="step"))
    assert len(steps_of(there)[0]) == 6
    there = ended()
    there.steps[0].noted = 1
    assert len(steps_of(there)[0]) == 6
    with pytest.raises(ValueError, match="zip"):
        put_steps(scenarios(feature())[0], [first])


def test_features_are_followed_by_their_rules() -> None:
    one, other = feature(), feature(filename="g.feature")
    assert entities([one, other]) == [one, one.rules[0], other, other.rules[0]]
    assert messages.entities([]) == []
