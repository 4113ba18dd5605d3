"""A trial: a component is disturbed while a data engineer works, and the verdict on what became of the work."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from statistics import fmean

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed, first_line
from sparkproof.core.evidence import Level
from sparkproof.core.patience import crowding, stretched
from sparkproof.core.wait import GaveUp, TooSlow, eventually
from sparkproof.kube.objects import SERVICE
from sparkproof.resilience.disturbance import Disturbance
from sparkproof.resilience.work import KINDS, PATIENCE_S, Attempt, EngineerAtWork
from sparkproof.tenancy.network import Service


class Verdict(Enum):
    """What became of the work while nobody helped, the best first."""

    GOES_ON = "goes on"
    RECOVERS = "recovers by itself"
    DEGRADED = "is degraded"
    FAILS = "fails"
    WAITS = "waits"

    @property
    def rank(self) -> int:
        return list(Verdict).index(self)


@dataclass(frozen=True)
class Trial(evidence.Brought):
    """The attempts during a disturbance, and the seconds until the work went on.

    `recovered_s` counts from the disturbance, None if it did not while nobody helped; `back_s` counts from the end of
    the disturbance, None if it did not come back at all. `shown` is what the platform said of itself meanwhile, and
    `crowding` how many programs wanted each core, on average.
    """

    what: str
    attempts: Sequence[Attempt]
    recovered_s: float | None
    back_s: float | None
    shown: str
    crowding: float = 0.0

    @classmethod
    def run(cls, at_work: EngineerAtWork, disturbance: Disturbance, what: str) -> "Trial":
        """Disturb the platform while the engineer works, wait, undo it, and wait until the engineer works again."""
        known, began_at = _causes(at_work), clock.now()
        disturbance.begin()
        disturbed_at = clock.now()
        crowds: list[float] = []
        recovered_s = _recovered_s(at_work, disturbance, began_at, crowds)
        if recovered_s is None:
            _hear_out(at_work)
        shown = "" if recovered_s is not None else _shown(at_work, known)
        ended_at, disturbed = clock.now(), at_work.since(disturbed_at)
        back_s: float | None = 0.0
        if recovered_s is None:
            helped_at = clock.now()
            disturbance.end()
            back_s = _back_s(at_work, helped_at)
        crowds.append(crowding())
        at_work.stop()
        during = [each for each in disturbed if each.ended_at <= ended_at]
        trial = cls(what, during, recovered_s, back_s, shown, fmean(crowds))
        trial.evidence()
        return trial

    @property
    def trouble(self) -> str | None:
        """What the engineer was told."""
        return self.told[0] if self.told else None

    @property
    def to_read(self) -> str | None:
        """The verdict, which somebody has to compare."""
        return f"{self.what}: the work {self.verdict.value}"

    @property
    def told(self) -> list[str]:
        """What the engineer was told, each message once."""
        return list(dict.fromkeys(each.error for each in self.attempts if each.error))

    @property
    def verdict(self) -> Verdict:
        """What became of the work while nobody helped."""
        failed = [each for each in self.attempts if each.error]
        if self.recovered_s is not None:
            return Verdict.RECOVERS if failed else Verdict.GOES_ON
        last = {each.work: each for each in self.attempts}
        good = [kind for kind in KINDS if kind in last and not last[kind].error]
        if len(good) == len(KINDS):
            return Verdict.RECOVERS if failed else Verdict.GOES_ON
        bad = {each.work for each in failed} | (set(KINDS) - set(last))
        answered = {each.work for each in failed if each.answered}
        if bad - answered:
            return Verdict.WAITS
        return Verdict.DEGRADED if good else Verdict.FAILS

    def evidence(self) -> None:
        """Keep the course of the work."""
        first = self.attempts[0].began_at if self.attempts else 0.0
        lines = [
            f"{each.began_at - first:6.1f} s  {each.work:5} {each.ended_at - each.began_at:5.1f} s  "
            f"{first_line(each.error) or 'done'}"
            for each in self.attempts
        ]
        evidence.attach(
            f"the work while {self.what}", "\n".join([*lines, f"shown: {self.shown}", self._seen, *self.told])
        )

    def must_be(self, expected: Verdict, within_s: float) -> None:
        """Check that the verdict is this or a better one, and that the work went on within these seconds."""
        evidence.look_at(self)
        if self.verdict.rank > expected.rank:
            raise CheckFailed(f"{self._seen} It {expected.value} is what was expected.")
        if self.back_s is None:
            raise CheckFailed(f"{self._seen} It did not go on when the disturbance had ended.")
        took_s = self.back_s if self.recovered_s is None else self.recovered_s
        limit_s = stretched(within_s, lambda: self.crowding)
        if took_s > limit_s:
            raise CheckFailed(f"{self._seen} That took {took_s:.0f} s, and {limit_s:.0f} s were expected.")
        evidence.measured(f"until the work went on ({self.what})", took_s, "s", f"at most {within_s:g} s")
        evidence.prove(Level.EXECUTED, self._seen)

    def must_have_told(self, words: Collection[str]) -> None:
        """Check that the engineer was told one of these, or found it where the platform shows its state."""
        evidence.look_at(self)
        told = [*self.told, *([self.shown] if self.verdict is Verdict.WAITS else ())]
        message = next((each for each in told if any(word in each for word in words)), None)
        if message is None:
            raise CheckFailed(
                f"Nobody was told {' or '.join(map(repr, words))} while {self.what}: {self.told}; shown: {self.shown}"
            )
        evidence.prove(Level.EXECUTED, f"While {self.what}, the engineer was told: {first_line(message)}")

    def must_have_shown(self, words: str) -> None:
        """Check that the platform, while nobody helped, showed these words where it shows its state."""
        evidence.look_at(self)
        if words not in self.shown:
            raise CheckFailed(f"Nothing showed {words!r} while {self.what}: {self.shown or 'all was ready'}")
        evidence.prove(Level.EXECUTED, f"While {self.what}, the platform showed: {self.shown}")

    @property
    def _seen(self) -> str:
        sentence = f"While {self.what}, the work {self.verdict.value}"
        if self.recovered_s is not None:
            return f"{sentence}, after {self.recovered_s:.1f} s."
        back = "never" if self.back_s is None else f"{self.back_s:.1f} s later"
        return f"{sentence}: {first_line(self.told[0]) if self.told else 'nobody was told anything'}; back {back}."


def _causes(at_work: EngineerAtWork) -> list[str]:
    return [cause.sentence for cause in at_work.platform.why()]


def _shown(at_work: EngineerAtWork, known: Sequence[str]) -> str:
    """Return what the platform shows: pods that are not ready, Services without one, and causes not `known` before."""
    own = at_work.platform.workloads
    services = [Service(own.kube, own.namespace, each["metadata"]["name"]) for each in own.of_kind(SERVICE)]
    unserved = [f"{service} has no ready pod" for service in services if not service.is_served]
    causes = [cause for cause in _causes(at_work) if cause not in known]
    return "; ".join([*filter(None, [own.waits]), *unserved, *causes])


def _recovered_s(
    at_work: EngineerAtWork, disturbance: Disturbance, began_at: float, crowds: list[float]
) -> float | None:
    """Wait until the disturbance is over and the work goes on; None if it is not over when it has lasted.

    To `crowds` goes, at each look, how many programs want each core.
    """
    over_at: list[float] = []

    def goes_on() -> bool:
        crowds.append(crowding())
        if not over_at and disturbance.is_over:
            over_at.append(clock.now())
        return bool(over_at) and at_work.works_since(over_at[0])

    try:
        eventually("the work going on", goes_on, bool, within_s=disturbance.lasts_s)
    except (GaveUp, TooSlow):
        return None
    return _first_success(at_work.since(began_at)) - began_at


def _hear_out(at_work: EngineerAtWork) -> None:
    """Wait for what an engineer is told whose patience is longer than usual, maybe than the disturbance."""
    if at_work.patience_s <= PATIENCE_S:
        return
    since = clock.now()
    with suppress(GaveUp, TooSlow):
        eventually(
            "the end of what the engineer waits for",
            lambda: {each.work for each in at_work.since(since)},
            lambda ended: ended == set(KINDS),
            within_s=at_work.patience_s,
        )


def _first_success(attempts: Sequence[Attempt]) -> float:
    """Return the moment from which each kind of work succeeded."""
    moments = []
    for kind in KINDS:
        own = [each for each in attempts if each.work == kind]
        failed = max((number for number, each in enumerate(own) if each.error), default=-1)
        moments.append(own[failed + 1].ended_at)
    return max(moments)


def _back_s(at_work: EngineerAtWork, ended_at: float) -> float | None:
    """Return the seconds until the engineer works again; None if that does not happen."""
    try:
        at_work.await_work_since(ended_at, within_s=timeouts.POD_READY)
    except (GaveUp, TooSlow):
        return None
    return _first_success([each for each in at_work.attempts if each.began_at > ended_at]) - ended_at
