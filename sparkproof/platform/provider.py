"""The interface of providers, which give a run its platforms: installed, already there, or processes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sparkproof.cluster.probes import Support
from sparkproof.core.resources import Resources
from sparkproof.platform.additions import Additions
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.shared import Shared
from sparkproof.spark.platform import Platform


class SharedPlatform(Platform, Protocol):
    """A platform that worker processes share; each has its own connections to it."""

    def close(self) -> None:
        """End this process's connections; the platform stays."""

    def evidence(self) -> None:
        """Keep the platform's state and logs."""


@dataclass(frozen=True)
class Needs:
    """What a scenario needs to run: a version of Spark, shared platforms, and catalogs by their kind.

    `kubernetes` is False for one that needs Spark alone, `users_only` is True for one that asks of its platform what
    users can, and so runs also on one that is already there. `beyond` is what it needs beside the namespace of its
    platform ("a namespace of its own"); "" if nothing.
    """

    spark_version: str
    kubernetes: bool = True
    users_only: bool = False
    claims: frozenset[PlatformClaim] = frozenset()
    catalogs: frozenset[str] = frozenset()
    beyond: str = ""


class Provider(Protocol):
    """Provides platforms for the scenarios of one run."""

    @property
    def name(self) -> str:
        """The name of the cluster in reports."""

    @property
    def versions(self) -> Mapping[str, str]:
        """The versions that the report shows, by program."""

    @property
    def images(self) -> Mapping[str, str]:
        """The images of the platforms that were prepared, by name, as nodes find them."""

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        """Return the support for each of these capabilities; raises UsageError, ProbeBroke."""

    @property
    def additions(self) -> Additions:
        """What stands behind capabilities and is there only when scenarios need it."""

    def need(self, capabilities: Sequence[str]) -> None:
        """Note which capabilities, of those that are supported, are needed: the `additions` of them start with `share`.

        They start in this order, while scenarios begin.
        """

    def lack(self, needs: Needs) -> str:
        """Return why a scenario with these needs cannot run here; "" if it can."""

    def capacity(self) -> Resources | None:
        """Return the resources that scenarios may reserve now; None if nobody may say."""

    def make_room(self, wanted: Resources, shared: Collection[str]) -> None:
        """Have so much free, as far as that can be had, for a scenario that uses the platforms `shared`, by name."""

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        """Make ready what these platforms need, such as images."""

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        """Plan the shared platforms, each with the scenarios that will join it, and begin to start the `additions`.

        The state of both is kept in `folder`.
        """

    @property
    def shared(self) -> Mapping[PlatformClaim, Shared[SharedPlatform]]:
        """The platforms that scenarios share."""

    def end(self) -> None:
        """Remove what the run created, unless it is to be kept."""
