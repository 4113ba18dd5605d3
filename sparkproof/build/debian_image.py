"""The Debian image that others start from: pulled where a registry answers, else made from Debian's own packages."""

from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from sparkproof.build import buildah, host_packages
from sparkproof.core import cache, process, timeouts
from sparkproof.core.progress import doing

# Documentation but licences, as in the slim image that a registry would give.
_SLIM = (
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/locale/*",
)


@dataclass(frozen=True)
class Debian:
    """A Debian image in the image store, and the sources.list for builds on it where it has none of its own."""

    reference: str
    sources: Path | None


def base(suite: str) -> Debian:
    """The slim image of `suite` ("bookworm"), put into the image store if it is not there.

    Raises process.CommandFailed when neither a registry nor a Debian mirror gives it.
    """
    reference = f"localhost/sparkproof/debian:{suite}"
    kept = cache.root() / "images" / f"debian-{suite}"
    kept.mkdir(parents=True, exist_ok=True)
    sources = kept / "sources.list"
    with FileLock(kept / "lock"):
        if not buildah.exists(reference):
            sources.unlink(missing_ok=True)
            if not _pulled(suite, reference):
                _bootstrap(suite, reference, sources)
    return Debian(reference, sources if sources.exists() else None)


def _pulled(suite: str, reference: str) -> bool:
    short = f"debian:{suite}-slim"
    if buildah.run("pull", "--quiet", short, check=False).exit_code != 0:
        return False
    buildah.run("tag", short, reference)
    return True


def _bootstrap(suite: str, reference: str, sources: Path) -> None:
    """Make the image with mmdebstrap; the mirrors it used are left out of it and kept in the file `sources`."""
    archive = sources.with_name("rootfs.tar")
    mirrors = host_packages.debian_sources(suite)
    options = [f"--dpkgopt={option}" for option in _SLIM]
    hooks = [
        f"--customize-hook=copy-out /etc/apt/sources.list {sources.parent}",
        '--customize-hook=rm "$1/etc/apt/sources.list"',
    ]
    with doing(f"making a Debian {suite} image"):
        process.run(
            ["mmdebstrap", "--variant=minbase", *options, *hooks, suite, archive, *(["-"] if mirrors else [])],
            input_text="\n".join(mirrors),
            timeout_s=timeouts.IMAGE_BUILD,
        )
        container = buildah.run("from", "scratch").stdout.strip()
        buildah.run("add", container, archive, "/")
        buildah.run("config", "--cmd", "/bin/bash", container)
        buildah.run("commit", "--rm", "--quiet", container, reference)
    archive.unlink()
