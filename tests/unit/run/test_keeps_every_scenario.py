"""No scenario vanishes and none takes the run with it: each kind of trouble beside scenarios that pass."""

import json
from pathlib import Path

import pytest

from sparkproof.run.display import Busy
from sparkproof.run.live import Live
from sparkproof.run.show import Guarded
from tests.support.projects import behave, ledger, project, verdict

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
import os, sys
@step("it passes")
def passes(context): pass
@step("it passes in the {nth} try")
def tries(context, nth):
    context._runner.tried = getattr(context._runner, "tried", 0) + 1
    assert context._runner.tried > 1, "not yet"
@step("the background fails")
def background(context): assert False
"""
TROUBLE = {
    "a message that is no UTF-8": ("assert False, os.fsdecode(b'caf\\xe9')", "failed"),
    "a message that cannot be made": ("raise type('E', (Exception,), {'__str__': lambda self: 1 / 0})()", "broken"),
    "a reason that is no text": ("context.scenario.skip(OSError('refused'))", "skipped"),
    "an exception that the parent cannot import": (
        "import types; sys.modules['m'] = m = types.ModuleType('m')\n"
        "    exec('class E(Exception): pass', m.__dict__); raise m.E('refused')",
        "broken",
    ),
    "an exception that cannot be made again": (
        "raise type('E', (Exception,), {'__reduce__': lambda self: (exit, (0,))})('refused')",
        "broken",
    ),
    "a fork": ("os.fork()", "passed"),
    "a fork that exits": ("os.fork() or sys.exit(0)", "passed"),
    "text in place of bytes": ("context.attach('text/plain', 'text')", "broken"),
    "a file in place of bytes": ("context.attach('text/plain', open(__file__, 'rb'))", "broken"),
}


@JOBS
@pytest.mark.parametrize("kind", TROUBLE)
def test_trouble_of_one_scenario_stays_with_it(kind: str, jobs: str, tmp_path: Path) -> None:
    code, outcome = TROUBLE[kind]
    steps = STEPS + f'@step("there is trouble")\ndef trouble(context):\n    {code}\n'
    text = "Feature: F\n" + "".join(
        f"  Scenario: S{n}\n    Then {step}\n" for n, step in enumerate(["it passes", "there is trouble", "it passes"])
    )
    project(tmp_path, steps=steps, f=text)
    ran = behave("-j", jobs, "-f", "json", "-o", "out.json", cwd=tmp_path)
    lines = {line["name"]: line["outcome"] for line in ledger(tmp_path)}
    assert len(ledger(tmp_path)) == 3
    assert lines == {"S0": "passed", "S1": outcome, "S2": "passed"}
    assert ran.returncode == (outcome in ("failed", "broken"))
    assert verdict(tmp_path)["causes"] == []
    assert json.loads((tmp_path / "out.json").read_text())


@JOBS
def test_a_scenario_may_run_several_times_and_lose_its_background(jobs: str, tmp_path: Path) -> None:
    environment = """
from behave.contrib.scenario_autoretry import patch_scenario_with_autoretry
def before_feature(context, feature): patch_scenario_with_autoretry(feature.scenarios[0], max_attempts=3)
def before_tag(context, tag): context.scenario.use_background = tag != "bare"
"""
    text = """Feature: F
  Background:
    Given the background fails
  @bare
  Scenario: S0
    Given it passes
    Then it passes in the second try
  @bare
  Scenario: S1
    Then it passes
