"""Reads the recipes of the platform's images, docker/*/recipe.toml, and names each image by what goes into it."""

import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from sparkproof.build import maven, programs
from sparkproof.build.maven import Artifact
from sparkproof.build.versions import Pins, Spark
from sparkproof.core import cache
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import hint

_ROOT = Path(__file__).resolve().parents[2]
DOCKER = _ROOT / "docker"
FILE = "recipe.toml"
_REPOSITORY = "localhost/sparkproof"
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Recipe:
    """All that decides what an image holds.

    A folder with a Dockerfile, the arguments of the build, what the folder needs besides (`files` by name, published
    `artifacts`, `programs` built from Go modules), and what the Dockerfile's BASE_IMAGE is, if it takes one: another
    recipe's image, or a suite of Debian. `version` names the image ("localhost/sparkproof/spark:4.1.1").
    """

    version: str
    folder: Path
    args: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    artifacts: Sequence[Artifact] = ()
    programs: Sequence[str] = ()
    base: "Recipe | str | None" = None

    @property
    def reference(self) -> str:
        """Return the image's name: its version and a hash of its inputs, the same everywhere, known before a build."""
        base = self.base.reference if isinstance(self.base, Recipe) else self.base
        inputs: list[str | Path] = [self.version, base or "", *(each.sha512 for each in self.artifacts)]
        inputs += [f"{name}={value}" for name, value in sorted(self.args.items())]
        inputs += [f"{name}={programs.key(name)}" for name in self.programs]
        for name, path in self._context():
            inputs += [f"{name} {path.stat().st_mode & 0o111:o}", path]
        return f"{self.version}-{cache.digest(*inputs)[:8]}"

    @property
    def suite(self) -> str | None:
        """Return the suite of Debian that the image is made of; None for one that starts from nothing."""
        return self.base.suite if isinstance(self.base, Recipe) else self.base

    @property
    def chain(self) -> "list[Recipe]":
        """Return the recipes that this one stands on, the first to be built first, and itself."""
        return [*(self.base.chain if isinstance(self.base, Recipe) else []), self]

    def write(self, target: Path) -> None:
        """Write the folder that any builder of Dockerfiles takes into `target`, with times that never change."""
        fetched = [(f"maven/{path.name}", path) for path in maven.fetch(self.artifacts)]
        built = [(name, programs.build(name)) for name in self.programs]
        for name, path in [*self._context(), *fetched, *built]:
            copy = target / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
            os.utime(copy, (0, 0))

    def _context(self) -> list[tuple[str, Path]]:
        own = {
            str(path.relative_to(self.folder)): path
            for path in self.folder.rglob("*")
            if path.is_file() and path.parent.name != "__pycache__"
        }
        # The recipe's values are inputs already; its comments and layout are none.
        own.pop(FILE, None)
        return sorted({**own, **self.files}.items())


