"""A run is green only if all that behave would run has passed, on one worker and on several."""

from pathlib import Path

import pytest

from tests.support.projects import behave, ledger, project, verdict

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
import asyncio, os, sys, time
@step("it passes")
def passes(context): pass
@step("it fails")
def fails(context): assert False, "no"
@step("user {name} is known")
def known(context, name): assert name != "mallory", "not known"
@step("the run is aborted")
def aborts(context): context.abort("no cluster")
@step("it exits")
def exits(context): sys.exit(0)
@step("its task is cancelled")
def cancelled(context): raise asyncio.CancelledError
@step("its clean-up exits")
def cleans(context):
    context.add_cleanup(lambda: open("cleaned", "a").write("second"))
    context.add_cleanup(sys.exit, 0)
@step("it ends the process")
def ends(context): os._exit(0)
@step("it takes {seconds:f} s")
def takes(context, seconds): time.sleep(seconds)
@step("it polls and catches {what}")
def polls(context, what):
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        try: time.sleep(0.2)
        except eval(what): pass
@step("an error is noted")
def notes(context):
    context.errors.append("2 rows came"); context.counts["bad"] += 1
    context._runner.hooks["NOTED"].append("2 rows came")
"""
USERS = """Feature: F
  Scenario Outline: <name>
    Then user <name> is known
    Examples:
      | name |
      | alice |
  Scenario: other
    Then it passes
"""
HOOKS = {
    "rows read": "o.examples[0].table.rows = [type(r)(r.headings, [n]) for r in o.examples[0].table.rows"
    " for n in ('bob', 'mallory')]",
    "a row added": "o.examples[0].table.add_row(['mallory'])",
    "a step added": "o.steps.extend(feature.parser.parse_steps('Then user mallory is known'))",
    "a scenario added": "s = model.Scenario(feature.filename, 90, 'Scenario', 'mallory',"
    " steps=feature.parser.parse_steps('Then user mallory is known')); feature.add_scenario(s)",
}


def run(
    folder: Path, jobs: str, *steps: str, environment: str = "", args: tuple[str, ...] = ()
) -> tuple[int, dict[str, str]]:
    """Run a scenario of each step; return the exit code and the outcomes by name."""
    text = "Feature: F\n" + "".join(f"  Scenario: S{n}\n    Then {step}\n" for n, step in enumerate(steps))
    project(folder, steps=STEPS, environment=environment, f=text)
    ran = behave("-j", jobs, *args, cwd=folder)
    return ran.returncode, {line["name"]: line["outcome"] for line in ledger(folder)}


@JOBS
@pytest.mark.parametrize(
    "where", ["before_feature(context, feature)", "before_tag(context, tag)", "before_all(context)"]
)
@pytest.mark.parametrize("hook", HOOKS)
def test_what_hooks_add_to_a_feature_is_run(hook: str, where: str, jobs: str, tmp_path: Path) -> None:
    feature = "context._runner.features[0]" if "all" in where else "context.feature"
    body = f"    feature = {feature}; o = feature.scenarios[0]\n    {HOOKS[hook]}\n"
    environment = f"from behave import model\ndef {where}:\n{body}"
    project(tmp_path, steps=STEPS, environment=environment, f="@tagged\n" + USERS)
    assert behave("-j", jobs, cwd=tmp_path).returncode == 1
    lines = ledger(tmp_path)
    assert [line["outcome"] for line in lines].count("failed") == 1
    assert "other" in [line["name"] for line in lines]
    assert verdict(tmp_path)["causes"] == []


@JOBS
def test_steps_that_before_scenario_adds_are_run(jobs: str, tmp_path: Path) -> None:
    environment = "def before_scenario(context, s): s.steps.extend(context.feature.parser.parse_steps('Then it fails'))"
    assert run(tmp_path, jobs, "it passes", environment=environment) == (1, {"S0": "failed"})
    assert "Then it fails ... failed" in (tmp_path / "reports/run.log").read_text()


@JOBS
def test_an_abort_stops_every_worker_and_fails_the_run(jobs: str, tmp_path: Path) -> None:
    environment = "def after_all(context): open('after', 'w').write(str(context.aborted))"
    code, outcomes = run(tmp_path, jobs, "the run is aborted", *["it takes 0.3 s"] * 40, environment=environment)
    assert code == 1
    assert list(outcomes.values()).count("passed") < 20
    assert verdict(tmp_path)["causes"] == ["The run was stopped before its end."]
    assert (tmp_path / "after").read_text() == "True"
    assert all("--stop" not in line["reason"] for line in ledger(tmp_path))


@JOBS
def test_after_all_knows_of_failures_and_of_what_steps_gathered(jobs: str, tmp_path: Path) -> None:
    environment = """
