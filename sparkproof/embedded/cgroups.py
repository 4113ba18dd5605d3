"""One cgroup for everything the embedded cluster runs: what is in it is the cluster, whoever started or killed what."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError

_ROOT = Path("/sys/fs/cgroup")
_V2_CONTROLLERS = ("cpuset", "cpu", "io", "memory", "pids")
_POLL_S = 0.02


def version(root: Path = _ROOT) -> int:
    """1 or 2: which hierarchy holds this machine's controllers, by the rule that the kubelet and runc use."""
    return 2 if (root / "cgroup.controllers").exists() else 1


def controllers(root: Path = _ROOT) -> set[str]:
    """The names of the controllers that this machine offers."""
    if version(root) == 2:
        return set((root / "cgroup.controllers").read_text().split())
    return {each.name for each in root.iterdir() if (each / "cgroup.procs").exists()}


@dataclass(frozen=True)
class Cgroup:
    """The cgroup `name` below the root, in every hierarchy that is mounted."""

    name: str
    root: Path = _ROOT

    @property
    def folders(self) -> list[Path]:
        """Its folder in each hierarchy: one with cgroup v2, one for each controller with v1; existing or not."""
        if version(self.root) == 2:
            return [self.root / self.name]
        hierarchies = {each.resolve() for each in self.root.glob("*/") if (each / "cgroup.procs").exists()}
        return [each / self.name for each in sorted(hierarchies)]

    def create(self) -> None:
        """Make the folders, with every controller that pods need switched on. Raises SparkproofError if refused."""
        try:
            for folder in self.folders:
                folder.mkdir(exist_ok=True)
                if version(self.root) == 2:
                    self._delegate(folder.parent)
                    self._delegate(folder)
                else:
                    _inherit_cpuset(folder)
                leaf = folder / "node"
                leaf.mkdir(exist_ok=True)
                _inherit_cpuset(leaf)
        except OSError as refused:
            raise SparkproofError(
                f"The cgroup {refused.filename} cannot be set up ({refused.strerror}): in a container, run it "
                "privileged and with a cgroup namespace of its own whose root holds no processes."
            ) from refused

    def enter(self) -> None:
        """Move the calling process in; what it starts from now on is inside as well."""
        for folder in self.folders:
            (folder / "node" / "cgroup.procs").write_text(str(os.getpid()))

    def processes(self) -> list[int]:
        """The ids of all processes inside, those of pods included."""
        return sorted({pid for folder in self.folders for each in _below(folder) for pid in _members(each)})

    def first_process(self) -> int | None:
        """The process that is number 1 of the node's own process namespace; None when no node runs."""
        return next((pid for folder in self.folders for pid in _members(folder / "node") if _is_node_init(pid)), None)

    def memory_bytes(self) -> int:
        """Memory that the processes inside take, each shared page by halves, thirds ... among those that share it.

        The cgroup's own count would leave out programs that another cgroup happened to read first. Pages that only
        root may count are left out for a plain user.
        """
        return sum(map(_proportional_set_size, self.processes()))

    def kill(self) -> None:
        """End every process inside and wait until none is left; the kernel then drops their namespaces and mounts."""
        deadline = time.monotonic() + timeouts.CLUSTER_DOWN
        if (first := self.first_process()) is not None:
            _kill(first)
        while left := self.processes():
            if time.monotonic() > deadline:
                raise SparkproofError(
                    f"Processes {left} of the cluster hang in the kernel and do not end: restart the machine."
                )
            for pid in left:
                _kill(pid)
            time.sleep(_POLL_S)

    def remove(self) -> None:
        """Remove the folders; there must be no process left inside. Gone already is fine."""
        deadline = time.monotonic() + timeouts.CLUSTER_DOWN
        for folder in self.folders:
            for each in reversed(list(_below(folder))):
                while True:
                    try:
                        each.rmdir()
                    except FileNotFoundError:
                        break
                    except OSError as busy:
                        # A process that has just ended still counts for a moment.
                        if time.monotonic() > deadline:
                            raise SparkproofError(f"The cgroup {each} cannot be removed: {busy.strerror}.") from busy
                        time.sleep(_POLL_S)
                    else:
                        break

    def _delegate(self, folder: Path) -> None:
        offered = (folder / "cgroup.controllers").read_text().split()
        wanted = [f"+{each}" for each in _V2_CONTROLLERS if each in offered]
        (folder / "cgroup.subtree_control").write_text(" ".join(wanted))


def _below(folder: Path) -> Iterator[Path]:
    """`folder` and all folders in it, parents first; none when it does not exist."""
    for path, _, _ in os.walk(folder):
        yield Path(path)


def _members(folder: Path) -> list[int]:
    try:
        return [int(line) for line in (folder / "cgroup.procs").read_text().split()]
    except OSError:
        return []  # the cgroup was removed between listing and reading


def _proportional_set_size(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # ended in the meantime
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _is_node_init(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
    return len(numbers) > 1 and numbers[-1] == "1"


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _inherit_cpuset(folder: Path) -> None:
    """A new cgroup v1 cpuset has no cores and no memory nodes, and no process can enter it, until it is given some."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        if (folder / name).exists() and not (folder / name).read_text().strip():
            (folder / name).write_text((folder.parent / name).read_text())
