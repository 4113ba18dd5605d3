"""The rules in examples/ci keep a good `make demo` and refuse a worse one."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
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
