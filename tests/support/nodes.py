"""Embedded clusters that tests start, break and stop: what is asked of them, and what may be left of them."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path

from sparkproof.build import programs
from sparkproof.core import process
from sparkproof.embedded.cgroups import Cgroup
from sparkproof.embedded.layout import Layout

SPARKPROOF = [str(Path(sys.executable).with_name("sparkproof"))]


def kubectl(places: Layout, *arguments: str, timeout_s: float = 60) -> str:
    """What kubectl prints on this cluster."""
    command = [str(programs.build("kubectl")), "--kubeconfig", str(places.kubeconfig), *arguments]
    return process.run(command, timeout_s=timeout_s).stdout


def named(places: Layout, wanted: Callable[[str], bool]) -> list[int]:
    """The cluster's processes whose command line (spaces between words) is `wanted`."""
    found = []
    for pid in Cgroup(places.cgroup).processes():
        with contextlib.suppress(OSError):
            if wanted(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()):
                found.append(pid)
    return found


def must_be_gone(places: Layout) -> None:
    """Check that no process, cgroup, mount or file of a cluster is left but images, logs and locks."""
    cgroup = Cgroup(places.cgroup)
    assert cgroup.processes() == []
    assert not [folder for folder in cgroup.folders if folder.exists()]
    mounts = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    assert not [mount for mount in mounts if places.state in Path(mount).parents]
    kept = {"containerd", "log", "lock", "load.lock", "boot.json", "lost+found"}
    assert not {each.name for each in places.state.iterdir()} - kept
    for process_folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            assert str(places.state).encode() not in (process_folder / "cmdline").read_bytes()
