"""One run of the suite: its settings and id, the cluster it reaches on first need, the platforms scenarios share."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof import capacity
from sparkproof.capabilities import Capabilities
from sparkproof.contract import Contract
from sparkproof.errors import UsageError
from sparkproof.lease import Lease
from sparkproof.probes import Support
from sparkproof.progress import doing
from sparkproof.release import Release
from sparkproof.settings import Settings, read
from sparkproof.shared import Shared
from sparkproof.sweep import sweep
from sparkproof.target import Target, reach
from sparkproof.team import Team

CATALOG = "lake"


@dataclass
class Suite:
    """What a run shares between its scenarios, across its worker processes.

    `users` are the selected scenarios that join the shared platform: it goes when the last of them has ended.
    """

    settings: Settings = field(default_factory=lambda: read({}))
    contract: Contract | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    cluster: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    supports: Mapping[str, Support] = field(default_factory=dict)
    broken_promises: Sequence[str] = ()
    remarks: Sequence[str] = ()
    users: frozenset[str] = frozenset()
    _folder: Path = field(init=False, repr=False)
    _lakehouse: Shared[Release] = field(init=False, repr=False)
    _reached: tuple[int, Target] | None = field(default=None, repr=False)

    def begin(self) -> None:
        """Make the place where the run's worker processes find what they share."""
        self._folder = Path(tempfile.mkdtemp(prefix="sparkproof-"))
        namespace = "sparkproof-lakehouse" if self.settings.keep else f"sparkproof-lakehouse-{self.run}"
        self._lakehouse = Shared(
            self._folder,
            self.users,
            make=lambda: self._install_lakehouse(namespace),
            find=lambda: self._release(Team(self.target.kube, namespace)),
            remove=None if self.settings.keep else lambda: Team(self.target.kube, namespace).dissolve(),
        )

    def prepare(self, capabilities: Collection[str]) -> None:
        """Reach the cluster, see which capabilities it has, and have the platform's image where its nodes find it.

        With a contract all capabilities are probed, and the cluster is held to it. Raises UsageError when the
        credentials do not suffice, ProbeBroke.
        """
        self.cluster = self.target.name
        if not self.target.kube.may_i("create", "namespaces"):
            raise UsageError(
                f"These credentials may not create namespaces on {self.cluster}, and each team of a run needs one: "
                "use credentials that may, or -D cluster=embedded."
            )
        self.supports = Capabilities(self.target.kube).all(None if self.contract else capabilities)
        if self.contract:
            self.broken_promises = self.contract.broken(self.supports)
            self.remarks = self.contract.remarks(self.supports)
        self.target.image(self.settings.spark)
        self.versions = {"kubernetes": self.target.kube.version(), "spark": self.settings.spark}

    @property
    def target(self) -> Target:
        """The cluster, reached (and the embedded one started) by the first who asks."""
        # A forked worker must not speak on its parent's sockets.
        if self._reached is None or self._reached[0] != os.getpid():
            self._reached = os.getpid(), reach(self.settings)
        return self._reached[1]

    def lacking(self, capabilities: Iterable[str]) -> Support | None:
        """The first of these capabilities that the cluster does not have, with the reason; None when it has all."""
        return next((support for name in capabilities if not (support := self.supports[name]).enabled), None)

    def team(self) -> Team:
        """A new team with a namespace of its own."""
        return Team.create(self.target.kube, f"sparkproof-{uuid.uuid4().hex[:8]}", run=self.run)

    def install(self, team: Team, *, presets: Sequence[str] = ("small",), room_for: int | None = None) -> Release:
        """Install a platform for this team alone; `room_for` limits the team to so many executors by its quota."""
        release = self._release(team)
        release.install(presets=presets)
        if room_for is not None:
            release.leave_room_for(room_for)
        return release

    def table_name(self, table: str) -> str:
        """A full name for a table that no other scenario uses."""
        return f"{CATALOG}.s_{uuid.uuid4().hex[:8]}.{table}"

    def capacity(self) -> Lease | None:
        """What the cluster has for this run's scenarios; None when they need no cluster."""
        if not self.cluster:
            return None
        teams = {team.namespace for team in Team.of(self.target.kube, run=self.run, shared=False)}
        return capacity.left_for(self.target.kube, teams)

    def lakehouse(self) -> Release:
        """The platform that scenarios share, installed by the first worker that asks; raises why it is not ready."""
        return self._lakehouse.join()

    def ended(self, scenario: str) -> None:
        """Note that a scenario no longer needs the shared platform, which goes after the last of `users`."""
        self._lakehouse.leave(scenario)

    def end(self) -> None:
        """Remove what this run created on the cluster and is not to be kept; an unreached cluster stays so."""
        if self._reached:
            if self._lakehouse.held:
                self._lakehouse.held.close()
            with doing("removing what the run created"):
                sweep(self.target.kube, run=self.run)
        shutil.rmtree(self._folder)

    def _install_lakehouse(self, namespace: str) -> Release:
        run = "kept" if self.settings.keep else self.run
        with doing("installing the lakehouse platform"):
            return self.install(Team.create(self.target.kube, namespace, run=run, shared=True))

    def _release(self, team: Team) -> Release:
        return Release(self.target, team, self.settings.spark, self.settings.charts)
