"""One run of the suite: its settings and id, the cluster it reaches on first need, the platforms scenarios share."""

import os
import re
import shutil
import tempfile
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from sparkproof.cluster import capacity
from sparkproof.cluster.capabilities import Capabilities
from sparkproof.cluster.contract import Contract
from sparkproof.cluster.probes import PROBES, Support
from sparkproof.cluster.target import Target, reach
from sparkproof.core import evidence, examples
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing, say
from sparkproof.core.resources import Resources
from sparkproof.platform.processes import Machine, Processes
from sparkproof.platform.release import NAME, Release, ReleaseSpec
from sparkproof.platform.shared import Shared
from sparkproof.scaling.nodes import SimulatedNodes
from sparkproof.spark.trips import Generated
from sparkproof.suite.settings import PROCESSES, Settings, read
from sparkproof.suite.sweep import sweep
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.team import Team

# The names that catalogs have in SQL, by their kind.
CATALOGS = {"hadoop": "lake", "hive": "hive", "rest": "rest", "jdbc": "jdbc"}
LAKEHOUSE = "lakehouse"
GPU_LAKEHOUSE = "GPU-lakehouse"


@dataclass(frozen=True)
class Kind:
    """A kind of platform that scenarios share: its chart ("{series}" is Spark's), its presets and values."""

    chart: str
    presets: Sequence[str]
    values: Mapping[str, Any]


_SUBMISSION: Mapping[str, Any] = {"submit": {"enabled": True, "applications": "applications"}}
# A cluster need not know the Prometheus operator's monitors for the platform to tell its metrics.
_TELLING: Mapping[str, Any] = {"monitoring": {"enabled": True, "monitors": {"enabled": False}}}
# What lets executors spread over nodes, which a warehouse's claim would bind to the driver's, and lets Spark learn soon
# that others have removed one.
FOR_PLACEMENT: Mapping[str, Any] = {
    "iceberg": {"catalogs": {"hadoop": {"enabled": False}}},
    "warehouse": {"enabled": False},
    "sparkConf": {"spark.kubernetes.executor.apiPollingInterval": "1s"},
}
# RAPIDS has no shim for Spark 4.1.0, so whoever wants the pair asks for another version's by its name.
_FORCED: Mapping[str, Any] = {"forcedShim": "spark411"}
_PLANNING: Mapping[str, Any] = {**_SUBMISSION, "gpu": {"enabled": True, "mode": "explainOnly"}}
# Those with tables have a pod to submit from, since some criteria are about it, and one plans for GPUs in it.
KINDS: Mapping[str, Kind] = {
    LAKEHOUSE: Kind("spark-{series}", ("small", "iceberg"), {**_SUBMISSION, **_TELLING}),
    "standalone": Kind("spark-standalone", ("small",), {**_SUBMISSION, **_TELLING}),
    "GPU-planning": Kind("spark-{series}", ("small",), _PLANNING),
    "forced-GPU-planning": Kind("spark-{series}", ("small",), {**_PLANNING, "gpu": {**_PLANNING["gpu"], **_FORCED}}),
    "GPU": Kind("spark-{series}", ("small", "gpu"), FOR_PLACEMENT),
    "cost-optimized-GPU": Kind("spark-{series}", ("small", "gpu", "cost-optimized"), FOR_PLACEMENT),
    GPU_LAKEHOUSE: Kind("spark-{series}", ("small", "gpu"), {}),
    "low-memory-GPU-lakehouse": Kind("spark-{series}", ("small", "gpu"), examples.values("has little GPU memory")),
    "forced-GPU-lakehouse": Kind("spark-{series}", ("small", "gpu"), {"gpu": _FORCED}),
}
# What a platform needs beside its own pods: two small executors.
_TO_WORK = Resources(cpu=0.4, memory=2 * 2**30)
_WITH_A_GPU = "a GPU node and an Iceberg catalog"
# In a run's place, for a platform that outlives it.
_KEPT = "kept"
_SHARED_PLATFORM = re.compile(rf"a (?P<kind>{'|'.join(KINDS)}) platform(?: on Spark (?P<version>\S+))?")


