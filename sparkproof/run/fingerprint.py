"""The fingerprint of what a run wrote: how many files, and a digest that `sha256sum` makes as well."""

import hashlib
from pathlib import Path
from typing import Any


def fingerprint(path: Path) -> dict[str, Any]:
    """Return {"files": 1, "sha256": "..."} of a file or of all files in a folder; 0 files if there is nothing.

    The digest of a folder is that of the lines which `sha256sum *` prints in it.
    """
    if path.is_file():
        return {"files": 1, "sha256": _digest(path)}
    files = sorted(each for each in path.rglob("*") if each.is_file())
    listed = "".join(f"{_digest(each)}  {each.relative_to(path).as_posix()}\n" for each in files)
    return {"files": len(files), "sha256": hashlib.sha256(listed.encode(errors="surrogateescape")).hexdigest()}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
