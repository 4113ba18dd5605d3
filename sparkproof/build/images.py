"""Builds the images of the platform with buildah, once for each state of what goes into them."""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sparkproof.build import buildah, debian, debian_image, host_packages, maven, programs
from sparkproof.build.maven import Artifact
from sparkproof.core import cache
from sparkproof.core.errors import UsageError
from sparkproof.core.progress import doing

_ROOT = Path(__file__).resolve().parents[2]
DOCKER = _ROOT / "docker"
VERSIONS = DOCKER / "versions.toml"
TOOLS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap", "mvn": "maven"}
_REPOSITORY = "localhost/sparkproof"


@dataclass(frozen=True)
class Image:
    """A built image: its full reference, and the archive that `ctr images import` takes."""

    reference: str
    archive: Path


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
        """The image's name: its version and a hash of its inputs, the same on every machine, known before a build."""
        base = self.base.reference if isinstance(self.base, Recipe) else self.base
        inputs: list[str | Path] = [self.version, base or "", *(each.sha512 for each in self.artifacts)]
        inputs += [f"{name}={value}" for name, value in sorted(self.args.items())]
        inputs += [f"{name}={programs.key(name)}" for name in self.programs]
        for name, path in self._context():
            inputs += [f"{name} {path.stat().st_mode & 0o111:o}", path]
        return f"{self.version}-{cache.digest(*inputs)[:8]}"

    @property
    def suite(self) -> str | None:
        """The suite of Debian that the image is made of; None for one that starts from nothing."""
        return self.base.suite if isinstance(self.base, Recipe) else self.base

    @property
    def chain(self) -> "list[Recipe]":
        """The recipes that this one stands on, the first to be built first, and itself."""
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
        return sorted({**own, **self.files}.items())


def spark(version: str, *, gpu: bool = False) -> Image:
    """The image of this Spark version for server, executors and clients; raises UsageError for an unknown one."""
    return make(spark_recipe(version, gpu=gpu))


def spark_recipe(version: str, *, gpu: bool = False) -> Recipe:
    """What the image of this Spark version is made of, with RAPIDS for `gpu`; raises UsageError for an unknown one."""
    return recipe(f"spark:{version}-gpu" if gpu else f"spark:{version}")


def named(name: str) -> Image:
    """The image that `recipes` has by this name ("postgres"); raises UsageError for an unknown one."""
    return make(recipe(name))


def recipe(name: str) -> Recipe:
    """What the image of this name is made of; a Spark version alone stands for its image. Raises UsageError."""
    known = recipes()
    found = known.get(name) or known.get(f"spark:{name}")
    if found is None:
        raise UsageError(f"There is no image {name!r}: docker/versions.toml knows {', '.join(known)}.")
    return found


def recipes() -> dict[str, Recipe]:
    """Every image by its name, a base before what stands on it; those of Spark are "spark:4.1.1", "jupyter:4.1.1"."""
    pinned = tomllib.loads(VERSIONS.read_text())
    return {_name(each): each for each in _recipes(pinned)}


def spark_versions() -> list[str]:
    """The Spark versions that there are images of, in the order of docker/versions.toml."""
    return [version for line in tomllib.loads(VERSIONS.read_text())["spark"].values() for version in line["versions"]]


def spark_line(version: str) -> Mapping[str, Any]:
    """What docker/versions.toml says of the line of this Spark version; raises UsageError for an unknown one."""
    for line in tomllib.loads(VERSIONS.read_text())["spark"].values():
        if version in line["versions"]:
            return dict(line)
    raise UsageError(
        f"There are no images of Spark {version}: docker/versions.toml knows {', '.join(spark_versions())}."
    )


def is_built(recipe: Recipe) -> bool:
    """Whether this machine has the image of `recipe`, as an archive or, for one that others stand on, in the store."""
    if cache.lookup(*_entry(recipe)):
        return True
    return not debian.missing(TOOLS) and buildah.exists(recipe.reference)


def named_in(text: str) -> list[Recipe]:
    """The recipes of the images whose references stand in `text`."""
    return [recipe for recipe in recipes().values() if recipe.reference in text]


def make(recipe: Recipe) -> Image:
    """The image of `recipe`, from the cache or built into it; raises process.CommandFailed."""
    reference = recipe.reference

    def export(folder: Path) -> None:
        ensure_chain_built(recipe)
        with doing(f"exporting the image {reference}"):
            buildah.run("push", "--quiet", reference, f"docker-archive:{folder / 'image.tar'}:{reference}")

    return Image(reference, cache.entry(*_entry(recipe), export) / "image.tar")


