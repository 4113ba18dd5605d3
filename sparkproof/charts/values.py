"""Values of charts: laid over each other as helm does, taken apart, and put together."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Values = Mapping[str, Any]


def read(file: Path) -> Values:
    """Return the values of a file; as for helm, one that has none, or only comments, has an empty map."""
    # The loader in C: a preset is read for every case that it is in.
    return yaml.load(file.read_text(), Loader=yaml.CSafeLoader) or {}


def merged(values: Values, over: Values) -> Values:
    """`values` with `over` laid over them, as helm does: maps are merged, all else is replaced."""
    found = dict(values)
    for key, value in over.items():
        both = isinstance(value, Mapping) and isinstance(found.get(key), Mapping)
        found[key] = merged(found[key], value) if both else value
    return found


def sets(values: Values, wanted: Values) -> bool:
    """Return True if `wanted` laid over `values` changes nothing."""
    for key, value in wanted.items():
        if isinstance(value, Mapping) and isinstance(values.get(key), Mapping):
            if not sets(values[key], value):
                return False
        elif key not in values or values[key] != value:
            return False
    return True


def leaves(values: Values, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every key that has a value of its own, by its path; an empty map is a value."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def nested(keys: Sequence[str], value: Any) -> dict[str, Any]:
    """Values that set only the key at this path."""
    for key in reversed(keys):
        value = {key: value}
    return dict(value)


def has_key(values: Values, keys: Sequence[str]) -> bool:
    """Return True if there is a key at this path; a map that is empty takes any."""
    found: Any = values
    for key in keys:
        if found == {}:
            return True
        if not isinstance(found, Mapping) or key not in found:
            return False
        found = found[key]
    return True
