"""Expands the examples of an outline that stand for every Spark version, so that features name no versions."""

from collections.abc import Iterable, Iterator

from behave.model import Examples, Feature, ScenarioOutline, Table, Tag

from sparkproof.build import versions
from sparkproof.core.errors import UsageError
from sparkproof.suite.tags import SPARK

COLUMN = "version"
EVERY = "every"


def expand(features: Iterable[Feature]) -> None:
    """Replace each Examples block whose column "version" says "every" by one block for each Spark version.

    A block for a version carries the tag of the version. What `behave FILE:LINE` left out stays left out; a line that
    stands for every version selects all of them. Raises UsageError for a block that says "every" in some rows only.
    """
    for feature in features:
        for outline in feature.walk_scenarios(with_outlines=True):
            if isinstance(outline, ScenarioOutline) and any(map(_is_for_every, outline.examples)):
                left_out = {scenario.line for scenario in outline.scenarios if scenario.should_skip}
                outline.examples = [each for block in outline.examples for each in _expanded(block)]
                for scenario in outline.scenarios:
                    if scenario.line in left_out:
                        scenario.mark_skipped()


def _is_for_every(block: Examples) -> bool:
    if block.table is None or COLUMN not in block.table.headings:
        return False
    named = {row[COLUMN] for row in block.table.rows}
    if EVERY in named and len(named) > 1:
        raise UsageError(
            f"{block.location}: the version is {EVERY!r} in some rows only; give these a block of their own."
        )
    return EVERY in named


def _expanded(block: Examples) -> Iterator[Examples]:
    if not _is_for_every(block):
        yield block
        return
    headings = block.table.headings
    for version in versions.names():
        table = Table(headings, line=block.table.line)
        for row in block.table.rows:
            table.add_row([version if name == COLUMN else row[name] for name in headings], row.line)
        tags = [*block.tags, Tag(f"{SPARK}{version}", block.line)]
        yield Examples(block.filename, block.line, block.keyword, block.name, tags, table)
