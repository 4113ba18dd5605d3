"""A promise: a sentence of the stakeholders, and the search for what breaks it in a rendering."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sparkproof.charts.promises.view import View
from sparkproof.core.errors import UsageError
from sparkproof.core.nearest import nearest

Search = Callable[[View], Iterator[str]]


@dataclass(frozen=True)
class Promise:
    """A sentence, and the search that yields one line for each thing that breaks it."""

    sentence: str
    breaches: Search


_PROMISES: dict[str, Promise] = {}


def promise(sentence: str) -> Callable[[Search], Search]:
    """Add the search that follows to the promises, under this sentence."""

    def add(search: Search) -> Search:
        _PROMISES[sentence] = Promise(sentence, search)
        return search

    return add


def every() -> list[Promise]:
    """All promises, in the order of their modules."""
    return list(_PROMISES.values())


def named(sentence: str) -> Promise:
    """The promise of this sentence; raises UsageError, with the nearest one, for one that nobody makes."""
    if sentence not in _PROMISES:
        raise UsageError(f"No promise says {sentence!r}; the nearest is {nearest(sentence, _PROMISES, cutoff=0)[0]!r}.")
    return _PROMISES[sentence]
