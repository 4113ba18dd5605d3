"""Runs the selected scenarios on worker processes: hands out what the schedule allows, gathers the results."""

import itertools
import signal
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from behave import runner as behave_runner

from sparkproof.core.errors import SparkproofError
from sparkproof.run.attempts import Attempts
from sparkproof.run.dispatcher import Dispatcher
from sparkproof.run.display import Busy, Display, Lines
from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.messages import Opened, Ran
from sparkproof.run.outcome import Outcome
from sparkproof.run.replay import Replay
from sparkproof.run.results import Results
from sparkproof.run.schedule import Schedule
from sparkproof.run.worker_handle import WorkerHandle
from sparkproof.run.worker_pool import WorkerPool

# How long a worker may take to end a scenario that is out of time, or to clean up at its end, before it is killed.
_GRACE_S = 30.0
_TICK_S = 0.5
# How often the cluster is asked for its free capacity: others come and go in minutes. A large cluster takes longer to
# answer, so the questions may take this share of the time at most.
_LOOK_S = 5.0
_LOOK_SHARE = 0.05


class Parallel:
    """One run on `-j N` workers; they are forked after before_all, so they start with all that it prepared."""

    def __init__(self, runner: behave_runner.Runner, attempts: Attempts, results: Results, schedule: Schedule) -> None:
        self._runner = runner
        self._attempts = attempts
        self._results = results
        self._schedule = schedule
        self._features = FeatureTally(runner, results.scenarios)
        self._pool = WorkerPool(runner, attempts, results.scenarios)
        self._dispatcher = Dispatcher(schedule, self._pool, self._features)
        self._watched = 0.0
        self._next_look = time.monotonic() + _LOOK_S
        self._interrupts = 0
        self._stopped = False
        self._replay = Replay(runner, results)
        self._unreplayed = deque(range(len(runner.features)))
        self._display = _display(len(results.scenarios))

    def run(self) -> bool:
        """Do what behave's run_model does, in its order; return True if behave would call the run failed."""
        runner = self._runner
        runner.hook_failures = 0
        runner.step_registry = self._replay.step_registry
        runner.run_hook("before_all")
        if not runner.aborted:
            try:
                with self._interruptible(), self._display:
                    self._run_scenarios()
            finally:
                self._pool.kill()
        if self._interrupts:
            runner.abort(reason="KeyboardInterrupt")
        while self._unreplayed:
            self._replay_next()
        runner.run_hook_with_capture("after_all")
        with suppress(Exception):  # the context keeps the error, and the runner makes it a cause
            runner.context._do_remaining_cleanups()
        if runner.aborted:
            print("\nABORTED: By user.")
        for formatter in runner.formatters:
            formatter.close()
        for reporter in runner.config.reporters:
            reporter.end()
        return self._replay.failed or runner.aborted

    def _run_scenarios(self) -> None:
        for job, lacks in self._schedule.impossible():
            self._give_up(job.index, Outcome.SKIPPED, f"it needs {lacks}")
        hooked = [feature for feature in self._runner.features if self._features.has_only_hooks(feature)]
        for number in range(1, min(self._runner.config.jobs, len(self._schedule) or bool(hooked)) + 1):
            self._pool.start(number)
        for feature, worker in zip(hooked, itertools.cycle(self._pool), strict=False):
            number = self._features.number(feature)
            worker.closing.add(number)
            self._pool.send(worker, self._features.visits(feature) + self._features.closings(number))
        while self._pool:
            while not self._stopped and self._dispatcher.give_next():
                pass
            if not self._working():
                break
            for worker in self._pool.with_messages(_TICK_S):
                self._read(worker)
            self._watch()
        self._dismiss()

    def _working(self) -> bool:
        return bool(self._pool.busy) or (bool(len(self._schedule)) and not self._stopped)

    def _read(self, worker: WorkerHandle) -> None:
        """Take the next message of a worker."""
        try:
            kind, content = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._reap(worker)
            return
        if kind == "ran":
            self._ran(worker, content)
        elif kind == "opened":
            self._opened(worker, content)
        elif kind == "closed":
            self._closed(worker, content)
        elif kind == "refused":
            self._refused(worker, content)
        elif kind == "unrun":
            self._dispatcher.take_back(worker)
        elif kind == "crashed":
            worker.killed_because, trace = content
            print(trace, file=sys.stderr)
        elif content:
            self._results.cause(content)
        self._replay_ready()

    def _ran(self, worker: WorkerHandle, ran: Ran) -> None:
        index, attempt = ran.attempt.index, ran.attempt
        job = self._dispatcher.ended(worker, attempt.duration_s)
        ran.state.put(self._results.scenarios[index])
        self._replay.keep(index, ran)
        again = self._attempts.repeats(attempt) and not self._stopped
        line = self._results.add(attempt, last=not again)
        self._display.ended(line, again=again)
        if again:
            self._schedule.again(job)
            return
        if ran.failed and self._runner.config.stop:
            self._stopped = True
        self._end_one(self._features.feature(index))

    def _opened(self, worker: WorkerHandle, opened: Opened) -> None:
        self._replay.opened[opened.entity].append(opened)
        if self._features.has_scenarios(opened.entity):
            worker.features.add(opened.entity)

    def _closed(self, worker: WorkerHandle, closed: Opened) -> None:
        self._replay.closed[closed.entity].append(closed)
        # At its end a worker closes by itself what is still open in a run that was stopped.
        worker.features.discard(closed.entity)
        worker.closing.discard(closed.entity)

    def _refused(self, worker: WorkerHandle, index: int) -> None:
        """Drop the scenarios of a feature or rule whose hook failed: like behave, run none that has not begun."""
        self._dispatcher.take_back(worker)
        worker.since = time.monotonic()
        refusing = {n for n, opened in self._replay.opened.items() if any(one.hook_failed for one in opened)}
        feature = self._features.feature(index)
        dropped = [
            job.index
            for job in self._schedule.waiting
            if self._features.feature(job.index) == feature and not refusing.isdisjoint(self._features.above(job.index))
        ]
        self._schedule.drop(dropped)
        for _ in [index, *dropped]:
            self._end_one(feature)

    def _end_one(self, feature: int) -> None:
        """Count a scenario of `feature` as ended; after the last one, close the feature wherever it is open."""
        if not self._features.end_one(feature):
            return
        visits = self._features.visits(self._features.entities[feature])
        for worker in self._pool:
            if feature in worker.features:
                worker.features.remove(feature)
                worker.closing.add(feature)
                self._pool.send(worker, visits + self._features.closings(feature))
                visits = []

    def _reap(self, worker: WorkerHandle) -> None:
        """Account for a worker that has died: the scenario it ran is broken, those that waited go to another."""
        self._pool.reap(worker)
        how = worker.killed_because or worker.death
        running = self._dispatcher.take_back(worker) if worker.jobs else None
        self._dispatcher.put_back(worker)
        if running is not None:
            step = worker.now.read() or "its hooks"
            self._give_up(running.index, Outcome.BROKEN, f"{how or 'its worker ended'} while it ran: {step}")
        if how:
            named = f" while it ran {self._results.ids[running.index]}" if running else ""
            self._results.cause(f"Worker {worker.number}: {how}{named}.")
        for feature in worker.features | worker.closing:
            name = self._features.entities[feature].name
            self._results.cause(f"Hooks after {name!r} did not run on worker {worker.number}.")
        if len(self._schedule) and not self._stopped:
            self._pool.start(worker.number)

    def _give_up(self, index: int, outcome: Outcome, reason: str) -> None:
        self._replay.lose(index, outcome, reason)
        self._results.lost(index, outcome, reason)
        self._end_one(self._features.feature(index))

    def _watch(self) -> None:
        """Kill workers that are long out of time, and show what runs."""
        now = time.monotonic()
        if now - self._watched < _TICK_S:
            return
        self._watched = now
        if self._schedule.capacity and len(self._schedule) and now > self._next_look:
            # Without an answer the schedule goes on with the last one.
            with suppress(SparkproofError):
                self._schedule.room = self._runner.plan.capacity()
            ended = time.monotonic()
            self._next_look = ended + max(_LOOK_S, (ended - now) / _LOOK_SHARE)
        for worker in self._pool.busy:
            limit = self._attempts.limit(self._results.scenarios[worker.jobs[0].index])
            if limit and now - worker.since > limit + _GRACE_S:
                worker.killed_because = f"it did not end within {limit + _GRACE_S:g} s and was killed"
                worker.kill()
        ids = self._results.ids
        busy = [
            Busy(worker.number, ids[job.index], now - worker.since, job.expected_s, worker.now.read())
            for worker in self._pool.busy
            for job in [worker.jobs[0]]
        ]
        self._display.tick(busy, [(ids[job.index], why) for job, why in self._schedule.held_up()])

    def _dismiss(self) -> None:
        """Let every worker clean up and end; kill those that do not."""
        for worker in self._pool:
            self._pool.send(worker, None)
        late = time.monotonic() + _GRACE_S
        while self._pool and time.monotonic() < late and self._interrupts < 2:
            for worker in self._pool.with_messages(_TICK_S):
                self._read(worker)
        for worker in self._pool:
            worker.killed_because = "it did not clean up in time and was killed"
            worker.kill()
            self._reap(worker)

    def _replay_ready(self) -> None:
        while self._unreplayed and self._complete(self._features.number(self._runner.features[self._unreplayed[0]])):
            self._replay_next()

    def _complete(self, feature: int) -> bool:
        return self._features.has_ended(feature) and not any(feature in worker.closing for worker in self._pool)

    def _replay_next(self) -> None:
        feature = self._runner.features[self._unreplayed.popleft()]
        with self._display.paused():
            self._replay.show(feature, stopped=self._stopped or self._runner.aborted)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: running scenarios are interrupted and cleaned up; twice: everything ends now."""

        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            self._interrupts += 1
            self._stopped = True
            if self._interrupts == 1:
                self._pool.interrupt()
                return
            for worker in self._pool:
                worker.killed_because = "it was stopped by a second Ctrl-C"
                worker.kill()

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def _display(total: int) -> Display:
    """The display for a run of `total` scenarios: a live table on a terminal, plain lines elsewhere."""
    if sys.stderr.isatty():
        from sparkproof.run.live import Live

        return Live(total)
    return Lines(total)
