"""The worker processes of a run: started, sent orders, listened to, interrupted and killed."""

import os
import selectors
import signal
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from behave import runner as behave_runner
from behave.model import Scenario

from sparkproof.run.attempts import Attempts
from sparkproof.run.worker_handle import WorkerHandle, spawn


class WorkerPool:
    """The workers that live, by number."""

    def __init__(self, runner: behave_runner.Runner, attempts: Attempts, scenarios: list[Scenario]) -> None:
        self._runner = runner
        self._attempts = attempts
        self._scenarios = scenarios
        self._workers: dict[int, WorkerHandle] = {}
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

    def start(self, number: int) -> None:
        """Fork worker `number`."""
        others = [each.pipe for each in self._workers.values()]
        worker = spawn(number, self._runner, self._attempts, self._scenarios, others)
        self._workers[number] = worker
        self._selector.register(worker.pipe, selectors.EVENT_READ, worker)

    def send(self, worker: WorkerHandle, orders: Any) -> None:
        """Send orders, or None to end the worker; one that has died is noticed when the next message is read."""
        with suppress(BrokenPipeError, ConnectionResetError):
            worker.pipe.send(orders)

    def with_messages(self, within_s: float) -> Iterator[WorkerHandle]:
        """Wait for the next message or death, for `within_s` seconds at most; return the workers it came from."""
        return (key.data for key, _ in self._selector.select(within_s))

    def reap(self, worker: WorkerHandle) -> None:
        """Take out a worker that has died or been killed."""
        self._selector.unregister(worker.pipe)
        del self._workers[worker.number]
        worker.process.join()

    def kill(self) -> None:
        """Kill every worker with the programs that it started."""
        for worker in self:
            worker.kill()

    def interrupt(self) -> None:
        """Interrupt every worker that runs something."""
        for worker in self.busy:
            if worker.process.pid:
                os.kill(worker.process.pid, signal.SIGINT)
