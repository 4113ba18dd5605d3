"""How long each image takes to build with its parts at hand, and how large it is; docs/images.md shows both."""

import json
from collections.abc import Iterator

from bench.figure import Figure, seconds
from sparkproof.build import buildah, images
from sparkproof.build.recipes import DOCKER, Recipe

MEASURED = DOCKER / "measured.json"


def measure() -> Iterator[Figure]:
    """Every image on top of those that it stands on, without any layer of an earlier build; written down, too."""
    written = {}
    for name, recipe in images.recipes().items():
        for base in recipe.chain[:-1]:
            images.ensure_built(base)
        taken, size = _built_anew(recipe)
        written[name] = {"build_s": round(taken), "size": size}
        yield Figure(f"the image {name}, built anew", taken, "s", None, size)
    MEASURED.write_text(json.dumps(written, indent=2) + "\n")


def _built_anew(recipe: Recipe) -> tuple[float, str]:
    """Seconds of a build whose result is thrown away, and the size of the image in buildah's words."""
    reference = f"{recipe.reference}-measured"
    taken = seconds(lambda: images.build(recipe, reference, "--no-cache"))
    (image,) = json.loads(buildah.run("images", "--json", reference).stdout)
    buildah.run("rmi", reference)
    # The stages that the image was made in are of a gigabyte each.
    buildah.run("rmi", "--prune")
    return taken, image["size"]
