"""What a run amounts to: each verdict, its exit code, and that none of them is good by accident."""

from pathlib import Path

import pytest

from sparkproof.run.ledger import read
from tests.support.projects import behave, ledger, project, verdict

STEPS = """
@step("it passes")
def passes(context):
    from sparkproof.core import evidence
    evidence.prove(evidence.Level.EXECUTED, "3 rows", rows=[1, 2, 3])
@step("it fails")
def fails(context):
    assert False, "2 rows came, 3 were expected"
@step("it is skipped")
def skips(context):
    context.scenario.skip("no node offers nvidia.com/gpu")
"""
UNSUPPORTED = """
from sparkproof.run import Unsupported
@step("it is unsupported")
def unsupported(context):
    context.scenario.skip(Unsupported("no shim for 4.1.0 (release notes)"))
"""


@pytest.mark.parametrize(
    ("steps", "word", "code"),
    [
        (["passes"], "success", 0),
        (["passes", "is skipped"], "partial", 0),
        (["is skipped", "is unsupported"], "unproven", 3),
        (["passes", "fails"], "failure", 1),
    ],
)
def test_a_run_ends_with_its_verdict(steps: list[str], word: str, code: int, tmp_path: Path) -> None:
    scenarios = "".join(f"  Scenario: {step}\n    Then it {step}\n" for step in steps)
    project(tmp_path, steps=STEPS + UNSUPPORTED, f=f"Feature: F\n{scenarios}")
    ran = behave(cwd=tmp_path)
    assert ran.returncode == code
    assert ran.stdout.splitlines()[-1].startswith(f"verdict: {word} (")
    assert verdict(tmp_path)["verdict"] == word
    assert sum(verdict(tmp_path)["outcomes"].values()) == len(steps)
    for entry in ledger(tmp_path):
        assert (entry["outcome"] == "passed") == (entry["reason"] == "")
        assert entry["level"] == ("executed" if entry["outcome"] == "passed" else None)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("require=sucess", "-D require=sucess is unknown; did you mean success? Known are success, stable."),
        ("groups=serial", "-D groups=serial is unknown; did you mean sequential? Known are sequential."),
    ],
)
def test_a_mistyped_setting_is_refused_before_anything_runs(setting: str, said: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f="Feature: F\n  Scenario: S\n    Then it is skipped\n")
    assert behave("-D", setting, cwd=tmp_path).returncode == 1
    assert (verdict(tmp_path)["causes"], ledger(tmp_path)) == ([said], [])


@pytest.mark.parametrize("jobs", ["1", "4"])
def test_reports_that_before_all_makes_anew_are_whole(jobs: str, tmp_path: Path) -> None:
    environment = """
import shutil
from pathlib import Path
from sparkproof.run import Plan
plan = Plan(allure=True, junit=True)
def before_all(context):
    shutil.rmtree("reports")
    Path("reports").mkdir()
"""
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    assert behave("-j", jobs, cwd=tmp_path).returncode == 0
    assert len(ledger(tmp_path)) == 1
    assert {"run.log", "junit", "allure-results"} <= {path.name for path in (tmp_path / "reports").iterdir()}


def test_reports_that_a_step_removes_are_a_failure_and_the_ledger_is_whole(tmp_path: Path) -> None:
    steps = """
@step("it removes the reports")
def removes(context):
    import shutil
    shutil.rmtree("reports")
"""
    scenarios = "".join(f"  Scenario: {step}\n    Then it {step}\n" for step in ("passes", "removes the reports"))
    project(tmp_path, steps=STEPS + steps, f=f"Feature: F\n{scenarios}")
    assert behave(cwd=tmp_path).returncode == 1
    assert any("were removed while the run wrote them" in cause for cause in verdict(tmp_path)["causes"])
    assert len(ledger(tmp_path)) == 2


