"""The worker processes of a run: started, sent orders, listened to, interrupted and killed."""

import gc
import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from behave import runner as behave_runner

from sparkproof.run.at_end import flush_before_fork
from sparkproof.run.attempts import Attempts
from sparkproof.run.model import Model
from sparkproof.run.now import Halt
from sparkproof.run.worker_handle import WorkerHandle, spawn

# The parent keeps what workers send to the end of the run, and runs no code of the project meanwhile: it looks for
# garbage after so many new objects.
_SELDOM = 50_000


class WorkerPool:
    """The workers that live, by number. While there are any, the parent seldom looks for garbage."""

    def __init__(self, runner: behave_runner.Runner, attempts: Attempts, model: Model) -> None:
        self._runner = runner
        self._attempts = attempts
        self._model = model
        self._halt = Halt()
        self._workers: dict[int, WorkerHandle] = {}
        self._files = flush_before_fork()
        self._collecting = gc.get_threshold()
        self._selector = selectors.DefaultSelector()

    def __iter__(self) -> Iterator[WorkerHandle]:
        return iter(list(self._workers.values()))

    def __len__(self) -> int:
        return len(self._workers)

    @property
    def idle(self) -> list[WorkerHandle]:
        """The workers that have nothing to run."""
        return [worker for worker in self._workers.values() if not worker.jobs]

    @property
    def busy(self) -> list[WorkerHandle]:
        """The workers that run something."""
        return [worker for worker in self._workers.values() if worker.jobs]

    @property
    def visiting(self) -> bool:
        """True while a worker runs the hooks of a feature in which no scenario is known."""
        return any(worker.visiting for worker in self._workers.values())

    def start(self, number: int) -> None:
        """Fork worker `number`."""
        others = [each.channel for each in self._workers.values()]
        gc.set_threshold(*self._collecting)  # a worker collects as the project does
        worker = spawn(number, self._runner, self._attempts, self._model, self._halt, others, self._files)
        gc.set_threshold(_SELDOM)
        self._workers[number] = worker
        self._selector.register(worker.channel.readable, selectors.EVENT_READ, worker)

    def send(self, worker: WorkerHandle, orders: Any) -> None:
        """Send orders, or None to end the worker; one that has died is noticed when the next message is read."""
        with suppress(BrokenPipeError):
            worker.channel.send(orders)

    def with_messages(self, within_s: float) -> Iterator[WorkerHandle]:
        """Wait for the next message or death, for `within_s` seconds at most; return the workers it came from."""
        return (key.data for key, _ in self._selector.select(within_s))

    @property
    def dead(self) -> list[WorkerHandle]:
        """The workers whose processes have ended, also those whose pipes other programs hold open."""
        return [worker for worker in self._workers.values() if worker.has_ended()]

    def halt(self) -> None:
        """Let no worker begin another scenario."""
        self._halt.set()

    def reap(self, worker: WorkerHandle) -> None:
        """Take out a worker that has died or been killed."""
        self._selector.unregister(worker.channel.readable)
        del self._workers[worker.number]
        worker.has_ended(wait=True)
        worker.channel.close()

    def kill(self) -> None:
        """Kill every worker with the programs that it started, and take it out."""
        for worker in self:
            worker.kill()
            self.reap(worker)
        gc.set_threshold(*self._collecting)

    def interrupt(self) -> None:
        """Interrupt every worker that runs something."""
        for worker in self.busy:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGINT)
