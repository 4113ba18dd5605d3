"""What hooks and steps change while features run is followed on every worker, or the run says that it was not."""

from pathlib import Path

import pytest

from tests.support.projects import behave, ledger, project, verdict

JOBS = pytest.mark.parametrize("jobs", ["1", "4"])
STEPS = """
@step("it passes")
def passes(context): pass
@step("it fails")
def fails(context): assert False, "no"
@step("user {name} is known")
def known(context, name): assert name != "mallory", "not known"
@step("it is grown")
def grown(context): context.grow(context)
"""
MAKE = """
from behave.model import Rule, Scenario
from behave.parser import parse_feature, parse_steps
def bad(container):
    steps = parse_steps("Then it fails")
    container.add_scenario(Scenario("features/f.feature", 90, "Scenario", "bad", steps=steps))
def row(context): context.feature.scenarios[1].examples[0].table.add_row(["mallory"])
def add_feature(context):
    text = "Feature: new\\n  Scenario: bad\\n    Then it fails"
    context._runner.features.append(parse_feature(text, filename="features/new.feature"))
"""
FEATURE = """Feature: F
  Scenario: first
    Then it is grown
  Scenario Outline: <name>
    Then user <name> is known
    Examples:
      | name |
      | alice |
  Scenario: last
    Then it passes
"""
GROWS = {
    "a step adds a scenario": "def before_all(context): context.grow = lambda c: bad(c.feature)",
    "a step adds a row": "def before_all(context): context.grow = row",
    "before_scenario adds a scenario": "def before_scenario(c, s): s.name == 'first' and bad(s.feature)",
    "before_scenario adds a row": "def before_scenario(c, s): s.name == 'first' and row(c)",
    "after_scenario adds a scenario": "def after_scenario(c, s): s.name == 'last' and bad(s.feature)",
    "after_step adds a scenario": "def after_step(c, s): 'grown' in s.name and bad(c.feature)",
}


def run(folder: Path, jobs: str, environment: str, *args: str, feature: str = FEATURE) -> tuple[int, dict[str, str]]:
    """Run a feature with these hooks; return the exit code and the outcomes by name."""
    nothing = "" if "before_all" in environment else "def before_all(context): context.grow = lambda c: None\n"
    project(folder, steps=STEPS, environment=f"{MAKE}{nothing}{environment}\n", f=feature)
    ran = behave("-j", jobs, *args, cwd=folder)
    return ran.returncode, {line["name"]: line["outcome"] for line in ledger(folder)}


@JOBS
@pytest.mark.parametrize("how", GROWS)
def test_what_comes_up_while_a_feature_runs_is_run(how: str, jobs: str, tmp_path: Path) -> None:
    code, outcomes = run(tmp_path, jobs, GROWS[how])
    assert code == 1
    assert list(outcomes.values()).count("failed") == 1
    assert len(outcomes) == 4
    assert verdict(tmp_path)["causes"] == []


@JOBS
@pytest.mark.parametrize("hook", ["before_feature(c, f)", "before_tag(c, t)"])
def test_what_a_hook_selects_by_a_tag_is_run(hook: str, jobs: str, tmp_path: Path) -> None:
    once = "if 'wanted' not in c.feature.scenarios[2].tags:"
    environment = f"def {hook}:\n    {once}\n        for s in c.feature.walk_scenarios(): s.tags.append('wanted')"
    feature = FEATURE.replace("Feature: F\n", "@tagged\nFeature: F\n  @wanted\n").replace("alice", "mallory")
    code, outcomes = run(tmp_path, jobs, environment, "--tags=wanted", feature=feature)
    assert (code, len(outcomes), outcomes["mallory -- @1.1 "]) == (1, 3, "failed")
    assert [line["tags"] for line in ledger(tmp_path) if line["name"] == "last"] == [["tagged", "wanted"]]
    assert not any("#" in line["id"] for line in ledger(tmp_path))


