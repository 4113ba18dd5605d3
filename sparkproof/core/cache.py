"""Keeps what is expensive to make (programs, images, tool chains) outside the checkout, shared by every clone."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock


def root() -> Path:
    """The cache's folder: $SPARKPROOF_CACHE, else $XDG_CACHE_HOME/sparkproof, else ~/.cache/sparkproof."""
    if named := os.environ.get("SPARKPROOF_CACHE"):
        return Path(named).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sparkproof"


def digest(*inputs: str | bytes | Path) -> str:
    """Twelve hexadecimal digits that change when any of `inputs` does: texts, bytes, or the contents of files."""
    summed = hashlib.sha256()
    for each in inputs:
        content = each.read_bytes() if isinstance(each, Path) else each.encode() if isinstance(each, str) else each
        summed.update(len(content).to_bytes(8))
        summed.update(content)
    return summed.hexdigest()[:12]


def lookup(name: str, key: str) -> Path | None:
    """The entry `name` made from the inputs `key`, or None when it has not been made."""
    entry = root() / f"{name}-{key}"
    return entry if entry.exists() else None


def entry(name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the folder of the entry `name` made from the inputs `key`, calling `make` with an empty folder if need be.

    The entry appears all at once when `make` has returned: a reader never sees half of one, and a run that was killed
    leaves only a folder that the next one removes. Two runs that want the same entry make it once. Raises what `make`
    raises.
    """
    if found := lookup(name, key):
        return found
    made = root() / f"{name}-{key}"
    made.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{made}.lock"):
        if made.exists():
            return made
        partial = _emptied(made.with_name(f"{made.name}.partial"))
        make(partial)
        partial.rename(made)
    return made


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """Give an empty folder in the cache to one process at a time, and remove it in the end.

    What a killed process left in it is removed by the next one.
    """
    root().mkdir(parents=True, exist_ok=True)
    with FileLock(root() / f"{name}.lock"):
        folder = _emptied(root() / f"{name}.partial")
        try:
            yield folder
        finally:
            shutil.rmtree(folder)


def _emptied(folder: Path) -> Path:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    return folder
