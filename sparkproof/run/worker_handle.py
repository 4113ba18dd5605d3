"""A worker process as its parent holds it: its start, its jobs, its death."""

import multiprocessing
import os
import signal
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from behave import runner as behave_runner
from behave.model import Scenario

from sparkproof.run.attempts import Attempts
from sparkproof.run.limits import uninterrupted
from sparkproof.run.now import Now
from sparkproof.run.outcome import sentence, trace_of
from sparkproof.run.schedule import Job
from sparkproof.run.signals import await_the_parent
from sparkproof.run.worker import Worker

_FORK = multiprocessing.get_context("fork")


@dataclass(eq=False)
class WorkerHandle:
    """A worker as the parent sees it; `jobs` are those that it has not answered, the first one is running.

    `features` are open there, `closing` are those that it was ordered to close.
    """

    number: int
    process: BaseProcess
    pipe: Connection
    now: Now
    jobs: deque[Job] = field(default_factory=deque)
    since: float = 0.0
    features: set[int] = field(default_factory=set)
    closing: set[int] = field(default_factory=set)
    killed_because: str = ""

    def kill(self) -> None:
        """End the worker and every program it has started, now."""
        if self.process.pid:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def death(self) -> str:
        """The manner of the worker's death in words; "" while it lives or if it ended as it should."""
        code = self.process.exitcode
        if not code:
            return ""
        if code < 0:
            hint = " (out of memory?)" if code == -signal.SIGKILL else ""
            return f"it was killed by {signal.Signals(-code).name}{hint}"
        return f"it ended with exit code {code}"


def spawn(
    number: int,
    runner: behave_runner.Runner,
    attempts: Attempts,
    scenarios: list[Scenario],
    others: list[Connection],
) -> WorkerHandle:
    """Fork worker `number`; `others` are the parent's ends of the pipes to the workers that there are."""
    pipe, end = _FORK.Pipe()
    now = Now()
    # A worker that held the parent's ends would never see that the parent is gone.
    process = _FORK.Process(target=_serve, args=(runner, attempts, scenarios, number, end, [pipe, *others], now))
    with uninterrupted():  # the worker lets Ctrl-C in when it has set what is to happen then
        process.start()
    end.close()
    return WorkerHandle(number, process, pipe, now)


def _serve(
    runner: behave_runner.Runner,
    attempts: Attempts,
    scenarios: list[Scenario],
    number: int,
    end: Connection,
    others: list[Connection],
    now: Now,
) -> None:
    """The life of a worker process."""
    for pipe in others:
        pipe.close()
    # A process group of its own: Ctrl-C reaches it from the parent only, and its programs can be ended with it.
    os.setpgrp()
    await_the_parent()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        Worker(runner, attempts, number, end, now).serve(scenarios)
    except BaseException as broken:
        end.send(("crashed", (f"it broke: {sentence(broken)}", trace_of(broken))))
        raise