def _recipes(pinned: Mapping[str, Any]) -> Iterator[Recipe]:
    suite, java, python = (pinned["debian"][name] for name in ("suite", "java", "python"))
    jdbc = _artifacts(pinned["jdbc"])
    runtime = Recipe(f"{_REPOSITORY}/java:{java}", DOCKER / "java", args={"JAVA_VERSION": java}, base=suite)
    yield runtime
    for line in pinned["spark"].values():
        for version in line["versions"]:
            yield from _spark_recipes(version, line, python, jdbc, runtime)
    yield Recipe(
        f"{_REPOSITORY}/postgres:{pinned['debian']['postgresql']}",
        DOCKER / "postgres",
        args={"POSTGRESQL_VERSION": pinned["debian"]["postgresql"]},
        artifacts=_artifacts(pinned["postgres"]),
        base=suite,
    )
    yield Recipe(
        f"{_REPOSITORY}/rest-catalog:{pinned['rest-catalog']['iceberg']}",
        DOCKER / "rest-catalog",
        args={"ICEBERG_VERSION": pinned["rest-catalog"]["iceberg"]},
        artifacts=[*_artifacts(pinned["rest-catalog"]), *jdbc],
        base=runtime,
    )
    versitygw = programs.version("versitygw")
    yield Recipe(
        f"{_REPOSITORY}/object-store:{versitygw}",
        DOCKER / "object-store",
        args={"VERSITYGW_VERSION": versitygw},
        programs=["versitygw"],
    )


def _spark_recipes(
    version: str, line: Mapping[str, Any], python: str, jdbc: Sequence[Artifact], runtime: Recipe
) -> Iterator[Recipe]:
    """The images of one Spark version: Spark, with RAPIDS where `line` has it, with JupyterLab."""
    plain = Recipe(
        f"{_REPOSITORY}/spark:{version}",
        DOCKER / "spark",
        args={
            "SPARK_VERSION": version,
            "CONNECT_VERSION": line.get("connect", version),
            "SCALA_VERSION": line["scala"],
            "ICEBERG_VERSION": line["iceberg"],
            "PYTHON_VERSION": python,
        },
        files={"requirements.txt": DOCKER / "requirements" / f"spark-{version}.txt"},
        artifacts=[*_artifacts(line), *jdbc],
        base=runtime,
    )
    yield plain
    if gpu := line.get("gpu"):
        yield Recipe(
            f"{plain.version}-gpu",
            DOCKER / "spark-gpu",
            args={"RAPIDS_VERSION": gpu["rapids"]},
            files={"gpu-discovery.sh": _ROOT / "scripts" / "gpu-discovery.sh"},
            artifacts=_artifacts(gpu),
            base=plain,
        )
    yield Recipe(
        f"{_REPOSITORY}/jupyter:{version}",
        DOCKER / "jupyter",
        files={"requirements.txt": DOCKER / "requirements" / "jupyter.txt"},
        base=plain,
    )


def _artifacts(pinned: Mapping[str, Any]) -> list[Artifact]:
    return [Artifact(coordinates, sha512) for coordinates, sha512 in pinned["maven"].items()]


def _name(recipe: Recipe) -> str:
    """The name in `recipes`: with the version where it is Spark's, of which there are several."""
    name = recipe.version.rpartition("/")[2]
    return name if name.startswith(("spark:", "jupyter:")) else name.partition(":")[0]


def _entry(recipe: Recipe) -> tuple[str, str]:
    """The cache's entry of the image's archive: name and key."""
    name, _, tag = recipe.reference.rpartition("/")[2].partition(":")
    return f"images/{name}", tag


def build(recipe: Recipe, reference: str, *options: str) -> None:
    """Build the image of `recipe`, whose base is there, into the image store by this name; raises CommandFailed."""
    with buildah.alone(), tempfile.TemporaryDirectory(prefix="sparkproof-") as work:
        context, run = Path(work, "context"), Path(work, "run")
        recipe.write(context)
        run.mkdir()
        buildah.run("build", "--layers", "--force-rm", *options, "--tag", reference, *_options(recipe, run), context)


def ensure_built(recipe: Recipe) -> None:
    """Put the image of `recipe`, whose base is there, into the image store, unless it is there."""
    if not buildah.exists(recipe.reference):
        with doing(f"building the image {recipe.reference}"):
            build(recipe, recipe.reference)


def ensure_chain_built(recipe: Recipe) -> None:
    """Put the image of `recipe` into the image store, with those it stands on and the tools that build them."""
    debian.install(TOOLS)
    for each in recipe.chain:
        ensure_built(each)


def _options(recipe: Recipe, run: Path) -> list[str]:
    """The build's arguments; on Debian also the host's settings of apt and pip, which `run` shows it."""
    args, volumes = dict(recipe.args), []
    if recipe.suite:
        base = debian_image.base(recipe.suite)
        host = host_packages.settings(run, base.sources)
        args |= {
            "BASE_IMAGE": recipe.base.reference if isinstance(recipe.base, Recipe) else base.reference,
            **host.args,
        }
        volumes = [f"--volume={outside}:{inside}" for outside, inside in host.volumes]
    return [*volumes, *(f"--build-arg={name}={value}" for name, value in args.items())]