@JOBS
def test_steps_that_before_feature_adds_to_a_background_are_run(jobs: str, tmp_path: Path) -> None:
    environment = "def before_feature(c, f): f.background.steps.extend(parse_steps('Given it fails'))"
    feature = FEATURE.replace("Feature: F\n", "Feature: F\n  Background:\n    Given it passes\n")
    code, outcomes = run(tmp_path, jobs, environment, feature=feature)
    assert (code, set(outcomes.values())) == (1, {"broken"})


@pytest.mark.parametrize(
    "environment, said",
    [
        ("def before_feature(c, f):\n    r = Rule(f.filename, 90, 'Rule', 'R'); f.add_rule(r); bad(r)", "the rule 'R'"),
        ("def before_feature(c, f): f.run_items.append(f.run_items[0])", "put 'first' into 'F' twice"),
        ("def before_feature(c, f): add_feature(c)", "added features"),
        ("def before_all(context): context.grow = add_feature", "added features"),
        (
            "def before_scenario(c, s):\n    if s.name == 'first': "
            "c.feature.scenarios[2].steps.extend(parse_steps('Then it fails'))",
            "changed last of 'F'",
        ),
    ],
)
def test_what_a_parallel_run_cannot_follow_makes_it_a_failure(environment: str, said: str, tmp_path: Path) -> None:
    """The scenarios of a worker that ran it all itself are as behave has them, so there is enough for each worker."""
    assert run(tmp_path, "4", environment)[0] == 1
    causes = verdict(tmp_path)["causes"]
    assert said in " ".join(causes) or "failed" in {line["outcome"] for line in ledger(tmp_path)}


@JOBS
@pytest.mark.parametrize("hook", ["before_feature(c, f)", "before_tag(c, t)", "before_scenario(c, s)"])
def test_what_an_aborted_run_has_not_begun_is_not_run(hook: str, jobs: str, tmp_path: Path) -> None:
    code, outcomes = run(tmp_path, jobs, f"def {hook}: c.abort('no cluster')", feature=f"@tagged\n{FEATURE}")
    assert (code, set(outcomes.values())) == (1, {"not run"})
    assert verdict(tmp_path)["causes"] == ["The run was stopped before its end."]


@JOBS
def test_features_that_before_all_doubles_are_run_twice(jobs: str, tmp_path: Path) -> None:
    hooks = "def before_all(c): c.grow = print; c._runner.features *= 2\n"
    adds = "def before_feature(c, f): f is c._runner.features[1] and row(c)\n"
    project(tmp_path, steps=STEPS, environment=MAKE + hooks + adds, f=FEATURE)
    ran = behave("-j", jobs, cwd=tmp_path)
    assert "1 feature passed, 1 failed, 0 skipped\n6 scenarios passed, 1 failed, 0 skipped" in ran.stdout
    lines = ledger(tmp_path)
    assert sum("#2" in line["id"] for line in lines) == 3
    assert [line["name"] for line in lines if line["outcome"] != "passed"] == ["mallory -- @1.2 "]


GATHERS = {
    "an exception": ("context.errors = []", "context.errors.append(KeyError('k'))", "not context.errors"),
    "an exception of its own class": ("context.errors = []", "context.errors.append(Own(1))", "not context.errors"),
    "a queue": ("context.errors = deque()", "context.errors.append('e')", "not context.errors"),
    "a text": ("context.said = ''", "context._root['said'] += 'e'", "not context.said"),
    "a flag": ("context.well = True", "context._root['well'] = False", "context.well"),
    "a count": ("pass", "count(context)", "COUNT < 1"),
    "a list of a setting": ("context.config.userdata['e'] = []", "context.config.userdata['e'].append(1)", None),
    "what was not there before": ("pass", "context._root.setdefault('e', []).append(1)", "not hasattr(context, 'e')"),
    "an object's list": ("context.seen = Seen()", "context.seen.errors.append('e')", "not context.seen.errors"),
}


