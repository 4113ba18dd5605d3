"""A run of the suite: its settings and id, the provider of its platforms, and the scenarios that share them."""

import shutil
import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sparkproof.build import versions
from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES, Support
from sparkproof.cluster.target import reach
from sparkproof.core import evidence, run_folder
from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.per_process import PerProcess
from sparkproof.core.progress import say
from sparkproof.core.resources import Resources
from sparkproof.core.spans import On
from sparkproof.kube.labels import RUN
from sparkproof.platform.classes import PlatformClaim, PlatformClass, named
from sparkproof.platform.existing import ExistingProvider
from sparkproof.platform.local import LocalProcesses
from sparkproof.platform.machine import Machine
from sparkproof.platform.one_namespace import InOneNamespace
from sparkproof.platform.provider import Needs, Provider, SharedPlatform
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases, install
from sparkproof.platform.spec import NAME, ReleaseSpec
from sparkproof.run import About
from sparkproof.scaling.nodes import SimulatedNodes
from sparkproof.spark.trips import Generated
from sparkproof.suite import subject
from sparkproof.suite.settings import PROCESSES, Settings, read
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.team import Marks, Team

LAKEHOUSE = "lakehouse"


@dataclass
class Suite:
    """The state of a run that its scenarios share, across its worker processes.

    `about` is what the report says of the cluster. `_users` are, for each shared platform, the selected scenarios that
    join it: it goes when the last of them has ended.
    """

    settings: Settings = field(default_factory=lambda: read({}))
    contract: Contract | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    about: About = field(default_factory=About)
    supports: Mapping[str, Support] = field(default_factory=dict)
    _users: Mapping[PlatformClaim, frozenset[str]] = field(default_factory=dict)
    _ahead: Sequence[str] = ()
    _folder: Path | None = field(default=None, repr=False)
    _kept: set[str] = field(default_factory=set, repr=False)

    @cached_property
    def provider(self) -> Provider:
        """The provider of the run's platforms that the settings choose."""
        own = self.settings
        if own.cluster == PROCESSES:
            return LocalProcesses(Machine(own.spark_home), own.charts, PROCESSES)
        reached = PerProcess(lambda: reach(own.cluster, own.kubeconfig, own.registry, self._ahead))
        if own.platform:
            return ExistingProvider(reached, own.platform, own.spark, self.run)
        if own.namespace:
            marked = PerProcess(lambda: reached.get().marking({RUN: self.run}))
            return InOneNamespace(marked, self.run, own.charts, namespace=own.namespace)
        marks = Marks(own.namespace_labels, own.namespace_annotations)
        return Releases(reached, self.run, own.charts, own.keep == "all", marks)

    @property
    def releases(self) -> Releases:
        """The provider as one that installs on a cluster; raises UsageError when the run has no cluster."""
        if isinstance(self.provider, Releases):
            return self.provider
        raise UsageError(
            "This needs a cluster on which the run installs: give -D cluster=context:NAME or -D cluster=embedded, "
            "without -D platform."
        )

    def begin(self) -> None:
        """Make the folder of the state that the run's worker processes share, and begin to start what they need."""
        self._folder = run_folder.make()
        self.provider.share(self._users, self._folder)

    def reach(self, capabilities: Collection[str], ahead: Iterable[PlatformClaim] = ()) -> None:
        """Reach the cluster and probe these capabilities; what stands behind supported ones starts with `begin`.

        While the embedded cluster is started, the images of Spark of the platforms `ahead` are made, in their order.
        With a contract, all capabilities are probed and compared with its promises. Raises UsageError when the
        credentials do not suffice, ProbeBroke.
        """
        self._ahead = list(dict.fromkeys(f"spark:{claim.spark_version}" for claim in ahead))
        self.supports = self.provider.supports(PROBES if self.contract else capabilities)
        self.provider.need([name for name in capabilities if self.supports[name].enabled])
        self.about = replace(self.about, cluster=self.provider.name, versions=self.provider.versions)
        if self.contract:
            promises, remarks = self.contract.broken(self.supports), self.contract.remarks(self.supports)
            self.about = replace(self.about, broken_promises=promises, remarks=remarks)

    def presume(self) -> None:
        """Take every capability for granted, for the plan of a run that reaches no cluster."""
        self.supports = dict.fromkeys(PROBES, Support(enabled=True, reason="presumed"))

    def provide(self, claims: Mapping[str, Iterable[PlatformClaim]]) -> None:
        """Plan the shared platforms from the claims of each scenario, by its location, and have their images made.

        Note what the run tests, for its report.
        """
        wanted = {claim for claimed in claims.values() for claim in claimed}
        self._users = {claim: frozenset(where for where, own in claims.items() if claim in own) for claim in wanted}
        self.provider.prepare(sorted(wanted, key=lambda claim: (-len(self._users[claim]), str(claim))))
        known = self.about.versions
        if known and "spark" not in known:
            spark = {self.settings.spark, *(claim.spark_version for claim in wanted)}
            self.about = replace(self.about, versions={**known, **subject.held(spark)})
        charts = None if self.settings.platform else self.settings.charts
        self.about = subject.described(self.about, charts, self.provider.images)

    @cached_property
    def image(self) -> str:
        """The name of the image of the run's Spark version, which nodes can pull; for pods that need Python."""
        return self.releases.target.image(self.settings.spark)

    def lack(self, capabilities: Iterable[str], needs: Needs) -> str:
        """Return why a scenario with these needs cannot run here, or "" if it can."""
        if needs.kubernetes and (reason := self.provider.lack(needs)):
            return reason
        lacking = (support.reason for name in capabilities if not (support := self.supports[name]).enabled)
        return next(lacking, "") or self.provider.lack(needs)

    def team(self) -> Team:
        """Return a new team with a namespace of its own."""
        return self.releases.team(f"sparkproof-{uuid.uuid4().hex[:8]}", self.run)

    def remove(self, team: Team) -> None:
        """Delete a team with all its objects, unless it is kept."""
        if team.namespace not in self._kept:
            team.delete()

    def keep(self, team: Team) -> None:
        """Keep a team after the run, and say by which commands it can be inspected and removed."""
        team.keep(self.run)
        self._kept.add(team.namespace)
        message = (
            f"kept {team.namespace}: look with `{team.kube.kubectl} --namespace {team.namespace} get pods,events`, "
            f"remove with `sparkproof sweep --kept{self._aim}`"
        )
        evidence.attach("kept team", message)
        say(message)

    def install(
        self,
        team: Team,
        *,
        kind: str = LAKEHOUSE,
        version: str = "",
        presets: Sequence[str] = ("small",),
        values: Mapping[str, Any] | None = None,
        executor_limit: int | None = None,
        name: str = NAME,
    ) -> Release:
        """Install a platform for this team alone, of Spark `version` (the run's when empty), as the release `name`.

        `values` win over the presets; `executor_limit` sets the team's quota to this number of executors.
        """
        release = self.releases.release(team, self._spec(named(kind), version, presets, values or {}), name)
        install(release)
        if executor_limit is not None:
            release.limit_executors(executor_limit)
        return release

    def dry_run(self, team: Team, platform: PlatformClass, version: str) -> Admission:
        """Ask the API server to admit, in a dry run, a chart's objects: plain, with each preset, and with all.

        A version without a jar of RAPIDS has no preset for GPUs.
        """
        # A chart renders GPUs only for a version that RAPIDS has a shim for; another one's is forced by its name.
        spark = versions.spark(version or self.settings.spark)
        spec = self._spec(
            platform, version, (), {"gpu": {"forcedShim": spark.forced_shim}} if spark.forced_shim else {}
        )
        presets = [each for each in spec.all_presets if each != "gpu" or spark.rapids]
        combined = [(), *((preset,) for preset in presets), tuple(presets)]
        release = self.releases.release(team, spec)
        return Admission.of(team, (release.render(each, spec.values) for each in combined))

    def generated_trips(self, rows: int | None = None) -> Generated:
        """Return trips that are generated from the run's seed: `rows` of them, or as many as the setting says."""
        trips = Generated(self.settings.seed, rows or self.settings.rows)
        evidence.attach("generated trips", vars(trips))
        return trips

    def capacity(self) -> Resources | None:
        """Return the resources that the cluster has for this run's scenarios; None when they need no cluster."""
        return self.provider.capacity() if self.about.cluster else None

    def simulate(self, nodes: Iterable[Mapping[str, str]]) -> SimulatedNodes:
        """Add simulated nodes, given as [{"nodes": "2", "type": "NVIDIA GPU"}]."""
        return SimulatedNodes.create(self.releases.target.kube, nodes, run=self.run)

    def share(self, platform: PlatformClass, version: str = "") -> SharedPlatform:
        """Return the shared platform of this class; the first worker that asks installs it.

        Raises the error of its installation.
        """
        claim = self._claim(platform, version)
        with evidence.spending(On.INSTALLING, f"the {claim}"):
            return self.provider.shared[claim].join()

    def began(self, scenario: str) -> None:
        """Note that a scenario needs the platforms that it shares."""
        for shared in self.provider.shared.values():
            shared.arrive(scenario)

    def ended(self, scenario: str) -> None:
        """Note that a scenario no longer needs its shared platforms; each is removed after the last of its users."""
        for shared in self.provider.shared.values():
            shared.leave(scenario)

    def end(self) -> None:
        """Remove what this run created on the cluster, unless it is kept; a cluster not reached is left alone."""
        for shared in self.provider.shared.values():
            if shared.held:
                shared.held.close()
        self.provider.end()
        if self._folder:
            shutil.rmtree(self._folder)

    def _claim(self, platform: PlatformClass, version: str = "") -> PlatformClaim:
        """Return the claim for a platform of this class, of Spark `version` (the run's when empty)."""
        return PlatformClaim(platform.name, version or self.settings.spark)

    def _spec(
        self, platform: PlatformClass, version: str, presets: Sequence[str], values: Mapping[str, Any]
    ) -> ReleaseSpec:
        own = platform.spec(version or self.settings.spark, self.settings.charts)
        return replace(own, presets=presets, values=values)

    @property
    def _aim(self) -> str:
        """The command-line options that choose this run's cluster."""
        if self.settings.cluster == "embedded":
            return ""
        kubeconfig = f" --kubeconfig {self.settings.kubeconfig}" if self.settings.kubeconfig else ""
        return f" --cluster {self.settings.cluster}{kubeconfig}"


@contextmanager
def ending_if_it_fails(suite: Suite) -> Iterator[None]:
    """End the run if its preparation fails or is stopped: its sign of life goes, and what it made for a dry run."""
    try:
        yield
    except BaseException:
        # What went wrong first is what people read.
        with suppress(SparkproofError):
            suite.end()
        raise
