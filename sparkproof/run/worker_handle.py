"""A worker process as its parent holds it: its start, its jobs, its death."""

import atexit
import errno
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

from behave import runner as behave_runner

from sparkproof.core import clock
from sparkproof.run import at_end, own_process
from sparkproof.run.attempts import Attempts
from sparkproof.run.channel import Channel
from sparkproof.run.guards import no_sudden_end
from sparkproof.run.limits import uninterrupted
from sparkproof.run.model import Model
from sparkproof.run.now import Halt, Now
from sparkproof.run.outcome import sentence, trace_of
from sparkproof.run.schedule import Job
from sparkproof.run.signals import await_the_parent
from sparkproof.run.worker import Worker

# The exit code of a worker that could not write to its parent any more.
_CLOSED = 74


class WorkerHandle:
    """A worker as the parent sees it; `jobs` are those that it has not answered, the first one is running.

    `features` are open there, `visiting` those whose hooks run although no scenario is known in them, `closing` are
    those that it was ordered to close. `said_end` is True when it has cleaned up.
    """

    def __init__(self, number: int, pid: int, channel: Channel, now: Now) -> None:
        self.number = number
        self.pid = pid
        self.channel = channel
        self.now = now
        self.jobs: deque[Job] = deque()
        self.since = clock.elapsed()
        self.features: set[int] = set()
        self.visiting: set[int] = set()
        self.closing: set[int] = set()
        self.killed_because = ""
        self.said_end = False
        self.exit_code: int | None = None

    def kill(self) -> None:
        """End the worker and every program it has started, now."""
        for end in (os.killpg, os.kill):  # there is no group in its first moment
            with suppress(ProcessLookupError, PermissionError):
                end(self.pid, signal.SIGKILL)

    def has_ended(self, *, wait: bool = False) -> bool:
        """Return True if the process has ended; a program that it has started may still hold its pipe."""
        if self.exit_code is None:
            try:
                pid, status = os.waitpid(self.pid, 0 if wait else os.WNOHANG)
            except ChildProcessError:  # code of the project has waited for all children
                self.exit_code = 0
            else:
                self.exit_code = os.waitstatus_to_exitcode(status) if pid else None
        return self.exit_code is not None

    def ends_within(self, seconds: float) -> bool:
        """Wait for the end of the process, for so long at most; return True if it has ended."""
        late, pause = clock.elapsed() + seconds, 0.0002
        while not self.has_ended() and clock.elapsed() < late:
            threading.Event().wait(pause)
            pause = min(2 * pause, 0.005)
        return self.has_ended()

    @property
    def death(self) -> str:
        """The manner of the worker's death in words; "" if it ended as it should."""
        code = self.exit_code or 0
        if code == _CLOSED:
            return "a step closed the runner's files"
        if code < 0:
            hint = " (out of memory?)" if code == -signal.SIGKILL else ""
            return f"it was killed by {signal.Signals(-code).name}{hint}"
        return "" if self.said_end and not code else f"it ended with exit code {code}"


def spawn(
    number: int,
    runner: behave_runner.Runner,
    attempts: Attempts,
    model: Model,
    halt: Halt,
    others: Sequence[Channel],
    files: list[Any],
) -> WorkerHandle:
    """Fork worker `number`; `others` are the parent's ends of the channels to the workers that there are.

    `files` are those that the project had open when the first worker was forked.
    """
    here, there = Channel.pair()
    now = Now()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    with uninterrupted():  # the worker lets Ctrl-C in when it has set what is to happen then
        pid = os.fork()
        if not pid:
            # A worker that held the parent's ends would never see that the parent is gone.
            _live([here, *others], there, files, lambda: Worker(runner, attempts, number, there, now, halt, model))
    there.close()
    with suppress(OSError):
        os.setpgid(pid, pid)
    return WorkerHandle(number, pid, here, now)


def _live(others: Sequence[Channel], parent: Channel, files: list[Any], hire: Callable[[], Worker]) -> NoReturn:
    """The life of a worker process; it never returns."""
    code = 1
    try:
        for channel in others:
            channel.close()
        # A process group of its own: Ctrl-C reaches it from the parent only, and its programs can be ended with it.
        os.setpgid(0, 0)
        await_the_parent()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # What steps register is called last to first; this comes before what the parent has registered for itself.
        atexit.register(_end_well, files)
        _forget_the_parents_processes()
        no_sudden_end()
        at_end.begin_worker()
        worker = hire()
        worker.serve()
        threading._shutdown()  # type: ignore[attr-defined]
        if processes := sys.modules.get("multiprocessing.util"):
            processes._exit_function()
        code = 0
        atexit._run_exitfuncs()
    except BaseException as broken:
        code = _CLOSED if isinstance(broken, OSError) and broken.errno == errno.EBADF else 1
        with suppress(OSError):
            parent.send(("remark", trace_of(broken)))
            parent.send(("crashed", f"it broke: {sentence(broken)}"))
    finally:
        own_process.end(code)


def _end_well(files: list[Any]) -> NoReturn:
    at_end.end_worker(files)
    own_process.end(0)


def _forget_the_parents_processes() -> None:
    """Let multiprocessing, if the project uses it, know that this is another process."""
    if util := sys.modules.get("multiprocessing.util"):
        util._finalizer_registry.clear()
        sys.modules["multiprocessing.process"]._children = set()  # type: ignore[attr-defined]
        util._run_after_forkers()
