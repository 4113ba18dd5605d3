"""Fetches published files through the machine's own Maven client, so that its mirrors and credentials apply."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import cache, process, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.progress import doing


@dataclass(frozen=True)
class Artifact:
    """A published file: "group:name:version", a jar, or "group:name:version:type:classifier", as Maven has it.

    `sha512` is its checksum in hexadecimal.
    """

    coordinates: str
    sha512: str

    @property
    def name(self) -> str:
        """Return the file's name, as Maven has it."""
        _, name, version, *variant = self.coordinates.split(":")
        return "-".join([name, version, *variant[1:]]) + f".{variant[0] if variant else 'jar'}"

    @property
    def cached(self) -> Path | None:
        """Return the file in the cache, or None if it has not been fetched."""
        entry = cache.lookup(f"maven/{self.name}", self._key)
        return entry / self.name if entry else None

    def keep(self, fetched: Path) -> Path:
        """Move the file from the folder `fetched` into the cache; raises SparkproofError if its checksum is another."""
        with (fetched / self.name).open("rb") as content:
            found = hashlib.file_digest(content, "sha512").hexdigest()
        if found != self.sha512:
            raise SparkproofError(
                f"{self.coordinates} has the SHA-512 {found}, not the pinned {self.sha512}: if the pin in "
                "docker/versions.toml is right, remove the file from the local Maven repository and try again."
            )

        def move(folder: Path) -> None:
            (fetched / self.name).rename(folder / self.name)

        return cache.entry(f"maven/{self.name}", self._key, move) / self.name

    @property
    def _key(self) -> str:
        return cache.digest(self.coordinates, self.sha512)


def fetch(artifacts: Sequence[Artifact]) -> list[Path]:
    """Return the files of `artifacts`, in their order; those that the cache lacks are fetched into it, all at once.

    Raises SparkproofError when a checksum is another one, process.CommandFailed when Maven does not bring them all.
    """
    if any(not each.cached for each in artifacts):
        with cache.scratch("maven") as folder:
            # Another process may have fetched some of them until the folder was free.
            if missing := [each for each in artifacts if not each.cached]:
                _fetch(missing, folder)
    return [path for each in artifacts if (path := each.cached)]


def _fetch(missing: Sequence[Artifact], folder: Path) -> None:
    with doing(f"fetching {', '.join(each.name for each in missing[:3])}" + " and more" * (len(missing) > 3)):
        (folder / "pom.xml").write_text(_project(missing, folder))
        process.run(["mvn", "--batch-mode", "--quiet", "dependency:copy"], timeout_s=timeouts.DOWNLOAD, cwd=folder)
    for each in missing:
        each.keep(folder)


def _project(artifacts: Sequence[Artifact], folder: Path) -> str:
    """Return a Maven project that copies `artifacts` into `folder`; Maven's command line copies one file only."""
    items = ""
    for each in artifacts:
        parts = zip(
            ("groupId", "artifactId", "version", "type", "classifier"), each.coordinates.split(":"), strict=False
        )
        items += f"<artifactItem>{''.join(f'<{tag}>{part}</{tag}>' for tag, part in parts)}</artifactItem>"
    return f"""<project>
<modelVersion>4.0.0</modelVersion><groupId>dev.sparkproof</groupId><artifactId>images</artifactId><version>1</version>
<build><plugins><plugin><artifactId>maven-dependency-plugin</artifactId><configuration>
<outputDirectory>{folder}</outputDirectory><artifactItems>{items}</artifactItems>
</configuration></plugin></plugins></build>
</project>
"""
