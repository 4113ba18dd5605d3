"""Puts the images of recipes into the node, and leaves no archive behind."""

from sparkproof.build import images
from sparkproof.build.recipes import Recipe
from sparkproof.embedded import lifecycle


def put(recipe: Recipe) -> str:
    """Return the reference of the image of `recipe`, which the node has then; raises process.CommandFailed."""
    if not lifecycle.has(recipe.reference):
        with images.exported(recipe) as image:
            lifecycle.load(image.archive, image.reference)
    return recipe.reference
