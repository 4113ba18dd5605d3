"""What behave does not report becomes a line of the ledger or a cause of failure."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from behave.model import Feature
from behave.model_type import Status

from sparkproof.run.not_run import NotRunReporter
from sparkproof.run.outcome import Outcome
from sparkproof.run.results import Results
from tests.support.ended import configuration, feature


def results(folder: Path, one: Feature, *arguments: str) -> Results:
    made = Results(folder)
    made.selection.choose([one], configuration(*arguments))
    return made


def reported(made: Results, one: Feature, *arguments: str, aborted: bool = False) -> list[tuple[str, str, str]]:
    """The lines of the ledger after a feature: name, outcome and reason."""
    runner: Any = SimpleNamespace(config=configuration(*arguments), aborted=aborted)
    NotRunReporter(runner, made).feature(one)
    return [(line.name, line.outcome, line.reason) for line in made.lines]


def test_what_did_not_run_says_why(tmp_path: Path) -> None:
    one = feature()
    made = results(tmp_path, one)
    made.lost(1, Outcome.PASSED, "")
    why = "behave did not come to it"
    assert reported(made, one) == [("second", "passed", ""), ("first", "not run", why), ("third", "not run", why)]
    assert made.causes == []


@pytest.mark.parametrize(
    ("arguments", "aborted", "causes", "why"),
    [
        (("--stop",), False, [], "the run ended at its first failure, as --stop asks"),
        ((), True, [], "the run was stopped before its end"),
        (("--stop",), True, [], "the run was stopped before its end"),
        ((), True, ["no cluster", "no more"], "no cluster"),
        ((), False, ["no cluster"], "behave did not come to it"),
    ],
)
def test_the_end_of_the_run_is_the_reason(
    arguments: tuple[str, ...], aborted: bool, causes: list[str], why: str, tmp_path: Path
) -> None:
    one = feature()
    made = results(tmp_path, one)
    made.causes = causes
    assert {each[1:] for each in reported(made, one, *arguments, aborted=aborted)} == {("not run", why)}


def test_a_failed_hook_of_a_rule_breaks_the_scenarios_of_the_rule_and_fails_the_run(tmp_path: Path) -> None:
    one = feature()
    rule = one.rules[0]
    rule.hook_failed, rule.exception = True, RuntimeError("no room")
    rule.error_message = "HOOK-ERROR in before_rule: RuntimeError: no room"
    made = results(tmp_path, one)
    assert reported(made, one)[2] == ("third", "broken", "RuntimeError: no room (in before_rule)")
    assert {line.outcome for line in made.lines[:2]} == {"not run"}
    assert made.causes == ["before_rule of Rule 'R' failed: RuntimeError: no room"]


def test_a_hook_of_a_feature_that_was_interrupted_is_told(tmp_path: Path) -> None:
    one = feature()
    one.hook_failed = True
    made = results(tmp_path, one)
    broken = ("broken", "it was interrupted (in a hook of feature)")
    assert [each[1:] for each in reported(made, one)] == [broken] * 3
    assert made.causes == ["a hook of feature of Feature 'F' failed: it was interrupted"]


def test_a_failed_clean_up_of_a_feature_fails_the_run(tmp_path: Path) -> None:
    one = feature()
    one.set_status(Status.cleanup_error)
    made = results(tmp_path, one)
    reported(made, one)
    assert made.causes == ["Clean-up of Feature 'F' failed."]


def test_what_a_hook_has_added_is_accounted_for_where_its_feature_runs(tmp_path: Path) -> None:
    one = feature()
    made = results(tmp_path, one, "--tags=none")
    assert reported(made, one, "--tags=none") == []
    assert [each[0] for each in reported(made, one)] == ["first", "second", "third"]
    slow = feature()
    slow.scenarios[0].tags.append("slow")
    made = results(tmp_path / "slow", slow, "--tags=none")
    assert [each[0] for each in reported(made, slow, "--tags=slow")] == ["first"]
