"""The room of the embedded node on this machine: disk, inodes, memory; what a run needs, and where eviction begins."""

import os
from dataclasses import dataclass
from pathlib import Path

from sparkproof.embedded.layout import Layout

_GIB = 2**30
# The kubelet evicts pods below these.
EVICTED_BELOW_BYTES = 512 * 2**20
EVICTED_BELOW_INODES = 4096
EVICTED_BELOW_MEMORY = 100 * 2**20
# A run needs this much, so that it meets no eviction.
_BYTES = 2 * _GIB
_INODES = 5 * EVICTED_BELOW_INODES
_MEMORY = _GIB


@dataclass(frozen=True)
class Room:
    """What is free: bytes and inodes at a folder, and memory of the machine."""

    folder: Path
    bytes: int
    inodes: int
    memory: int

    @classmethod
    def at(cls, places: Layout) -> "Room":
        """The room where the cluster's state is, or will be."""
        folder = next(each for each in (places.state, *places.state.parents) if each.exists())
        disk = os.statvfs(folder)
        # Some file systems have no fixed number of inodes, and say 0 of 0.
        inodes = disk.f_favail if disk.f_files else 2**40
        return cls(folder, disk.f_bavail * disk.f_frsize, inodes, memory_available())

    def __str__(self) -> str:
        return (
            f"{_gib(self.bytes)} and {self.inodes} inodes are free at {self.folder}, and {_gib(self.memory)} of memory"
        )

    def lacks(self, more: int = 0) -> list[str]:
        """What a run is short of that puts `more` bytes on the disk, a phrase each; none when there is enough."""
        short = []
        if (missing := _BYTES + more - self.bytes) > 0:
            short.append(
                f"{_gib(self.bytes)} of disk is free at {self.folder}, and {_gib(_BYTES + more)} is needed: "
                f"free {_gib(missing)} more"
            )
        if (missing := _INODES - self.inodes) > 0:
            short.append(
                f"{self.inodes} inodes are free at {self.folder}, and {_INODES} are needed: remove {missing} files"
            )
        if (missing := _MEMORY - self.memory) > 0:
            short.append(f"{_gib(self.memory)} of memory is free, and {_gib(_MEMORY)} is needed: free {_gib(missing)}")
        return short

    def pressure(self) -> str:
        """What the kubelet evicts pods for, and what is free, in the words of a node's conditions; "" if nothing."""
        limits = (
            ("disk pressure", self.bytes, EVICTED_BELOW_BYTES),
            ("disk pressure for want of inodes", self.inodes, EVICTED_BELOW_INODES),
            ("memory pressure", self.memory, EVICTED_BELOW_MEMORY),
        )
        found = ", ".join(words for words, free, limit in limits if free < limit)
        free = f"{self.bytes / 1e9:.1f} GB of disk free, {self.inodes} inodes, {self.memory / 1e9:.1f} GB of memory"
        return f"{found} ({free})" if found else ""


def memory_available() -> int:
    """The bytes of memory that programs can still get without swapping."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))


def _gib(count: int) -> str:
    return f"{count / _GIB:.1f} GiB"
