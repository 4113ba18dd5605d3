"""The embedded cluster's life: up, down, status, and images loaded into its node."""

import contextlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from sparkproof.build import debian, programs
from sparkproof.core import process, timeouts, wait
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing, say
from sparkproof.embedded import api, layout
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout

_PER_CLUSTER = ("kubernetes", "kubelet", "cni", "etcd", "local-path", "config", "tmp")


@dataclass(frozen=True)
class Status:
    """The state of the embedded cluster.

    `state` is "up", "starting", "broken" or "down", and `reason` says why it is not up; `server`, `kubeconfig` and
    `version` are None unless it has come up once, `memory_bytes` is 0 when nothing runs.
    """

    state: str
    reason: str
    server: str | None = None
    kubeconfig: Path | None = None
    version: str | None = None
    memory_bytes: int = 0


def up() -> Path:
    """Have the cluster up, its DNS and storage included, and return the path of the administrator's kubeconfig.

    A cluster that runs is left alone; what a killed start or stop left behind is removed first. Two callers at once
    get one cluster. Raises SparkproofError with the remedy when this machine lacks something.
    """
    places = layout.layout()
    _must_be_root()
    if not _is_up(places):
        with _locked(places):
            if not _is_up(places) and not _recovers(places):
                from sparkproof.embedded import start

                _clear(places)
                start.start(places)
    return places.kubeconfig


def down() -> None:
    """End the cluster and remove what it had; its images and logs stay. Nothing to end is fine."""
    places = layout.layout()
    _must_be_root()
    with _locked(places), doing("stopping the embedded cluster"):
        _clear(places)


def status() -> Status:
    """Look at the cluster without changing anything; takes well under a second."""
    places = layout.layout()
    cgroup = Cgroup(places.cgroup)
    if cgroup.first_process() is None:
        leftover = cgroup.processes()
        reason = f"processes {leftover} are left of a node that has ended" if leftover else "no node runs"
        return Status("broken" if leftover else "down", reason)
    memory = cgroup.memory_bytes()
    if (running := api.running(places)) is None:
        return Status("starting", "a node runs, but no start has finished yet", memory_bytes=memory)
    answer = api.readiness(places, running.port)
    wrong = f"the API server is not ready: {answer}" if answer != api.READY else _node_trouble(places)
    return Status(
        "broken" if wrong else "up",
        wrong,
        server=f"https://127.0.0.1:{running.port}",
        kubeconfig=places.kubeconfig,
        version=running.kubernetes,
        memory_bytes=memory,
    )


def load(archive: Path, reference: str) -> None:
    """Import the image `reference` from `archive` (docker or OCI format) into the node, unless it is there already.

    Raises SparkproofError when the cluster is not up, process.CommandFailed when the archive cannot be read.
    """
    if reference not in loaded():
        with FileLock(layout.layout().state / "load.lock"):
            if reference not in loaded():
                with doing(f"loading {reference} into the node"):
                    process.run([*_ctr_images(), "import", archive], timeout_s=timeouts.IMAGE_IMPORT)


def loaded() -> list[str]:
    """The references of the images that the node has; raises SparkproofError when the cluster is not up."""
    return process.run([*_ctr_images(), "list", "--quiet"], timeout_s=timeouts.TOOL).stdout.split()


def unload(references: Sequence[str]) -> None:
    """Remove images from the node; its disk is free again when the command returns."""
    process.run([*_ctr_images(), "remove", "--sync", *references], timeout_s=timeouts.IMAGE_IMPORT)


def _ctr_images() -> list[str]:
    """The words with which commands on the running node's images begin."""
    if (first := Cgroup(layout.layout().cgroup).first_process()) is None:
        raise SparkproofError(
            "The embedded cluster is not up, so its images cannot be reached: run `sparkproof up` first."
        )
    # The node's own /run, seen from the host.
    address = Path("/proc", str(first), "root", "run", "containerd", "containerd.sock")
    ctr = debian.unpacked() / "usr" / "bin" / "ctr"
    return [str(ctr), "--address", str(address), "--namespace", "k8s.io", "images"]


def _is_up(places: Layout) -> bool:
    running = api.running(places)
    if running is None or Cgroup(places.cgroup).first_process() is None:
        return False
    return api.readiness(places, running.port) == api.READY


def _node_trouble(places: Layout) -> str:
    """Return the kubelet's reason why the node is not ready; empty if it is."""
    condition = "{.status.conditions[?(@.type=='Ready')]['status','message']}"
    command = [
        str(programs.build("kubectl")), "--kubeconfig", str(places.kubeconfig),
        "get", "node", layout.NODE_NAME, "--output", f"jsonpath={condition}",
    ]  # fmt: skip
    ready, _, message = process.run(command, timeout_s=timeouts.API_CALL).stdout.partition(" ")
    return "" if ready == "True" else f"the node is not ready: {message}"


def _recovers(places: Layout) -> bool:
    """Give a cluster that had come up, and whose node lives, time to mend itself: its programs are restarted inside."""
    if api.running(places) is None or Cgroup(places.cgroup).first_process() is None:
        return False
    try:
        with doing("waiting for the embedded cluster's API server to come back"):
            wait.eventually("a ready API server", lambda: _is_up(places), bool, within_s=timeouts.CLUSTER_RECOVERY)
    except wait.GaveUp:
        say("the embedded cluster does not recover: starting it anew, without what was on it")
        return False
    return True


def _clear(places: Layout) -> None:
    """Remove whatever runs or lies about of a cluster, finished or not; images and logs stay."""
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


def _must_be_root() -> None:
    if os.geteuid() != 0:
        raise SparkproofError("The embedded cluster needs root for its namespaces and mounts: run this with sudo.")
