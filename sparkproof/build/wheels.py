"""Installs programs that PyPI carries into the cache, pinned by hash."""

import sys
from pathlib import Path

from sparkproof.core import cache, process, timeouts
from sparkproof.core.progress import doing


def installed(name: str, requirements: Path, what: str) -> Path:
    """The cache's folder `name` with the packages of the hashed file `requirements`; `what` is said meanwhile.

    Raises process.CommandFailed when pip brings nothing.
    """

    def install(folder: Path) -> None:
        with doing(f"installing {what} from PyPI"):
            process.run(
                [
                    sys.executable, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps",
                    "--target", folder, "--requirement", requirements,
                ],
                timeout_s=timeouts.DOWNLOAD,
            )  # fmt: skip

    return cache.entry(name, cache.digest(requirements), install)
