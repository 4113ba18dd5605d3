"""Removes the images that no recipe describes any more, from everywhere, and archives of what the node has."""

import json
import shutil
from collections.abc import Iterable, Sequence

from sparkproof.build import buildah, debian, images
from sparkproof.core import cache
from sparkproof.core.progress import doing
from sparkproof.embedded import lifecycle, spark_operator


def remove() -> list[str]:
    """Remove them and return what was removed, as "spark-4.1.1-gpu-3b14d824".

    What another checkout's recipes describe is removed too, and built again when that needs it. A node that does not
    run keeps what it has.
    """
    described = {_name(recipe.reference) for recipe in (*images.recipes().values(), spark_operator.recipe())}
    archives = {path.name.removesuffix(".partial"): path for path in (cache.root() / "images").glob("*-*/")}
    stored, loaded = ({_name(each): each for each in references} for references in (_stored(), _loaded()))
    removed = sorted(_ours({*archives, *stored, *loaded}) - described)
    spare = sorted((archives.keys() & loaded.keys()) - set(removed))
    with doing(f"removing {len(removed)} images"):
        for name in archives.keys() & {*removed, *spare}:
            shutil.rmtree(archives[name])
        if loaded:
            lifecycle.unload([loaded[name] for name in loaded.keys() & removed])
        if not debian.missing(images.TOOLS):
            _clean_store([stored[name] for name in stored.keys() & removed])
    return [*removed, *(f"the archive of {name}, which the node has" for name in spare)]


def _clean_store(references: Sequence[str]) -> None:
    """Remove images from buildah's store, with what builds left there that were interrupted or whose image is gone."""
    with buildah.alone():
        buildah.run("rm", "--all")
        if references:
            buildah.run("rmi", "--force", *references)
        buildah.run("rmi", "--prune")


def _ours(names: Iterable[str]) -> set[str]:
    """Return the names of images that a recipe made, of any state: the cluster's own programs are images too."""
    kinds = tuple(f"{_name(recipe.version.partition(':')[0])}-" for recipe in images.recipes().values())
    return {name for name in names if name.startswith(kinds)}


def _stored() -> list[str]:
    if debian.missing(images.TOOLS):
        return []
    found = json.loads(buildah.run("images", "--json").stdout) or []
    return [name for image in found for name in image.get("names") or []]


def _loaded() -> list[str]:
    return lifecycle.loaded() if lifecycle.status().server else []


def _name(reference: str) -> str:
    """A reference without its repository, as the cache names the image's folder."""
    return reference.rpartition("/")[2].replace(":", "-")
