"""The backups that a platform keeps: which of them are there before and after another one is taken."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.operations.backup import BackupRun, Backups
from sparkproof.spark.platform import Platform


@dataclass(frozen=True)
class KeptBackups:
    """The names of the backups that were there before another one was taken, the oldest first."""

    backups: Backups
    names: Sequence[str]

    @classmethod
    def have(cls, platform: Platform, *, fewer: int = 0) -> "KeptBackups":
        """Have as many backups as the platform keeps, or so many fewer, all of them taken now."""
        backups = Backups.of(platform)
        wanted = backups.keep - fewer
        if wanted < 1:
            raise CheckFailed(f"The platform keeps {backups.keep} backups, so it cannot have {fewer} fewer.")
        backups.clear()
        for _ in range(wanted):
            backups.make().must_be_done()
        kept = cls(backups, backups.names)
        if len(kept.names) != wanted:
            raise CheckFailed(f"The platform was to have {wanted} backups, and has {', '.join(kept.names) or 'none'}.")
        return kept

    def must_have_lost_the_oldest(self, taken: BackupRun) -> None:
        """Check that the oldest backup is gone since this one was taken, and that the others can be restored."""
        taken.must_be_done()
        self._must_be([*self.names[1:], taken.name], taken)
        for name in self.names[1:]:
            self.backups.check(name).must_be_done()
        evidence.prove(Level.EXECUTED, f"{self.names[0]} went when {taken.name} was taken, and no other did")

    def must_have_lost_none(self, taken: BackupRun) -> None:
        """Check that each backup is still there, and this one beside them if it was taken."""
        self._must_be([*self.names, *([] if taken.status else [taken.name])], taken)
        evidence.look_at(taken)
        evidence.prove(Level.EXECUTED, f"{', '.join(self.names)} are still there")

    def _must_be(self, expected: Sequence[str], taken: BackupRun) -> None:
        now = self.backups.names
        if now != list(expected):
            gone = [name for name in self.names if name not in now]
            raise CheckFailed(
                f"Of the backups {', '.join(self.names)} {', '.join(gone) or 'none'} are gone since then "
                f"({taken.said}); there are {', '.join(now) or 'none'}, and there were to be {', '.join(expected)}."
            )
