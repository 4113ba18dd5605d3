"""What may leave a criterion out: a need that its own steps have, and a tag of life that somebody gave a reason for."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from behave.parser import parse_feature, parse_file

from sparkproof.suite import tags

ROOT = Path(__file__).resolve().parents[3]
# What stands in the steps of a criterion that needs a capability, or RAPIDS.
WORDS = {
    "browser": "opens the page",
    "control-plane": "control plane",
    "gpu": "GPU|RAPIDS",
    "keda": "elastic|landing",
    "kube-state-metrics": "schedule|Secret",
    "kueue": "quota",
    "network-policy": "polic|cut off|cannot reach|stranger|restricted",
    "node-autoscaler": "pool of",
    "prometheus": "Prometheus|monitor",
    "rapids": "GPU|RAPIDS",
    "simulated-nodes": "simulated nodes",
    "spark-operator": "Spark Operator|SparkApplication",
    "vpa": "advice",
}
# Criteria that are being written, or that are known to need repetition, with the reason; those of the charts have none.
UNFINISHED: dict[str, str] = {}


@cache
def scenarios() -> list[Any]:
    features = [parse_file(str(path)) for path in sorted(ROOT.glob("features/**/*.feature"))]
    return [scenario for feature in features for scenario in feature.walk_scenarios()]


def unused(scenario: Any) -> list[str]:
    """What a scenario says that it needs, and none of its steps uses."""
    own = set(map(str, scenario.effective_tags))
    said = "\n".join(step.name for step in scenario.all_steps)
    needs = [*tags.capabilities(own), *({tags.RAPIDS} & own)]
    where = f"{scenario.filename}:{scenario.line}"
    return [
        f"{where}: {scenario.name!r} is skipped where there is no {need}, and none of its steps uses one"
        for need in needs
        if not re.search(WORDS[need], said)
    ]


def test_each_need_has_words_by_which_it_is_told() -> None:
    known = {tag.name.removeprefix(tags.REQUIRES) for tag in tags.VOCABULARY if tag.name.startswith(tags.REQUIRES)}
    assert {*known, tags.RAPIDS} == WORDS.keys()


def test_a_criterion_needs_no_more_than_its_steps_use() -> None:
    assert [fault for scenario in scenarios() for fault in unused(scenario)] == []


def test_a_criterion_that_needs_what_it_does_not_use_is_named() -> None:
    text = "@requires.gpu @rapids\nFeature: F\n  Scenario: A claim holds\n    Given a lakehouse platform\n"
    (scenario,) = parse_feature(text, filename="f.feature").walk_scenarios()
    first, second = unused(scenario)
    assert first == "f.feature:3: 'A claim holds' is skipped where there is no gpu, and none of its steps uses one"
    assert "there is no rapids" in second


@pytest.mark.parametrize("tag", ["wip", "flaky"])
def test_a_criterion_that_is_not_finished_has_a_reason(tag: str) -> None:
    found = {
        f"{scenario.filename}: {scenario.name!r} is @{tag}, so that nobody relies on it; nothing says why"
        for scenario in scenarios()
        if tag in set(map(str, scenario.effective_tags)) and scenario.name not in UNFINISHED
    }
    assert not found