from collections import Counter
NOTED = []
def before_all(context): context.errors, context.counts = [], Counter(bad=0)
def after_all(context): open("after", "w").write(f"{context.failed} {context.errors} {context.counts['bad']} {NOTED}")
"""
    steps = ("an error is noted", "it fails", "an error is noted")
    assert run(tmp_path, jobs, *steps, environment=environment)[0] == 1
    twice = ["2 rows came"] * 2
    assert (tmp_path / "after").read_text() == f"True {twice} 2 {twice}"


@JOBS
def test_what_would_end_the_program_breaks_its_scenario_alone(jobs: str, tmp_path: Path) -> None:
    steps = ("it exits", "its task is cancelled", "its clean-up exits", "it ends the process", "it fails", "it passes")
    code, outcomes = run(tmp_path, jobs, *steps)
    assert code == 1
    assert list(map(outcomes.get, ("S0", "S1", "S2", "S3", "S4", "S5"))) == [*["broken"] * 4, "failed", "passed"]
    assert (tmp_path / "cleaned").read_text() == "second"


@JOBS
def test_a_hook_that_exits_breaks_its_scenario_alone(jobs: str, tmp_path: Path) -> None:
    environment = "import sys\ndef before_scenario(context, s):\n    if s.name == 'S0': sys.exit(0)\n"
    assert run(tmp_path, jobs, "it passes", "it passes", environment=environment) == (
        1,
        {"S0": "broken", "S1": "passed"},
    )


@JOBS
@pytest.mark.parametrize("module", ["environment.py", "steps.py"])
def test_a_module_that_exits_while_it_is_loaded_is_the_cause(module: str, jobs: str, tmp_path: Path) -> None:
    project(tmp_path, steps=STEPS, f=USERS)
    path = tmp_path / ("features" if module == "environment.py" else "features/steps") / module
    path.write_text("import sys\nsys.exit(0)\n")
    assert behave("-j", jobs, cwd=tmp_path).returncode == 1
    assert verdict(tmp_path)["causes"] == [f"{module} ended the program while it was loaded: SystemExit: 0."]


@JOBS
@pytest.mark.parametrize("what", ["Exception", "BaseException"])
def test_a_step_that_holds_its_time_limit_back_does_not_pass(what: str, jobs: str, tmp_path: Path) -> None:
    args = ("-D", "timeout=0.5")
    code, outcomes = run(tmp_path, jobs, f"it polls and catches {what}", "it passes", args=args)
    assert (code, outcomes) == (1, {"S0": "broken", "S1": "passed"})
    assert "time limit" in {line["name"]: line["reason"] for line in ledger(tmp_path)}["S0"]


def test_an_id_means_the_same_scenario_whatever_is_selected(tmp_path: Path) -> None:
    text = "Feature: F\n" + "".join(
        f"  @t{n}\n  Scenario: {name}\n    Then it passes\n" for n, name in enumerate(["S", "S", "S#2"])
    )
    project(tmp_path, steps=STEPS, f=text)
    ids = {}
    for tags in ("t0", "t1", "t2", "t0 or t1 or t2"):
        assert behave(f"--tags={tags}", cwd=tmp_path).returncode == 0
        ids[tags] = [line["id"] for line in ledger(tmp_path)]
    assert len(set(ids["t0 or t1 or t2"])) == 3
    assert [ids["t0"], ids["t1"], ids["t2"]] == [[one] for one in ids["t0 or t1 or t2"]]


@JOBS
def test_what_goes_wrong_gets_the_remark_of_its_project(jobs: str, tmp_path: Path) -> None:
    environment = (
        "from sparkproof.run import Plan\n"
        "plan = Plan(remark=lambda reason: '' if 'exit' in reason else 'the disk is full')\n"
    )
    run(tmp_path, jobs, "it passes", "it fails", "it exits", environment=environment)
    reasons = {line["name"]: line["reason"] for line in ledger(tmp_path)}
    assert reasons["S0"] == ""
    assert reasons["S1"] == "no; the disk is full"
    assert "the disk is full" not in reasons["S2"]


@JOBS
@pytest.mark.parametrize("part", ["remark", "transient"])
def test_a_plan_that_fails_at_what_went_wrong_hides_neither(part: str, jobs: str, tmp_path: Path) -> None:
    environment = f"from sparkproof.run import Plan\nplan = Plan({part}=lambda given: 1 / 0)\n"
    code, _ = run(tmp_path, jobs, "it fails", "it passes", environment=environment)
    assert code == 1
    found = {line["name"]: (line["outcome"], line["reason"]) for line in ledger(tmp_path)}
    assert found["S0"][0] == "failed"
    assert found["S0"][1].startswith("no; the project's plan has no word on it, since it failed itself: ZeroDivision")
    assert found["S1"] == ("passed", "")