"""
    project(tmp_path, steps=STEPS, environment=environment, f=text)
    ran = behave("-j", jobs, "-f", "plain", cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
    shown = [line.rsplit(" in ", 1)[0].strip() for line in ran.stdout.splitlines() if "second try" in line]
    assert shown == ["Then it passes in the second try ... failed", "Then it passes in the second try ... passed"]


@JOBS
def test_features_that_before_all_takes_away_are_not_missed(jobs: str, tmp_path: Path) -> None:
    environment = "def before_all(context): context._runner.features.reverse(); context._runner.features.pop()"
    files = {name: f"Feature: {name}\n  Scenario: {name}\n    Then it passes\n" for name in "abc"}
    project(tmp_path, steps=STEPS, environment=environment, **files)
    ran = behave("-j", jobs, cwd=tmp_path)
    assert ran.returncode == 0, ran.stdout
    assert sorted(line["name"] for line in ledger(tmp_path)) == ["b", "c"]


@JOBS
@pytest.mark.parametrize(
    "trouble",
    [
        "import shutil; shutil.rmtree('reports')",
        "import os; os.makedirs('elsewhere'); os.chdir('elsewhere')",
        "import os; os.makedirs('reports/junit/TESTS-y.xml'); open('reports/junit/TESTS-x.xml', 'w').write('<a/>')",
        "import os; p = 'reports/allure-results'; os.makedirs(p); open(p + '/x-result.json', 'w').write('[]')",
    ],
)
def test_reports_hold_whatever_a_hook_does_to_their_folder(trouble: str, jobs: str, tmp_path: Path) -> None:
    plan = "from sparkproof.run import Plan\nplan = Plan(junit=True, allure=True)\n"
    text = "Feature: F\n  @allure.label.owner:\n  Scenario: bell \x07\n    Then it passes\n"
    text += "  Scenario: S\n    Then it passes\n"
    project(tmp_path, steps=STEPS, environment=f"{plan}def before_all(context):\n    {trouble}\n", f=text)
    ran = behave("-j", jobs, "--junit", "--junit-directory", "reports/junit", cwd=tmp_path)
    assert len(ledger(tmp_path)) == 2
    assert (tmp_path / "reports/run.log").read_text().count("===") == 2
    if "rmtree" not in trouble:  # what has been written of Allure's files is gone then, and it is said
        assert (ran.returncode, verdict(tmp_path)["causes"]) == (0, [])


@JOBS
def test_results_of_a_feature_in_a_deep_folder_have_a_shorter_name(jobs: str, tmp_path: Path) -> None:
    plan = "from sparkproof.run import Plan\nplan = Plan(junit=True)\n"
    deep = project(tmp_path, steps=STEPS, environment=plan) / "features" / "/".join(["d" * 60] * 5)
    deep.mkdir(parents=True)
    (deep / "f.feature").write_text("Feature: F\n  Scenario: S\n    Then it passes\n")
    assert behave("-j", jobs, cwd=tmp_path).returncode == 0
    assert len(list((tmp_path / "reports/junit").iterdir())) == 1


@JOBS
def test_closed_files_are_named(jobs: str, tmp_path: Path) -> None:
    steps = STEPS + '@step("all files are closed")\ndef closes(context): os.closerange(3, 256)\n'
    text = "Feature: F\n" + "".join(
        f"  Scenario: S{n}\n    Then {s}\n" for n, s in enumerate(["it passes", "all files are closed", "it passes"])
    )
    project(tmp_path, steps=steps, f=text)
    assert behave("-j", jobs, cwd=tmp_path).returncode == 1
    assert any("a step closed the runner's files" in cause for cause in verdict(tmp_path)["causes"])
    assert len(ledger(tmp_path)) == 3


def test_a_display_shows_any_text_and_does_not_take_the_run_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    busy = [Busy(1, "features/a.feature::[/home]", 2.0, 0.0, "the page [/home] is [red]")]
    with Guarded(Live(2), 2) as display:
        display.tick(busy, [("[/x]", "lock [/y]")], 3.0)
    assert "broke" not in capsys.readouterr().err

    class Broken(Live):
        def tick(self, *_: object) -> None:
            raise ValueError("no colour")

    with Guarded(Broken(2), 2) as display:
        display.tick(busy, [], None)
        display.tick(busy, [], None)
    assert capsys.readouterr().err.count("the display broke (ValueError: no colour)") == 1
