"""A provider for those who may make no namespace: releases beside each other in one that is given."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sparkproof.cluster import capacity, preflight
from sparkproof.cluster.capabilities import Capabilities
from sparkproof.cluster.probes import WITHOUT_CLUSTER, Support
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing
from sparkproof.core.resources import Resources
from sparkproof.kube import heartbeat, marked
from sparkproof.kube.errors import Refused
from sparkproof.kube.heartbeat import Heartbeat
from sparkproof.kube.labels import RELEASE, RUN
from sparkproof.platform.classes import PlatformClaim
from sparkproof.platform.provider import Needs
from sparkproof.platform.release import Release
from sparkproof.platform.releases import Releases
from sparkproof.platform.room import Room
from sparkproof.tenancy.team import Team


@dataclass(frozen=True)
class Guest(Team):
    """The owner of one release in a namespace that was given; all that it has there carries `labels`."""

    labels: Mapping[str, str]

    def delete(self) -> None:
        """Delete the release's objects one by one, and wait until they are gone; the namespace stays."""
        marked.remove(self.kube, self.namespace, self.labels)

    def remember(self, name: str, value: str) -> None:
        """Do nothing: no later run uses what is there."""

    def recall(self, name: str) -> None:
        """Return None: nothing is remembered."""


@dataclass(frozen=True)
class RoomByQuota(Room):
    """The room of platforms that stand beside each other in one namespace: what its quotas leave."""

    namespace: str = field(kw_only=True)

    @property
    def free(self) -> Resources | None:
        """What the quotas leave; None if they do not limit cores and memory."""
        return capacity.left_by_quota(self.kube, self.namespace)

    def _left(self, own: Collection[str] = ()) -> Resources | None:  # noqa: ARG002
        return self.free

    def _stands_in(self, namespace: str) -> bool:  # noqa: ARG002
        """Return True: what others hold is not seen here, and waited for by nobody."""
        return True

    def _feed_the_starved(self) -> None:
        """Do nothing: what the nodes have is told to who sees more than a namespace."""

    def _removable(self) -> Iterable[tuple[str, str, Callable[[], bool]]]:
        made = [(name, each) for name, each in self.shared.values() if each.is_made]
        for name, each in sorted(made, key=lambda found: found[1].to_come):
            yield f"the {name}", name, each.remove_if_idle


@dataclass
class InOneNamespace(Releases):
    """Installs platforms side by side in the `namespace` that is given, which the run never makes or removes.

    The `reached` cluster marks what the run makes with its id. A release has a name that no other has, with the run's
    id in it, so platforms may stand beside each other. Another run in the same namespace has to wait.
    """

    namespace: str = field(kw_only=True)

    def supports(self, capabilities: Collection[str]) -> Mapping[str, Support]:
        """Probe the namespace; raises UsageError, SparkproofError for what would fail every scenario here."""
        self.target.refuse_without_room()
        preflight.check(self.target, self.namespace)
        self._must_be_alone()
        self._show_life(Heartbeat(self.target.kube.apart(), self.run, namespace=self.namespace))
        here = set(capabilities) & WITHOUT_CLUSTER
        beyond = f"it needs what only the whole cluster shows, and this run has {self._only}"
        found = Capabilities(self.target.kube).all(here)
        return {name: found[name] if name in here else Support(False, beyond) for name in capabilities}

    def lack(self, needs: Needs) -> str:
        """Return why a scenario cannot run here: it needs more than one namespace."""
        return f"it needs {needs.beyond}, and this run has {self._only}" if needs.beyond else ""

    @property
    def room(self) -> Room:
        """The room that the namespace's quotas leave."""
        return RoomByQuota(**vars(super().room), namespace=self.namespace)

    def team(self, namespace: str, run: str, *, shared: bool = False) -> Team:  # noqa: ARG002
        """Raise UsageError: the run makes no namespace."""
        raise UsageError(f"This needs a namespace of its own, and this run has {self._only}.")

    def end(self) -> None:
        """Remove what the run created, one by one; the namespace stays."""
        if self.reached.is_made:
            with doing(f"removing what the run created in {self.namespace}"):
                marked.remove(self.target.kube, self.namespace, {RUN: self.run})
        if self._heartbeat:
            self._heartbeat.stop()

    @property
    def _only(self) -> str:
        return f"namespace {self.namespace} alone (-D namespace)"

    def _must_be_alone(self) -> None:
        """Check that no other run works in the namespace: both would have ConfigMaps and Secrets of the same names."""
        try:
            signs = heartbeat.signs(self.target.kube, self.namespace).values()
        except Refused:
            return
        for other in (sign for sign in signs if sign.alive):
            raise UsageError(
                f"Run {other.run} works in namespace {self.namespace} and gave a sign {other.seconds_ago:.0f} s ago: "
                "one run at a time can work there, so wait for its end, or give another namespace."
            )

    @contextmanager
    def _rehearsal(self) -> Iterator[Callable[[PlatformClaim], Release]]:
        """Give the releases themselves, and remove the accounts that the dry run needs."""
        try:
            yield self._platform
        finally:
            marked.remove(self.target.kube, self.namespace, {RUN: self.run})

    def _platform(self, claim: PlatformClaim) -> Release:
        name = self._namespace(claim).removeprefix("sparkproof-")
        team = Guest(self.target.kube, self.namespace, {RUN: self.run, RELEASE: name})
        return self.release(team, claim.spec(self.charts), name)

    def _make_namespace(self, release: Release) -> None:
        """Do nothing: it is there."""
