"""The hint of an error about an unknown name: the nearest known name, or all of them."""

import difflib
from collections.abc import Iterable

# A hint names all known names if they are at most so many.
_FEW = 16


def nearest(name: str, known: Iterable[str], count: int = 1, cutoff: float = 0.5) -> list[str]:
    """Return at most `count` known names that are spelt most like `name`, the nearest first; case does not matter."""
    lowered = {each.lower(): each for each in known}
    return [lowered[each] for each in difflib.get_close_matches(name.lower(), lowered, n=count, cutoff=cutoff)]


def hint(name: str, known: Iterable[str], written: str = "{}") -> str:
    """Return "did you mean X?", with all known names when they are few or none is near.

    `written` is how a user writes the nearest name: "@{}" for a tag.
    """
    names = list(known)
    near = nearest(name, names)
    question = f"did you mean {written.format(near[0])}?" if near else ""
    listed = f"nown are {', '.join(names) or 'none'}."
    if not question:
        return f"k{listed}"
    return f"{question} K{listed}" if len(names) <= _FEW else question
