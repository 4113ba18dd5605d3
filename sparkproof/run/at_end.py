"""What Python does when a program ends, for a worker: it is a copy, and must not do it for what the parent has made.

Files and log handlers that hold text are flushed, and finalizers are called, such as those of temporary folders.
"""

import gc
import io
import itertools
import logging
import weakref
from collections.abc import Collection
from contextlib import suppress
from typing import Any

_HOLD_TEXT = frozenset((io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom))


def flush_before_fork() -> list[Any]:
    """Flush what the project has written so far, which each copy would write again; return its open files."""
    gc.unfreeze()
    files = _files(gc.get_objects())
    gc.freeze()
    _flush(files)
    return files


def begin_worker() -> None:
    """Leave to the parent what it has made: it calls its own finalizers, and garbage of its own is not looked for."""
    gc.freeze()
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False


def end_worker(parents_files: list[Any]) -> None:
    """Do for what this worker has made or written what the end of a program does."""
    with suppress(Exception):
        weakref.finalize._exitfunc()  # type: ignore[attr-defined]
    _flush([*parents_files, *_files(gc.get_objects())])


def _files(objects: Collection[Any]) -> list[Any]:
    # There are some fifty thousand objects: this takes a third of a loop's time.
    return list(itertools.compress(objects, map(_HOLD_TEXT.__contains__, map(type, objects))))


def _flush(files: list[Any]) -> None:
    for reference in reversed(logging._handlerList):  # type: ignore[attr-defined]
        with suppress(Exception):
            reference().flush()
    for each in files:
        with suppress(Exception):
            each.flush()
