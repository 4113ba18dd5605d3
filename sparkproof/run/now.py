"""What a parent and its workers see of each other at once, in shared memory: step, progress and halt."""

import mmap


class Now:
    """One short text: the step that runs, and its progress."""

    SIZE = 1024

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self.SIZE)

    def write(self, text: str) -> None:
        self._memory[:] = text.encode(errors="replace")[: self.SIZE].ljust(self.SIZE, b"\0")

    def read(self) -> str:
        return self._memory[:].rstrip(b"\0").decode(errors="ignore")


class Halt:
    """The parent's word that no further scenario begins, in memory that it shares with all workers."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    def set(self) -> None:
        self._memory[0] = 1

    @property
    def is_set(self) -> bool:
        return self._memory[0] == 1
