"""A drill: tables that somebody writes to, a backup meanwhile, the loss of a platform's volumes, and the way back."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from sparkproof.core import clock, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import eventually
from sparkproof.iceberg import Table
from sparkproof.kube.objects import POD, VOLUME_CLAIM
from sparkproof.operations.backup import BackupRun, Backups
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.operations.recovery import Recovery
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session, SqlRefused
from sparkproof.spark.trips import Generated
from sparkproof.tenancy.team import Team

# The catalogs whose state is in a database of the platform.
_CATALOGS = ("hive", "rest", "jdbc")
# The components on whose volumes a platform keeps what it can lose, in users' words.
KEEPERS: Mapping[str, Sequence[str]] = {
    "databases": ("postgres",),
    "object store": ("object-store",),
    "databases and its object store": ("postgres", "object-store"),
}
# Who keeps connections to a server that is gone, in the order in which they are started anew: drivers wait for minutes
# for a metastore whose pod was replaced.
_SERVICES = ("rest-catalog", "hive-metastore", "connect")
# Each snapshot is read whole afterwards, so there are not to be many.
_PAUSE_S = 3.0


class Installed(Protocol):
    """A platform that can be installed again over itself, and whose users' processes can be ended."""

    def repair(self) -> None:
        """Make what is missing of the platform anew."""

    def close(self) -> None:
        """End the processes of users, which wait for a driver that is gone."""


class OfTeam(Platform, Protocol):
    """A platform in a team's namespace."""

    team: Team

    def install(self) -> None:
        """Install it."""

    def close(self) -> None:
        """End the processes of users."""


@dataclass
class Drill:
    """A table in each catalog that is kept in a database; `acknowledged` are the moments of its commits, by table."""

    platform: Platform
    tables: Sequence[Table]
    acknowledged: Sequence[list[float]]
    trips: Generated
    before: Sequence[Fingerprint] = ()
    lost_at: float = 0.0
    backup: BackupRun | None = None
    _in_part: bool = False
    _goes: bool = False
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _writer: "Future[None] | None" = field(default=None, repr=False)

    @classmethod
    def of(cls, platform: Platform, session: Session, trips: Generated) -> "Drill":
        """Put half of the trips into a table of each catalog."""
        tables, acknowledged = [], []
        for kind in _CATALOGS:
            tables.append(
                Table.create_from(session, platform.catalogs.unused_table("trips", kind), trips.halves[0].query)
            )
            acknowledged.append([clock.now()])
        return cls(platform, tables, acknowledged, trips)

    def write(self) -> None:
        """Let somebody add trips to all tables, one after the other, again and again, in a client of their own."""
        session = self.platform.open_session_apart()
        written = [table.seen_by(session) for table in self.tables]

        def work() -> None:
            turn = 0
            while not self._stop.wait(_PAUSE_S):
                for number, table in enumerate(written):
                    table.append_from(self._some(turn))
                    self.acknowledged[number].append(clock.now())
                turn += 1

        self._writer = aside(work)
        self._await_commits_after(clock.now())

    def back_up(self) -> None:
        """Take a backup while the writer works, and let the writer add to each table once more."""
        self.backup = Backups.of(self.platform).make()
        self.backup.must_be_done()
        self._await_commits_after(clock.now())

    def end(self) -> None:
        """Let the writer finish; raises what went wrong with the writer."""
        self._stop.set()
        if self._writer:
            self._writer.result()

    def lose(self, what: str) -> None:
        """Remove the volumes on which the platform keeps what is one of KEEPERS, with all that is on them."""
        self.end()
        self.before = [Fingerprint.of(table) for table in self.tables]
        workloads = self.platform.workloads
        kube, namespace = workloads.kube, workloads.namespace
        self.lost_at = clock.now()
        for component in KEEPERS[what]:
            claim = f"{workloads.release}-{component}"
            kube.delete(VOLUME_CLAIM, claim, namespace)
            kube.delete(POD, workloads.pod(component)["metadata"]["name"], namespace, grace_s=0)
            kube.must_be_gone(VOLUME_CLAIM, claim, namespace, within_s=timeouts.POD_READY)

    def lose_namespace(self, platform: OfTeam) -> None:
        """Delete the namespace of the platform, with all volumes but what outlives its claim.

        Where the tables come back, they go with the namespace of their team.
        """
        self._goes = True
        self.end()
        self.before = [Fingerprint.of(table) for table in self.tables]
        platform.close()
        self.lost_at = clock.now()
        platform.team.delete()
        platform.team.must_be_gone()

    def move(self, platform: OfTeam) -> OfTeam:
        """Install, for another team, the platform that is gone; return it."""
        platform.install()
        self.platform = platform
        return platform

    def restore(self, installed: Installed, part: str = "all") -> Recovery:
        """Make the lost volumes anew, restore the newest backup or a part of it, read all rows, and write again."""
        if self.backup is None:
            raise CheckFailed("No backup was taken before the loss, so there is nothing to restore.")
        installed.repair()
        self._in_part = part == "objects"
        restored = Backups.of(self.platform).restore(part)
        restored.must_be_done()
        for service in _SERVICES:
            self.platform.workloads.restart(service)
        installed.close()
        began_at = self.backup.began_at
        try:
            tables = self._seen_again
            after = [Fingerprint.of(table) for table in tables]
        except SqlRefused as refused:
            return Recovery(self.before, [], began_at, self.lost_at, clock.now(), str(refused))
        back_at = clock.now()
        for table in tables:
            table.append_from(self._some(0))
        kept = [sum(moment < began_at for moment in moments) for moments in self.acknowledged]
        return Recovery(self.before, after, began_at, self.lost_at, back_at, acknowledged=kept)

    def _some(self, turn: int) -> str:
        """Return the query for some trips of the other half, others in each turn."""
        return f"SELECT * FROM ({self.trips.halves[1].query}) WHERE trip % 97 = {turn % 97}"

    @property
    def _seen_again(self) -> list[Table]:
        session = self.platform.open_session()
        return [table.seen_by(session) for table in self.tables]

    def drop(self) -> None:
        """End the writer, and drop the tables; a catalog that is newer than its files is restored first."""
        self._stop.set()
        if self._goes:
            return
        if self._in_part:
            Backups.of(self.platform).restore("databases").must_be_done()
        for table in self._seen_again:
            table.drop()

    def _await_commits_after(self, moment: float) -> None:
        """Wait for a commit of the writer to each table; raises what went wrong with the writer."""
        if (writer := self._writer) is None:
            return
        eventually(
            "a commit to each table",
            lambda: [moments[-1] for moments in self.acknowledged],
            lambda last: writer.done() or all(each > moment for each in last),
            within_s=timeouts.SQL,
        )
        if writer.done():
            writer.result()
