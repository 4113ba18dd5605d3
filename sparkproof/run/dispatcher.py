"""Hands scenarios to the workers that are idle, in the order of the schedule, short ones in batches."""

import threading
from collections import Counter, deque
from collections.abc import Iterator

from sparkproof.core import clock
from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.model import Place
from sparkproof.run.schedule import Job, Schedule
from sparkproof.run.worker_handle import WorkerHandle
from sparkproof.run.worker_pool import WorkerPool

# Scenarios that are usually shorter than this travel together, as many as last about this long.
_BATCH_S = 0.1
_BATCH = 64
# A worker that has no more than this left is given more.
_LOW = 32
_MOMENT_S = 0.004


class Dispatcher:
    """Gives the jobs of `schedule` to the workers of `pool`, and takes them back."""

    def __init__(self, schedule: Schedule, pool: WorkerPool, features: FeatureTally) -> None:
        self._schedule = schedule
        self._pool = pool
        self._features = features
        self._attempts: Counter[int] = Counter()
        # Where the scenarios are that hooks added: a worker knows them by that.
        self.places: dict[int, Place] = {}
        self._took: deque[float] = deque(maxlen=50)

    def give_next(self) -> bool:
        """Give an idle worker the next job, with short ones that go along; return False if none can start now."""
        idle = self._pool.idle
        job = self._schedule.take() if idle else None
        if job is None:
            return False
        # The worker that has the feature open already spares its hooks.
        feature = self._features.feature(job.index)
        worker = next((one for one in idle if feature in one.features), idle[0])
        self._give(worker, [job, *self._companions(job)])
        return True

    def top_up(self) -> None:
        """Give each worker that is soon done with short scenarios more of them, so that it need not wait for them."""
        for worker in self._pool.busy:
            if len(worker.jobs) <= _LOW and (more := list(self._companions(worker.jobs[-1]))):
                self._give(worker, more)

    def let_results_gather(self) -> None:
        """Wait while every worker has more to run than it can in that time: to be woken by each result takes longer."""
        if all(len(worker.jobs) > _LOW for worker in self._pool):
            threading.Event().wait(_MOMENT_S)

    def give_to(self, worker: WorkerHandle, job: Job) -> None:
        """Give a worker a job that came up there and that no other worker knows."""
        self._schedule.begin(job)
        self._give(worker, [job])

    def ended(self, worker: WorkerHandle, duration_s: float) -> Job:
        """Take back the job that the worker has run for this long, and return it."""
        self._took.append(duration_s)
        worker.since = clock.elapsed()
        return self.take_back(worker)

    def take_back(self, worker: WorkerHandle) -> Job:
        """Take back the first job of the worker, and return it."""
        job = worker.jobs.popleft()
        self._schedule.finish(job.index)
        return job

    def put_back(self, worker: WorkerHandle) -> None:
        """Let other workers have the jobs that this one has not begun."""
        for job in worker.jobs:
            self._schedule.finish(job.index)
            self._attempts[job.index] -= 1
            self._schedule.again(job)

    def _companions(self, job: Job) -> Iterator[Job]:
        """Short scenarios that go with `job`, so that workers need not wait for the parent between them."""
        usual = job.expected_s or (sum(self._took) / len(self._took) if self._took else _BATCH_S + 1)
        fair = len(self._schedule) // (2 * len(self._pool))
        for _ in range(min(_BATCH, int(_BATCH_S / max(usual, 1e-6)), fair)):
            other = self._schedule.take_like(job)
            if other is None:
                return
            yield other

    def _give(self, worker: WorkerHandle, jobs: list[Job]) -> None:
        orders = []
        for job in jobs:
            self._attempts[job.index] += 1
            orders.append(("run", job.index, self._attempts[job.index], self.places.get(job.index)))
        if not worker.jobs:
            worker.since = clock.elapsed()
            worker.now.write("")
        worker.jobs.extend(jobs)
        self._pool.send(worker, orders)