def test_junit_of_a_deep_folder_and_beside_behaves_own(tmp_path: Path) -> None:
    environment = "from sparkproof.run import Plan\nplan = Plan(junit=True)"
    project(tmp_path, steps=STEPS, environment=environment)
    deep = tmp_path.joinpath("features", *["d" * 60] * 5)
    deep.mkdir(parents=True)
    for name in ("a", "b"):
        (deep / f"{name}.feature").write_text("Feature: F\n  Scenario: S\n    Then it passes\n")
    (tmp_path / "features/c.feature").write_text("Feature: F\n  Scenario: S\n    Then it passes\n")
    ran = behave("--junit", "--junit-directory", "reports/junit", "features/c.feature", cwd=tmp_path)
    assert (ran.returncode, verdict(tmp_path)["causes"]) == (0, [])
    assert behave(cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "reports/junit").iterdir())) == 3


def test_a_verdict_says_what_was_selected_and_what_changed_since_the_run_before(tmp_path: Path) -> None:
    outline = "Feature: F\n  @one\n  Scenario: S\n    Then it passes\n  @two\n  Scenario: T\n    Then it passes\n"
    project(tmp_path, steps=STEPS, f=outline)
    assert behave("--tags=@one", cwd=tmp_path).returncode == 0
    first = verdict(tmp_path)
    assert first["changes"] is None
    assert first["command"].startswith("behave --no-color -r sparkproof.run:Runner --tags=@one")
    assert first["selection"] == {
        "paths": ["features"],
        "scenarios": 2,
        "selected": 1,
        "tags": ["one", "two"],
        "groups": ["features"],
        "not_selected": ["features/f.feature::T"],
    }
    (tmp_path / "features/f.feature").write_text(outline.replace("S\n    Then it passes", "S\n    Then it fails"))
    behave(cwd=tmp_path)
    changes = verdict(tmp_path)["changes"]
    assert (changes["run"], changes["since"]) == (first["run"], first["started"])
    assert changes["differences"] == [
        {"id": "features/f.feature::S", "before": "passed, executed", "after": "failed"},
    ]
    assert (changes["new"], changes["gone"]) == (["features/f.feature::T"], [])


