"""What a worker's hooks make of a feature crosses to the parent: what is known by its place, what is new whole."""

from behave.model import ScenarioOutline

from sparkproof.run.faces import Face, arrangement, rebuild, settle
from tests.support.ended import OUTLINE, feature


def test_known_rows_cross_by_their_place_and_a_new_one_by_its_face() -> None:
    there, here = feature(OUTLINE), feature(OUTLINE)
    before, known = arrangement(there), arrangement(here)
    assert settle(there, before) is None
    outline = there.run_items[1]
    assert isinstance(outline, ScenarioOutline)
    outline.examples[0].table.add_row(["c"])
    sent = settle(there, before)
    assert sent is not None
    new = sent[1][1][2]
    assert isinstance(new, Face)
    assert sent == [(0, []), (1, [0, 1, new])]
    (_, (one, rows)) = rebuild(here, known, sent)
    assert (one, rows[:2]) == known[1]
    assert [row.name for row in rows] == ["a -- @1.1 ", "b -- @1.2 ", "c -- @1.3 "]
