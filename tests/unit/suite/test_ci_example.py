"""The rules in examples/ci keep a good `make demo` and refuse a worse one."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from behave.parser import parse_file

from sparkproof.run import finished, gate
from sparkproof.run.ledger import Line
from sparkproof.suite import every_version, tags
from tests.support.runs import NOW, line, run_of

ROOT = Path(__file__).resolve().parents[3]
RULES = gate.read(ROOT / "examples/ci/gate.yaml")
# The weakest proof of each group's @smoke criteria in a run on the embedded cluster.
PROVED = {
    "airflow": "executed",
    "autoscaling": "executed",
    "charts": "rendered",
    "connect": "admitted",
    "gpu": "simulated",
    "iceberg": "executed",
    "security": "admitted",
}


@cache
def scenarios() -> list[Any]:
    """Every scenario of the suite, each version's by itself."""
    features = [parse_file(str(path)) for path in sorted(ROOT.glob("features/**/*.feature"))]
    every_version.expand(features)
    return [scenario for feature in features for scenario in feature.walk_scenarios()]


def of_suite(scenario: Any) -> str:
    """The id of a scenario in the ledger."""
    return f"{scenario.filename}::{scenario.name}"


def demo() -> list[Line]:
    """The ledger of a good `make demo`: the embedded cluster has all that @smoke criteria need, but no GPU."""
    lines = []
    for scenario in scenarios():
        own = sorted(map(str, scenario.effective_tags))
        if "smoke" in own:
            group, skipped = tags.topic(own), "gpu" in tags.capabilities(own)
            lines.append(
                line(
                    of_suite(scenario),
                    tags=own,
                    group=group,
                    outcome="skipped" if skipped else "passed",
                    level=None if skipped else PROVED[group],
                )
            )
    return lines


def refused(folder: Path, lines: Sequence[Line]) -> list[str]:
    others = [of_suite(each) for each in scenarios() if "smoke" not in map(str, each.effective_tags)]
    return list(gate.judge(finished.read(run_of(folder, *lines, others=others)), RULES, NOW).broken)


def first(lines: Sequence[Line], group: str) -> int:
    return next(n for n, each in enumerate(lines) if (each.group, each.outcome) == (group, "passed"))


def test_a_good_demo_is_kept(tmp_path: Path) -> None:
    assert refused(tmp_path, demo()) == []


@pytest.mark.parametrize("group", PROVED)
@pytest.mark.parametrize(
    "worse",
    [
        lambda each: each._replace(outcome="failed", level=None, reason="2 rows came"),
        lambda each: each._replace(outcome="skipped", level=None),
        lambda each: each._replace(outcome="not run", level=None),
        lambda _each: None,
    ],
    ids=["failed", "skipped", "not run", "no longer there"],
)
def test_a_demo_with_one_criterion_less_is_refused(
    worse: Callable[[Line], Line | None], group: str, tmp_path: Path
) -> None:
    lines = demo()
    which = first(lines, group)
    assert refused(tmp_path, [*lines[:which], *filter(None, [worse(lines[which])]), *lines[which + 1 :]])


@pytest.mark.parametrize("group", [group for group in PROVED if group != "charts"])
def test_a_demo_with_a_weaker_proof_is_refused(group: str, tmp_path: Path) -> None:
    lines = demo()
    which = first(lines, group)
    lines[which] = lines[which]._replace(level="rendered")
    assert any("asks for" in sentence for sentence in refused(tmp_path, lines))


def test_the_rules_ask_for_every_criterion_of_the_demo_that_can_pass() -> None:
    assert RULES.least_passed == Counter(each.group for each in demo() if each.outcome == "passed")


PIPELINES = {"github-actions.yml": ["sudo make demo"], "gitlab-ci.yml": ["make demo || true"]}


def commands(text: str) -> list[tuple[str, bool]]:
    """The commands of a pipeline in their order, each with True if the pipeline goes on when it fails."""
    found = yaml.safe_load(text)
    if "jobs" in found:
        steps = [step for job in found["jobs"].values() for step in job["steps"] if "run" in step]
        told = [(step["run"], bool(step.get("continue-on-error"))) for step in steps]
    else:
        told = [(command, bool(found["acceptance"].get("allow_failure"))) for command in found["acceptance"]["script"]]
    return [(command, goes_on or "||" in command or "; " in command) for command, goes_on in told]


def loose(file: str, text: str) -> list[str]:
    """What is wrong with a pipeline: commands whose failure it hides, and a gate that does not decide."""
    every = commands(text)
    hidden = [command for command, goes_on in every if goes_on]
    gates = [command for command, _ in every if "sparkproof gate" in command]
    told = [f"{file} goes on when {command!r} fails" for command in hidden if command not in PIPELINES[file]]
    if len(gates) != 1 or "--rules examples/ci/gate.yaml" not in gates[0]:
        told.append(f"{file} has not one gate with the rules, but {gates}")
    return told


@pytest.mark.parametrize("file", PIPELINES)
def test_the_gate_decides_in_each_pipeline(file: str) -> None:
    assert loose(file, (ROOT / "examples/ci" / file).read_text()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        (
            "github-actions.yml",
            "gate.yaml",
            "gate.yaml || true",
            "github-actions.yml goes on when 'sudo .venv/bin/spark",
        ),
        ("github-actions.yml", "gate reports --rules examples/ci/gate.yaml", "report", "has not one gate"),
        (
            "gitlab-ci.yml",
            "gate.yaml --since",
            "gate.yaml || true --since",
            "gitlab-ci.yml goes on when '.venv/bin/spa",
        ),
        ("gitlab-ci.yml", "timeout: 90 minutes", "allow_failure: true", "goes on when '.venv/bin/sparkproof gate"),
    ],
)
def test_a_pipeline_that_hides_a_failure_is_named(file: str, old: str, new: str, fault: str) -> None:
    text = (ROOT / "examples/ci" / file).read_text()
    assert old in text
    assert any(fault in each for each in loose(file, text.replace(old, new)))


def test_no_excuse_lasts_longer_than_half_a_year() -> None:
    known = yaml.safe_load((ROOT / "examples/ci/gate.yaml").read_text())["known_issues"]
    latest = date.today() + timedelta(days=184)
    long = {each["id"]: str(each["expires"]) for each in known if each["expires"] > latest}
    assert not long, f"an issue that is known is an excuse for half a year, and then looked at again: {long}"
