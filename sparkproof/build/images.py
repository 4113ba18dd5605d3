"""Builds the images of the platform with buildah, once for each state of what goes into them."""

import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import buildah, debian, debian_image, host_packages, versions
from sparkproof.build.recipes import DOCKER, Recipe, read, unknown
from sparkproof.core import cache
from sparkproof.core.progress import doing

TOOLS = {"buildah": "buildah", "mmdebstrap": "mmdebstrap", "mvn": "maven", "skopeo": "skopeo"}
# The name of an image in a layout: as skopeo writes it, and as containerd reads it without adding a prefix of its own.
_NAME, _NAME_OF_CONTAINERD = "org.opencontainers.image.ref.name", "io.containerd.image.name"


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
    """True if the cache has an archive of the whole image."""
    return cache.lookup(*_entry(recipe)) is not None


def named_in(text: str) -> dict[str, Recipe]:
    """Return the recipes, by name, of the images whose references stand in `text`."""
    return {name: recipe for name, recipe in recipes().items() if recipe.reference in text}


def make(recipe: Recipe) -> Image:
    """Return the image of `recipe`, from the cache or built into it; raises process.CommandFailed."""
    reference = recipe.reference

    def export(folder: Path) -> None:
        ensure_chain_built(recipe)
        with doing(f"exporting the image {reference}"):
            buildah.run("push", "--quiet", reference, f"docker-archive:{folder / 'image.tar'}:{reference}")

    return Image(reference, cache.entry(*_entry(recipe), export) / "image.tar")


def pack(recipe: Recipe, folder: Path, there: Iterable[Path]) -> Path:
    """Return an archive of the image of `recipe`, which is built, without the blobs that its reader has.

    `folder` is empty; `there` are the reader's blobs, files that are named by their SHA-256. They are links in the
    layout that skopeo writes, and it writes no blob twice: images that stand on one that was read are only what they
    add to it. Raises process.CommandFailed.
    """
    layout, archive = folder / "layout", folder / "image.tar"
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for each in there:
        (blobs / each.name).symlink_to(each)
    with doing(f"exporting the image {recipe.reference}"):
        buildah.copy(recipe.reference, layout)
        index = layout / "index.json"
        index.write_text(index.read_text().replace(_NAME, _NAME_OF_CONTAINERD))
        with tarfile.open(archive, "w") as packed:
            for path in sorted(layout.rglob("*")):
                if path.is_file() and not path.is_symlink():
                    packed.add(path, str(path.relative_to(layout)))
    return archive


def push(recipe: Recipe, registry: str) -> str:
    """Push the image of `recipe` to a registry ("registry.example.com/team"); return its name there.

    buildah's own login and settings are used. Raises process.CommandFailed.
    """
    ensure_chain_built(recipe)
    pushed = f"{registry}/{recipe.reference.partition('/')[2]}"
    with doing(f"pushing {pushed}"):
        buildah.run("push", "--quiet", recipe.reference, f"docker://{pushed}")
    return pushed


def _entry(recipe: Recipe) -> tuple[str, str]:
    """Return the cache's entry of the image's archive: name and key."""
    name, _, tag = recipe.reference.rpartition("/")[2].partition(":")
    return f"images/{name}", tag


def build(recipe: Recipe, reference: str, *options: str) -> None:
    """Build the image of `recipe`, whose base is there, into the image store by this name; raises CommandFailed."""
    with buildah.building() as work:
        _build(recipe, reference, work, *options)


def ensure_built(recipe: Recipe) -> None:
    """Put the image of `recipe`, whose base is there, into the image store, unless it is there."""
    if not buildah.exists(recipe.reference):
        with buildah.building() as work:
            # Another process may have built it meanwhile.
            if not buildah.exists(recipe.reference):
                with doing(f"building the image {recipe.reference}"):
                    _build(recipe, recipe.reference, work)


def ensure_chain_built(recipe: Recipe) -> None:
    """Put the image of `recipe` into the image store, with those it stands on and the tools that build them."""
    debian.install(TOOLS)
    for each in recipe.chain:
        ensure_built(each)


def _build(recipe: Recipe, reference: str, work: Path, *options: str) -> None:
    """Build in `work`, the folder of a build that is alone."""
    context, run = work / "context", work / "run"
    recipe.write(context)
    run.mkdir()
    arguments: list[str | Path] = [*options, "--tag", reference, *_options(recipe, run), context]
    buildah.run("build", "--layers", "--force-rm", *arguments, work=work)


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
