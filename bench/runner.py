"""Times of Sparkproof's runner, behave's own runner and BehaveX, measured in turns on generated workloads."""

import os
import random
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.figure import Figure, seconds
from sparkproof.core import cache

_BEHAVEX = Path(__file__).with_name("behavex-requirements.txt")
_OWN = "behave.runner:Runner"
_OURS = "sparkproof.run:Runner"
_STEPS = """import time
from behave import step
@step("nothing")
def nothing(context):
    pass
@step("{seconds:f} s pass")
def passes(context, seconds):
    time.sleep(seconds)
"""
# BehaveX has no such plan, and runs in an environment without Sparkproof.
_ENVIRONMENT = """try:
    from sparkproof.core.resources import Reservation
    from sparkproof.run import Plan
except ImportError:
    Reservation = Plan = dict
def _resources(scenario):
    values = dict(tag.split("=") for tag in scenario.tags if "=" in tag)
    locks = frozenset({values["lock"]}) if "lock" in values else frozenset()
    return Reservation(cpu=float(values.get("cpu", 0)), gpus=int(values.get("gpus", 0)), locks=locks)
plan = Plan(reservation=_resources, capacity=lambda: Reservation(cpu=8, gpus=4))
"""
_WORKERS = 8


def measure() -> Iterator[Figure]:
    """Measure the promises of the runner; each ratio is of medians of runs in turns."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _empty(Path(folder) / "empty")
        yield from _waiting(Path(folder) / "waiting")
        yield from _mixed(Path(folder) / "mixed")
        yield from _memory(Path(folder) / "memory")


def _empty(folder: Path) -> Iterator[Figure]:
    _project(folder, ["    Given nothing\n"] * 1000, per_feature=50)
    own, alone, two = _by_turns(folder, 7, _own(), _ours(1), _ours(2))
    yield Figure("1,000 empty scenarios, behave's own runner", own, "s")
    yield Figure("1,000 empty scenarios, -j 1", alone / own, "x", 1.0, "of behave's own runner")
    yield Figure("1,000 empty scenarios, -j 2", two / own, "x", 1.15, "of behave's own runner")
    (behavex,) = _by_turns(folder, 1, _behavex(folder, 2))
    yield Figure("1,000 empty scenarios, BehaveX by scenario, 2 processes", behavex / own, "x", None, "of behave's own")


def _waiting(folder: Path) -> Iterator[Figure]:
    _project(folder, ["    Given 0.02 s pass\n"] * 400, per_feature=20)
    own, two, eight = _by_turns(folder, 3, _own(), _ours(2), _ours(8))
    yield Figure("400 scenarios of 20 ms, behave's own runner", own, "s")
    yield Figure("400 scenarios of 20 ms, -j 2", two / own, "x", 0.53, "of behave's own runner")
    yield Figure("400 scenarios of 20 ms, -j 8", eight / own, "x", 0.15, "of behave's own runner")


def _mixed(folder: Path) -> Iterator[Figure]:
    """Measure 200 scenarios of mixed length and demand against the lower bound of all schedules."""
    chance = random.Random(1)
    bodies, work, gpu_work, chains = [], 0.0, 0.0, dict.fromkeys("abc", 0.0)
    for _ in range(200):
        length = min(2.0, chance.lognormvariate(-2.0, 0.9))
        kind, tags = chance.random(), f"@cpu={chance.choice([0.5, 1])}"
        if kind < 0.15:
            gpus = chance.choice([1, 2])
            tags += f" @gpus={gpus}"
            gpu_work += gpus * length
        elif kind < 0.25:
            lock = chance.choice("abc")
            tags += f" @lock={lock}"
            chains[lock] += length
        work += length
        bodies.append((tags, f"    Given {length:.3f} s pass\n"))
    _project(folder, bodies, per_feature=20, environment=_ENVIRONMENT)
    bound = max(work / _WORKERS, gpu_work / 4, *chains.values())
    run = _ours(_WORKERS)
    _by_turns(folder, 1, run)  # records the durations, by which later runs are scheduled
    (took,) = _by_turns(folder, 3, run)
    start = _by_turns(folder, 3, [*run, "--name=no scenario of this name"])[0]
    yield Figure(
        "200 mixed scenarios, -j 8",
        (took - start) / bound,
        "x",
        1.05,
        f"of the lower bound ({bound:.2f} s), less the start",
    )
    (behavex,) = _by_turns(folder, 1, _behavex(folder, _WORKERS))
    yield Figure(
        "200 mixed scenarios, BehaveX by scenario", behavex / bound, "x", None, "of the bound, without reservations"
    )


def _memory(folder: Path) -> Iterator[Figure]:
    peaks = {}
    for count in (1000, 5000):
        _project(folder / str(count), ["    Given nothing\n"] * count, per_feature=50)
        for name, run in (("own", _own()), ("ours", _ours(2))):
            peaks[name, count] = _peak_kib(folder / str(count), run)
    for name, limit in (("own", None), ("ours", 5.0)):
        grown = (peaks[name, 5000] - peaks[name, 1000]) / 4000
        what = "behave's own runner" if name == "own" else "-j 2, parent"
        yield Figure(f"memory for each of 5,000 scenarios, {what}", grown, "KiB", limit, "peak, in addition to 1,000")


def _project(folder: Path, bodies: Sequence[str | tuple[str, str]], *, per_feature: int, environment: str = "") -> None:
    (folder / "features/steps").mkdir(parents=True)
    (folder / "features/steps/steps.py").write_text(_STEPS)
    (folder / "features/environment.py").write_text(environment)
    for start in range(0, len(bodies), per_feature):
        text = f"Feature: F{start}\n"
        for number, body in enumerate(bodies[start : start + per_feature], start):
            tags, steps = ("", body) if isinstance(body, str) else body
            text += f"  {tags}\n  Scenario: S{number}\n{steps}"
        (folder / f"features/f{start:05}.feature").write_text(text)


def _own() -> list[str]:
    return [sys.executable, "-m", "behave", "-f", "null", "-r", _OWN]


def _ours(jobs: int) -> list[str]:
    return [sys.executable, "-m", "behave", "-f", "null", "-r", _OURS, "-j", str(jobs)]


def _behavex(folder: Path, processes: int) -> list[str]:
    """Return the command of BehaveX, installed in its own cached environment; its output goes beside the project."""

    def install(into: Path) -> None:
        venv.create(into, with_pip=True, symlinks=True)
        pip = [str(into / "bin/python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--require-hashes", "--requirement", str(_BEHAVEX)], check=True)

    made = cache.entry("behavex", cache.digest(_BEHAVEX), install)
    output = str(folder.parent / "behavex-output")
    scheme = ["--parallel-processes", str(processes), "--parallel-scheme", "scenario"]
    return [str(made / "bin/python"), "-m", "behavex", "features", *scheme, "--output-folder", output]


def _by_turns(folder: Path, rounds: int, *commands: Sequence[str]) -> list[float]:
    """Return the median seconds of each command; they run in turns, so that a busy machine affects all equally."""
    taken: list[list[float]] = [[] for _ in commands]
    for command in commands if rounds > 1 else ():
        _quietly(folder, command)
    for _ in range(rounds):
        for command, took in zip(commands, taken, strict=True):
            took.append(seconds(lambda command=command: _quietly(folder, command)))  # type: ignore[misc]
    return [sorted(took)[len(took) // 2] for took in taken]


def _quietly(folder: Path, command: Sequence[str]) -> None:
    """Run a command as an installed package runs, with the bytecode of its modules at hand."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")
    subprocess.run(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def _peak_kib(folder: Path, command: Sequence[str]) -> float:
    """Return the peak memory of the process itself without its workers, sampled a hundred times a second."""
    peak = 0
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
        peak = max(peak, pages)
        time.sleep(0.01)
    return peak * os.sysconf("SC_PAGESIZE") / 1024
