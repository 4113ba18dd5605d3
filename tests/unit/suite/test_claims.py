"""Each claim of the platform's documents names a criterion that exists, and a figure or why there is none."""

from pathlib import Path

import pytest
from behave.runner_util import parse_features

from bench import operations
from sparkproof.suite import claims
from sparkproof.suite.claims import Claim

ROOT = Path(__file__).parents[3]
CLAIMS = claims.read(ROOT / claims.FILE)


@pytest.fixture(scope="module")
def titles() -> set[str]:
    """The titles of all criteria, examples' own titles without what stands after them."""
    features = parse_features(sorted(str(path) for path in (ROOT / "features").rglob("*.feature")))
    return {scenario.name.partition(" -- ")[0] for each in features for scenario in each.walk_scenarios()}


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda each: each.claim)
def test_a_claim_names_a_criterion_and_a_figure_or_why_there_is_none(claim: Claim, titles: set[str]) -> None:
    assert not claim.criterion or claim.criterion in titles
    assert bool(claim.measured) == bool(claim.where)
    assert bool(claim.measured) != bool(claim.why)
    assert claim.criterion or claim.why


def test_what_operators_are_promised_is_measured_by_criteria_that_exist(titles: set[str]) -> None:
    assert set(operations._OF) <= titles


def test_the_table_has_the_figure_or_the_reason() -> None:
    lines = list(claims.table([Claim("a", "b", measured="7 s", where="2 cores"), Claim("c", why="no GPU")]))
    assert lines[2:] == ["| a | b | 7 s (2 cores) |", "| c | none | not measured: no GPU |"]


def test_a_key_that_no_claim_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "claims.yaml").write_text("- claim: a\n  measure: 7 s\n")
    with pytest.raises(TypeError, match="measure"):
        claims.read(tmp_path / "claims.yaml")
