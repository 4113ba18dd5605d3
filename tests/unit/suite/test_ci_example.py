"""The rules in examples/ci keep a good `make demo` and refuse a worse one."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

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


def demo() -> list[Line]:
    """The ledger of a good `make demo`: the embedded cluster has all that @smoke criteria need, but no GPU."""
    features = [parse_file(str(path)) for path in sorted(ROOT.glob("features/**/*.feature"))]
    every_version.expand(features)
    found = [scenario for feature in features for scenario in feature.walk_scenarios()]
    lines = []
    for scenario in found:
        own = sorted(map(str, scenario.effective_tags))
        if "smoke" in own:
            group, skipped = tags.topic(own), "gpu" in tags.capabilities(own)
            lines.append(
                line(
                    f"{scenario.filename}::{scenario.name}",
                    tags=own,
                    group=group,
                    outcome="skipped" if skipped else "passed",
                    level=None if skipped else PROVED[group],
                )
            )
    return lines


def refused(folder: Path, lines: Sequence[Line]) -> list[str]:
    return list(gate.judge(finished.read(run_of(folder, *lines)), RULES, NOW).broken)


def first(lines: Sequence[Line], group: str) -> int:
    return next(n for n, each in enumerate(lines) if (each.group, each.outcome) == (group, "passed"))


def test_a_good_demo_is_kept(tmp_path: Path) -> None:
    assert refused(tmp_path, demo()) == []


@pytest.mark.parametrize("group", PROVED)
@pytest.mark.parametrize(
    "worse",
    [
        lambda each: replace(each, outcome="failed", level=None, reason="2 rows came"),
        lambda each: replace(each, outcome="skipped", level=None),
        lambda each: replace(each, outcome="not run", level=None),
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
    lines[which] = replace(lines[which], level="rendered")
    assert any("asks for" in sentence for sentence in refused(tmp_path, lines))


def test_the_rules_ask_for_every_criterion_of_the_demo_that_can_pass() -> None:
    assert RULES.least_passed == Counter(each.group for each in demo() if each.outcome == "passed")
