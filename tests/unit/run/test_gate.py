"""The gate refuses a run for each rule that it does not keep, and says which."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from sparkproof.cli import app
from sparkproof.core.errors import UsageError
from sparkproof.run import finished, gate
from sparkproof.run.ledger import Line
from tests.support.projects import behave, project
from tests.support.runs import NOW, line, run_of, usual

STEPS = """
@step("it passes")
def passes(context): ...
@step("it fails")
def fails(context):
    assert False, "2 rows came"
@step("it is skipped")
def skips(context):
    context.scenario.skip("no node offers nvidia.com/gpu")
"""


def broken(folder: Path, rules: dict[str, Any], now: datetime = NOW, **asked: Any) -> list[str]:
    return list(gate.judge(finished.read(folder), gate.Rules.model_validate(rules), now, **asked).broken)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({}, []),
        ({"verdict": "success"}, ["The verdict is partial; at least success is asked for."]),
        ({"least_passed": {"gpu": 2, "iceberg": 1}}, ["0 of group iceberg passed; at least 1 must."]),
        ({"least_proof": {"@gpu": "planned"}}, []),
        ({"least_proof": {"gpu": "executed"}}, ["a is proved at level planned; gpu asks for executed."]),
        (
            {"least_proof": {"@iceberg": "planned"}},
            ["No scenario with @iceberg passed, so nothing is proved at level planned."],
        ),
        (
            {"least_proof": {"@gpu and not @iceberg": "executed"}},
            ["a is proved at level planned; @gpu and not @iceberg asks for executed."],
        ),
        ({"most_skipped": 0}, ["1 were skipped or unsupported; at most 0 may be."]),
        ({"most_skipped": 1}, []),
        ({"longest_s": 60}, ["The run took 100 s; at most 60 s are allowed."]),
        ({"longest_s": 100}, []),
    ],
)  # fmt: skip
def test_each_rule(rules: dict[str, Any], said: list[str], tmp_path: Path) -> None:
    assert broken(usual(tmp_path, level="accelerated"), rules) == said


def test_what_passed_without_any_proof_is_below_every_level(tmp_path: Path) -> None:
    rules = {"least_proof": {"gpu": "rendered"}}
    said = ["a is proved at level none; gpu asks for rendered."]
    assert broken(run_of(tmp_path, line("a", level=None)), rules) == said


def test_a_verdict_that_does_not_say_how_long_its_run_took_keeps_no_limit(tmp_path: Path) -> None:
    run = usual(tmp_path)
    record = json.loads((run / "verdict.json").read_text())
    del record["duration_s"]
    (run / "verdict.json").write_text(json.dumps(record))
    said = "The verdict does not say how long the run took; at most 60 s are allowed."
    assert broken(run, {"longest_s": 60}) == [said]


def test_a_verdict_that_does_not_say_what_was_selected_is_judged_by_its_ledger(tmp_path: Path) -> None:
    run = usual(tmp_path, outcome="failed")
    record = json.loads((run / "verdict.json").read_text())
    del record["selection"]
    (run / "verdict.json").write_text(json.dumps(record))
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    rules = {"least_passed": {"gpu": 1}, "least_proof": {"@gpu": "planned"}, "known_issues": [issue]}
    assert broken(run, rules) == []


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            {"least_passed": {"icberg": 1}},
            "least_passed: no scenario is of group icberg; did you mean iceberg? Known are gpu, iceberg.",
        ),
        (
            {"least_proof": {"@icberg": "planned"}},
            "least_proof: no scenario carries @icberg; did you mean @iceberg? Known are gpu, iceberg.",
        ),
        (
            {"known_issues": [{"id": "not selcted", "owner": "me", "expires": "2026-11-30"}]},
            "The known issue 'not selcted' is the id of no scenario; did you mean 'not selected'?",
        ),
        (
            {"known_issues": [{"id": "xyz", "owner": "me", "expires": "2026-11-30"}]},
            "The known issue 'xyz' is the id of no scenario; the ids are in the ledger.",
        ),
    ],
)
def test_a_rule_that_nothing_can_break_is_named(rules: dict[str, Any], said: str, tmp_path: Path) -> None:
    assert broken(usual(tmp_path), rules) == [said]


def test_a_known_issue_is_excused_until_it_expires(tmp_path: Path) -> None:
    run = usual(tmp_path, outcome="failed", reason="2 rows came")
    rules = {"known_issues": [{"id": "c", "owner": "data team", "expires": "2026-11-30"}]}
    assert broken(run, rules) == []
    assert broken(run, {**rules, "oldest_h": None}, datetime(2026, 11, 30, 23, tzinfo=UTC)) == [], "on its last day"
    later = broken(run, {**rules, "oldest_h": None}, datetime(2026, 12, 1, tzinfo=UTC))
    assert later == [
        "The excuse for c expired on 2026-11-30: data team must mend it or renew it.",
        "The verdict is failure; at least partial is asked for.",
        "failed: c: 2 rows came",
    ]


def test_an_excuse_that_is_not_needed_is_a_remark_and_hides_nothing(tmp_path: Path) -> None:
    rules = gate.Rules.model_validate({"known_issues": [{"id": "a", "owner": "data team", "expires": "2026-11-30"}]})
    judged = gate.judge(finished.read(usual(tmp_path)), rules, NOW, named="gate.yaml")
    assert (judged.run, judged.rules, judged.judged) == ("0a1b2c3d", "gate.yaml", NOW.isoformat())
    assert (judged.broken, judged.excused, judged.remarks) == ([], [], ["a passed: its excuse can go."])


@pytest.mark.parametrize(
    ("others", "word"),
    [
        ([], "unproven"),
        ([line("b", outcome="skipped")], "unproven"),
        ([line("b", outcome="not run")], "failure"),
        ([line("b", outcome="broken")], "failure"),
    ],
)
def test_what_is_left_without_excuses_is_judged_by_the_same_words(
    others: list[Line], word: str, tmp_path: Path
) -> None:
    run = run_of(tmp_path, line("c", outcome="failed"), *others)
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    said = broken(run, {"known_issues": [issue]})
    assert said[0] == f"The verdict without what is excused (1) is {word}; at least partial is asked for."


def test_an_excused_failure_is_kept_beside_what_passed(tmp_path: Path) -> None:
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    run = run_of(tmp_path, line("a"), line("c", outcome="failed", reason="2 rows came"))
    rules = gate.Rules.model_validate({"verdict": "success", "known_issues": [issue]})
    judged = gate.judge(finished.read(run), rules, NOW)
    assert judged.broken == []
    assert judged.excused == [gate.Excuse("c", "failed", "2 rows came", "data team", "2026-11-30")]


def test_a_cause_beyond_single_scenarios_is_never_excused(tmp_path: Path) -> None:
    run = run_of(tmp_path, line("a"), line("c", outcome="failed"), causes=("after_all: no bucket",))
    issue = {"id": "c", "owner": "data team", "expires": "2026-11-30"}
    assert broken(run, {"known_issues": [issue]}) == [
        "The verdict without what is excused (1) is failure; at least partial is asked for.",
        "after_all: no bucket",
    ]


def test_results_of_an_earlier_run_are_refused(tmp_path: Path) -> None:
    run = usual(tmp_path)
    an_hour_later = NOW + timedelta(hours=1)
    assert broken(run, {}, an_hour_later, since=NOW, run="0a1b2c3d") == []
    assert broken(run, {}, an_hour_later, since=an_hour_later) == [
        "The run 0a1b2c3d began at 2026-11-23T12:00:00+00:00, before 2026-11-23T13:00:00+00:00: these are the results "
        "of an earlier run."
    ]
    assert broken(run, {}, run="ffffffff") == ["The run is 0a1b2c3d; ffffffff was asked for."]
    assert broken(run, {"oldest_h": 1}, an_hour_later) == []
    assert "more than 0.5 h ago" in broken(run, {"oldest_h": 0.5}, an_hour_later)[0]
    assert "more than 24 h ago" in broken(run, {}, NOW + timedelta(hours=25))[0]
    assert broken(run, {"oldest_h": None}, NOW + timedelta(days=99)) == []
    assert "in the future" in broken(run, {}, NOW - timedelta(minutes=5, seconds=1))[0]
    assert broken(run, {}, NOW - timedelta(minutes=5)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("verdict: sucess", "verdict: 'sucess' is unknown; did you mean success?"),
        ("least_proof: {'@gpu and': executed}", "yaml: least_proof: '@gpu and' is no expression of tags"),
        ("most_skiped: 1", "most_skiped is unknown; did you mean most_skipped?"),
        ("least_proof: {'@gpu': exeuted}", "'exeuted' is unknown; did you mean executed?"),
        ("known_issues: [{id: a}]", r"known_issues.0.owner"),
        (
            "known_issues: [{id: a, owner: b, expires: 2999-01-01, untill: 1}]",
            "untill is unknown; known are id, owner, expires",
        ),
        ("known_issues: [{id: a, owner: b, expires: 2999-01-01}, {id: a, owner: c, expires: 2999-01-01}]", "twice"),
        ("least_passed: {g: -1}", "greater than or equal to 1"),
        ("least_passed: {g: true}", "valid integer"),
        ("longest_s: .nan", "finite"),
        ("most_skipped: 1\nmost_skipped: 9", "most_skipped stands twice"),
        ("a: [", "are not YAML"),
        ("- a", "the file"),
    ],
)
def test_rules_that_cannot_be_understood_are_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "gate.yaml").write_text(text)
    with pytest.raises(UsageError, match=said):
        gate.read(tmp_path / "gate.yaml")


def test_rules_that_are_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"The rules .*absent\.yaml cannot be read: No such file or directory\.$"):
        gate.read(tmp_path / "absent.yaml")


def gate_command(folder: Path, *arguments: str, rules: str = "verdict: success") -> tuple[int, str]:
    (folder / "gate.yaml").write_text(rules)
    shown = CliRunner().invoke(app, ["gate", str(folder / "reports"), "--rules", str(folder / "gate.yaml"), *arguments])
    return shown.exit_code, shown.stdout


def test_the_command_judges_a_run_and_keeps_what_it_found(tmp_path: Path) -> None:
    plan = "from sparkproof.run import Plan\nplan = Plan(allure=True, junit=True)"
    project(tmp_path, steps=STEPS, environment=plan, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    began = datetime.now().astimezone()
    assert behave(cwd=tmp_path).returncode == 0
    assert gate_command(tmp_path, "--since", began.isoformat(timespec="seconds"))[0] == 0
    assert gate_command(tmp_path, "--since", "2999-01-01")[0] == 1
    code, said = gate_command(tmp_path, rules="least_passed: {features: 2}")
    assert (code, said) == (1, "1 of group features passed; at least 2 must.\n")
    record = json.loads((tmp_path / "reports/gate.json").read_text())
    assert record["broken"] == ["1 of group features passed; at least 2 must."]
    assert record["run"] == json.loads((tmp_path / "reports/verdict.json").read_text())["run"]


def test_an_excuse_is_for_one_scenario_whatever_else_is_selected(tmp_path: Path) -> None:
    twins = "Feature: F\n  @first\n  Scenario: S\n    Then it fails\n  @second\n  Scenario: S\n    Then it fails\n"
    project(tmp_path, steps=STEPS, f=twins + "  Scenario: T\n    Then it passes\n")
    excuse = "known_issues: [{id: 'features/f.feature::S', owner: me, expires: 2999-01-01}]"
    for jobs in ("1", "4"):
        behave("--tags=not @second", "-j", jobs, cwd=tmp_path)
        assert gate_command(tmp_path, rules=excuse)[0] == 0
        behave("--tags=not @first", "-j", jobs, cwd=tmp_path)
        code, said = gate_command(tmp_path, rules=excuse)
        assert (code, said.splitlines()[-1]) == (1, "failed: features/f.feature::S#2: 2 rows came")
