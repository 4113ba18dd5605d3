"""Runs behave in a fork of this process, with what is broken in force there, and notes what all forks reach.

A new process would take longer to start than the small projects of tests take to run, and nobody would know what it
reached.
"""

import atexit
import gc
import logging
import mmap
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import traceback
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from behave import __main__ as program

from tests.support import projects

# Steps may replace the function; whoever does so looks for its name in modules.
_END = (os._exit,)
_TWO = struct.Struct("ii")


class Reached:
    """The functions that have been called, of those with these names: a set in memory that all forks share."""

    def __init__(self, names: Iterable[str]) -> None:
        self._number = {name: number for number, name in enumerate(sorted(set(names)))}
        self._called = mmap.mmap(-1, len(self._number) + 1)

    def add(self, name: str) -> None:
        if (number := self._number.get(name)) is not None:
            self._called[number] = 1

    def clear(self) -> None:
        self._called[:] = bytes(len(self._called))

    def __iter__(self) -> Iterator[str]:
        called = self._called[:]
        return (name for name, number in self._number.items() if called[number])


class Doing:
    """What a fork is at: the number of the test that runs, and how many programs it has started."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, _TWO.size)

    def note(self, test: int, programs: int) -> None:
        self._memory[:] = _TWO.pack(test, programs)

    @property
    def test(self) -> int:
        return int(_TWO.unpack(self._memory[:])[0])

    @property
    def programs(self) -> int:
        return int(_TWO.unpack(self._memory[:])[1])


doing = Doing()


def fork_programs() -> None:
    """Let tests that are collected from now on run behave in forks."""
    projects.behave = behave


def behave(
    *args: str, cwd: Path, runner: str = projects.OURS, timeout_s: float = 60
) -> subprocess.CompletedProcess[str]:
    """Do as `projects.behave` does, in a fork of this process."""
    command = ["--no-color", "-r", runner, *args]
    doing.note(doing.test, doing.programs + 1)
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        child = os.fork()
        if not child:
            _live(command, cwd, output.fileno(), errors.fileno())
        ending = os.pidfd_open(child)
        ended, _, _ = select.select([ending], [], [], timeout_s)
        os.close(ending)
        if not ended:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not ended:
            raise subprocess.TimeoutExpired(command, timeout_s)
        printed = []
        for file in (output, errors):
            file.seek(0)
            printed.append(file.read().decode())
    return subprocess.CompletedProcess(command, os.waitstatus_to_exitcode(status), *printed)


def _live(command: Sequence[str], cwd: Path, output: int, errors: int) -> NoReturn:
    """Be the program: run behave, do what Python does at the end of a program, and end."""
    code: Any = 1
    try:
        os.setpgid(0, 0)
        _begin(command, cwd, output, errors)
        code = program.main(list(command))
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        with suppress(BaseException):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(BaseException):
                stream.flush()
        _END[0](code)
    raise AssertionError("a process that has ended goes on")


def _begin(command: Sequence[str], cwd: Path, output: int, errors: int) -> None:
    """Have this process as a new one would be: its own folder, streams and ends, and nothing of pytest's."""
    os.chdir(cwd)
    os.dup2(output, 1)
    os.dup2(errors, 2)
    broken = os.environ["MUTANT_UNDER_TEST"]
    os.environ.clear()
    os.environ.update({**projects.FIXED, "MUTANT_UNDER_TEST": broken})
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8")  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(  # type: ignore[misc]
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1
    )
    sys.argv = [str(program.__file__), *command]
    sys.path.insert(0, str(cwd))
    logging.root.handlers.clear()
    logging.root.setLevel(logging.WARNING)
    atexit._clear()
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
    atexit.register(weakref.finalize._exitfunc)  # type: ignore[attr-defined]
    gc.enable()
