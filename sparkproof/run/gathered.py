"""What steps gather for after_all, in what before_all has made or the project's own modules hold.

Each worker has its own copy. What it adds to a collection, a count, a text or a flag is added to the parent's at its
end: in the context's first layer, in environment.py, in -D settings, in modules and classes of the project, in objects
of these classes, and in variables of functions that stand there.
"""

import pickle
import sys
from collections import Counter, deque
from collections.abc import Iterator, Mapping, MutableSequence, MutableSet, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from behave import runner as behave_runner

from sparkproof.run.faces import sendable
from sparkproof.run.holders import COLLECTIONS, Place, holders, is_behaves
from sparkproof.run.outcome import readable

# Collections that are nested deeper stay in their worker.
_DEEP = 30


class _Sent(NamedTuple):
    """Something that is no plain value, as bytes of which the parent may make it; an exception also as text."""

    content: bytes
    text: str


class Gathered:
    """The values of a process as they were when it began."""

    def __init__(self, runner: behave_runner.Runner) -> None:
        self._before = {place: _copy(value) for place, value in _values(runner)}

    def changes(self, runner: behave_runner.Runner) -> tuple[dict[Place, tuple[Any, Any]], list[str]]:
        """What has changed since, by its place, as it was and as it is; and the names of what cannot be sent."""
        found, kept = {}, []
        for place, value in _values(runner):
            empty: Any = next((kind() for kind in COLLECTIONS if _is(value, kind)), None)
            before = self._before.get(place, empty)
            try:
                if _differs(before, value):
                    found[place] = _change(before, value)
            except Exception:  # it holds itself, or something of the project's that refuses to be compared or copied
                kept.append(".".join(place))
        return found, kept


def add(runner: behave_runner.Runner, changes: dict[Place, tuple[Any, Any]], worker: int) -> None:
    """Add what a worker has gathered to the values of this process, and name what has no place here."""
    known = {holder.place: holder for holder in holders(runner)} if changes else {}
    missing = []
    for place, (before, after) in changes.items():
        if (holder := known.get(place[:-1])) is not None:
            merged = _merged(holder.values.get(place[-1], _made(before)), _made(before), _made(after))
            with suppress(Exception):  # an object that refuses it has its collection, which has grown
                holder.put(place[-1], merged)
        elif _is(after, (list, dict, set)):
            missing.append(".".join(place))
    if missing:
        print(lost(missing, worker), file=sys.stderr)


def lost(names: Sequence[str], worker: int) -> str:
    """A remark on what a worker has gathered in vain."""
    return f"{', '.join(names)}: what worker {worker} put there does not reach after_all."


def _values(runner: behave_runner.Runner) -> Iterator[tuple[Place, Any]]:
    """The values that can be gathered; a collection that has two names is given once."""
    seen: set[int] = set()
    for holder in holders(runner):
        for name, value in list(holder.values.items()):
            if is_behaves(name):
                continue
            if _is(value, COLLECTIONS):
                if id(value) not in seen:
                    seen.add(id(value))
                    yield (*holder.place, name), value
            elif _is_plain(value):
                yield (*holder.place, name), value


def _is(value: Any, kind: Any) -> bool:
    """Return True for an object of a class, without asking it: some objects act when they are asked."""
    return issubclass(type(value), kind)


def _is_plain(value: Any) -> bool:
    return value is None or type(value) in (bool, int, float, str)


def _copy(value: Any, within: tuple[int, ...] = ()) -> Any:
    """A collection as it is now, of builtin classes, with the collections in it; what is in itself stays as it is."""
    if id(value) in within or len(within) > _DEEP:
        return value
    within = (*within, id(value))
    if _is(value, dict):
        return {key: _copy(one, within) for key, one in value.items()}
    if _is(value, (list, deque)):
        return [_copy(one, within) for one in value]
    return set(value) if _is(value, set) else value


