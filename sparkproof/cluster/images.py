"""Builds the images of the platform with buildah, once for each state of what goes into them."""

import os
import shutil
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sparkproof.cluster import buildah, cache, debian, debian_image, host_packages
from sparkproof.cluster.maven import Jar
from sparkproof.errors import UsageError
from sparkproof.progress import doing

DOCKER = Path(__file__).resolve().parents[2] / "docker"
VERSIONS = DOCKER / "versions.toml"
TOOLS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap", "mvn": "maven"}


@dataclass(frozen=True)
class Image:
    """A built image: its full reference, and the archive that `ctr images import` takes."""

    reference: str
    archive: Path


@dataclass(frozen=True)
class Recipe:
    """All that decides what an image holds.

    A folder with a Dockerfile, the arguments of the build, what the folder needs besides (`files` by name, published
    `jars`), and what the Dockerfile's BASE_IMAGE is, if it takes one: another recipe's image, or a suite of Debian.
    `version` names the image ("localhost/sparkproof/spark:4.1.1").
    """

    version: str
    folder: Path
    args: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Path] = field(default_factory=dict)
    jars: Sequence[Jar] = ()
    base: "Recipe | str | None" = None

    @property
    def reference(self) -> str:
        """The image's name: its version and a hash of its inputs, the same on every machine, known before a build."""
        base = self.base.reference if isinstance(self.base, Recipe) else self.base
        inputs: list[str | Path] = [self.version, base or "", *(jar.sha512 for jar in self.jars)]
        inputs += [f"{name}={value}" for name, value in sorted(self.args.items())]
        for name, path in self._context():
            inputs += [f"{name} {path.stat().st_mode & 0o111:o}", path]
        return f"{self.version}-{cache.digest(*inputs)[:8]}"

    def write(self, target: Path) -> None:
        """Write the folder that any builder of Dockerfiles takes into `target`, with times that never change."""
        jars = [(f"jars/{jar.name}", jar.fetch()) for jar in self.jars]
        for name, path in [*self._context(), *jars]:
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


def build(
    folder: Path, *, reference: str, args: Mapping[str, str] | None = None, files: Mapping[str, Path] | None = None
) -> Image:
    """The image of the Dockerfile in `folder`, built if the cache has none of just these inputs.

    `reference` ends in a version; the inputs' hash is added to it, so that a changed image is never taken for the one
    before. `files` are put into the build's folder under their names. Raises process.CommandFailed.
    """
    return make(Recipe(reference, folder, args or {}, files or {}))


def spark(version: str, *, gpu: bool = False) -> Image:
    """The image of this Spark version for server, executors and clients; raises UsageError for an unknown one."""
    return make(spark_recipe(version, gpu=gpu))


def spark_versions() -> list[str]:
    """The Spark versions that there are images of."""
    return list(tomllib.loads(VERSIONS.read_text())["spark"])


def has_gpu(version: str) -> bool:
    """Whether there is an image of this Spark version with RAPIDS."""
    return "gpu" in tomllib.loads(VERSIONS.read_text())["spark"][version]


def spark_recipe(version: str, *, gpu: bool = False) -> Recipe:
    """What the image of this Spark version is made of, with RAPIDS for `gpu`; raises UsageError for an unknown one."""
    pinned = tomllib.loads(VERSIONS.read_text())
    debian_versions, spark_versions = pinned["debian"], pinned["spark"].get(version)
    if spark_versions is None or (gpu and "gpu" not in spark_versions):
        known = ", ".join(name for name, versions in pinned["spark"].items() if not gpu or "gpu" in versions)
        kind = "GPU image" if gpu else "image"
        raise UsageError(f"There is no {kind} of Spark {version}: docker/versions.toml knows {known}.")
    plain = Recipe(
        version=f"localhost/sparkproof/spark:{version}",
        folder=DOCKER / spark_versions["folder"],
        args={
            "SPARK_VERSION": version,
            "SCALA_VERSION": spark_versions["scala"],
            "ICEBERG_VERSION": spark_versions["iceberg"],
            "JAVA_VERSION": debian_versions["java"],
            "PYTHON_VERSION": debian_versions["python"],
        },
        jars=[Jar(**jar) for jar in spark_versions["jars"]],
        base=debian_versions["suite"],
    )
    if not gpu:
        return plain
    return Recipe(
        version=f"{plain.version}-gpu",
        folder=DOCKER / spark_versions["gpu"]["folder"],
        args={"RAPIDS_VERSION": spark_versions["gpu"]["rapids"]},
        jars=[Jar(**jar) for jar in spark_versions["gpu"]["jars"]],
        base=plain,
    )


def recipes() -> list[Recipe]:
    """What every image is made of."""
    return [
        spark_recipe(version, gpu=gpu)
        for version in spark_versions()
        for gpu in ([False, True] if has_gpu(version) else [False])
    ]


def named_in(text: str) -> list[Recipe]:
    """The recipes of the images whose references stand in `text`."""
    return [recipe for recipe in recipes() if recipe.reference in text]


def make(recipe: Recipe) -> Image:
    """The image of `recipe`, from the cache or built into it; raises process.CommandFailed."""
    reference = recipe.reference
    name, _, tag = reference.rpartition("/")[2].partition(":")

    def export(folder: Path) -> None:
        debian.install(TOOLS)
        _ensure_built(recipe)
        with doing(f"exporting the image {name}:{tag}"):
            buildah.run("push", "--quiet", reference, f"docker-archive:{folder / 'image.tar'}:{reference}")

    return Image(reference, cache.entry(f"images/{name}", tag, export) / "image.tar")


def _ensure_built(recipe: Recipe) -> None:
    """Put the image of `recipe` into the image store, its base first, unless it is there."""
    if buildah.exists(recipe.reference):
        return
    if isinstance(recipe.base, Recipe):
        _ensure_built(recipe.base)
    with doing(f"building the image {recipe.reference}"), tempfile.TemporaryDirectory(prefix="sparkproof-") as work:
        context, run = Path(work, "context"), Path(work, "run")
        recipe.write(context)
        run.mkdir()
        buildah.run("build", "--layers", "--tag", recipe.reference, *_options(recipe, run), context)


def _options(recipe: Recipe, run: Path) -> list[str]:
    """The build's arguments; on Debian also the host's settings of apt and pip, which `run` shows it."""
    args, volumes = dict(recipe.args), []
    if isinstance(recipe.base, Recipe):
        args["BASE_IMAGE"] = recipe.base.reference
    elif recipe.base:
        base = debian_image.base(recipe.base)
        host = host_packages.settings(run, base.sources)
        args |= {"BASE_IMAGE": base.reference, **host.args}
        volumes = [f"--volume={outside}:{inside}" for outside, inside in host.volumes]
    return [*volumes, *(f"--build-arg={name}={value}" for name, value in args.items())]