def test_nothing_selected_is_a_failure(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    ran = behave("--tags=@nothing", cwd=tmp_path)
    assert ran.returncode == 1
    assert "Nothing was selected" in ran.stdout


def test_results_of_an_earlier_run_never_survive_but_for_a_dry_run(tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/mine.txt").write_text("not a result")
    assert behave(cwd=tmp_path).returncode == 0
    assert behave("--dry-run", cwd=tmp_path).returncode == 0
    assert verdict(tmp_path)["verdict"] == "success"
    (tmp_path / "features/f.feature").write_text("Feature: F\n  Scenario: S\n    Then it passes\n    nonsense\n")
    assert behave(cwd=tmp_path).returncode == 1
    assert verdict(tmp_path)["verdict"] == "failure"
    assert (tmp_path / "reports/mine.txt").exists()


def test_a_repeated_scenario_keeps_every_attempt_and_is_shown_as_flaky(tmp_path: Path) -> None:
    steps = """
tries = []
@step("it passes the second time")
def second(context):
    tries.append(1)
    assert len(tries) > 1, "not yet"
"""
    environment = "from sparkproof.run import Plan\nplan = Plan(allure=True)"
    feature = "Feature: F\n  Scenario: S\n    Then it passes the second time\n"
    project(tmp_path, steps=steps, environment=environment, f=feature)
    assert behave(cwd=tmp_path).returncode == 1
    assert behave("-D", "retry=1", cwd=tmp_path).returncode == 0
    (entry,) = ledger(tmp_path)
    assert (entry["outcome"], entry["attempts"], verdict(tmp_path)["flaky"]) == ("passed", 2, 1)
    assert len(list((tmp_path / "reports/allure-results").glob("*-result.json"))) == 2
    assert behave("-D", "retry=1", "-D", "require=stable", cwd=tmp_path).returncode == 1


def test_an_error_of_the_infrastructure_is_tried_once_more(tmp_path: Path) -> None:
    steps = """
tries = []
@step("the API server answers")
def answers(context):
    tries.append(1)
    if len(tries) == 1:
        raise ConnectionRefusedError("API server")
"""
    project(tmp_path, steps=steps, f="Feature: F\n  Scenario: S\n    Then the API server answers\n")
    assert behave(cwd=tmp_path).returncode == 0
    assert ledger(tmp_path)[0]["attempts"] == 2


@pytest.mark.parametrize(
    "tamper", ["remove an Allure result", "change an Allure result", "remove a JUnit file", "nothing"]
)
def test_results_that_disagree_with_the_ledger_are_named(tamper: str, tmp_path: Path) -> None:
    environment = f"""
import json
from pathlib import Path
from sparkproof.run import About
from sparkproof.run import Plan
TAMPER = {tamper!r}
def before_all(context):
    from sparkproof.run import reconcile
    reads = reconcile.differences
    def spoiled(folder, *args, **kwargs):
        result = next(folder.glob("allure-results/*-result.json"))
        if TAMPER == "remove an Allure result":
            result.unlink()
        if TAMPER == "change an Allure result":
            result.write_text(json.dumps(json.loads(result.read_text()) | {{"status": "failed"}}))
        if TAMPER == "remove a JUnit file":
            next(folder.glob("junit/*.xml")).unlink()
        return reads(folder, *args, **kwargs)
    reconcile.differences = spoiled
plan = Plan(allure=True, junit=True)
"""
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    ran = behave("-j", "2", cwd=tmp_path)
    told = {
        "remove an Allure result": ["Allure has no result of features/f.feature::S, which the ledger calls passed."],
        "change an Allure result": ["Allure calls features/f.feature::S failed, the ledger passed."],
        "remove a JUnit file": ["JUnit has no result of features/f.feature::S, which the ledger calls passed."],
        "nothing": [],
    }
    assert verdict(tmp_path)["causes"] == told[tamper]
    assert ran.returncode == bool(told[tamper])


def test_what_the_project_refuses_is_said_in_one_sentence_and_nothing_runs(tmp_path: Path) -> None:
    environment = """
from sparkproof.core.errors import UsageError
from sparkproof.run import Plan
def refuse(features, config):
    raise UsageError("Tag @iceburg is unknown; did you mean @iceberg?")
plan = Plan(check=refuse)
"""
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S\n    Then it passes\n")
    dry = behave("--dry-run", cwd=tmp_path)
    assert (dry.returncode, dry.stdout.splitlines()[-1]) == (1, "Tag @iceburg is unknown; did you mean @iceberg?")
    assert not (tmp_path / "reports").exists()
    ran = behave(cwd=tmp_path)
    assert ran.returncode == 1
    assert "Traceback" not in ran.stdout + ran.stderr
    assert verdict(tmp_path)["causes"] == ["Tag @iceburg is unknown; did you mean @iceberg?"]


def test_what_ends_a_run_before_its_scenarios_is_said_once(tmp_path: Path) -> None:
    environment = """
from sparkproof.core.errors import SparkproofError
from sparkproof.run import Plan
def prepare(selected):
    raise SparkproofError("No node takes pods.")
plan = Plan(check=lambda features, config: None, prepare=prepare)
"""
    scenarios = "".join(f"  Scenario: S{number}\n    Given it passes\n" for number in range(42))
    project(tmp_path, steps=STEPS, environment=environment, f=f"Feature: F\n{scenarios}")
    ran = behave(cwd=tmp_path)
    assert [line for line in ran.stdout.splitlines() if "No node" in line] == ["cause: No node takes pods."]
    assert {line["reason"] for line in ledger(tmp_path)} == {"No node takes pods."}
    assert len(ledger(tmp_path)) == 42


def test_a_name_with_separators_of_unicode_stays_one_line_of_the_ledger(tmp_path: Path) -> None:
    environment = """
def before_scenario(context, scenario): scenario.name += " \\x85\\u2028 end"
"""
    project(tmp_path, steps=STEPS, environment=environment, f="Feature: F\n  Scenario: S0\n    Given it passes\n")
    for _ in range(2):
        assert behave(cwd=tmp_path).returncode == 0
    assert [line.name for line in read(tmp_path / "reports/ledger.jsonl")] == ["S0 \x85\u2028 end"]
    assert verdict(tmp_path)["changes"]["gone"] == []
