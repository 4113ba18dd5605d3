"""Builds the images of the platform with buildah, once for each state of what goes into them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import buildah, debian, debian_image, host_packages, versions
from sparkproof.build.recipes import DOCKER, Recipe, read, unknown
from sparkproof.core import cache
from sparkproof.core.progress import doing

TOOLS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap", "mvn": "maven"}


@dataclass(frozen=True)
class Image:
    """A built image: its full reference, and the archive that `ctr images import` takes."""

    reference: str
    archive: Path


def spark_recipe(version: str, *, gpu: bool = False) -> Recipe:
    """Return the recipe of this Spark version's image, with RAPIDS for `gpu`; raises UsageError if there is none."""
    return recipe(f"spark:{version}-gpu" if gpu else f"spark:{version}")


def recipe(name: str) -> Recipe:
    """Return the recipe of the image of this name; a Spark version alone stands for its image. Raises UsageError."""
    known = recipes()
    found = known.get(name) or known.get(f"spark:{name}")
    if found is None:
        raise unknown("There is no image", name, list(known))
    return found


def recipes() -> dict[str, Recipe]:
    """Return every image's recipe by name, a base before what stands on it; Spark's are "spark:4.1.1" and so on."""
    return read(DOCKER, versions.pins())


def is_built(recipe: Recipe) -> bool:
    """True if this machine has the image of `recipe`, as an archive or, for one that others stand on, in the store."""
    if is_archived(recipe):
        return True
    return not debian.missing(TOOLS) and buildah.exists(recipe.reference)


def is_archived(recipe: Recipe) -> bool:
    """True if `make` has been called for this recipe on this machine."""
    return cache.lookup(*_entry(recipe)) is not None


def named_in(text: str) -> list[Recipe]:
    """Return the recipes of the images whose references stand in `text`."""
    return [recipe for recipe in recipes().values() if recipe.reference in text]


def make(recipe: Recipe) -> Image:
    """Return the image of `recipe`, from the cache or built into it; raises process.CommandFailed."""
    reference = recipe.reference

    def export(folder: Path) -> None:
        ensure_chain_built(recipe)
        with doing(f"exporting the image {reference}"):
            buildah.run("push", "--quiet", reference, f"docker-archive:{folder / 'image.tar'}:{reference}")

    return Image(reference, cache.entry(*_entry(recipe), export) / "image.tar")


@contextmanager
def exported(recipe: Recipe) -> Iterator[Image]:
    """Give the image of `recipe` with its archive, which goes again unless it was there before."""
    kept = is_archived(recipe)
    try:
        yield make(recipe)
    finally:
        if not kept:
            cache.drop(*_entry(recipe))


def push(recipe: Recipe, registry: str) -> str:
    """Push the image of `recipe` to a registry ("registry.example.com/team"); return its name there.

    buildah's own login and settings are used. Raises process.CommandFailed.
    """
    image = make(recipe)
    pushed = f"{registry}/{image.reference.partition('/')[2]}"
    if not buildah.exists(image.reference):
        buildah.run("pull", "--quiet", f"docker-archive:{image.archive}")
    with doing(f"pushing {pushed}"):
        buildah.run("push", "--quiet", image.reference, f"docker://{pushed}")
    return pushed


def _entry(recipe: Recipe) -> tuple[str, str]:
    """Return the cache's entry of the image's archive: name and key."""
    name, _, tag = recipe.reference.rpartition("/")[2].partition(":")
    return f"images/{name}", tag


def build(recipe: Recipe, reference: str, *options: str) -> None:
    """Build the image of `recipe`, whose base is there, into the image store by this name; raises CommandFailed."""
    with buildah.building() as work:
        context, run = work / "context", work / "run"
        recipe.write(context)
        run.mkdir()
        arguments: list[str | Path] = [*options, "--tag", reference, *_options(recipe, run), context]
        buildah.run("build", "--layers", "--force-rm", *arguments, work=work)


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
    """Return the build's arguments; on Debian also the host's settings of apt and pip, which lie in `run`."""
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
