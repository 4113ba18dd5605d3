"""Runs buildah on an image store of our own in the cache, so that the machine's other images are left alone."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock
from tenacity import Retrying, retry_if_result, stop_after_attempt

from sparkproof.core import cache, process, timeouts

# What buildah 1.28 says when the kernel, for a moment, holds a page of the copy of itself that it starts: it has done
# nothing yet. Seen once in some thousands of starts.
_NOT_STARTED = "sealing memfd copy: Device or resource busy"
_STARTED = Retrying(
    retry=retry_if_result(lambda done: done.exit_code != 0 and _NOT_STARTED in done.stderr),
    stop=stop_after_attempt(5),
    retry_error_callback=lambda last: last.outcome and last.outcome.result(),
)


def alone() -> FileLock:
    """Return the lock that a build holds, and a clean-up after builds: no build runs while another holds it."""
    return FileLock(cache.root() / "images" / "store.lock")


@contextmanager
def building() -> Iterator[Path]:
    """Build in the block, alone: yields an empty folder for the build's files, which buildah takes for its own, too.

    A build that is killed leaves a container with its mounts; a block that raises removes it, and so does the next one.
    """
    work = cache.root() / "images" / "work"
    with alone():
        try:
            _clear(work)
            work.mkdir(parents=True)
            yield work
        finally:
            _clear(work)


def _clear(work: Path) -> None:
    run("rm", "--all")
    if work.exists():
        shutil.rmtree(work)


def run(*arguments: str | Path, check: bool = True, work: Path | None = None) -> process.Completed:
    """Run one buildah command, with its temporary files in `work`; raises process.CommandFailed.

    With `check` that is raised also when it exits non-zero. A command that could not start itself is tried again.
    """
    env = environment() | ({"TMPDIR": str(work)} if work else {})
    done = _STARTED(process.run, command(*arguments), timeout_s=timeouts.IMAGE_BUILD, check=False, env=env)
    return done.checked() if check else done


def command(*arguments: str | Path) -> list[str | Path]:
    """Return the argument list of one buildah command on our store."""
    store, mounts = _folders()
    return ["buildah", "--root", store, "--runroot", mounts, *arguments]


def copy(reference: str, layout: Path) -> None:
    """Add an image of the store to an OCI layout, whose layers stay as they are; raises process.CommandFailed.

    skopeo writes no blob that the layout has, and buildah's own push writes each one anew, compressed.
    """
    store, mounts = _folders()
    source, target = f"containers-storage:[{store}+{mounts}]{reference}", f"oci:{layout}:{reference}"
    command = ["skopeo", "copy", "--quiet", "--dest-oci-accept-uncompressed-layers", source, target]
    process.run(command, timeout_s=timeouts.IMAGE_BUILD)


def _folders() -> tuple[Path, Path]:
    """Return the folders of the store and of its mounts."""
    store = cache.root() / "images" / "store"
    # Mounts end with a boot, so the record that buildah keeps of them must end too.
    return store, Path("/run/sparkproof") / f"buildah-{cache.digest(str(store))}"


def environment() -> dict[str, str]:
    """Return the environment of a buildah command."""
    return {**os.environ, "BUILDAH_ISOLATION": "chroot"}


def exists(reference: str) -> bool:
    """True if the store holds an image of this name."""
    return run("inspect", "--type", "image", reference, check=False).exit_code == 0
