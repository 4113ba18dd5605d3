"""Fetches jars through the machine's own Maven client, so that its mirrors and credentials apply, and checks them."""

import hashlib
from pathlib import Path

from sparkproof import process, timeouts
from sparkproof.cluster import cache
from sparkproof.errors import SparkproofError
from sparkproof.progress import doing


def jar(artifact: str, sha512: str) -> Path:
    """The jar of `artifact` ("group:name:version") from the cache, or fetched into it.

    `sha512` is the checksum that its publisher gives, in hexadecimal. Raises SparkproofError when what Maven brings has
    another one, process.CommandFailed when Maven is missing or brings nothing.
    """
    name = "{1}-{2}.jar".format(*artifact.split(":"))

    def fetch(folder: Path) -> None:
        with doing(f"fetching {name}"):
            process.run(
                [
                    "mvn",
                    "--batch-mode",
                    "--quiet",
                    "dependency:copy",
                    f"-Dartifact={artifact}",
                    f"-DoutputDirectory={folder}",
                ],
                timeout_s=timeouts.DOWNLOAD,
                cwd=folder,
            )
        with (folder / name).open("rb") as content:
            found = hashlib.file_digest(content, "sha512").hexdigest()
        if found != sha512:
            raise SparkproofError(
                f"{artifact} has the SHA-512 {found}, not the pinned {sha512}: if the pin in docker/versions.toml "
                "is right, remove the jar from the local Maven repository and ask the mirror's keeper."
            )

    return cache.entry(f"jars/{name.removesuffix('.jar')}", cache.digest(artifact, sha512), fetch) / name
