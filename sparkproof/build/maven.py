"""Fetches published files through the machine's own Maven client, so that its mirrors and credentials apply."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

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
        """The file's name, as Maven has it."""
        _, name, version, *variant = self.coordinates.split(":")
        return "-".join([name, version, *variant[1:]]) + f".{variant[0] if variant else 'jar'}"

    @property
    def cached(self) -> Path | None:
        """The file in the cache, or None when it has not been fetched."""
        entry = cache.lookup(f"maven/{self.name}", self._key)
        return entry / self.name if entry else None

    def keep(self, fetched: Path) -> Path:
        """Take the file out of the folder `fetched` into the cache; raises SparkproofError when it is another one."""
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
    """The files of `artifacts`, in their order, from the cache; what is not there is fetched into it, all at once.

    Raises SparkproofError when a checksum is another one, process.CommandFailed when Maven does not bring them all.
    """
    if missing := [each for each in artifacts if not each.cached]:
        cache.root().mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="maven-", dir=cache.root()) as work:
            folder = Path(work)
            with doing(f"fetching {', '.join(each.name for each in missing[:3])}" + " and more" * (len(missing) > 3)):
                (folder / "pom.xml").write_text(_project(missing, folder))
                process.run(
                    ["mvn", "--batch-mode", "--quiet", "dependency:copy"], timeout_s=timeouts.DOWNLOAD, cwd=folder
                )
            for each in missing:
                each.keep(folder)
    return [path for each in artifacts if (path := each.cached)]


def _project(artifacts: Sequence[Artifact], folder: Path) -> str:
    """A Maven project that copies `artifacts` into `folder`, which Maven's command line does for one file only."""
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
