"""Of spans within each other, each second counts once: for the innermost."""

import pytest

from sparkproof.core.spans import On, Span, own

OUTER = Span(On.INSTALLING, "the platform", 100.0, 10.0)
INNER = Span(On.PODS, "its pods", 103.0, 4.0)
INNERMOST = Span(On.EVENTS, "a look", 104.0, 1.0)
NEXT = Span(On.SPARK, "SELECT 1", 110.0, 2.0)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], {}),
        ([OUTER], {"installing": 10}),
        ([INNER, OUTER], {"installing": 6, "pods": 4}),
        ([INNERMOST, INNER, OUTER, NEXT], {"installing": 6, "pods": 3, "events": 1, "spark": 2}),
        ([NEXT, Span(On.SPARK, "SELECT 2", 112.0, 3.0)], {"spark": 5}),
        ([OUTER, Span(On.PODS, "all of it", 100.0, 10.0)], {"installing": 0, "pods": 10}),
        ([OUTER, Span(On.SPARK, "beyond its end", 108.0, 3.0)], {"installing": 8, "spark": 3}),
    ],
)
def test_each_second_counts_for_the_innermost_span(spans: list[Span], expected: dict[str, float]) -> None:
    assert own(spans) == pytest.approx(expected)
