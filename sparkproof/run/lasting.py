"""A file that a run writes while code of others runs: it notices when somebody closes it or takes it away."""

import errno
import os
from contextlib import suppress
from functools import cached_property
from io import FileIO
from pathlib import Path


class LastingFile:
    """A file that opens with `head`. What is written is on its way to the disk when `write` returns.

    While it is `held`, that is so when `release` returns. It is made when it is first written: a project's before_all
    may remove the folder before.
    """

    def __init__(self, path: Path, head: bytes = b"") -> None:
        self._path = path
        self._head = head
        self._waiting: list[bytes] = []
        self._lost = False
        self.held = False

    def write(self, content: bytes) -> None:
        """Add `content`; raises OSError, also when the file was closed: its number may be another file's by now."""
        self._waiting.append(content)
        if not self.held:
            self.release()

    def release(self) -> None:
        """Write what has waited, in one go, and let nothing wait any more; raises OSError as `write` does."""
        self.held = False
        if not self._waiting:
            return
        content = memoryview(b"".join(self._waiting))
        self._waiting.clear()
        if not self._is_open():
            raise OSError(errno.EBADF, "a step closed the runner's files")
        try:
            while content:  # a disk that is nearly full takes a part of it
                content = content[self._file.write(content) :]
        except OSError:
            self._lost = True
            raise

    @property
    def is_in_place(self) -> bool:
        """True if nobody has removed or replaced the file."""
        with suppress(OSError):
            return self._made == _which(self._path.stat())
        return False

    @property
    def is_whole(self) -> bool:
        """True if the file is open and in place, and has all that was written."""
        return not self._lost and self._is_open() and self.is_in_place

    def close(self) -> None:
        """Close the file; write it anew if it was taken away. Raises OSError."""
        if not self._is_open():
            return
        if not self.is_in_place:
            self._file.seek(0)
            replace(self._path, self._file.read())
        self._file.close()

    @cached_property
    def _file(self) -> FileIO:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("w+b", buffering=0)
        file.write(self._head)
        return file

    @cached_property
    def _made(self) -> tuple[int, int]:
        return _which(os.fstat(self._file.fileno()))

    def _is_open(self) -> bool:
        try:
            return self._made == _which(os.fstat(self._file.fileno()))
        except (OSError, ValueError):
            return False


def _which(found: os.stat_result) -> tuple[int, int]:
    """Return what tells a file from all others."""
    return found.st_ino, found.st_dev


def replace(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step, also where its folder was taken away; raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_bytes(content)
    partial.replace(path)
