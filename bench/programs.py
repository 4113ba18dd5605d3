"""CPU seconds to compile all programs from an empty build cache, compared with a Go module for each project."""

import os
import re
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from unittest import mock

from bench.figure import Figure
from sparkproof.build import programs
from sparkproof.build.programs import Program

_TOOLS = Path(programs.__file__).parent / "tools"
# The program that CoreDNS itself publishes, with all of its plugins.
_PUBLISHED = {"./coredns": "github.com/coredns/coredns"}


def measure() -> Iterator[Figure]:
    """Compile each program twice, which takes half an hour on two cores; downloads are made before and not counted."""
    built = list(programs.PROGRAMS.values())
    with tempfile.TemporaryDirectory() as folder:
        ours = _cpu_seconds(lambda: _in_one_module(built, Path(folder)))
    with tempfile.TemporaryDirectory() as folder:
        projects = [
            _Project(Path(folder) / str(number), list(group))
            for number, (_, group) in enumerate(groupby(built, lambda each: each.module))
        ]
        theirs = _cpu_seconds(lambda: _in_modules_apart(projects, Path(folder) / "cache"))
    how = "user and system time, from an empty build cache"
    yield Figure(f"{len(built)} programs compiled in one Go module", ours, "CPU s", None, how)
    yield Figure("the same in a module for each project", theirs, "CPU s", None, how)
    yield Figure("one module", ours / theirs, "x", 0.55, "of that")


class _Project:
    """The programs of one project in a Go module of their own, which takes each dependency as the project does."""

    def __init__(self, folder: Path, built: Sequence[Program]) -> None:
        self.folder, self.built = folder, built
        pins = (_TOOLS / "go.mod").read_text()
        folder.mkdir()
        lines = ["module bench", re.search(r"^go .*", pins, re.M)[0]]  # type: ignore[index]
        if built[0].module == "k8s.io/kubernetes":
            lines += re.findall(r"^replace .*", pins, re.M)
        if self._of_ours:
            lines += re.findall(r"^require \(.*?^\)", pins, re.M | re.S)[:1]
            for program in self._of_ours:
                shutil.copytree(_TOOLS / program.package, folder / program.package)
        (folder / "go.mod").write_text("\n".join(lines) + "\n")
        for program in built:
            if program not in self._of_ours:
                self._go("get", "-tool", f"{_package(program)}@{program.version}")
        if self._of_ours:
            self._go("mod", "tidy")
        self._go("mod", "download")

    def compile(self, cache: Path) -> None:
        """Compile the programs with the build cache in the folder `cache`."""
        for program in self.built:
            arguments = ["build", "-trimpath", "-buildvcs=false", "-ldflags", program.ldflags, "-o", os.devnull]
            self._go(*arguments, _package(program), GOCACHE=str(cache))

    @property
    def _of_ours(self) -> list[Program]:
        return [program for program in self.built if program.sources and program.package not in _PUBLISHED]

    def _go(self, *arguments: str, **environment: str) -> None:
        fixed = {"GOTOOLCHAIN": "local", "GOWORK": "off", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}
        subprocess.run(
            [programs.go(), *arguments],
            cwd=self.folder,
            env={**os.environ, **fixed, **environment},
            check=True,
            capture_output=True,
        )


def _in_one_module(built: Sequence[Program], folder: Path) -> None:
    """Build the programs as a run does on a new machine, but for the modules, which this machine has."""
    empty = {"SPARKPROOF_CACHE": str(folder / "programs"), "GOCACHE": str(folder / "cache")}
    with mock.patch.dict(os.environ, empty, SPARKPROOF_KUBERNETES="built"):
        for program in built:
            programs.build(program.name)


def _in_modules_apart(projects: Sequence[_Project], cache: Path) -> None:
    for project in projects:
        project.compile(cache)


def _package(program: Program) -> str:
    return _PUBLISHED.get(program.package, program.package)


def _cpu_seconds(act: Callable[[], object]) -> float:
    """Return the user and system time of the processes that `act` starts and awaits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    act()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
