"""What steps gather for after_all in collections of before_all or of environment.py, and what they change unseen.

Each worker has its own copy of all that before_all made. What it adds to a list, a set, a dictionary or a count of the
context's first layer or of environment.py is added to the parent's at its end, so that after_all finds it.
"""

import copy
from collections.abc import Mapping, MutableSequence, MutableSet
from typing import Any

from behave import runner as behave_runner

from sparkproof.run.faces import sendable

_BEHAVES = frozenset(("aborted", "failed", "config", "active_outline", "cleanup_errors", "@cleanups", "@layer"))


class Gathered:
    """The collections of a process as they were when it began."""

    def __init__(self, collections: dict[tuple[str, str], Any]) -> None:
        self._before = collections

    @classmethod
    def of(cls, runner: behave_runner.Runner) -> "Gathered":
        return cls({name: copy.deepcopy(value) for name, value in _collections(runner).items()})

    def changes(self, runner: behave_runner.Runner) -> dict[tuple[str, str], tuple[Any, Any]]:
        """What has changed since, by the place and name of its collection: what it was, and what it is."""
        found = {}
        for name, value in _collections(runner).items():
            before = self._before.get(name)
            if before is not None and before != value:
                found[name] = (before, _plain(value))
        return found


def add(runner: behave_runner.Runner, changes: dict[tuple[str, str], tuple[Any, Any]]) -> None:
    """Add what a worker has gathered to the collections of this process."""
    own = _collections(runner)
    for name, (before, after) in changes.items():
        if name in own:
            _add(own[name], before, after)


def _collections(runner: behave_runner.Runner) -> dict[tuple[str, str], Any]:
    places = {"context": runner.context._root, "environment": runner.hooks}
    return {
        (place, name): value
        for place, names in places.items()
        for name, value in names.items()
        if name not in _BEHAVES and not name.startswith("__") and _is_plain(value)
    }


def _is_plain(value: Any) -> bool:
    return isinstance(value, list | set | dict) and sendable(_plain(value))


def _plain(value: Any) -> Any:
    """A collection of a class of its own (Counter, defaultdict) as the builtin one that it is."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return set(value) if isinstance(value, set) else value


def _add(own: Any, before: Any, after: Any) -> None:
    if isinstance(own, MutableSequence):
        own.extend(after[len(before) :] if after[: len(before)] == before else after)
    elif isinstance(own, MutableSet):
        own |= after - before
    else:
        for key, value in after.items():
            if key not in before or key not in own:
                own[key] = value
            elif isinstance(own[key], list | set | Mapping):
                _add(own[key], before[key], value)
            elif isinstance(value, int | float) and isinstance(own[key], int | float):
                own[key] += value - before[key]
            elif value != before[key]:
                own[key] = value
