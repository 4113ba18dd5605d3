"""Tries breaks of the checks' code in forks of one process that has collected the unit tests once.

mutmut makes the breaks. It would start pytest anew for each of them; a fork that runs only the tests that reach the
broken function is ready in a few hundredths of a second. It ends at the first test that notices. Those that noticed
the breaks of the same function or module come first, then those that are named for the module, then the fastest.

Usage, in the folder of the broken code: python -m tests.code_breaks ORDER, with the path of a JSON file: the "names" of
the breaks, the folders of "tests", "until" when to go on, the file to which to add "results", and for how many seconds
of tests a break is tried at "most".
"""

import gc
import json
import math
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

from tests import code_programs
from tests.code_programs import Reached, doing

# As mutmut says it: the tests noticed, did not notice, no test reaches the function, the tests did not end.
NOTICED, SURVIVED, UNREACHED, LATE = 1, 0, 33, 36
_MOST_MEMORY = 4 * 1024**3
# A test that runs so much longer than without a break does not end by itself.
_LATE_S, _LATE_TIMES = 10.0, 10.0


@dataclass
class Reach:
    """The tests that reach each function, how long each test took, in seconds, and which have noticed breaks before."""

    tests: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    noticed: dict[str, list[str]] = field(default_factory=dict)

    def of(self, name: str) -> list[str]:
        """Return the tests of a break's function in the order in which they are tried."""
        function, module = _function(name), _module(name)
        last = [*self.noticed.get(function, [])[:-4:-1], *self.noticed.get(module, [])[:-9:-1]]
        named = f"/test_{module.rpartition('.')[2]}"

        def order(test: str) -> tuple[int, bool, float]:
            place = last.index(test) if test in last else len(last)
            return place, named not in test, self.seconds.get(test, 0.0)

        return sorted(self.tests.get(function, []), key=order)

    def within(self, name: str, most_s: float) -> Iterator[str]:
        """Yield the tests of a break's function that last so many seconds together, at least one."""
        taken = 0.0
        for test in self.of(name):
            yield test
            taken += self.seconds.get(test, 0.0)
            if taken > most_s:
                return

    def keep(self, name: str, test: str) -> None:
        """Note that a test has noticed a break."""
        for which in (_function(name), _module(name)):
            known = self.noticed.setdefault(which, [])
            if test in known:
                known.remove(test)
            known.append(test)


def _function(name: str) -> str:
    return name.partition("__mutmut_")[0]


def _module(name: str) -> str:
    return _function(name).rpartition(".")[0]


class Recorder:
    """Notes which functions each test calls; the fixtures it needs are among its calls."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, list[str]] = defaultdict(list)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.failed: list[str] = []

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_teardown(self, item: pytest.Item) -> None:
        for function in state()._stats:
            self.tests[function].append(item.nodeid)
        state()._stats.clear()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.failed:
            self.failed.append(report.nodeid)


class Tries:
    """A pytest plugin that runs the collected tests for each break, in place of running them once."""

    def __init__(self, names: Sequence[str], until: float, results: Path, most_s: float) -> None:
        self.names = names
        self.until = until
        self.results = results
        self.most_s = most_s

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if session.testsfailed:
            raise session.Failed("some tests cannot be collected, and would notice every break")
        items = {item.nodeid: item for item in session.items}
        reach = self.reach(session)
        # The forks share the memory of this process as long as no collection of garbage touches it.
        gc.collect()
        gc.freeze()
        with self.results.open("a") as results:
            for name in sorted(self.names, key=lambda one: sum(reach.seconds[test] for test in reach.of(one))):
                if time.time() > self.until:
                    break
                tests = list(reach.within(name, self.most_s))
                code = self.attempt(session, name, [items[test] for test in tests], reach) if tests else UNREACHED
                results.write(json.dumps([name, code]) + "\n")
                results.flush()
        return True

    def reach(self, session: pytest.Session) -> Reach:
        """Run all tests once on unbroken code and return what they reach; leave out those that fail."""
        noted = Path(tempfile.mkstemp(suffix=".json")[1])
        child = os.fork()
        if not child:
            recorder = Recorder()
            session.config.pluginmanager.register(recorder)
            _run(session, session.items, "stats")
            reached = {
                function: [test for test in tests if test not in recorder.failed]
                for function, tests in recorder.tests.items()
            }
            noted.write_text(json.dumps({"tests": reached, "seconds": recorder.seconds}))
            for test in recorder.failed:
                print(f"{test} fails on unbroken code and is left out.", file=sys.__stderr__)
            os._exit(0)
        os.waitpid(child, 0)
        found = json.loads(noted.read_text())
        noted.unlink()
        return Reach(**found)

    def attempt(self, session: pytest.Session, name: str, items: list[pytest.Item], reach: Reach) -> int:
        """Return what the tests say of a break: NOTICED, SURVIVED or LATE."""
        doing.note(0, 0)
        child = os.fork()
        if not child:
            os.setsid()
            gc.disable()
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
            session.config.option.maxfail = 1
            os._exit(_run(session, items, name))
        code = _outcome(child, [_LATE_S + _LATE_TIMES * reach.seconds.get(item.nodeid, 0.0) for item in items])
        if code != SURVIVED:
            reach.keep(name, items[doing.test].nodeid)
        return code


def _outcome(child: int, limits: Sequence[float]) -> int:
    """Return what a fork finds that runs tests with these limits, in seconds; end it, and whatever it has started."""
    ending = os.pidfd_open(child)
    at, began, ended = 0, time.monotonic(), False
    while not ended and time.monotonic() - began < limits[at]:
        ended = bool(select.select([ending], [], [], 0.5)[0])
        if doing.test != at:
            at, began = doing.test, time.monotonic()
    os.close(ending)
    if doing.programs:
        _end_session(child)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not ended:
        return LATE
    return SURVIVED if status == 0 else NOTICED


def _end_session(leader: int) -> None:
    """End all processes of a session: programs and their workers have groups of their own."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            if int(stat.read_text().rpartition(")")[2].split()[3]) == leader:
                os.kill(int(stat.parent.name), signal.SIGKILL)


def _run(session: pytest.Session, items: list[pytest.Item], name: str) -> int:
    """Run tests in this process with a break in force, without a word; return NOTICED or SURVIVED."""
    set_mutant_under_test(name)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    if name != "stats":
        os.dup2(nowhere, 2)
    state()._stats.clear()
    session.testsfailed = 0
    for number, (item, following) in enumerate(zip(items, [*items[1:], None], strict=True)):
        doing.note(number, doing.programs)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed and name != "stats":
            return NOTICED
    return SURVIVED


def main(arguments: Sequence[str]) -> int:
    order: Mapping[str, Any] = json.loads(Path(arguments[0]).read_text())
    state()._stats = Reached(map(_function, order["names"]))  # type: ignore[assignment]
    code_programs.fork_programs()
    with tempfile.TemporaryDirectory() as scratch:
        flags = [
            "-p",
            "no:cacheprovider",
            "-n",
            "0",
            "--tb=native",
            "--capture=sys",
            "--rootdir=.",
            f"--basetemp={scratch}/tests",
        ]
        tries = Tries(order["names"], order["until"], Path(order["results"]), order.get("most", math.inf))
        return int(pytest.main([*flags, *order["flags"], *order["tests"]], plugins=[tries]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
