"""Looks at a parallel run twice a second: what is out of time, what there is room for, what is shown."""

import math
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress

from behave import runner as behave_runner

from sparkproof.core import clock
from sparkproof.core.aside import aside
from sparkproof.core.errors import SparkproofError
from sparkproof.core.resources import Resources
from sparkproof.run.attempts import Attempts, number
from sparkproof.run.display import Busy, Display, remaining_s
from sparkproof.run.durations import measured
from sparkproof.run.results import Results
from sparkproof.run.schedule import Schedule
from sparkproof.run.worker_pool import WorkerPool

TICK_S = 0.5
# How often the cluster is asked for its free capacity: others come and go in minutes. A large cluster takes longer to
# answer, so the questions may take this share of the time at most.
_LOOK_S = 5.0
_LOOK_SHARE = 0.05
# A worker waits so long before room is made for it: what is removed for that has to be installed again, which takes as
# long. Simulated with the 800 criteria of a run: at once, there are twice as many installations.
_IDLE_S = 60.0


class Watch:
    """The watch over the workers of `pool`."""

    def __init__(
        self,
        runner: behave_runner.Runner,
        attempts: Attempts,
        results: Results,
        schedule: Schedule,
        pool: WorkerPool,
        display: Display,
    ) -> None:
        self._runner = runner
        self._attempts = attempts
        self._selection = results.selection
        self._results = results
        self._schedule = schedule
        self._pool = pool
        self._display = display
        self._looked = clock.elapsed()
        self._next_question = clock.elapsed() + _LOOK_S
        self._making: Future[None] = Future()
        self._making.set_result(None)

    def is_due(self) -> bool:
        """Return True twice a second at most."""
        now = clock.elapsed()
        if now - self._looked < TICK_S:
            return False
        self._looked = now
        return True

    def kill_overdue(self, grace_s: float) -> None:
        """Kill the workers that are out of time by more than `grace_s` seconds."""
        for worker in self._pool.busy:
            limit = self._attempts.limit(self._selection.scenarios[worker.jobs[0].index])
            if limit and clock.elapsed() - worker.since > limit + grace_s:
                worker.killed_because = f"it did not end within {limit + grace_s:g} s and was killed"
                worker.kill()

    def kill_late(self, grace_s: float, *, interrupted: bool) -> None:
        """Kill the workers that do not end: -D timeout limits their clean-ups, if it is given, and Ctrl-C does."""
        allowed = max(number(self._runner.config, "timeout") or math.inf, grace_s)
        for worker in self._pool:
            if clock.elapsed() - worker.since > (grace_s if worker.said_end or interrupted else allowed):
                worker.killed_because = "it did not clean up in time and was killed"
                worker.kill()

    def show(self) -> None:
        """Ask for the cluster's free capacity if it is time, and show what runs and what waits."""
        now, ids = clock.elapsed(), self._selection.ids
        if self._schedule.capacity and len(self._schedule) and now > self._next_question:
            # Without an answer the schedule goes on with the last one.
            with suppress(SparkproofError):
                self._schedule.room = self._runner.plan.capacity()
            if (there := self._runner.plan.there()) is not None:
                self._schedule.see(there)
            self._make_room(now)
            ended = clock.elapsed()
            self._next_question = ended + max(_LOOK_S, (ended - now) / _LOOK_SHARE)
        busy = [
            Busy(worker.number, ids[job.index], now - worker.since, job.usual_s, worker.now.read())
            for worker in self._pool.busy
            for job in [worker.jobs[0]]
        ]
        waits = [(ids[job.index], why) for job, why in self._schedule.held_up()]
        self._display.tick(busy, waits, self._left_s(busy))

    def _make_room(self, now: float) -> None:
        """Have room made for what runs, and for the next scenario if a worker has waited long; one call at a time."""
        if not self._making.done():
            return
        # What the cluster refused is asked again; a fault of the project ends the run.
        with suppress(SparkproofError):
            self._making.result()
        idle = self._pool.idle
        waited = idle and (self._schedule.starves or any(now - worker.since > _IDLE_S for worker in idle))
        amounts, shared = (self._schedule.wanted() if waited else None) or (Resources(), ())
        self._making = aside(self._runner.plan.make_room, amounts, shared)

    def _left_s(self, busy: Sequence[Busy]) -> float | None:
        here = measured(self._results.lines)
        known = [one._replace(usual_s=one.usual_s or here(one.identity)) for one in busy]
        waiting = [job.usual_s or here(self._selection.ids[job.index]) for job in self._schedule.waiting]
        return remaining_s(known, waiting, len(self._pool))
