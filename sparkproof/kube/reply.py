"""What a server of the platform answered over HTTP, for a check to look at."""

from dataclasses import dataclass
from typing import ClassVar

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level

# The most characters of a server's text that a message shows.
LAST_WORDS = 1000


@dataclass(frozen=True)
class Reply(evidence.Brought):
    """The reply of a server, `server` in words, to one request (`asked`, in words): the HTTP status and the text."""

    server: ClassVar[str]
    asked: str
    status: int
    text: str

    @property
    def to_read(self) -> str | None:
        """The answer, which somebody asked for."""
        return f"{self.server} answered {self.asked}"

    def must_be_refused(self, status: int, reason: str) -> None:
        """Check that the server refused the request with this status, and that its text contains `reason`."""
        evidence.look_at(self)
        if self.status != status or reason not in self.text:
            raise CheckFailed(
                f"{self.server} did not refuse {self.asked} with status {status} because of {reason!r}: status "
                f"{self.status}, {self.text[:LAST_WORDS]!r}."
            )
        evidence.prove(Level.EXECUTED, f"{self.server} refused {self.asked} with status {status}", refusal=self.text)
