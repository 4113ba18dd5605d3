"""Tries breaks of the checks' code in forks of one process that has collected the unit tests once.

mutmut makes the breaks. It would start pytest anew for each of them; a fork that runs only the tests that reach the
broken function is ready in a few hundredths of a second.

Usage, in the folder of the broken code: python -m tests.code_breaks ORDER, with the path of a JSON file: the "names" of
the breaks, the folders of "tests", "until" when to go on, and the file to which to add "results".
"""

import gc
import json
import os
import resource
import select
import signal
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state

# As mutmut says it: the tests noticed, did not notice, no test reaches the function, the tests did not end.
NOTICED, SURVIVED, UNREACHED, LATE = 1, 0, 33, 36
_MOST_MEMORY = 4 * 1024**3


@dataclass
class Reach:
    """The tests that reach each function, and how long each test took, in seconds."""

    tests: dict[str, list[str]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def of(self, name: str) -> list[str]:
        """Return the tests of a break's function, fastest first."""
        return sorted(self.tests.get(name.partition("__mutmut_")[0], []), key=lambda test: self.seconds.get(test, 0.0))


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

    def __init__(self, names: Sequence[str], until: float, results: Path) -> None:
        self.names = names
        self.until = until
        self.results = results

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
                tests = reach.of(name)
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
        child = os.fork()
        if not child:
            os.setsid()
            gc.disable()
            resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
            session.config.option.maxfail = 1
            os._exit(_run(session, items, name))
        limit = 10 + 10 * sum(reach.seconds.get(item.nodeid, 0.0) for item in items)
        ending = os.pidfd_open(child)
        ended, _, _ = select.select([ending], [], [], limit)
        os.close(ending)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if not ended:
            return LATE
        return SURVIVED if status == 0 else NOTICED


def _run(session: pytest.Session, items: list[pytest.Item], name: str) -> int:
    """Run tests in this process with a break in force, without a word; return NOTICED or SURVIVED."""
    set_mutant_under_test(name)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    if name != "stats":
        os.dup2(nowhere, 2)
    state()._stats.clear()
    session.testsfailed = 0
    for item, following in zip(items, [*items[1:], None], strict=True):
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed and name != "stats":
            return NOTICED
    return SURVIVED


def main(arguments: Sequence[str]) -> int:
    order: Mapping[str, Any] = json.loads(Path(arguments[0]).read_text())
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
        tries = Tries(order["names"], order["until"], Path(order["results"]))
        return int(pytest.main([*flags, *order["flags"], *order["tests"]], plugins=[tries]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
