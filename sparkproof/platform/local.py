"""A provider of platforms that are processes of this machine, one at a time, since they share its GPU."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.cluster.probes import Support
from sparkproof.core.progress import doing
from sparkproof.core.resources import Resources
from sparkproof.platform.additions import Additions
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.machine import Machine
from sparkproof.platform.processes import Processes
from sparkproof.platform.provider import Needs, SharedPlatform
from sparkproof.platform.shared import Shared


@dataclass
class LocalProcesses:
    """Provides platforms that are Spark's own processes on this machine."""

    machine: Machine
    charts: Path
    name: str
    additions: Additions = field(default_factory=Additions, repr=False)
    _lifeline: tuple[int, int] | None = field(default=None, repr=False)
    _shared: Mapping[PlatformClaim, Shared[SharedPlatform]] = field(default_factory=dict, repr=False)

    @property
    def versions(self) -> dict[str, str]:
        return {"spark": self.machine.spark_version}

    @property
    def images(self) -> dict[str, str]:
        return {}

    @property
    def shared(self) -> Mapping[PlatformClaim, Shared[SharedPlatform]]:
        return self._shared

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        return {name: self.machine.support(name) for name in capabilities}

    def need(self, capabilities: Sequence[str]) -> None:
        """Do nothing: the machine has what it has."""

    def lack(self, needs: Needs) -> str:
        """Return why a scenario cannot run here: it needs Kubernetes, or another Spark; "" if it can."""
        if needs.kubernetes:
            return self.machine.support("kubernetes").reason
        return self.machine.lack(needs.spark_version)

    def capacity(self) -> Resources:
        return self.machine.capacity()

    def make_room(self, wanted: Resources, shared: Collection[str]) -> None:
        """Do nothing: processes that nobody uses end when others start."""

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        """Do nothing: the platforms need only the Spark of this machine."""

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        # Only this process and its workers have the writing end.
        self._lifeline = os.pipe()
        self._shared = {claim: self._share(claim, joining, folder) for claim, joining in users.items()}

    def end(self) -> None:
        """End all processes."""
        for shared in self._shared.values():
            shared.end()

    def _share(self, claim: PlatformClaim, users: Collection[str], folder: Path) -> Shared[SharedPlatform]:
        assert self._lifeline
        own = folder / f"{claim.class_name}-{claim.spark_version}"
        running = Processes(self.machine, own / "processes", self._lifeline[0])

        def make() -> Processes:
            # Only one platform can have the GPU at a time.
            for shared in self._shared.values():
                shared.remove_if_idle()
            with doing(f"starting the {claim}"):
                running.start(claim.spec(self.charts).rendered_here())
                return running

        return Shared(own, users, make=make, find=lambda: running, remove=running.stop)
