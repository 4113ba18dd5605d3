"""Fetches jars through the machine's own Maven client, so that its mirrors and credentials apply, and checks them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sparkproof import process, timeouts
from sparkproof.cluster import cache
from sparkproof.errors import SparkproofError
from sparkproof.progress import doing


@dataclass(frozen=True)
class Jar:
    """A published jar: `artifact` is "group:name:version" or "group:name:version:jar:classifier", as Maven has it.

    `sha512` is its checksum in hexadecimal.
    """

    artifact: str
    sha512: str

    @property
    def name(self) -> str:
        """The file's name, as Maven has it."""
        _, name, version, *variant = self.artifact.split(":")
        return "-".join([name, version, *variant[1:]]) + ".jar"

    def fetch(self) -> Path:
        """The jar from the cache, or fetched into it.

        Raises SparkproofError when its checksum is another one, process.CommandFailed when Maven brings nothing.
        """
        return cache.entry(f"jars/{self.name}", cache.digest(self.artifact, self.sha512), self._download) / self.name

    def _download(self, folder: Path) -> None:
        with doing(f"fetching {self.name}"):
            copy = ["dependency:copy", f"-Dartifact={self.artifact}", f"-DoutputDirectory={folder}"]
            process.run(["mvn", "--batch-mode", "--quiet", *copy], timeout_s=timeouts.DOWNLOAD, cwd=folder)
        with (folder / self.name).open("rb") as content:
            found = hashlib.file_digest(content, "sha512").hexdigest()
        if found != self.sha512:
            raise SparkproofError(
                f"{self.artifact} has the SHA-512 {found}, not the pinned {self.sha512}: if the pin in "
                "docker/versions.toml is right, remove the jar from the local Maven repository and try again."
            )