@dataclass(frozen=True)
class Platform:
    """A platform that scenarios ask for: one of KINDS, of a Spark version."""

    kind: str
    spark_version: str

    def __str__(self) -> str:
        return f"{self.kind} platform of Spark {self.spark_version}"

    @property
    def chart(self) -> str:
        """The folder of its chart."""
        return KINDS[self.kind].chart.format(series=self.spark_version.rpartition(".")[0])

    def spec(self, charts: Path) -> ReleaseSpec:
        """What it is installed from where scenarios share it."""
        kind = KINDS[self.kind]
        return ReleaseSpec(charts / self.chart, self.spark_version, kind.presets, kind.values)


@dataclass
class Suite:
    """What a run shares between its scenarios, across its worker processes.

    `users` are, for each shared platform, the selected scenarios that join it: it goes when the last of them has ended.
    """

    settings: Settings = field(default_factory=lambda: read({}))
    contract: Contract | None = None
    run: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    cluster: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    supports: Mapping[str, Support] = field(default_factory=dict)
    broken_promises: Sequence[str] = ()
    remarks: Sequence[str] = ()
    users: Mapping[Platform, frozenset[str]] = field(default_factory=dict)
    _folder: Path = field(init=False, repr=False)
    _shared: Mapping[Platform, Shared[Release] | Shared[Processes]] = field(default_factory=dict, repr=False)
    _reached: tuple[int, Target] | None = field(default=None, repr=False)
    _lifeline: int = field(default=-1, repr=False)

    def begin(self) -> None:
        """Make the place where the run's worker processes find what they share."""
        self._folder = Path(tempfile.mkdtemp(prefix="sparkproof-"))
        if self.machine:
            # Its writing end is held by this process and by its workers, and by nobody else.
            self._lifeline, _ = os.pipe()
        self._shared = {platform: self._share(platform, users) for platform, users in self.users.items()}

    def reach(self, capabilities: Collection[str]) -> None:
        """Reach the cluster, see which capabilities it has, and have simulated nodes where they are among them.

        With a contract all capabilities are probed, and the cluster is held to it. Raises UsageError when the
        credentials do not suffice, ProbeBroke.
        """
        wanted = PROBES if self.contract else capabilities
        if self.machine:
            self.cluster, self.versions = PROCESSES, {"spark": self.machine.spark_version}
            self.supports = {name: self.machine.support(name) for name in wanted}
        else:
            self._reach_cluster(wanted)
        if self.contract:
            self.broken_promises = self.contract.broken(self.supports)
            self.remarks = self.contract.remarks(self.supports)

    def _reach_cluster(self, wanted: Collection[str]) -> None:
        self.cluster = self.target.name
        if not self.target.kube.may_i("create", "namespaces"):
            raise UsageError(
                f"These credentials may not create namespaces on {self.cluster}, and each team of a run needs one: "
                "use credentials that may, or -D cluster=embedded."
            )
        self.supports = Capabilities(self.target.kube).all(wanted)
        if "simulated-nodes" in wanted and self.supports["simulated-nodes"].enabled:
            self.target.simulate_nodes()
        self.versions = {"kubernetes": self.target.kube.version()}

    def provide(self, phrases: Mapping[str, Iterable[str]]) -> None:
        """Have the images of the platforms that scenarios share, and know who joins which.

        A scenario's phrases, by its key, say so; who cannot run here is not among them.
        """
        joined = [
            (platform, where)
            for where, steps in phrases.items()
            for platform in map(self._platform, steps)
            if platform is not None
        ]
        self.users = {
            platform: frozenset(where for own, where in joined if own == platform) for platform in dict(joined)
        }
        if self.machine:
            return
        for platform in self.users:
            self._shared_release(Team(self.target.kube, "none"), platform).provide()
        if self.versions:
            spark = sorted({self.settings.spark, *(platform.spark_version for platform in self.users)})
            self.versions = {**self.versions, "spark": ", ".join(spark)}

    @cached_property
    def machine(self) -> Machine | None:
        """This machine, where the run is aimed at Spark's own processes; None where it is aimed at a cluster."""
        return Machine(self.settings.spark_home) if self.settings.cluster == PROCESSES else None

    @property
    def target(self) -> Target:
        """The cluster, reached (and the embedded one started) by the first who asks."""
        # A forked worker must not speak on its parent's sockets.
        if self._reached is None or self._reached[0] != os.getpid():
            self._reached = os.getpid(), reach(self.settings)
        return self._reached[1]

    @cached_property
    def image(self) -> str:
        """The name of the image of the run's Spark version, for pods that need Python; nodes have it."""
        return self.target.image(self.settings.spark)

    def lack(self, capabilities: Iterable[str], spark_version: str, *, kubernetes: bool) -> str:
        """Why what needs these capabilities, this version of Spark and `kubernetes` cannot run here; "" if it can."""
        if self.machine and kubernetes:
            return self.machine.support("kubernetes").reason
        lacking = (support.reason for name in capabilities if not (support := self.supports[name]).enabled)
        other = self.machine.lack(spark_version) if self.machine else ""
        return next(lacking, other)

    def team(self) -> Team:
        """A new team with a namespace of its own."""
        return Team.create(self.target.kube, f"sparkproof-{uuid.uuid4().hex[:8]}", run=self.run)

    def install(
        self,
        team: Team,
        *,
        kind: str = LAKEHOUSE,
        version: str = "",
        presets: Sequence[str] = ("small",),
        values: Mapping[str, Any] | None = None,
        room_for: int | None = None,
        name: str = NAME,
    ) -> Release:
        """Install a platform for this team alone, of Spark `version` (the run's when empty), as the release `name`.

        `values` win over the presets; `room_for` limits the team to so many executors by its quota.
        """
        release = self._release(team, Platform(kind, version or self.settings.spark), presets, values or {}, name)
        release.install()
        if room_for is not None:
            release.leave_room_for(room_for)
        return release

    def dry_run(self, team: Team, *, kind: str = LAKEHOUSE, version: str = "") -> Admission:
        """Ask the API server, as a dry run, for all that a chart renders: plain, with each preset, and with all."""
        platform = Platform(kind, version or self.settings.spark)
        # Whether RAPIDS supports the version matters to who runs it and not to who admits it.
        values = {"gpu": _FORCED}
        presets = self._release(team, platform).spec.all_presets
        combined = [(), *((preset,) for preset in presets), presets]
        return Admission.of(team, (self._release(team, platform, each, values).rendered for each in combined))

    def table_name(self, table: str, kind: str = "hadoop") -> str:
        """A full name, in the catalog of this kind, for a table that no other scenario uses."""
        return f"{CATALOGS[kind]}.s_{uuid.uuid4().hex[:8]}.{table}"

    def generated_trips(self, rows: int | None = None) -> Generated:
        """Trips that follow from the run's seed; as many as its setting says, if not told."""
        trips = Generated(self.settings.seed, rows or self.settings.rows)
        evidence.attach("generated trips", vars(trips))
        return trips

    def capacity(self) -> Resources | None:
        """What the cluster has for this run's scenarios; None when they need no cluster."""
        if not self.cluster:
            return None
        if self.machine:
            return self.machine.capacity()
        teams = {team.namespace for team in Team.of(self.target.kube, run=self.run, shared=False)}
        return capacity.left_for(self.target.kube, teams)

    def simulate(self, nodes: Iterable[Mapping[str, str]]) -> SimulatedNodes:
        """Simulated nodes, given as [{"nodes": "2", "type": "NVIDIA GPU"}]."""
        return SimulatedNodes.create(self.target.kube, nodes, run=self.run)

    def share(self, kind: str, version: str = "") -> Release | Processes:
        """The platform of this kind that scenarios share, installed by the first worker that asks.

        Raises why it is not ready.
        """
        return self._shared[Platform(kind, version or self.settings.spark)].join()

    def joins(self, scenario: str) -> frozenset[str]:
        """The shared platforms that a scenario joins, in words."""
        return frozenset(str(platform) for platform, users in self.users.items() if scenario in users)

    def began(self, scenario: str) -> None:
        """Note that a scenario needs the platforms that it shares."""
        for shared in self._shared.values():
            shared.arrive(scenario)

    def ended(self, scenario: str) -> None:
        """Note that a scenario no longer needs the platforms it shared; each goes after the last of its `users`."""
        for shared in self._shared.values():
            shared.leave(scenario)

    def end(self) -> None:
        """Remove what this run created on the cluster and is not to be kept; an unreached cluster stays so."""
        for shared in self._shared.values():
            if shared.held:
                shared.held.close()
            if self.machine:
                shared.end()
        if self._reached:
            with doing("removing what the run created"):
                sweep(self.target.kube, run=self.run)
        shutil.rmtree(self._folder)

    def _platform(self, phrase: str) -> Platform | None:
        """The shared platform that a phrase names; None when it names none."""
        if named := _SHARED_PLATFORM.fullmatch(phrase):
            return Platform(named["kind"], named["version"] or self.settings.spark)
        return Platform(GPU_LAKEHOUSE, self.settings.spark) if phrase == _WITH_A_GPU else None

    def _make_room(self, manifests: str) -> None:
        """Remove platforms that nobody uses now, one by one, until the cluster has what these ask for.

        They are those that this run's scenarios share, and those that earlier runs kept.
        """
        asked = capacity.asked_by(manifests)
        needed = replace(asked, cpu=asked.cpu + _TO_WORK.cpu, memory=asked.memory + _TO_WORK.memory)
        shared = {self._namespace(platform): shared for platform, shared in self._shared.items()}
        kube = self.target.kube
        for team in (team for run in (self.run, _KEPT) for team in Team.of(kube, run=run, shared=True, staying=True)):
            if not needed.lacks(capacity.left_for(kube)):
                return
            if team.namespace not in shared:
                team.delete()
            elif not shared[team.namespace].make_room():
                continue
            say(f"removed {team.namespace}, which nobody uses now, to make room")

    def _share(self, platform: Platform, users: Collection[str]) -> Shared[Release] | Shared[Processes]:
        return self._share_processes(platform, users) if self.machine else self._share_release(platform, users)

    def _share_processes(self, platform: Platform, users: Collection[str]) -> Shared[Processes]:
        folder = self._folder / f"{platform.kind}-{platform.spark_version}"
        assert self.machine
        spec = platform.spec(self.settings.charts)
        running = Processes(self.machine, folder / "processes", self._lifeline)

        def make() -> Processes:
            # One has the GPU at a time.
            for shared in self._shared.values():
                shared.make_room()
            with doing(f"starting the {platform}"):
                running.start(spec.rendered_here())
                return running

        return Shared(folder, users, make=make, find=lambda: running, remove=running.stop)

    def _share_release(self, platform: Platform, users: Collection[str]) -> Shared[Release]:
        namespace = self._namespace(platform)
        run = _KEPT if self.settings.keep else self.run

        def make() -> Release:
            with doing(f"installing the {platform}"):
                team = Team.create(self.target.kube, namespace, run=run, shared=True)
                team.publish(_SUBMISSION["submit"]["applications"], examples.applications())
                release = self._shared_release(team, platform)
                release.install()
                return release

        return Shared(
            self._folder / namespace,
            users,
            make=make,
            find=lambda: self._shared_release(Team(self.target.kube, namespace), platform),
            remove=lambda: Team(self.target.kube, namespace).delete(),
            keep=self.settings.keep,
        )

    def _namespace(self, platform: Platform) -> str:
        """Where a shared platform is installed; one to keep has the same namespace in every run."""
        name = f"sparkproof-{platform.kind.lower()}-{platform.spark_version.replace('.', '')}"
        return name if self.settings.keep else f"{name}-{self.run}"

    def _shared_release(self, team: Team, platform: Platform) -> Release:
        return Release(self.target, team, platform.spec(self.settings.charts), make_room=self._make_room)

    def _release(
        self,
        team: Team,
        platform: Platform,
        presets: Sequence[str] = ("small",),
        values: Mapping[str, Any] | None = None,
        name: str = NAME,
    ) -> Release:
        spec = ReleaseSpec(self.settings.charts / platform.chart, platform.spark_version, presets, values or {})
        return Release(self.target, team, spec, name, self._make_room)