class _File(BaseModel):
    """The fields of a recipe.toml; "{TABLE.NAME}" in a text stands for a value of versions.toml or a program's version.

    `name` is the image's, the folder's if left out. `suite` is the suite of Debian or `base` the image that it stands
    on. `artifacts` names tables of versions.toml whose files it holds, "spark" and "rapids" those of a Spark version's
    line. With `every_spark_version` there is an image for each Spark version, or each one that has the value `needs`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    version: str
    suite: str = ""
    base: str = ""
    every_spark_version: bool = False
    needs: str = ""
    artifacts: Sequence[str] = ()
    programs: Sequence[str] = ()
    args: Mapping[str, str] = {}
    files: Mapping[str, str] = {}


@dataclass(frozen=True)
class _Draft:
    """A recipe whose base is known by name only."""

    recipe: Recipe
    base: str


def read(docker: Path, pins: Pins) -> dict[str, Recipe]:
    """Return every image's recipe by the image's name, a base before what stands on it.

    An image of a Spark version has the version in its name ("spark:4.1.1"). Raises UsageError for a recipe that is
    wrong: an unknown field, value, table or base, a file that is not there, a base that stands on its own image.
    """
    files = {path: _read(path) for path in sorted(docker.glob(f"*/{FILE}"))}
    shared = _values(pins)
    drafts = dict(_draft(path, each, pins, shared) for path, each in files.items() if not each.every_spark_version)
    for spark in pins.sparks.values():
        values = shared | {f"spark.{name}": value for name, value in spark.values.items()}
        for path, each in files.items():
            if each.every_spark_version and (not each.needs or each.needs in values):
                drafts |= [_draft(path, each, pins, values, spark)]
    made: dict[str, Recipe] = {}
    for name in drafts:
        _make(name, drafts, made, ())
    return made


def unknown(what: str, name: str, known: Sequence[str]) -> UsageError:
    """Return the error for a name that is not among the known ones; it names the nearest one, or all."""
    return UsageError(f"{what} {name!r}; {hint(name, known)}")


def _make(name: str, drafts: Mapping[str, _Draft], made: dict[str, Recipe], above: tuple[str, ...]) -> Recipe:
    """Put the recipe of this name into `made`, after its base; `above` are those that wait for it."""
    if name in above:
        raise UsageError(f"The image {name} stands on itself: {' on '.join([*above, name])}.")
    if name not in made:
        draft = drafts[name]
        if draft.base and draft.base not in drafts:
            raise unknown(f"{name}: there is no image", draft.base, list(drafts))
        base = _make(draft.base, drafts, made, (*above, name)) if draft.base else draft.recipe.base
        made[name] = replace(draft.recipe, base=base)
    return made[name]


def _draft(
    path: Path, said: _File, pins: Pins, values: Mapping[str, str], spark: Spark | None = None
) -> tuple[str, _Draft]:
    """Return the name and the draft of the image that the recipe at `path` makes, of this Spark version if of any."""
    where = f"docker/{path.parent.name}/{FILE}"

    def fill(text: str) -> str:
        def value(found: re.Match[str]) -> str:
            if found[1] not in values:
                raise unknown(f"{where}: there is no value", found[1], list(values))
            return values[found[1]]

        return _PLACEHOLDER.sub(value, text)

    name, version = said.name or path.parent.name, fill(said.version)
    files = {target: path.parents[2] / fill(source) for target, source in said.files.items()}
    if gone := [source for source in files.values() if not source.is_file()]:
        raise UsageError(
            f"{where}: there is no {gone[0].relative_to(path.parents[2])}; `sparkproof lock` writes the packages of a "
            "new Spark version."
        )
    recipe = Recipe(
        f"{_REPOSITORY}/{name}:{version}",
        path.parent,
        {arg: fill(text) for arg, text in said.args.items()},
        files,
        list(_artifacts(where, said.artifacts, pins, spark)),
        said.programs,
        fill(said.suite) or None,
    )
    return f"{name}:{version}" if spark else name, _Draft(recipe, fill(said.base))


def _artifacts(where: str, tables: Sequence[str], pins: Pins, spark: Spark | None) -> Iterator[Artifact]:
    known = {name: part.artifacts for name, part in pins.parts.items()}
    if spark:
        known |= {"spark": spark.artifacts, "rapids": spark.rapids.artifacts if spark.rapids else []}
    for table in tables:
        if table not in known:
            raise unknown(f"{where}: there is no table of files", table, list(known))
        yield from known[table]


def _values(pins: Pins) -> dict[str, str]:
    """Return the values that every recipe can name: "debian.java", "programs.versitygw"."""
    parts = {f"{table}.{name}": value for table, part in pins.parts.items() for name, value in part.values.items()}
    built = {f"programs.{name}": program.version for name, program in programs.PROGRAMS.items()}
    return parts | built


def _read(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(path.read_text()))
    except (tomllib.TOMLDecodeError, ValidationError) as wrong:
        complaints = (
            [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in wrong.errors()]
            if isinstance(wrong, ValidationError)
            else [str(wrong)]
        )
        raise UsageError(f"docker/{path.parent.name}/{FILE}: {'; '.join(complaints)}.") from None
