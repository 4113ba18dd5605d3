"""One attempt at a scenario: its result, start, duration and evidence."""

from dataclasses import dataclass
from typing import Any

from sparkproof.core.evidence import Record
from sparkproof.run.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one attempt at the selected scenario number `index`.

    `number` counts from 1; `started` is in seconds since the epoch; `duration_s` includes hooks and clean-up; `reason`
    is filled whenever the scenario did not pass; `output` is what the scenario printed and logged.
    """

    index: int
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

    def __reduce__(self) -> tuple[type["Attempt"], tuple[Any, ...]]:
        """Be sent as the values of the fields: what dataclasses do by default takes ten times as long."""
        return Attempt, tuple([getattr(self, name) for name in self.__slots__])
