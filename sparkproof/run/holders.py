"""Where a project's own code may keep what it gathers: its modules, its classes, their objects and its functions."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from behave import runner as behave_runner

Place = tuple[str, ...]
COLLECTIONS = (list, set, dict, deque)
_BEHAVES = frozenset(("aborted", "failed", "config", "active_outline", "cleanup_errors", "@cleanups", "@layer"))
# What stands in a project's folder and is none of its own.
_LIBRARIES = ("site-packages", "dist-packages", str(Path(os.__file__).parent))
_RUNNERS = frozenset(("behave", "sparkproof"))
# Classes of Python's own that hold what a project puts there, by module and name.
_PLAIN = frozenset((("types", "SimpleNamespace"), *(("queue", f"{kind}Queue") for kind in ("", "Lifo", "Priority"))))
# The flag of classes that code has made, not C.
_MADE_BY_CODE = 1 << 9
# Objects in objects are looked at to this depth.
_DEPTH = 4


class Holder(NamedTuple):
    """Something that has values by name: those that it has now, and how to give it one."""

    place: Place
    values: dict[str, Any]
    put: Callable[[str, Any], None]


def holders(runner: behave_runner.Runner) -> Iterator[Holder]:
    """Everything of the project that may hold what is gathered, each once, what is nearest to the run first."""
    own = _Own(runner)
    roots = {"context": runner.context._root, "environment.py": runner.hooks, "-D": runner.config.userdata}
    seen = {id(names) for names in roots.values()}
    waiting = deque((Holder((where,), names, names.__setitem__), 0) for where, names in roots.items())
    waiting.extend((Holder((module.__name__,), vars(module), vars(module).__setitem__), 0) for module in own.modules())
    while waiting:
        holder, depth = waiting.popleft()
        yield holder
        for name, value in list(holder.values.items()) if depth < _DEPTH else ():
            if not is_behaves(name) and id(value) not in seen and (inner := own.holder((*holder.place, name), value)):
                seen.add(id(value))
                waiting.append((inner, depth + 1))


def is_behaves(name: object) -> bool:
    """Return True for what is no name of the project's."""
    return not isinstance(name, str) or name in _BEHAVES or name.startswith("__")


class _Own:
    """Tells the project's own: environment.py, steps, and the modules in the folder of the run or of the features.

    Classes are asked for, never objects: an object may act when it is asked what it is.
    """

    def __init__(self, runner: behave_runner.Runner) -> None:
        folders = set()
        with suppress(OSError):  # somebody may have removed the working directory
            folders = {Path.cwd(), Path(getattr(runner, "base_dir", None) or ".").absolute().parent}
        self._folders = tuple(f"{folder}{os.sep}" for folder in folders)

    def modules(self) -> list[ModuleType]:
        return [module for module in list(sys.modules.values()) if self._has(module)]

    def holder(self, place: Place, value: Any) -> Holder | None:
        """What the class, object or function at `place` holds; None if it is not the project's own."""
        kind = type(value)
        if kind is FunctionType:
            return _cells(place, value) if value.__closure__ and self._is_own(value) else None
        if kind in (MethodType, BuiltinMethodType):
            bound = value.__self__
            holds = issubclass(type(bound), COLLECTIONS) or self._is_own(type(bound))
            return Holder(place, {"self": bound}, lambda _name, _one: None) if holds else None
        if issubclass(kind, type):
            return Holder(place, dict(vars(value)), _setter(value)) if self._is_own(value) else None
        if self._is_own(kind) or (kind.__module__, kind.__name__) in _PLAIN:
            return Holder(place, _attributes(value), _setter(value))
        return None

    def _is_own(self, made: Any) -> bool:
        """Return True for a class or function that the project's own code has made."""
        name = made.__module__
        if name in (None, "builtins"):  # environment.py and steps are in no module
            return type(made) is FunctionType or bool(made.__flags__ & _MADE_BY_CODE)
        return type(name) is str and self._has(sys.modules.get(name))

    def _has(self, module: Any) -> bool:
        if type(module) is not ModuleType:
            return False
        file = vars(module).get("__file__")
        if not isinstance(file, str) or not file.startswith(self._folders) or any(one in file for one in _LIBRARIES):
            return False
        return module.__name__.partition(".")[0] not in _RUNNERS


def _cells(place: Place, function: FunctionType) -> Holder:
    """The variables that a function has from the one around it."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    filled = {}
    for name, cell in cells.items():
        try:
            filled[name] = cell.cell_contents
        except ValueError:  # it has no value yet
            continue
    return Holder(place, filled, lambda name, one: setattr(cells[name], "cell_contents", one))


def _attributes(value: Any) -> dict[str, Any]:
    names = dict(getattr(value, "__dict__", ()))
    for kind in type(value).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            try:
                names[name] = vars(kind)[name].__get__(value)
            except (AttributeError, KeyError):  # it has no value yet, or its name is the class's own secret
                continue
    return names


def _setter(thing: Any) -> Callable[[str, Any], None]:
    return lambda name, value: setattr(thing, name, value)
