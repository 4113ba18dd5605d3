"""Runs buildah on an image store of our own in the cache, so that the machine's other images are left alone."""

import os
from pathlib import Path

from filelock import FileLock

from sparkproof.core import cache, process, timeouts


def alone() -> FileLock:
    """Return the lock that a build holds, and a clean-up after builds: no build runs while another holds it."""
    return FileLock(cache.root() / "images" / "store.lock")


def run(*arguments: str | Path, check: bool = True) -> process.Completed:
    """Run one buildah command to its end; raises process.CommandFailed, with `check` also when it exits non-zero."""
    return process.run(command(*arguments), timeout_s=timeouts.IMAGE_BUILD, check=check, env=environment())


def command(*arguments: str | Path) -> list[str | Path]:
    """Return the argument list of one buildah command on our store."""
    store = cache.root() / "images" / "store"
    # Mounts end with a boot, so the record that buildah keeps of them must end too.
    mounts = Path("/run/sparkproof") / f"buildah-{cache.digest(str(store))}"
    return ["buildah", "--root", store, "--runroot", mounts, *arguments]


def environment() -> dict[str, str]:
    """Return the environment of a buildah command."""
    return {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def exists(reference: str) -> bool:
    """True if the store holds an image of this name."""
    return run("inspect", "--type", "image", reference, check=False).exit_code == 0
