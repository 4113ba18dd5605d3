"""Reads docker/versions.toml, the one place where Spark versions and the parts of images are pinned."""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sparkproof.build.maven import Artifact
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint

FILE = Path(__file__).resolve().parents[2] / "docker" / "versions.toml"
_CONNECT = "org.apache.spark:spark-connect_"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Files(_Table):
    """A table with files as Maven names them, each with its SHA-512."""

    maven: Mapping[str, str] = {}

    @property
    def artifacts(self) -> list[Artifact]:
        """Return the files as artifacts, in the order of the file."""
        return [Artifact(coordinates, sha512) for coordinates, sha512 in self.maven.items()]


class Part(_Files):
    """A part of some images: its values by name ("java": "17") and its files."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, str] = Field(init=False)

    @property
    def values(self) -> Mapping[str, str]:
        """Return the table's values, without its files."""
        return self.__pydantic_extra__


class Rapids(_Files):
    """A release of RAPIDS: `shims` are the Spark versions that it supports, `source` says where that is written."""

    version: str
    shims: Sequence[str] = Field(min_length=1)
    source: str


class Line(_Files):
    """Pins that all versions of a minor version of Spark share; `packages` are Python packages beside pyspark."""

    scala: str
    iceberg: str
    packages: Sequence[str]
    rapids: Rapids | None = None


class _Version(_Table):
    connect: str = ""


@dataclass(frozen=True)
class Spark:
    """A Spark version, and the version whose Connect server its image carries."""

    name: str
    connect: str
    line: Line

    @property
    def artifacts(self) -> list[Artifact]:
        """Return the files beside the Python packages: those of its line, and of Connect servers only its own."""
        return [
            each
            for each in self.line.artifacts
            if not each.coordinates.startswith(_CONNECT) or each.coordinates.endswith(f":{self.connect}")
        ]

    @property
    def rapids(self) -> Rapids | None:
        """Return the release of RAPIDS that its image can carry; None if no jar for its Scala is pinned."""
        return self.line.rapids

    @property
    def shim(self) -> str | None:
        """Return the nearest version that RAPIDS has a shim for, itself if it has one; None without RAPIDS."""
        return min(self.rapids.shims, key=lambda shim: _distance(shim, self.name)) if self.rapids else None

    @property
    def forced_shim(self) -> str | None:
        """Return the name of the shim that has to be forced ("spark411"); None without RAPIDS or with its own shim."""
        return f"spark{self.shim.replace('.', '')}" if self.shim and self.shim != self.name else None

    @property
    def values(self) -> Mapping[str, str]:
        """Return the values that a recipe can name: "version", "connect", "scala", "iceberg" and, if any, "rapids"."""
        own = {"version": self.name, "connect": self.connect, "scala": self.line.scala, "iceberg": self.line.iceberg}
        return own | ({"rapids": self.rapids.version} if self.rapids else {})


class _Sparks(_Table):
    default: str
    versions: Mapping[str, _Version]
    lines: Mapping[str, Line]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.default not in self.versions:
            raise ValueError(f"the default {self.default} is not among the versions {', '.join(self.versions)}")
        for name, version in self.versions.items():
            if (line := self.lines.get(_minor(name))) is None:
                raise ValueError(f"version {name} needs a table [spark.lines.{_minor(name)!r}]")
            servers = [each for each in line.maven if each.startswith(_CONNECT)]
            connect = version.connect or name
            if servers and not any(each.endswith(f":{connect}") for each in servers):
                raise ValueError(
                    f"no Connect server of {connect} is pinned for version {name}: pin {_CONNECT}{line.scala}:{connect}"
                    f", or name a version whose server it carries (connect = {servers[-1].rpartition(':')[2]!r})"
                )
        return self


class Pins(_Table):
    """The content of docker/versions.toml: Spark's versions, and the parts of other images by their table's name."""

    model_config = ConfigDict(frozen=True, extra="allow")
    __pydantic_extra__: dict[str, Part] = Field(init=False)
    spark: _Sparks

    @property
    def parts(self) -> Mapping[str, Part]:
        """Return the parts by name ("debian", "jdbc")."""
        return self.__pydantic_extra__

    @property
    def sparks(self) -> Mapping[str, Spark]:
        """Return the Spark versions by name, in the order of the file."""
        return {
            name: Spark(name, version.connect or name, self.spark.lines[_minor(name)])
            for name, version in self.spark.versions.items()
        }


def read(path: Path) -> Pins:
    """Return the pins of the file at `path`; raises UsageError with a sentence for each mistake in it."""
    try:
        return Pins.model_validate(tomllib.loads(path.read_text()))
    except tomllib.TOMLDecodeError as wrong:
        raise UsageError(f"{path.name} is no TOML: {wrong}.") from None
    except ValidationError as wrong:
        said = [(_where(each["loc"]), each["msg"].removeprefix("Value error, ")) for each in wrong.errors()]
        raise UsageError("\n".join(f"{path.name}: {where}{what}." for where, what in said)) from None


@functools.cache
def pins() -> Pins:
    """Return the content of docker/versions.toml, read once."""
    return read(FILE)


def names() -> list[str]:
    """Return the Spark versions, the oldest first."""
    return list(pins().sparks)


def default() -> str:
    """Return the Spark version of criteria and services that name none."""
    return pins().spark.default


def spark(name: str) -> Spark:
    """Return a Spark version by its name; raises UsageError with the nearest known name for an unknown one."""
    known = pins().sparks
    if name not in known:
        raise UsageError(f"Spark {name} is not in docker/versions.toml; {hint(name, known)}")
    return known[name]


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _distance(one: str, other: str) -> list[int]:
    """Return how far two versions lie apart, the difference of their first numbers first."""
    return [abs(int(a) - int(b)) for a, b in zip(one.split("."), other.split("."), strict=True)]


def _where(loc: Sequence[int | str]) -> str:
    return f"{'.'.join(map(str, loc))}: " if loc else ""
