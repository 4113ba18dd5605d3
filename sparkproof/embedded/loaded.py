"""Puts the images of recipes into the node, and leaves no archive behind."""

import sys
from collections.abc import Sequence

from sparkproof.build import ahead, images
from sparkproof.build.ahead import Maker
from sparkproof.build.recipes import Recipe
from sparkproof.core import cache
from sparkproof.embedded import lifecycle


def put(recipe: Recipe) -> str:
    """Return the reference of the image of `recipe`, which the node has then; raises process.CommandFailed."""
    if not lifecycle.has(recipe.reference):
        images.ensure_chain_built(recipe)
        with cache.scratch("images/layout") as folder:
            if not lifecycle.has(recipe.reference):
                lifecycle.load(images.pack(recipe, folder, lifecycle.blobs()), recipe.reference)
    return recipe.reference


def putting(names: Sequence[str]) -> Maker | None:
    """Put the images of these names into the node, in this order, in a process of its own; None if it has them all."""
    there, known = set(lifecycle.loaded()), images.recipes()
    missing = [name for name in names if known[name].reference not in there]
    return Maker(missing, __name__) if missing else None


if __name__ == "__main__":
    ahead.images_one_by_one(sys.argv[1:], put)
