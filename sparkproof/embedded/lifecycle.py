"""The embedded cluster's life: up, down, status, and images loaded into its node."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sparkproof.build import official
from sparkproof.build.ahead import making
from sparkproof.core import process, timeouts, wait
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing, say
from sparkproof.embedded import api, health, layout
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.etcd import Etcd
from sparkproof.embedded.layout import Layout
from sparkproof.embedded.room import Room

_PER_CLUSTER = ("kubernetes", "kubelet", "cni", "etcd", "local-path", "config", "tmp")


@dataclass(frozen=True)
class Status:
    """The state of the embedded cluster.

    `state` is "up", "starting", "broken" or "down", and `reason` says why it is not up; `server`, `kubeconfig` and
    `version` are None unless it has come up once, `memory_bytes` is 0 when nothing runs, `room` is what is free.
    """

    state: str
    reason: str
    server: str | None = None
    kubeconfig: Path | None = None
    version: str | None = None
    memory_bytes: int = 0
    room: Room | None = None


def up(ahead: Sequence[str] = ()) -> Path:
    """Have the cluster up, its DNS and storage included, and return the path of the administrator's kubeconfig.

    A cluster that runs is left alone, except that lost images, DNS and storage are mended; what a killed start or stop
    left behind is removed first. Two callers at once get one cluster. While one is started, the images of the names
    `ahead` are made. Raises SparkproofError with the remedy when this machine lacks something, or when the cluster that
    runs has another Kubernetes than the setting asks for.
    """
    places = layout.layout()
    _must_be_root()
    _must_be_as_asked(places)
    if not _is_healthy(places):
        with _locked(places):
            if not _recovers(places):
                _start(places, ahead)
    return places.kubeconfig


def down() -> None:
    """End the cluster and remove what it had; its images and logs stay. Nothing to end is fine."""
    places = layout.layout()
    _must_be_root()
    with _locked(places), doing("stopping the embedded cluster"):
        _clear(places)


def status() -> Status:
    """Look at the cluster without changing anything; takes well under a second.

    Raises SparkproofError for a plain user when a node runs.
    """
    places = layout.layout()
    cgroup = Cgroup(places.cgroup)
    room = Room.at(places)
    if cgroup.first_process() is None:
        leftover = cgroup.processes()
        reason = f"processes {leftover} are left of a node that has ended" if leftover else "no node runs"
        return Status("broken" if leftover else "down", reason, room=room)
    # What follows is root's: a plain user would take a cluster that is up for one that starts.
    _must_be_root()
    memory = cgroup.memory_bytes()
    if (running := api.running(places)) is None:
        return Status("starting", "a node runs, but no start has finished yet", memory_bytes=memory, room=room)
    wrong = _wrong(places, running)
    return Status(
        "broken" if wrong else "up",
        "; ".join([wrong, *room.lacks()]) if wrong else "",
        room=room,
        server=f"https://127.0.0.1:{running.port}",
        kubeconfig=places.kubeconfig,
        version=f"{running.kubernetes}, official" if running.official else running.kubernetes,
        memory_bytes=memory,
    )


def load(archive: Path, reference: str) -> None:
    """Import the image `reference` from `archive` (docker or OCI format) into the node, unless it is there already.

    Raises SparkproofError when the cluster is not up, process.CommandFailed when the archive cannot be read.
    """
    images = health.node_images(layout.layout())
    if reference not in images.whole():
        with FileLock(layout.layout().state / "load.lock"):
            if reference not in images.whole():
                # Its layers are kept beside what is unpacked of them.
                refuse_without_room(2 * archive.stat().st_size if archive.exists() else 0)
                with doing(f"loading {reference} into the node"):
                    images.load(archive, [reference])


def has(reference: str) -> bool:
    """True if the node has every part of this image; raises SparkproofError when the cluster is not up."""
    return reference in health.node_images(layout.layout()).whole()


def blobs() -> list[Path]:
    """The node's parts of images, files that are named by their SHA-256; raises SparkproofError when it is not up."""
    return health.node_images(layout.layout()).blobs()


def loaded() -> list[str]:
    """The references of the images that the node has; raises SparkproofError when the cluster is not up."""
    return health.node_images(layout.layout()).listed()


def unload(references: Sequence[str]) -> None:
    """Remove images from the node; its disk is free again when the command returns."""
    images = health.node_images(layout.layout())
    images.remove(references)
    images.remove_nameless()


def refuse_without_room(more: int = 0) -> None:
    """Check that a run that puts `more` bytes on the disk fits on this machine; raises SparkproofError."""
    if short := Room.at(layout.layout()).lacks(more):
        raise SparkproofError(
            f"The embedded cluster has too little room: {'; '.join(short)}. `sparkproof images --prune` removes images "
            "of earlier states."
        )


def pressure() -> str:
    """What the machine is so short of that the node's pods are evicted, in words with what is free; "" if nothing."""
    return Room.at(layout.layout()).pressure()


def _is_up(places: Layout) -> bool:
    running = api.running(places)
    if running is None or Cgroup(places.cgroup).first_process() is None:
        return False
    return api.readiness(places, running.port) == api.READY


