"""Runs buildah on an image store of our own in the cache, so that the machine's other images are left alone."""

import os
from pathlib import Path

from filelock import FileLock

from sparkproof.core import cache, process, timeouts


def alone() -> FileLock:
    """Held by a build, and by who removes what builds leave: its holder knows that no build runs."""
    return FileLock(cache.root() / "images" / "store.lock")


def run(*arguments: str | Path, check: bool = True) -> process.Completed:
    """Run one buildah command to its end; raises process.CommandFailed, with `check` also when it exits non-zero."""
    return process.run(command(*arguments), timeout_s=timeouts.IMAGE_BUILD, check=check, env=environment())


def command(*arguments: str | Path) -> list[str | Path]:
    """The words of one buildah command on our store."""
    store = cache.root() / "images" / "store"
    # Mounts do not outlive a boot, and neither may what buildah remembers of them.
    mounts = Path("/run/sparkproof") / f"buildah-{cache.digest(str(store))}"
    return ["buildah", "--root", store, "--runroot", mounts, *arguments]


def environment() -> dict[str, str]:
    """The environment of a buildah command."""
    return {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def exists(reference: str) -> bool:
    """Whether the store holds an image of this name."""
    return run("inspect", "--type", "image", reference, check=False).exit_code == 0
