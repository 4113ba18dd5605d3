"""Evidence of one scenario's checks and the strength of their proofs, kept here until the report takes it."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sparkproof.core import clock, spans
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.spans import On, Span


class Level(StrEnum):
    """The kind of proof behind a result, weakest first."""

    RENDERED = "rendered"
    ADMITTED = "admitted"
    SIMULATED = "simulated"
    PLANNED = "planned"
    EXECUTED = "executed"
    ACCELERATED = "accelerated"

    @property
    def rank(self) -> int:
        return list(Level).index(self)


class Evidence(NamedTuple):
    """One thing worth keeping: a name, its media type ("text/plain", "application/json", "image/png"), its bytes."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Proof:
    """A check that held: its level and, in one sentence, what was seen.

    Raises TypeError for a level that is none, or without a sentence: a report would show nothing.
    """

    level: Level
    seen: str

    def __post_init__(self) -> None:
        if not isinstance(self.level, Level) or not self.seen:
            raise TypeError(f"A proof has a level and a sentence, not {self.level!r} and {self.seen!r}.")


class Measured(NamedTuple):
    """An amount that a check measured: of what ("from the loss to all data"), in which unit, and what is promised.

    A promise is in words ("at most 4 h"), and "" where there is none.
    """

    what: str
    value: float
    unit: str
    promise: str


class Brought:
    """A value that a step brings: a dataclass that says of itself what a check has to look at.

    While no check looks at it, a refusal or an answer stays unread in the scenario's record.
    """

    @property
    def trouble(self) -> str | None:
        """What went wrong, in one sentence (a refusal, an error, lost tasks); None if nothing did."""
        return None

    @property
    def to_read(self) -> str | None:
        """What was answered, in one sentence; None if it is nothing that somebody has to read."""
        return None

    def __post_init__(self) -> None:
        """Keep the new value as unread, in a scenario."""
        if _current is not None and (self.trouble or self.to_read):
            _current.unread[id(self)] = self


@dataclass
class Record:
    """All that one scenario's checks and collectors kept, in order, and where its time went.

    `began` is when the scenario did, in seconds since 1970. `unread` are the values that no check has looked at, oldest
    first.
    """

    began: float = field(default_factory=clock.now)
    items: list[Evidence] = field(default_factory=list)
    proofs: list[Proof] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    unread: dict[int, Brought] = field(default_factory=dict, repr=False)

    @property
    def troubles(self) -> list[str]:
        """The refusals, errors and losses that no check has looked at, oldest first."""
        return [trouble for what in self.unread.values() if (trouble := what.trouble)]

    @property
    def spent(self) -> dict[str, float]:
        """The seconds by what they were spent on ("spark"); those of no span are left out."""
        return spans.own(self.spans)

    @property
    def level(self) -> Level | None:
        """The weakest proof: a criterion is proved only as far as its weakest check. None when nothing was checked."""
        return min((proof.level for proof in self.proofs), key=lambda level: level.rank, default=None)


# One scenario runs at a time in a process; a plain variable is seen by the threads a check may start.
_current: Record | None = None


def begin() -> Record:
    """Start the record of a scenario and make it the current one."""
    global _current
    _current = Record()
    return _current


def began() -> float:
    """Return when the running scenario began, in seconds since 1970; 0 outside of one."""
    return _current.began if _current else 0


def current() -> Record:
    """The record of the running scenario; raises SparkproofError outside of one."""
    if _current is None:
        raise SparkproofError(
            "No scenario is running, so there is nowhere to keep evidence: call evidence.begin() first."
        )
    return _current


def attach(name: str, content: Any, media_type: str | None = None) -> None:
    """Keep `content` in the current record: bytes and text as they are, anything else as JSON."""
    if isinstance(content, bytes):
        kept = Evidence(name, media_type or "application/octet-stream", content)
    elif isinstance(content, str):
        kept = Evidence(name, media_type or "text/plain", content.encode(errors="backslashreplace"))
    else:
        kept = Evidence(name, media_type or "application/json", json.dumps(content, indent=2, default=str).encode())
    current().items.append(kept)


def prove(level: Level, seen: str, **what: Any) -> None:
    """Record that a check held at `level`, with one sentence on what was `seen`; each of `what` is attached by name."""
    current().proofs.append(Proof(level, seen))
    for name, content in what.items():
        attach(name.replace("_", " "), content)


def measured(what: str, value: float, unit: str, promise: str = "") -> None:
    """Record an amount that a check measured, for the statement of what was promised and what was found."""
    current().measured.append(Measured(what, round(value, 3), unit, promise))


def spend(on: On, seconds: float, what: str = "") -> None:
    """Note that the running scenario, if any, has spent these last seconds on `on`.

    Only its main thread's time counts: who lets several threads wait at the same time says for how long it was.
    """
    if _current is not None and threading.current_thread() is threading.main_thread():
        _current.spans.append(Span(on, what, clock.now() - seconds, seconds))


@contextmanager
def spending(on: On, what: str) -> Iterator[None]:
    """Note that the running scenario, if any, spends the time of the block on `on`, but for what is noted within."""
    started = clock.elapsed()
    try:
        yield
    finally:
        spend(on, clock.elapsed() - started, what)


def look_at(what: Brought) -> None:
    """Note that a check looks at what a step brought, or that its refusal was raised; TypeError if it is no Brought."""
    if not isinstance(what, Brought):
        raise TypeError(f"A check looks at a value that a step brought, not at {what!r}.")
    if _current is not None:
        _current.unread.pop(id(what), None)


def must_be_prepared() -> None:
    """Refuse what a preparation brought that went wrong: a criterion is about nothing then. Its answers are read."""
    troubles = current().troubles
    current().unread.clear()
    if troubles:
        raise SparkproofError(troubles[0])


def must_be_read() -> None:
    """Refuse a scenario that passed although no check looked at a refusal, an error or an answer."""
    record = current()
    unread = [*record.troubles, *(what.to_read for what in record.unread.values() if what.to_read)]
    if unread:
        raise CheckFailed(f"{unread[0].rstrip('.')}; no check looked at that.")


def must_have_proof() -> None:
    """Refuse a scenario that passed without any check saying what it saw: such a check could not have failed."""
    if not current().proofs:
        raise CheckFailed("Every step passed, but no check recorded what it saw, so nothing was proved.")
