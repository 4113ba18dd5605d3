"""Room for a run's platforms: shared ones that nobody uses now go for others, and one at a time is installed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from sparkproof.cluster import capacity
from sparkproof.core import timeouts
from sparkproof.core.progress import say
from sparkproof.core.resources import Resources
from sparkproof.core.spans import On
from sparkproof.core.wait import GaveUp, TooSlow, eventually
from sparkproof.kube import heartbeat
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import KEPT
from sparkproof.kube.objects import POD
from sparkproof.platform.shared import Shared
from sparkproof.tenancy.team import Team


@dataclass(frozen=True)
class Room:
    """The room that platforms of `run` may take of a cluster.

    `shared` are those that scenarios share, by their namespaces, each with its name in reservations. In `folder` the
    processes of the run find each other; None for one alone.
    """

    kube: Kube
    run: str
    shared: Mapping[str, tuple[str, Shared[Any]]] = field(default_factory=dict, repr=False)
    folder: Path | None = None

    @property
    def free(self) -> Resources | None:
        """What scenarios may take: what is free, and what teams of this run have that no others share."""
        return self._left({team.namespace for team in Team.of(self.kube, run=self.run, shared=False)})

    def make(self, wanted: Resources, stay: Collection[str]) -> None:
        """Remove platforms that nobody uses now until so much is free.

        The platforms that `stay`, by their names in reservations, are those that the waiting scenario needs. They go
        where work of scenarios that run has found no room and goes on only when it has.
        """
        if wanted != Resources():
            self._remove_unused(lambda: capacity.lack_of(wanted, self.free), stay)
        self._feed_the_starved()

    @contextmanager
    def given(self, manifests: str, namespace: str) -> Iterator[None]:
        """Remove unused platforms until the cluster has what these manifests request, and let them be installed.

        What other scenarios hold of it is waited for; without it, the pods will tell. One platform at a time is
        installed: two that share what is free would each have a part of their pods, and wait for the rest for ever. One
        that stands already waits for nobody, since its pods take each other's place.
        """
        needed, asked = capacity.needed_by(manifests), capacity.asked_by(manifests)
        if self._stands_in(namespace):
            self._remove_unused(lambda: capacity.lack_of(needed, self._left({namespace})))
            yield
            return

        def take(alone: ExitStack) -> str:
            """Return what is lacking; "" if nothing is, and no other process may install until `alone` is closed."""
            if self.folder:
                alone.enter_context(FileLock(self.folder / "room.lock"))
            if self._remove_unused(lambda: capacity.lack_of(needed, self._left())):
                return ""
            lacking = self._held_by_others(asked, namespace)
            if lacking:
                alone.close()
            return lacking

        with ExitStack() as alone:
            with suppress(GaveUp, TooSlow):
                eventually(
                    f"room for {namespace} beside other platforms",
                    lambda: take(alone),
                    lambda lacking: not lacking,
                    within_s=timeouts.ROOM,
                    every_s=timeouts.ROOM_ASKED,
                    on=On.PODS,
                )
            yield

    def _stands_in(self, namespace: str) -> bool:
        return any(pod["spec"].get("nodeName") for pod in self.kube.list(POD, namespace))

    def _held_by_others(self, asked: Resources, namespace: str) -> str:
        """Return what a platform asks for and other scenarios hold, in words; "" where nobody else is at work."""
        left = self._left()
        others = any(team.namespace != namespace for team in Team.of(self.kube, run=self.run, staying=True))
        return asked.lacks(left) if left and others else ""

    def _left(self, own: Collection[str] = ()) -> Resources | None:
        """Return what is free, without what the pods of this run's platforms are about to take."""
        return capacity.left_for(self.kube, own, {team.namespace for team in Team.of(self.kube, run=self.run)})

    def _feed_the_starved(self) -> None:
        """Remove platforms that nobody uses now until the run's work that stands still has what it asks for."""
        own = {team.namespace for team in Team.of(self.kube, run=self.run)}
        lacking = partial(capacity.starving, self.kube, own)
        if lacking():
            self._remove_unused(lacking)

    def _remove_unused(self, lacking: Callable[[], str], stay: Collection[str] = ()) -> bool:
        """Remove unused platforms one by one while something is `lacking`; True when nothing is any more.

        The ones that `stay`, by their names in reservations, are left.
        """
        for what, name, remove in self._removable():
            if name in stay:
                continue
            if not lacking():
                return True
            if remove():
                say(f"removed {what}, which is not used now, to free capacity")
        return False

    def _removable(self) -> Iterable[tuple[str, str, Callable[[], bool]]]:
        """Yield each platform that can be removed: in words, its name in reservations, and what removes it if unused.

        They are those that this run's scenarios share, the ones with the fewest users to come first; before them those
        that earlier runs kept, unless another run that is alive may use them.
        """
        to_come = {namespace: each.to_come for namespace, (_, each) in self.shared.items()}
        for team in sorted(self._shared_teams(), key=lambda team: to_come.get(team.namespace, 0)):
            name, own = self.shared.get(team.namespace, ("", None))
            yield team.namespace, name, own.remove_if_idle if own else partial(_removed, team)

    def _shared_teams(self) -> Iterable[Team]:
        others = (sign for sign in heartbeat.signs(self.kube).values() if sign.run != self.run)
        kept = [] if any(sign.alive and sign.uses_kept for sign in others) else [KEPT]
        return (team for run in (self.run, *kept) for team in Team.of(self.kube, run=run, shared=True, staying=True))


def _removed(team: Team) -> bool:
    """Delete a team that nobody of this run uses; True, since it goes."""
    team.delete()
    return True
