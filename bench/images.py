"""Build time of each image with its parts cached, and its size; docs/images.md shows both."""

import json
from collections.abc import Iterator

from bench.figure import Figure, seconds
from sparkproof.build import buildah, images
from sparkproof.build.recipes import DOCKER, Recipe

MEASURED = DOCKER / "measured.json"


def measure() -> Iterator[Figure]:
    """Measure every image on its cached base images, without layers of earlier builds; write the figures to a file."""
    written = {}
    for name, recipe in images.recipes().items():
        for base in recipe.chain[:-1]:
            images.ensure_built(base)
        taken, size = _build_again(recipe)
        written[name] = {"build_s": round(taken), "size": size}
        yield Figure(f"the image {name}, built without cached layers", taken, "s", None, size)
    MEASURED.write_text(json.dumps(written, indent=2) + "\n")


def _build_again(recipe: Recipe) -> tuple[float, str]:
    """Build an image and remove it; return the seconds and the size as buildah prints it."""
    reference = f"{recipe.reference}-measured"
    taken = seconds(lambda: images.build(recipe, reference, "--no-cache"))
    (image,) = json.loads(buildah.run("images", "--json", reference).stdout)
    buildah.run("rmi", reference)
    # The intermediate stages of the build take a gigabyte each.
    buildah.run("rmi", "--prune")
    return taken, image["size"]
