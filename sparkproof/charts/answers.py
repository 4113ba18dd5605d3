"""Answers of chartcheck, our program that renders charts; they are kept in the cache, each by itself.

An answer follows from the program, the charts' files and the request alone, so a kept one is as good as a new one, and
tests and criteria share what one of them has asked. What compares two renderings of one case (the same text twice) asks
for one of them anew.
"""

import json
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from sparkproof.build import programs
from sparkproof.charts.cases import Case
from sparkproof.core import cache, process, timeouts

# How many states of the charts have their answers kept.
_STATES = 8


def fresh(cases: Sequence[Case], *options: str) -> Iterator[Any]:
    """The answers for these cases, line by line, from a run of the program."""
    requests = "".join(map(_request, cases))
    done = process.run([programs.build("chartcheck"), *options], timeout_s=timeouts.CHARTS, input_text=requests)
    return map(json.loads, done.stdout.splitlines())


def kept(
    cases: Sequence[Case], *options: str, shorten: Callable[[Mapping[str, Any]], Any] = dict[str, Any]
) -> Sequence[Any]:
    """The answers for these cases, each made shorter; the program is asked for those that the cache lacks.

    Those of charts in a folder for temporary files are not kept: nobody asks for them again.
    """
    if _temporary(cases):
        return [shorten(answer) for answer in fresh(cases, *options)]
    with _store(cases) as store:
        keys = [cache.digest(*options, shorten.__name__, _request(case)) for case in cases]
        known = {key for (key,) in store.execute("SELECT key FROM answers")}
        if missing := {key: case for key, case in zip(keys, cases, strict=True) if key not in known}:
            answers = fresh(list(missing.values()), *options)
            _keep(store, zip(missing, map(shorten, answers), strict=True))
        return [_read(store, key) for key in keys]


def of_all(cases: Sequence[Case], option: str) -> Sequence[Any]:
    """The answers that the program gives for all these cases together, line by line, kept like those of `kept`."""
    if _temporary(cases):
        return list(fresh(cases, option))
    with _store(cases) as store:
        key = cache.digest(option, *map(_request, cases))
        if not store.execute("SELECT key FROM answers WHERE key = ?", [key]).fetchall():
            _keep(store, [(key, list(fresh(cases, option)))])
        return list(_read(store, key))


def _request(case: Case) -> str:
    return json.dumps(case.request(), default=str) + "\n"


def _temporary(cases: Sequence[Case]) -> bool:
    temporary = Path(tempfile.gettempdir()).resolve()
    return any(case.chart.folder.resolve().is_relative_to(temporary) for case in cases)


@contextmanager
def _store(cases: Sequence[Case]) -> Iterator[sqlite3.Connection]:
    """What is kept of the charts as they are now, for one process at a time: who waits finds what the other asked."""
    folder = cache.root() / "answers" / _state(cases)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"), closing(sqlite3.connect(folder / "answers.sqlite")) as store, store:
        store.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer BLOB)")
        yield store
        _forget(folder)


def _keep(store: sqlite3.Connection, answers: Iterable[tuple[str, Any]]) -> None:
    rows = ((key, zlib.compress(json.dumps(answer).encode(), level=1)) for key, answer in answers)
    store.executemany("INSERT INTO answers VALUES (?, ?)", rows)


def _read(store: sqlite3.Connection, key: str) -> Any:
    ((answer,),) = store.execute("SELECT answer FROM answers WHERE key = ?", [key])
    return json.loads(zlib.decompress(answer))


def _state(cases: Sequence[Case]) -> str:
    """A digest of the program and of every file that a rendering may read: all charts in the folder, and presets."""
    folders = sorted({case.chart.folder.parent for case in cases})
    files = {path for folder in folders for path in _files(folder)} | {path for case in cases for path in case.presets}
    listed = sorted(files)
    return cache.digest(str(programs.build("chartcheck")), *map(str, listed), *listed)


def _files(folder: Path) -> Iterator[Path]:
    """The files below a folder, those behind links among them."""
    for path in folder.iterdir():
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _forget(state: Path) -> None:
    """Remove what is kept of all states of the charts but the latest."""
    states = sorted(state.parent.iterdir(), key=lambda each: each.stat().st_mtime, reverse=True)
    for old in states[_STATES:]:
        shutil.rmtree(old, ignore_errors=True)
