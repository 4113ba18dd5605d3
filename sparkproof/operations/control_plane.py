"""A control plane that loses its data, and what became of it when it was restored from a snapshot."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from sparkproof.cluster.control_plane import NAME, SnapshotRefused
from sparkproof.cluster.target import Target
from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.patience import stretched
from sparkproof.core.wait import eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.heartbeat import USUAL
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.operations.backup import HARMS

_WRITTEN = "sparkproof-first-write"


class Data(Protocol):
    """The data of a control plane that may be stopped."""

    @property
    def running(self) -> Mapping[str, int]:
        """The process ids of etcd and the API server that run, by name."""

    def save(self) -> Path:
        """Take a snapshot."""

    def lose(self) -> None:
        """Stop the control plane, and move its data away."""

    def restore(self, snapshot: Path) -> None:
        """Start it with the data of a snapshot; raises SnapshotRefused, and then nothing was stopped."""

    def put_right(self) -> None:
        """Finish what was interrupted."""

    def forget(self) -> None:
        """Remove the snapshots, and the data that was lost."""

    def await_ready(self) -> None:
        """Wait until the API server is ready."""


@dataclass(frozen=True)
class Restored(evidence.Brought):
    """A control plane that was restored, or the `refusal` of its snapshot.

    Its data was lost at `lost_at` and the restore began at `began_at`, in seconds since the epoch. The API server was
    ready after `ready_s` seconds, and took a write after `written_s`. `ran` and `runs` are the programs of the control
    plane before that and after, by name.
    """

    lost_at: float
    began_at: float
    ready_s: float
    written_s: float
    ran: Mapping[str, int]
    runs: Mapping[str, int]
    refusal: str | None = None

    @property
    def trouble(self) -> str | None:
        """The refusal."""
        return self.refusal

    @property
    def to_read(self) -> str | None:
        """The measured times, which somebody has to compare."""
        return f"the control plane took a write after {self.written_s:.1f} s"

    @property
    def back_at(self) -> float:
        """The moment at which the API server was ready, in seconds since the epoch."""
        return self.began_at + self.ready_s

    def must_be_within(self, seconds: int) -> None:
        """Check that the API server was ready, and took a write, within these seconds on a quiet machine."""
        evidence.look_at(self)
        if self.refusal is not None:
            raise CheckFailed(f"The control plane was not restored: {self.refusal}")
        measured = (
            f"The API server was ready {self.ready_s:.1f} s after the restore began, and took a write after "
            f"{self.written_s:.1f} s (promised: {seconds} s on a quiet machine), "
            f"{self.began_at - self.lost_at:.1f} s after its data was lost"
        )
        if self.written_s > (limit_s := stretched(seconds)):
            raise CheckFailed(f"{measured}; on this machine at most {limit_s:.0f} s were expected.")
        evidence.measured(
            "from the restore of the control plane to its first write", self.written_s, "s", f"at most {seconds} s"
        )
        evidence.prove(Level.EXECUTED, measured)

    def must_be_refused(self, reason: str) -> None:
        """Check that the snapshot was refused for this reason, and that the control plane's programs ran on."""
        evidence.look_at(self)
        if self.refusal is None:
            raise CheckFailed(f"The snapshot had to be refused because of {reason!r}, and was restored.")
        if reason not in self.refusal:
            raise CheckFailed(f"The snapshot was refused, but not because of {reason!r}: {self.refusal}")
        if not self.ran or self.ran != self.runs:
            raise CheckFailed(
                f"The control plane was stopped for a snapshot that was refused: {self.ran}, {self.runs}."
            )
        evidence.prove(Level.EXECUTED, f"{self.refusal} {' and '.join(sorted(self.runs))} ran on")


@dataclass
class ControlPlane:
    """The control plane of a cluster, and the newest `snapshot` of its data."""

    kube: Kube
    data: Data
    snapshot: Path | None = None
    lost_at: float = 0.0

    @classmethod
    def of(cls, target: Target) -> "ControlPlane":
        """Return the control plane of a cluster; raises UsageError for one that a run does not stop."""
        return cls(target.kube.apart(), target.etcd)

    def save(self) -> None:
        """Take a snapshot."""
        self.snapshot = self.data.save()

    def harm(self, how: str) -> None:
        """Let what is one of a backup's HARMS happen to the snapshot."""
        self.snapshot = _HARMS[HARMS[how]](self._newest)

    def lose(self) -> None:
        """Stop etcd and the API server, and take their data away."""
        self.data.lose()
        self.lost_at = clock.now()

    def restore(self) -> Restored:
        """Restore the control plane from the newest snapshot, and wait until it takes a write; raises GaveUp."""
        ran, began_at = self.data.running, clock.now()
        try:
            self.data.restore(self._newest)
        except SnapshotRefused as refused:
            return Restored(self.lost_at, began_at, 0.0, 0.0, ran, self.data.running, str(refused))
        self.data.await_ready()
        ready_s = clock.now() - began_at
        eventually("a first write", self._refused_write, lambda refusal: not refusal, within_s=timeouts.CLUSTER_UP)
        return Restored(self.lost_at, began_at, ready_s, clock.now() - began_at, ran, self.data.running)

    def end(self) -> None:
        """Have a control plane with data again, the restored or else that of before, and remove what was made."""
        self.data.put_right()
        self.data.await_ready()
        self.data.forget()
        self.kube.delete(CONFIG_MAP, _WRITTEN, USUAL)

    def _refused_write(self) -> str:
        """Write, and return why that was refused; "" if it was not."""
        metadata = {"name": _WRITTEN, "namespace": USUAL, "labels": OWNED}
        written = {"apiVersion": CONFIG_MAP.api_version, "kind": CONFIG_MAP.name, "metadata": metadata}
        try:
            self.kube.apply(written)
        except SparkproofError as refused:
            return str(refused)
        return ""

    @property
    def _newest(self) -> Path:
        if self.snapshot is None:
            raise CheckFailed("No snapshot of the control plane was taken, so there is nothing to restore.")
        return self.snapshot


def _flip(snapshot: Path) -> Path:
    """Change one bit in the middle."""
    content = bytearray(snapshot.read_bytes())
    content[len(content) // 2] ^= 1
    snapshot.write_bytes(content)
    return snapshot


def _cut(snapshot: Path) -> Path:
    """Leave the first half."""
    content = snapshot.read_bytes()
    snapshot.write_bytes(content[: len(content) // 2])
    return snapshot


def _age(snapshot: Path) -> Path:
    """Let the snapshot be 25 hours older."""
    return snapshot.rename(
        snapshot.with_name((datetime.strptime(snapshot.name, NAME) - timedelta(hours=25)).strftime(NAME))
    )


_HARMS: Mapping[str, Callable[[Path], Path]] = {"flip": _flip, "cut": _cut, "age": _age}