@JOBS
@pytest.mark.parametrize("what", GATHERS)
def test_what_steps_gather_reaches_after_all(what: str, jobs: str, tmp_path: Path) -> None:
    begin, gather, holds = GATHERS[what]
    environment = f"""
from collections import deque
COUNT = 0
class Own(Exception):
    def __init__(self, code): super().__init__(f"code {{code}}", self)
class Seen:
    def __init__(self): self.errors = []
def count(context):
    global COUNT
    COUNT += 1
def before_all(context):
    context.grow = lambda context: exec({gather!r}, {{**globals(), "context": context}})
    {begin}
def after_all(context):
    assert {holds or "not context.config.userdata['e']"}, "gathered"
"""
    assert run(tmp_path, jobs, environment)[0] == 1
    assert verdict(tmp_path)["causes"] == ["after_all: gathered"]


def test_what_cannot_reach_after_all_is_said(tmp_path: Path) -> None:
    environment = "def before_all(context): context.seen, context.grow = [], lambda c: c.seen.append(lambda: None)"
    project(tmp_path, steps=STEPS, environment=environment, f=FEATURE)
    ran = behave("-j", "4", cwd=tmp_path)
    assert "context.seen: what worker" in ran.stderr


def test_what_an_object_holds_that_only_a_worker_has_made_is_said(tmp_path: Path) -> None:
    module = "class Seen:\n    one = None\n    def __init__(self): self.errors = ['e']\n"
    gather = "def before_scenario(c, s): seen.Seen.one = seen.Seen.one or seen.Seen()"
    environment = f"import sys\nsys.path.insert(0, '.')\nimport seen\n{gather}\n"
    project(tmp_path, steps=STEPS, environment=environment, f=FEATURE).joinpath("seen.py").write_text(module)
    assert "seen.Seen.one.errors: what worker" in behave("-j", "4", cwd=tmp_path).stderr


@JOBS
@pytest.mark.parametrize("odd", ["[c.tree]", "deep()", "Odd([1])"])
def test_collections_of_any_kind_do_no_harm(odd: str, jobs: str, tmp_path: Path) -> None:
    environment = f"""
class Odd(list):
    def __eq__(self, other): raise RuntimeError("eq")
    def __deepcopy__(self, known): raise RuntimeError("copy")
def deep(made=()):
    for _ in range(100000): made = [made]
    return made
def before_all(c):
    c.grow = lambda c: None
    c.tree = []
    c.tree.append({odd})
def before_scenario(c, s): s.left = c.tree
"""
    assert run(tmp_path, jobs, environment)[0] == 0


ENDS = """Feature: F
  @wanted
  Scenario Outline: O
    Then it <how>
    Examples:
      | how |
      | passes |
      | passes |
      | passes |
      | passes |
  Rule: R
    @wanted
    Scenario: last
      Then it passes
    Scenario: other
      Then it fails
"""


@JOBS
@pytest.mark.parametrize("adds", ["", "fails"])
def test_the_last_hooks_see_how_all_scenarios_ended(adds: str, jobs: str, tmp_path: Path) -> None:
    environment = f"""
def before_feature(c, f):
    if {adds!r}: f.scenarios[0].examples[0].table.add_row([{adds!r}])
def after_rule(c, r): open("seen", "a").write(f"{{r.status.name}} ")
def after_feature(c, f): open("seen", "a").write(f"{{f.status.name}} {{f.scenarios[0].status.name}} ")
"""
    run(tmp_path, jobs, environment, "--tags=wanted", feature=ENDS)
    seen = set((tmp_path / "seen").read_text().split())
    assert seen == ({"passed", "failed"} if adds else {"passed"})


@JOBS
def test_hooks_may_order_a_feature_by_chance(jobs: str, tmp_path: Path) -> None:
    feature = "Feature: F\n" + "".join(f"  Scenario: S{n}\n    Then it passes\n" for n in range(8))
    environment = """
import random
def before_feature(c, f):
    bad(f)
    random.seed()
    random.shuffle(f.run_items)
"""
    code, outcomes = run(tmp_path, jobs, environment, feature=feature)
    assert (code, len(outcomes), outcomes["bad"]) == (1, 9, "failed")
    assert verdict(tmp_path)["causes"] == []
