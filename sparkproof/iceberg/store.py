"""The object store of a platform, as an operator sees it: files by path, read and changed with the driver's keys."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparkproof.core import timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.iceberg.table import Table, url_of
from sparkproof.kube.places import Place, last_words
from sparkproof.spark.platform import Platform

_PROGRAM = Path(__file__).with_name("in_store.py")
_SCHEME = "s3://"


@dataclass(frozen=True)
class ObjectStore:
    """The files that the program at `place` can reach; a path opens with the bucket ("lakehouse/rest/db/trips")."""

    place: Place

    @classmethod
    def of(cls, platform: Platform) -> "ObjectStore":
        """Return the store in which the platform's driver keeps tables."""
        return cls(platform.workloads.place("connect"))

    def files(self, folder: str) -> Mapping[str, float]:
        """Return the files below a folder, each with the moment of its last change in seconds since the epoch."""
        found: dict[str, float] = self._do("list", folder)
        return found

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, each text by its path, one after another."""
        self._do("write", json.dumps(files))

    def remove(self, folder: str, ending: str = "") -> list[str]:
        """Remove the files below a folder whose names end like this, and return their paths."""
        gone: list[str] = self._do("remove", folder, ending)
        return gone

    def copy(self, path: str, to: str) -> None:
        """Copy a file within the store."""
        self._do("copy", path, to)

    def search(self, folder: str, text: str) -> Mapping[str, bool]:
        """Return the files below a folder, each with True if its bytes, or what is packed in them, have the text."""
        found: dict[str, bool] = self._do("search", folder, text)
        return found

    def _do(self, *arguments: str) -> Any:
        program = self.place.exec(["python3", "-c", _PROGRAM.read_text(), *arguments])
        answer = program.finish(timeouts.STORE)
        try:
            return json.loads(answer)
        except ValueError:
            why = last_words(program).splitlines()[-1:] or ["it said nothing"]
            raise SparkproofError(f"The object store did not {' '.join(arguments).strip()}: {why[0]}.") from None


def folder_of(table: Table) -> str:
    """Return the table's folder in the object store, as its catalog has it; needs the table."""
    found = url_of(table)
    if not found.startswith(_SCHEME):
        raise SparkproofError(f"{table.name} lies at {found}, which is no object store.")
    return found.removeprefix(_SCHEME)


def url(path: str) -> str:
    """Return the URL by which a catalog names a path of the object store."""
    return f"{_SCHEME}{path}"
