"""The data of the embedded control plane: snapshots of it, its loss, and the way back from a snapshot.

The programs of the control plane are static pods: each runs while its manifest is in the folder that the kubelet
watches. A manifest is there only while the data is, so that etcd never begins anew with nothing, whenever this is
interrupted.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from sparkproof.build import programs
from sparkproof.core import clock, process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.embedded import api, layout
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout
from sparkproof.kube.client import Kube

# A snapshot is named after the moment at which it began, as a platform's backups are.
NAME = "%Y-%m-%dT%H%M%S.%fZ.db"
_MAX_AGE_H = 24.0
_PROGRAMS = ("kube-apiserver", "etcd")
# They start anew with restored data: one that remembers what came after the snapshot ends a pod of before it instead.
_CONTROLLERS = ("kube-controller-manager", "kube-scheduler")
_TOOLS = ("etcdctl", "etcdutl")
# As kubeadm names the only member.
_PEER = f"https://{layout.NODE_ADDRESS}:2380"
# Whoever watches objects knows a revision. Those of the restored data are far above all that was given out before, so
# that nobody's old revision is a newer state's: https://etcd.io/docs/v3.6/op-guide/recovery/
_HIGHER_REVISIONS = ("--bump-revision", "1000000", "--mark-compacted")

# What etcdutl says of a snapshot, and what that means.
_WORDS = {
    "expected sha256": "its content does not have the SHA-256 that it ends with",
    "snapshot missing hash": "it was cut off, and does not end with its SHA-256",
}


class SnapshotRefused(SparkproofError):
    """A snapshot cannot be restored; nothing was stopped."""


def prepare(_kube: Kube) -> None:
    """Have the programs that take and restore snapshots, so that nothing is built in the middle."""
    for name in _TOOLS:
        programs.build(name)


class Etcd:
    """etcd's data of the cluster in `places`, which is up."""

    def __init__(self, places: Layout) -> None:
        self._places = places
        folder = places.state / "etcd"
        self._snapshots, self._data, self._lost = folder / "snapshots", folder / "data", folder / "lost"
        self._restored = folder / "restored"
        self._manifests, self._stopped = (places.kubernetes / name for name in ("manifests", "stopped"))
        # Held from a loss to the restored data: a `sparkproof up` meanwhile waits, and one after a kill puts it right.
        self._lock = FileLock(folder / "lock")

    @property
    def running(self) -> Mapping[str, int]:
        """The process ids of etcd and the API server, by name; those that do not run are left out."""
        return self._running(_PROGRAMS)

    def _running(self, programs: Sequence[str]) -> Mapping[str, int]:
        named = ((_name(pid), pid) for pid in Cgroup(self._places.cgroup).processes())
        return {name: pid for name, pid in named if name in programs}

    def await_ready(self) -> None:
        """Wait until the API server answers that it is ready; raises GaveUp with its answer."""
        eventually("a ready API server", self._readiness, lambda said: said == api.READY, within_s=timeouts.CLUSTER_UP)

    def _readiness(self) -> str:
        running = api.running(self._places)
        return api.readiness(self._places, running.port) if running else "the cluster has not come up"

    def save(self) -> Path:
        """Take a snapshot, and return its file, which only root may read: it has every Secret."""
        first = Cgroup(self._places.cgroup).first_process()
        if first is None:
            raise SparkproofError("The embedded cluster is not up, so there is nothing to take a snapshot of.")
        self._snapshots.mkdir(mode=0o700, exist_ok=True)
        file = self._snapshots / datetime.fromtimestamp(clock.now(), UTC).strftime(NAME)
        keys = self._places.kubernetes / "pki" / "etcd"
        entered = ["nsenter", "--target", str(first), "--net"]
        client = [f"--cert={keys / 'healthcheck-client.crt'}", f"--key={keys / 'healthcheck-client.key'}"]
        server = ["--endpoints=https://127.0.0.1:2379", f"--cacert={keys / 'ca.crt'}"]
        _run(*entered, str(programs.build("etcdctl")), *server, *client, "snapshot", "save", str(file))
        return file

    def lose(self) -> None:
        """Stop etcd and the API server, and move the data away."""
        self._lock.acquire()
        self._stop(_PROGRAMS)
        self._move_away()

    def restore(self, snapshot: Path) -> None:
        """Start etcd and the API server with the data of a snapshot, and controllers that remember nothing.

        It is unpacked and compared with its hash first: raises SnapshotRefused for one that is damaged, has nothing or
        is more than a day old, and nothing is stopped or started then.
        """
        self._unpack(snapshot)
        with self._lock:
            self._stop([*_PROGRAMS, *_CONTROLLERS])
            if self._data.exists():
                self._move_away()
            self._restored.rename(self._data)
            self._start()
        self._lock.release(force=True)

    def put_right(self) -> None:
        """Finish what was interrupted: with the restored data if it is in place, else with the data of before.

        Raises SparkproofError while somebody else is at it.
        """
        if not any(self._stopped.glob("*.yaml")):
            return
        try:
            with self._lock.acquire(timeout=timeouts.CLUSTER_RECOVERY):
                if not self._data.exists() and self._lost.exists():
                    self._lost.rename(self._data)
                if self._data.exists():
                    self._start()
        except Timeout:
            raise SparkproofError(
                "Somebody restores the embedded cluster's control plane from a snapshot: try again."
            ) from None
        self._lock.release(force=True)

    def forget(self) -> None:
        """Remove the snapshots, and the data that was lost if there is other data in its place."""
        for folder in (self._snapshots, self._restored, *([self._lost] if self._data.exists() else [])):
            shutil.rmtree(folder, ignore_errors=True)

    def _unpack(self, snapshot: Path) -> None:
        with _refusing(snapshot):
            taken_at = datetime.strptime(snapshot.name, NAME).replace(tzinfo=UTC).timestamp()
            if (age_h := (clock.now() - taken_at) / 3600) > _MAX_AGE_H:
                raise SnapshotRefused(
                    f"The snapshot {snapshot.name} is {age_h:.1f} hours old; at most {_MAX_AGE_H:g} are allowed."
                )
            shutil.rmtree(self._restored, ignore_errors=True)
            etcdutl = str(programs.build("etcdutl"))
            member = ["--name", layout.NODE_NAME, "--initial-cluster", f"{layout.NODE_NAME}={_PEER}"]
            member += ["--initial-advertise-peer-urls", _PEER, "--data-dir", str(self._restored)]
            _run(etcdutl, "snapshot", "restore", str(snapshot), *member, *_HIGHER_REVISIONS)
            # Asked afterwards: only `restore` compares the hash, and `status` breaks on a file that was cut off.
            had, has = (_keys(etcdutl, file) for file in (snapshot, self._restored / "member" / "snap" / "db"))
            if not had or has < had:
                raise SnapshotRefused(
                    f"The snapshot {snapshot.name} cannot be restored: it has {had} keys, and what was unpacked {has}."
                )

    def _stop(self, programs: Sequence[str]) -> None:
        self._stopped.mkdir(exist_ok=True)
        for name in programs:
            if (manifest := self._manifests / f"{name}.yaml").exists():
                manifest.rename(self._stopped / manifest.name)
        eventually(
            "the end of etcd, the API server and those that work with it",
            lambda: self._running(programs),
            lambda running: not running,
            within_s=timeouts.CONTROL_PLANE_STOPPED,
        )

    def _move_away(self) -> None:
        shutil.rmtree(self._lost, ignore_errors=True)
        self._data.rename(self._lost)

    def _start(self) -> None:
        for manifest in sorted(self._stopped.glob("*.yaml")):
            manifest.rename(self._manifests / manifest.name)


@contextmanager
def _refusing(snapshot: Path) -> Iterator[None]:
    """Raise SnapshotRefused for what the tools find wrong, in the last words of theirs."""
    try:
        yield
    except ValueError:
        raise SnapshotRefused(
            f"{snapshot.name} is no snapshot: its name is not the moment at which it began."
        ) from None
    except process.CommandFailed as failed:
        said = (failed.completed.stderr.strip() or str(failed)).splitlines()[-1].removeprefix("Error: ").rstrip(".")
        reason = next((words for begin, words in _WORDS.items() if said.startswith(begin)), said)
        raise SnapshotRefused(f"The snapshot {snapshot.name} cannot be restored: {reason}.") from None


def _keys(etcdutl: str, file: Path) -> int:
    """Return the number of keys of a snapshot or of data that was unpacked."""
    return int(json.loads(_run(etcdutl, "snapshot", "status", str(file), "--write-out", "json"))["totalKey"])


def _run(*argv: str) -> str:
    """Run a tool and return what it printed; variables of etcd's that somebody has set would change what it does."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("ETCD")}
    return process.run(argv, timeout_s=timeouts.SNAPSHOT, env=own).stdout


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""  # it has ended meanwhile
