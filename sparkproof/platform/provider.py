"""What a run gets its platforms from: a cluster that they are installed on, or processes of this machine."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

from sparkproof.cluster.probes import Support
from sparkproof.core.resources import Resources
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.shared import Shared
from sparkproof.spark.platform import Platform


class SharedPlatform(Platform, Protocol):
    """A platform that worker processes share; each has its own connections to it."""

    def close(self) -> None:
        """End this process's connections; the platform stays."""

    def evidence(self) -> None:
        """Keep what the platform shows."""


class Provider(Protocol):
    """Provides platforms for the scenarios of one run."""

    @property
    def name(self) -> str:
        """The cluster as a report names it."""

    @property
    def versions(self) -> Mapping[str, str]:
        """Versions that the report shows, by program."""

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        """Return whether each of these capabilities is there; raises UsageError, ProbeBroke."""

    def lack(self, spark_version: str, *, kubernetes: bool) -> str:
        """Return why a scenario with this version, and `kubernetes` or not, cannot run here; "" if it can."""

    def capacity(self) -> Resources:
        """Return what scenarios may hold now."""

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        """Have ready what these platforms are made of."""

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        """Plan the platforms that scenarios share, by the scenarios that will join each; state lies in `folder`."""

    @property
    def shared(self) -> Mapping[PlatformClaim, Shared[SharedPlatform]]:
        """The platforms that scenarios share."""

    def end(self) -> None:
        """Remove what the run created and is not to be kept."""
