"""Where a run's time went: reports/timeline.json, of each attempt, worker and shared platform."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from behave.model import Scenario

from sparkproof.core import clock
from sparkproof.core.spans import Span
from sparkproof.run.attempt import Attempt
from sparkproof.run.ledger import Line
from sparkproof.run.plan import Plan

FILE = "timeline.json"
OURS, ROOM, IDLE = "ours", "room", "idle"
# Shorter spans are counted, but nobody finds them in a picture.
_SHOWN_S = 0.05
_WORDS = 100


class Shown(NamedTuple):
    """A span in the timeline: `at` is in seconds since the run began."""

    on: str
    what: str
    at: float
    s: float


class Ran(NamedTuple):
    """An attempt in the timeline; `spent` is seconds by what they were spent on, all of `s` together."""

    id: str
    name: str
    attempt: int
    outcome: str
    worker: int
    platforms: Sequence[str]
    at: float
    s: float
    spent: Mapping[str, float]
    spans: Sequence[Shown]

    @property
    def end(self) -> float:
        return self.at + self.s


class Wait(NamedTuple):
    """A time in which a worker had nothing to do: `on` is "room" if scenarios waited for it, "idle" at the end."""

    worker: int
    on: str
    at: float
    s: float


class Timeline(NamedTuple):
    """A run: `before` the first scenario, its attempts, its workers' waits, and the time `after` the last scenario."""

    s: float
    before: Sequence[Shown]
    attempts: Sequence[Ran]
    waits: Sequence[Wait]

    @property
    def begin(self) -> float:
        """When the first attempt began, in seconds since the run began."""
        return min((each.at for each in self.attempts), default=self.s)

    @property
    def end(self) -> float:
        """When the last attempt ended."""
        return max((each.end for each in self.attempts), default=self.s)

    @property
    def spent(self) -> dict[str, float]:
        """The seconds of all workers by what they were spent on, the most first."""
        return _sum([*(each.spent for each in self.attempts), *({each.on: each.s} for each in self.waits)])

    @property
    def content(self) -> dict[str, Any]:
        """The timeline as its file holds it."""
        return {
            "s": self.s,
            "before": [shown._asdict() for shown in self.before],
            "attempts": [
                {**each._asdict(), "spans": [shown._asdict() for shown in each.spans]} for each in self.attempts
            ],
            "waits": [wait._asdict() for wait in self.waits],
            "spent": self.spent,
            "platforms": self.platforms,
        }

    @property
    def platforms(self) -> dict[str, dict[str, float]]:
        """The seconds of each shared platform's scenarios by what they were spent on."""
        users: defaultdict[str, list[Mapping[str, float]]] = defaultdict(list)
        for attempt in self.attempts:
            for platform in attempt.platforms or ["none that is shared"]:
                users[platform].append(attempt.spent)
        return {platform: _sum(spent) for platform, spent in sorted(users.items())}


def read(path: Path) -> Timeline:
    """Return the timeline of a file; raises OSError, or ValueError, TypeError or KeyError if it holds another thing."""
    found = json.loads(path.read_text(encoding="utf-8"))
    attempts = [Ran(**{**each, "spans": [Shown(**span) for span in each["spans"]]}) for each in found["attempts"]]
    before = [Shown(**span) for span in found["before"]]
    return Timeline(found["s"], before, attempts, [Wait(**each) for each in found["waits"]])


class TimelineWriter:
    """Gathers the attempts of a run that began at `started`; `outside` are spans that belong to no attempt."""

    def __init__(self, path: Path, plan: Plan, started: float) -> None:
        self.outside: Sequence[Span] = ()
        self._path, self._plan, self._started = path, plan, started
        self._attempts: list[Ran] = []

    def add(self, scenario: Scenario, line: Line, attempt: Attempt) -> None:
        """Note an attempt; one that was given up without running is left out."""
        if not attempt.duration_s:
            return
        spent = {on: round(seconds, 3) for on, seconds in attempt.record.spent.items()}
        spent[OURS] = round(max(0.0, attempt.duration_s - sum(spent.values())), 3)
        self._attempts.append(
            Ran(
                line.id,
                scenario.name,
                attempt.number,
                attempt.outcome.value,
                attempt.worker,
                sorted(self._plan.reservation(scenario).shared),
                round(attempt.started - self._started, 3),
                round(attempt.duration_s, 3),
                spent,
                self._shown(attempt.record.spans),
            )
        )

    def close(self) -> None:
        """Write the file."""
        waited = list(waits(self._attempts))
        first = self._started + min((each.at for each in self._attempts), default=float("inf"))
        before = self._shown([span for span in self.outside if span.started < first])
        timeline = Timeline(round(clock.now() - self._started, 3), before, self._attempts, waited)
        self._path.write_text(json.dumps(timeline.content) + "\n", encoding="utf-8")

    def _shown(self, spans: Sequence[Span]) -> list[Shown]:
        if not spans:
            return []
        return [
            Shown(span.on.value, span.what[:_WORDS], round(span.started - self._started, 3), round(span.seconds, 3))
            for span in sorted(spans, key=lambda each: (each.started, -each.ended))
            if span.seconds >= _SHOWN_S
        ]


def waits(attempts: Sequence[Ran]) -> Iterator[Wait]:
    """Yield the times in which a worker ran nothing, from the first attempt's start to the last one's end."""
    workers: defaultdict[int, list[Ran]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda each: each.at):
        workers[attempt.worker].append(attempt)
    begin, end = min((each.at for each in attempts), default=0.0), max((each.end for each in attempts), default=0.0)
    # One process runs scenarios one after another: what lies between two is its own work.
    between = ROOM if len(workers) > 1 else OURS
    for worker, own in sorted(workers.items()):
        busy = [(begin, begin), *((each.at, each.end) for each in own)]
        gaps = [(between, ended, at) for (_, ended), (at, _) in pairwise(busy)] + [(IDLE, own[-1].end, end)]
        yield from (Wait(worker, on, round(at, 3), round(to - at, 3)) for on, at, to in gaps if to - at >= _SHOWN_S)


def _sum(spent: Sequence[Mapping[str, float]]) -> dict[str, float]:
    total: defaultdict[str, float] = defaultdict(float)
    for each in spent:
        for on, seconds in each.items():
            total[on] += seconds
    return {on: round(total[on], 3) for on in sorted(total, key=total.__getitem__, reverse=True)}
