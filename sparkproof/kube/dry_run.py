"""The API server's answer to a dry run, which a webhook or a rule may refuse."""

from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import Manifest


@dataclass(frozen=True)
class DryRun(evidence.Brought):
    """The API server's answer to a dry run: its refusal, or None when it would admit the object."""

    refusal: Refused | None

    @property
    def trouble(self) -> str | None:
        """The refusal's words."""
        return None if self.refusal is None else f"The API server refused it: {self.refusal.message}"

    def must_be_refused(self, *reasons: str) -> None:
        """Check that the API server refused, and that its message has all of these reasons."""
        evidence.look_at(self)
        if not reasons:
            raise CheckFailed("No reason was named, so any refusal would do.")
        if self.refusal is None:
            because = ", ".join(reasons)
            raise CheckFailed(f"The API server would have admitted it, and had to refuse it because of {because}.")
        if self.refusal.code >= 500:
            raise CheckFailed(f"The API server did not judge it ({self.refusal.code}): {self.refusal.message}")
        missing = [reason for reason in reasons if reason not in self.refusal.message]
        if missing:
            because = ", ".join(missing)
            raise CheckFailed(f"The API server refused it, but not because of {because}: {self.refusal.message}")
        evidence.prove(Level.ADMITTED, f"The API server refused it: {self.refusal.message}")

    def must_be_admitted(self) -> None:
        """Check that the API server admitted the object."""
        evidence.look_at(self)
        if self.refusal is not None:
            raise CheckFailed(f"The API server refused it: {self.refusal.message}")
        evidence.prove(Level.ADMITTED, "The API server admitted it in a dry run")


def refusal(kube: Kube, manifest: Manifest) -> Refused | None:
    """Return the API server's refusal of an object that it is not to keep; None if it would admit it."""
    try:
        kube.apply(manifest, dry_run=True)
    except Refused as refused:
        return refused
    return None
