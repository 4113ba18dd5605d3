"""A provider of platforms that are releases on a cluster, for one team or shared by scenarios."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.build.ahead import Maker
from sparkproof.cluster import preflight
from sparkproof.cluster.capabilities import Capabilities
from sparkproof.cluster.probes import Support
from sparkproof.cluster.target import Target
from sparkproof.core import examples
from sparkproof.core.errors import SparkproofError, first_line
from sparkproof.core.per_process import PerProcess
from sparkproof.core.progress import doing, say
from sparkproof.core.resources import Resources
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.heartbeat import Heartbeat
from sparkproof.kube.labels import KEPT
from sparkproof.kube.objects import NAMESPACE
from sparkproof.platform.additions import Additions
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.provider import Needs, SharedPlatform
from sparkproof.platform.release import Release
from sparkproof.platform.room import Room
from sparkproof.platform.shared import Shared
from sparkproof.platform.spec import NAME, ReleaseSpec
from sparkproof.platform.sweep import left_by_killed, sweep
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.team import Marks, Team

# The ConfigMap with the applications of a submitting pod (submit.applications).
_APPLICATIONS = "applications"
# The ConfigMap with Airflow's DAGs (airflow.dags).
_DAGS = "dags"
# The statuses with which admission rules refuse an object.
_BY_RULES = (403, 422)


@dataclass
class Releases:
    """Installs platforms on the cluster that is `reached` when it is first asked for, labelled with the run's id.

    With `keep`, shared platforms stay installed for the next run.
    """

    reached: PerProcess[Target] = field(repr=False)
    run: str
    charts: Path
    keep: bool = False
    marks: Marks = field(default_factory=Marks)
    additions: Additions = field(default_factory=Additions, repr=False)
    _images: dict[str, str] = field(default_factory=dict, repr=False)
    _shared: Mapping[PlatformClaim, Shared[SharedPlatform]] = field(default_factory=dict, repr=False)
    _folder: Path | None = field(default=None, repr=False)
    _heartbeat: Heartbeat | None = field(default=None, repr=False)
    _maker: Maker | None = field(default=None, repr=False)

    @property
    def target(self) -> Target:
        """The cluster; the first call in each process reaches it, and starts the embedded one."""
        return self.reached.get()

    @property
    def name(self) -> str:
        return self.target.name

    @property
    def versions(self) -> dict[str, str]:
        return {"kubernetes": self.target.kube.version()}

    @property
    def images(self) -> Mapping[str, str]:
        return self._images

    @property
    def shared(self) -> Mapping[PlatformClaim, Shared[SharedPlatform]]:
        return self._shared

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        """Probe the cluster; raises UsageError, SparkproofError for what would fail every scenario here, ProbeBroke."""
        self.target.refuse_without_room()
        preflight.check(self.target)
        self._show_life()
        self._tell_what_is_left()
        return Capabilities(self.target.kube).all(capabilities)

    def need(self, capabilities: Sequence[str]) -> None:
        self.additions = Additions(self.target.added(capabilities), lambda name: self.target.add(name))

    def lack(self, needs: Needs) -> str:  # noqa: ARG002
        """Return "": a cluster lacks only capabilities."""
        return ""

    @property
    def room(self) -> Room:
        """The room that the run's platforms may take."""
        shared = {self._namespace(claim): (str(claim), each) for claim, each in self._shared.items()}
        return Room(self.target.kube, self.run, shared, self._folder)

    def capacity(self) -> Resources | None:
        """Return the free capacity of the cluster's nodes; pods of this run's own teams do not count as used."""
        return self.room.free

    def make_room(self, wanted: Resources, shared: Collection[str]) -> None:
        """Remove platforms that nobody uses now until so much is free.

        The platforms of `shared`, by their names in reservations, stay: the scenario that waits needs them. They go
        where work of scenarios that run has found no room and goes on only when it has.
        """
        self.room.make(wanted, shared)

    def prepare(self, claims: Collection[PlatformClaim]) -> None:
        """Begin to make the images that these platforms name available to the cluster's nodes, in this order.

        Scenarios begin meanwhile: who installs a platform waits for its images. A named cluster's rules are asked
        first; raises SparkproofError for what they refuse.
        """
        if self.target.registry is not None and claims:
            self._rehearse(claims)
        rendered = [self._platform(claim).render() for claim in claims]
        for manifests in rendered:
            self._images |= self.target.images_in(manifests)
        self._maker = self.target.provide_ahead(rendered)

    def release(self, team: Team, spec: ReleaseSpec, name: str = NAME) -> Release:
        """Return a release for this team; it is not installed yet."""
        return Release(self.target, team, spec, name, lambda *asked: self.room.given(*asked))

    def share(self, users: Mapping[PlatformClaim, Collection[str]], folder: Path) -> None:
        self._folder = folder
        self._shared = {claim: self._share(claim, joining, folder) for claim, joining in users.items()}
        self.additions.begin(folder)

    def end(self) -> None:
        """Remove what the run created; a cluster that was not reached is left alone."""
        self.additions.end()
        if self._maker:
            self._maker.end()
        if self.reached.is_made:
            with doing("removing what the run created"):
                sweep(self.target.kube, run=self.run)
        if self._heartbeat:
            self._heartbeat.stop()

    def _show_life(self, beating: Heartbeat | None = None) -> None:
        """Let `sparkproof sweep` see that the run is alive, from before it creates anything until all of that is gone.

        Without the right to do so the run goes on, and says what that means.
        """
        beating = beating or Heartbeat(self.target.kube.apart(), self.run, uses_kept=self.keep)
        try:
            beating.start()
        except Refused as refused:
            say(f"`sparkproof sweep` of others will not see that this run is alive: {refused}")
            return
        self._heartbeat = beating

    def _tell_what_is_left(self) -> None:
        """Say where platforms of killed runs take room that this run may need; nothing without the right to see it."""
        with suppress(Refused):
            if left := left_by_killed(self.target.kube):
                names = ", ".join(left)
                say(f"killed runs have left platforms that take room: {names}; `sparkproof sweep` removes them")

    def team(self, namespace: str, run: str, *, shared: bool = False) -> Team:
        """Create a team's namespace with the labels and annotations that the environment asks for."""
        try:
            return Team.create(self.target.kube, namespace, run=run, shared=shared, marks=self.marks)
        except Refused as refused:
            if refused.code not in _BY_RULES:
                raise
            raise SparkproofError(
                f"{refused}; what a cluster asks of namespaces is set by -D namespace_labels=NAME=VALUE and "
                "-D namespace_annotations=NAME=VALUE, and -D namespace=NAME uses one that is there."
            ) from refused

    def _rehearse(self, claims: Collection[PlatformClaim]) -> None:
        """Ask the API server to admit these platforms in a dry run, where what is made for that is removed again."""
        with self._rehearsal() as platform, doing(f"asking {self.name} to admit the platforms"):
            releases = {claim: platform(claim) for claim in claims}
            rendered = {claim: release.render() for claim, release in releases.items()}
            refusals = {claim: Admission.of(releases[claim].team, [text]).trouble for claim, text in rendered.items()}
        storage = {preflight.lack_of_storage(self.target, text) for text in rendered.values()}
        faults = sorted(filter(None, storage))
        faults += [f"the {claim} is refused: {trouble}" for claim, trouble in refusals.items() if trouble]
        if faults:
            raise SparkproofError(f"{self.name} would not run what this run installs; {'; '.join(faults)}.")

    @contextmanager
    def _rehearsal(self) -> Iterator[Callable[[PlatformClaim], Release]]:
        """Give the releases that a dry run asks for, in a namespace that is removed again."""
        team = self.team(f"sparkproof-rehearsal-{self.run}", self.run)
        try:
            yield lambda claim: self.release(team, claim.spec(self.charts))
        finally:
            team.delete()

    def _share(self, claim: PlatformClaim, users: Collection[str], folder: Path) -> Shared[SharedPlatform]:
        def make() -> Release:
            release = self._platform(claim)
            was_kept = self.keep and self.target.kube.get(NAMESPACE, release.team.namespace) is not None
            try:
                self._install(claim, release)
            except GaveUp as broken:
                if not was_kept:
                    raise
                say(f"the {claim} that an earlier run kept is removed and installed anew: {first_line(str(broken))}")
                release.team.delete()
                self._install(claim, release)
            return release

        return Shared(
            folder / self._namespace(claim),
            users,
            make=make,
            find=lambda: self._platform(claim),
            remove=lambda: self._platform(claim).team.delete(),
            keep=self.keep,
        )

    def _platform(self, claim: PlatformClaim) -> Release:
        """Return the release of a shared platform, which need not be there."""
        return self.release(Team(self.target.kube, self._namespace(claim)), claim.spec(self.charts))

    def _install(self, claim: PlatformClaim, release: Release) -> None:
        """Install a shared platform; raises GaveUp when it does not get ready."""
        with doing(f"installing the {claim}"):
            self._make_namespace(release)
            install(release)

    def _make_namespace(self, release: Release) -> None:
        """Create the namespace of a shared platform."""
        team = self.team(release.team.namespace, KEPT if self.keep else self.run, shared=True)
        if self.keep:
            team.keep(self.run)

    def _namespace(self, claim: PlatformClaim) -> str:
        """Return the namespace of a shared platform; one that is kept has the same namespace in every run."""
        name = f"sparkproof-{claim.class_name.lower()}-{claim.spark_version.replace('.', '')}"
        return name if self.keep else f"{name}-{self.run}"


def install(release: Release) -> None:
    """Install a release into its team's namespace, with the applications and the DAGs that its values may name."""
    release.team.publish(_APPLICATIONS, examples.applications())
    release.team.publish(_DAGS, examples.dags())
    release.install()
