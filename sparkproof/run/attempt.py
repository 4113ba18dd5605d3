"""One attempt at a scenario: its result, start, duration and evidence."""

from typing import NamedTuple

from sparkproof.core.evidence import Record
from sparkproof.run.outcome import Outcome


class Attempt(NamedTuple):
    """The result of one attempt at the selected scenario number `index`.

    `number` counts from 1; `started` is in seconds since the epoch; `duration_s` includes hooks and clean-up; `reason`
    is filled whenever the scenario did not pass; `output` is what the scenario printed and logged.
    """

    index: int  # type: ignore[assignment]  # no list of values is looked through
    number: int
    outcome: Outcome
    reason: str
    started: float
    duration_s: float
    record: Record
    trace: str = ""
    output: str = ""
    transient: bool = False
    worker: int = 0
