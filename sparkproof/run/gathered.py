"""What steps gather for after_all, in what before_all has made or environment.py holds.

Each worker has its own copy. What it adds to a collection, a count, a text or a flag in the context's first layer, in
environment.py, in -D settings, or in an object of a class of environment.py, is added to the parent's at its end.
"""

import pickle
from collections import Counter, deque
from collections.abc import Iterator, Mapping, MutableSequence, MutableSet
from types import ModuleType
from typing import Any, NamedTuple

from behave import runner as behave_runner

from sparkproof.run.faces import sendable
from sparkproof.run.outcome import readable

_Place = tuple[str, ...]
_COLLECTIONS = (list, set, dict, deque)
_BEHAVES = frozenset(("aborted", "failed", "config", "active_outline", "cleanup_errors", "@cleanups", "@layer"))


class _Sent(NamedTuple):
    """An exception that was gathered, as bytes of which the parent may make it, and as text."""

    content: bytes
    text: str


class Gathered:
    """The values of a process as they were when it began."""

    def __init__(self, runner: behave_runner.Runner) -> None:
        self._before = {place: _copy(value) for place, value in _values(runner)}

    def changes(self, runner: behave_runner.Runner) -> tuple[dict[_Place, tuple[Any, Any]], list[str]]:
        """What has changed since, by its place, as it was and as it is; and the names of what cannot be sent."""
        found, kept = {}, []
        for place, value in _values(runner):
            empty = type(value)() if isinstance(value, _COLLECTIONS) else None
            before = self._before.get(place, empty)
            try:
                if _differs(before, value):
                    if _crosses(value):
                        found[place] = (_sent(before), _sent(value))
                    else:
                        kept.append(".".join(place))
            except RecursionError:
                kept.append(".".join(place))
        return found, kept


def add(runner: behave_runner.Runner, changes: dict[_Place, tuple[Any, Any]]) -> None:
    """Add what a worker has gathered to the values of this process."""
    holders = dict(_holders(runner))
    for place, (before, after) in changes.items():
        if (holder := holders.get(place[:-1])) is not None:
            own = holder.get(place[-1], _made(before))
            holder[place[-1]] = _merged(own, _made(before), _made(after))


def _holders(runner: behave_runner.Runner) -> Iterator[tuple[_Place, dict[str, Any]]]:
    places = {"context": runner.context._root, "environment.py": runner.hooks, "-D": runner.config.userdata}
    for where, names in places.items():
        yield (where,), names
        for name, value in list(names.items()):
            # A class of environment.py is in no module.
            if not _is_behaves(name) and type(value).__module__ == "builtins" and not callable(value):
                attributes = getattr(value, "__dict__", None)
                if isinstance(attributes, dict) and not isinstance(value, ModuleType):
                    yield (where, name), attributes


def _values(runner: behave_runner.Runner) -> Iterator[tuple[_Place, Any]]:
    for place, names in _holders(runner):
        for name, value in list(names.items()):
            if not _is_behaves(name) and (isinstance(value, _COLLECTIONS) or _is_plain(value)):
                yield (*place, name), value


def _is_behaves(name: object) -> bool:
    return not isinstance(name, str) or name in _BEHAVES or name.startswith("__")


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _copy(value: Any) -> Any:
    """A collection as it is now, of builtin classes, as far as it consists of plain values."""
    if isinstance(value, dict):
        return {key: _copy(one) if sendable(one) else one for key, one in value.items()}
    if isinstance(value, list | deque):
        return [_copy(one) if sendable(one) else one for one in value]
    return set(value) if isinstance(value, set) else value


def _differs(before: Any, value: Any) -> bool:
    if before is value:
        return False
    if isinstance(value, dict):
        return list(before) != list(value) or any(_differs(before[key], one) for key, one in value.items())
    if isinstance(value, list | deque):
        return len(before) != len(value) or any(map(_differs, before, value))
    if isinstance(value, set):
        return len(before) != len(value) or not before.issuperset(value)
    return not (sendable(value) and sendable(before) and before == value)


def _crosses(value: Any) -> bool:
    if isinstance(value, dict):
        return all(sendable(key) and _crosses(one) for key, one in value.items())
    if isinstance(value, list | deque):
        return all(map(_crosses, value))
    return sendable(set(value) if isinstance(value, set) else value) or isinstance(value, BaseException)


def _sent(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sent(one) for key, one in value.items()}
    if isinstance(value, list | deque):
        return [_sent(one) for one in value]
    if not isinstance(value, BaseException):
        return set(value) if isinstance(value, set) else value
    try:
        content = pickle.dumps(value)
    except Exception:  # the project's own class
        content = b""
    return _Sent(content, f"{type(value).__name__}: {readable(value)}")


def _made(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _made(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_made(one) for one in value]
    if not isinstance(value, _Sent):
        return value
    try:
        return pickle.loads(value.content)
    except Exception:  # a class that only the worker has
        return RuntimeError(value.text)


def _merged(own: Any, before: Any, after: Any) -> Any:
    """The value `own`, changed as `before` was to become `after`."""
    if isinstance(own, MutableSequence):
        if not any(map(_differs, before, after)):
            own.extend(after[len(before) :])
        elif not _differs(before, own):
            own.clear()
            own.extend(after)
        elif _differs(after, own):
            own.extend(after)
    elif isinstance(own, MutableSet):
        own |= after - before
    elif isinstance(own, Mapping):
        for key, value in after.items():
            if key in own and (key in before or isinstance(value, _COLLECTIONS) or isinstance(own, Counter)):
                value = _merged(own[key], before.get(key, type(value)()), value)
            own[key] = value  # type: ignore[index]
    elif _is_number(own) and _is_number(before) and _is_number(after):
        return own + after - before
    elif isinstance(own, str) and isinstance(before, str) and after.startswith(before):
        return own + after[len(before) :]
    else:
        return after if before != after else own
    return own


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
