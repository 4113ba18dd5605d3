"""The result of a drill: what was there before, what is there again, and what the loss took in time and in work."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.operations.fingerprint import Fingerprint

_HOUR_S = 3600.0


@dataclass(frozen=True)
class Recovery(evidence.Brought):
    """Tables as they were `before` they were lost, and `after` they were brought back, in the same order.

    In seconds since the epoch: the state that was brought back is that of `saved_at`, the tables were gone at
    `lost_at`, and at `back_at` all of them had answered with all their rows. `refusal` says why they are not back.
    `acknowledged` are the numbers of each table's oldest commits that its writers knew of at `saved_at`.
    """

    before: Sequence[Fingerprint]
    after: Sequence[Fingerprint]
    saved_at: float
    lost_at: float
    back_at: float
    refusal: str | None = None
    acknowledged: Sequence[int] = ()

    @property
    def trouble(self) -> str | None:
        """The reason why nothing came back."""
        return self.refusal

    @property
    def to_read(self) -> str | None:
        """The measured times, which somebody has to compare."""
        return f"what was lost came back after {self.took_s:.1f} s"

    @property
    def took_s(self) -> float:
        """The seconds from the loss until every row was read again: the recovery time."""
        return self.back_at - self.lost_at

    @property
    def lost(self) -> list[str]:
        """The commits that did not come back, in words."""
        return [lost for was, now in zip(self.before, self.after, strict=True) for lost in was.missing_in(now)]

    @property
    def lost_work_s(self) -> float:
        """The seconds of work that did not come back, counted from the saved state: the recovery point."""
        return self.lost_at - self.saved_at if self.lost else 0.0

    def must_be_whole(self) -> None:
        """Check that every snapshot holds what it held, and that none is missing."""
        self._must_be_as_saved()
        if self.lost:
            raise CheckFailed(f"{len(self.lost)} commits did not come back: {self.lost[0]}.")
        evidence.prove(Level.EXECUTED, self._seen)

    def must_have_lost(self, count: int) -> None:
        """Check that what came back holds what it held, and that so many commits are missing and named."""
        self._must_be_as_saved()
        if len(self.lost) != count:
            raise CheckFailed(f"{len(self.lost)} commits should be missing, not {count}: {self.lost or 'none is'}.")
        evidence.prove(Level.EXECUTED, f"{self._seen}; lost, and named: {'; '.join(self.lost) or 'nothing'}")

    def must_have_what_was_acknowledged(self) -> None:
        """Check that each commit from before the saved state is there, and that a later one of each table is lost."""
        self._must_be_as_saved()
        for was, now, count in zip(self.before, self.after, self.acknowledged, strict=True):
            gone = [number for number in list(was.states)[:count] if number not in now.states]
            if gone or not count:
                raise CheckFailed(f"{was.name} lacks {len(gone)} of {count} commits from before the backup: {gone}.")
            if not was.missing_in(now):
                raise CheckFailed(
                    f"{was.name} lacks nothing, so no commit came after the backup and nothing was tested."
                )
        seen = f"{sum(self.acknowledged)} commits from before the backup are there; lost, and named: "
        evidence.prove(Level.EXECUTED, f"{self._seen}; {seen}{'; '.join(self.lost)}")

    def must_be_within(self, hours: int, hours_of_work: int) -> None:
        """Check the measured times against the promised hours: until all is back, and of work that may be lost."""
        self._must_be_back()
        measured = (
            f"Back after {self.took_s:.1f} s (promised: {hours} h), with {self.lost_work_s:.1f} s of work lost "
            f"(promised: at most {hours_of_work} h)"
        )
        if self.took_s > hours * _HOUR_S or self.lost_work_s > hours_of_work * _HOUR_S:
            raise CheckFailed(f"{measured}.")
        evidence.measured("from the loss to all that was saved (RTO)", self.took_s, "s", f"at most {hours} h")
        evidence.measured("lost work (RPO)", self.lost_work_s, "s", f"at most {hours_of_work} h")
        evidence.prove(Level.EXECUTED, measured)

    def must_be_refused(self, reason: str) -> None:
        """Check that nothing came back, for this reason."""
        evidence.look_at(self)
        if self.refusal is None:
            raise CheckFailed(f"It came back after {self.took_s:.1f} s, and should not have: {reason!r}.")
        if reason not in self.refusal:
            raise CheckFailed(f"It did not come back, but not because of {reason!r}: {self.refusal}")
        evidence.prove(Level.EXECUTED, f"It did not come back: {self.refusal}")

    @property
    def _seen(self) -> str:
        kept = [state for now in self.after for state in now.states.values()]
        rows = sum(now.latest.rows for now in self.after if now.latest)
        return (
            f"{', '.join(now.name for now in self.after)} came back after {self.took_s:.1f} s, "
            f"with {len(kept)} snapshots and {rows} rows, and with the sums of hashes that they had"
        )

    def _must_be_back(self) -> None:
        evidence.look_at(self)
        if self.refusal is not None:
            raise CheckFailed(f"Nothing came back: {self.refusal}")
        if not any(state.rows for now in self.after for state in now.states.values()):
            raise CheckFailed("What came back has no rows, so nothing was compared.")

    def _must_be_as_saved(self) -> None:
        self._must_be_back()
        altered = [other for was, now in zip(self.before, self.after, strict=True) for other in was.altered_in(now)]
        if altered:
            raise CheckFailed(f"{altered[0]}.")
