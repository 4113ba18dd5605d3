"""Where time goes: spans of a scenario by what they were spent on, and how much of each is its own."""

from collections import defaultdict
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple


class On(StrEnum):
    """What time is spent on; the rest of a scenario's time is the suite's own work."""

    INSTALLING = "installing"
    PODS = "pods"
    SPARK = "spark"
    CLIENT = "client"
    EVENTS = "events"
    CLEAN_UP = "clean-up"


class Span(NamedTuple):
    """Some seconds from `started` (since the epoch) that were spent on `on`; `what` says it in words."""

    on: On
    what: str
    started: float
    seconds: float

    @property
    def ended(self) -> float:
        return self.started + self.seconds


def own(spans: Iterable[Span]) -> dict[str, float]:
    """Return the seconds by what they were spent on; those of a span within another are the inner one's alone."""
    seconds: defaultdict[str, float] = defaultdict(float)
    around: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.started, -each.ended)):
        while around and around[-1].ended <= span.started:
            around.pop()
        if around:
            seconds[around[-1].on] -= min(span.ended, around[-1].ended) - span.started
        seconds[span.on] += span.seconds
        around.append(span)
    return dict(seconds)
