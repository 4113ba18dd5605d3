"""Answers of chartcheck, our program that renders charts; those of long searches are kept in the cache.

An answer follows from the program, the charts' files and the request alone, so a kept one is as good as a new one. What
is checked rendering by rendering (the same text twice, the schemas) is always rendered anew.
"""

import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from sparkproof.build import programs
from sparkproof.charts.cases import Case
from sparkproof.core import cache, process, timeouts

# How many states of the charts have their answers kept.
_STATES = 8
_FILE = "answers.json"


def fresh(cases: Sequence[Case], *options: str) -> Iterator[Any]:
    """The answers for these cases, line by line, from a run of the program."""
    done = process.run([programs.build("chartcheck"), *options], timeout_s=timeouts.CHARTS, input_text=_requests(cases))
    return map(json.loads, done.stdout.splitlines())


def kept(
    cases: Sequence[Case], option: str, shorten: Callable[[Mapping[str, Any]], Any] = dict[str, Any]
) -> Sequence[Any]:
    """The answers for these cases, each made shorter, from the cache if the same charts gave them before.

    Those of charts in a folder for temporary files are not kept: nobody asks for them again.
    """
    temporary = Path(tempfile.gettempdir()).resolve()
    if any(case.chart.folder.resolve().is_relative_to(temporary) for case in cases):
        return [shorten(answer) for answer in fresh(cases, option)]

    def make(folder: Path) -> None:
        (folder / _FILE).write_text(json.dumps([shorten(answer) for answer in fresh(cases, option)]))
        _forget(folder.parent)

    entry = cache.entry(f"answers/{_state(cases)}/{option.strip('-')}", cache.digest(_requests(cases)), make)
    return list(json.loads((entry / _FILE).read_text()))


def _requests(cases: Sequence[Case]) -> str:
    return "".join(json.dumps(case.request(), default=str) + "\n" for case in cases)


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