def _differs(before: Any, value: Any) -> bool:
    if before is value:
        return False
    if _is(value, dict):
        return list(before) != list(value) or any(_differs(before[key], one) for key, one in value.items())
    if _is(value, (list, deque)):
        return len(before) != len(value) or any(map(_differs, before, value))
    if _is(value, set):
        return len(before) != len(value) or not before.issuperset(value)
    return not (sendable(value) and sendable(before) and before == value)


def _change(before: Any, value: Any) -> tuple[Any, Any]:
    """What was and what is, in a form that can be sent; of a collection that has grown only what is new."""
    if _is(value, dict) and _is(before, dict):
        changed = {key: one for key, one in value.items() if key not in before or _differs(before[key], one)}
        pairs = {key: _change(before[key], one) for key, one in changed.items() if key in before}
        new = {_sent(key): _sent(one) for key, one in changed.items() if key not in before}
        gone = {_sent(key): None for key in before if key not in value}
        return gone | {key: was for key, (was, _) in pairs.items()}, new | {key: now for key, (_, now) in pairs.items()}
    if _is(value, (list, deque)) and _is(before, list) and _starts_with(value, before):
        return [], _sent(list(value)[len(before) :])
    if _is(value, set) and _is(before, set):
        return _sent(before - value), _sent(value - before)
    return _sent(before), _sent(value)


def _sent(value: Any) -> Any:
    """`value` as it can be sent; raises what its classes raise when they are copied."""
    if _is(value, dict):
        return {_sent(key): _sent(one) for key, one in value.items()}
    if _is(value, (list, deque)):
        return [_sent(one) for one in value]
    if _is(value, set):
        return {_sent(one) for one in value}
    if sendable(value):
        return value
    try:
        return _Sent(pickle.dumps(value), "")
    except Exception:  # the project's own class
        if not _is(value, BaseException):
            raise
        return _Sent(b"", f"{type(value).__name__}: {readable(value)}")


def _made(value: Any) -> Any:
    if _is(value, dict):
        return {_made(key): _made(one) for key, one in value.items()}
    if _is(value, list):
        return [_made(one) for one in value]
    if _is(value, set):
        return {_made(one) for one in value}
    if not _is(value, _Sent):
        return value
    try:
        return pickle.loads(value.content)
    except Exception:  # a class that only the worker has
        return RuntimeError(value.text or "a worker gathered what cannot be made here")


def _merged(own: Any, before: Any, after: Any) -> Any:
    """The value `own`, changed as `before` was to become `after`."""
    if isinstance(own, MutableSequence):
        if _starts_with(after, before):
            own.extend(after[len(before) :])
        elif not _differs(before, own):
            own.clear()
            own.extend(after)
        else:
            for one in _without(before, after):
                with suppress(ValueError):  # another worker has taken it out
                    own.remove(one)
            own.extend(_without(after, before))
    elif isinstance(own, MutableSet):
        own -= before - after
        own |= after - before
    elif isinstance(own, Mapping):
        for key in before.keys() - after.keys():
            own.pop(key, None)  # type: ignore[attr-defined]
        for key, value in after.items():
            if key in own and (key in before or isinstance(value, COLLECTIONS) or isinstance(own, Counter)):
                value = _merged(own[key], before.get(key, type(value)()), value)
            own[key] = value  # type: ignore[index]
    elif _is_number(own) and _is_number(before) and _is_number(after):
        return own + after - before
    elif isinstance(own, str) and isinstance(before, str) and after.startswith(before):
        return own + after[len(before) :]
    else:
        return after if before != after else own
    return own


def _starts_with(value: Any, before: Any) -> bool:
    return len(value) >= len(before) and not any(map(_differs, before, value))


def _without(some: Any, others: Any) -> list[Any]:
    """The elements of a list that another one has not, as often as it has fewer of them."""
    rest = list(others)
    left = []
    for one in some:
        if one in rest:
            rest.remove(one)
        else:
            left.append(one)
    return left


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
