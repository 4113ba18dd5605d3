"""The page on resilience has each cell of the features, with what was measured."""

import re
from pathlib import Path

from behave.runner_util import parse_features

from sparkproof.resilience.disturbance import DISTURBANCES
from sparkproof.resilience.trial import Verdict
from sparkproof.resilience.unreplaced import NO_RIGHTS, NO_ROOM

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/operations/resilience.md").read_text()


def cells() -> list[list[str]]:
    """The component, disturbance, catalog, verdict and limit of each scenario with work, by what its steps say."""
    words = re.compile(
        r'the "(?P<catalog>[^"]+)" catalog.*'
        r'When (?:the "(?P<component>[^"]+)"|(?P<every>every executor)|somebody kills the "(?P<killed>[^"]+)")'
        r" (?P<does>[^\n]+)\n"
        r"Then the engineer's work (?P<verdict>[^,]+), and is as before within (?P<limit>\d+) seconds",
        re.DOTALL,
    )
    found = []
    for feature in parse_features(sorted(map(str, (ROOT / "features/resilience").glob("lakehouse.feature")))):
        for scenario in feature.walk_scenarios():
            text = "\n".join(f"{step.keyword} {step.name}" for step in scenario.steps)
            cell = words.search(text)
            assert cell, text
            does = f"is killed {cell['does']}" if cell["killed"] else cell["does"]
            who = cell["component"] or cell["every"] or cell["killed"]
            found.append([who, does, *cell.group("catalog", "verdict", "limit")])
    return found


def rows() -> list[list[str]]:
    """The rows of the page's table of cells."""
    table = PAGE.partition("## The table")[2].partition("##")[0]
    lines = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    return lines[2:]


def test_the_page_has_the_cells_of_the_features_in_their_order() -> None:
    assert cells()
    assert [row[:5] for row in rows()] == cells()


def test_each_measured_time_is_within_its_limit() -> None:
    for *_, limit, measured in (row[:6] for row in rows()):
        assert 0 < float(measured) <= float(limit)


def test_the_page_says_what_every_verdict_and_disturbance_that_it_has_means() -> None:
    for _, does, _, verdict, *_ in rows():
        assert does in [*DISTURBANCES, NO_ROOM, NO_RIGHTS]
        assert f"| {does} |" in PAGE.partition("## The table")[0]
        assert verdict in [each.value for each in Verdict]
    for each in Verdict:
        assert f"| {each.value} |" in PAGE