def _wrong(places: Layout, running: api.Running) -> str:
    """Return what is wrong with a cluster that came up; "" if nothing is."""
    if (answer := api.readiness(places, running.port)) != api.READY:
        return f"the API server is not ready: {answer}"
    try:
        return str(health.look(places))
    except process.CommandFailed as failed:
        return str(failed).splitlines()[0]


def _is_healthy(places: Layout) -> bool:
    """True if the cluster is up and nothing is wrong that could be mended."""
    seen = _look(places)
    return seen is not None and not (seen.mendable or seen.lost or seen.stopped)


def _look(places: Layout) -> health.Health | None:
    """Look at a cluster that is up; None if it is not, or is too busy to answer."""
    try:
        return health.look(places) if _is_up(places) else None
    except process.CommandFailed:
        return None


def _is_back(seen: health.Health | None) -> bool:
    return seen is not None and not seen.stopped


def _back(places: Layout) -> health.Health | None:
    """Wait until the API server answers and the control plane's other programs run; raises GaveUp."""
    wait.eventually("a ready API server", lambda: _look(places), bool, within_s=timeouts.CLUSTER_RECOVERY)
    return wait.eventually("a running control plane", lambda: _look(places), _is_back, within_s=timeouts.RESTARTED)


def _recovers(places: Layout) -> bool:
    """Give a cluster that had come up, and whose node lives, time to restart its programs; mend what it has lost.

    Returns False if it must be started anew. Raises SparkproofError when a pressure keeps it from being mended.
    """
    if api.running(places) is None or Cgroup(places.cgroup).first_process() is None:
        return False
    Etcd(places).put_right()
    anew = "starting it anew, without what was on it"
    if not _is_back(seen := _look(places)):
        try:
            with doing("waiting for the embedded cluster's control plane to come back"):
                seen = _back(places)
        except wait.GaveUp:
            say(f"the embedded cluster does not recover: {anew}")
            return False
    if seen is None or seen.lost:
        say(f"the embedded cluster cannot be mended ({seen}): {anew}")
        return False
    return not seen.mendable or _mended(places, seen, anew)


def _mended(places: Layout, seen: health.Health, anew: str) -> bool:
    try:
        health.mend(places, seen)
    except process.CommandFailed as failed:
        if short := Room.at(places).lacks():
            wants = f"The embedded cluster is broken ({seen}) for want of room: {'; '.join(short)}."
            raise SparkproofError(wants) from None
        say(f"{failed}\nthe embedded cluster cannot be mended: {anew}")
        return False
    return True


def _start(places: Layout, ahead: Sequence[str]) -> None:
    """Start a cluster from nothing; once more, with an empty image store, when its containers could not be started."""
    from sparkproof.embedded import doctor, start

    doctor.must_be_fit(places)
    _clear(places)
    reused = places.images.exists()
    with making(ahead):
        try:
            start.start(places)
        except official.Unavailable:
            raise
        except SparkproofError as failed:
            if not (reused and start.no_container_started(places)):
                raise
            say(f"{failed}\nstarting the embedded cluster once more, with its images imported anew")
            _clear(places)
            shutil.rmtree(places.images)
            start.start(places)


def _clear(places: Layout) -> None:
    """Remove whatever runs or lies about of a cluster, finished or not; images and logs stay."""
    from sparkproof.embedded import doctor

    places.running.unlink(missing_ok=True)
    cgroup = Cgroup(places.cgroup)
    cgroup.kill()
    cgroup.remove()
    # Nothing may be mounted here on the host, or its files would be removed with the folders.
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    if inside := [path for path in mounted if places.state in Path(path).parents]:
        raise SparkproofError(f"{inside[0]} is a mount that the cluster did not make: unmount it, then try again.")
    for name in _PER_CLUSTER:
        if (folder := places.state / name).exists():
            shutil.rmtree(folder)
    doctor.remove_killed_trials(places.state)
    places.kubeconfig.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(places: Layout) -> Iterator[None]:
    """Hold the lock on starting and stopping this cluster; a refusal of the machine becomes one sentence."""
    lock = FileLock(places.lock)
    try:
        places.state.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            with doing("waiting for another `sparkproof up` or `down` to finish"):
                lock.acquire()
        yield
    except OSError as refused:
        raise SparkproofError(
            f"{refused.filename or places.state}: {refused.strerror}; when that is mended, run `sparkproof up` again."
        ) from refused
    finally:
        lock.release()


def _must_be_as_asked(places: Layout) -> None:
    """Check that a cluster that runs has the Kubernetes that the setting asks for, if it is set."""
    asked, running = official.asked(), api.running(places)
    if asked is None or running is None or Cgroup(places.cgroup).first_process() is None:
        return
    if asked != running.official:
        has = "official" if running.official else "built"
        raise SparkproofError(
            f"The embedded cluster runs Kubernetes as {has}, and {official.SETTING} asks for another: unset it to use "
            "this cluster, or run `sparkproof down` first."
        )


def _must_be_root() -> None:
    if os.geteuid() != 0:
        raise SparkproofError("The embedded cluster needs root for its namespaces and mounts: run this with sudo.")
