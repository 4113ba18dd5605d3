"""Runs the selected scenarios on worker processes: hands out what the schedule allows, gathers the results."""

import itertools
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from behave import runner as behave_runner

from sparkproof.core import clock
from sparkproof.run import gathered
from sparkproof.run.attempts import Attempts
from sparkproof.run.dispatcher import Dispatcher
from sparkproof.run.feature_tally import FeatureTally
from sparkproof.run.messages import Opened, Ran
from sparkproof.run.model import Model
from sparkproof.run.openings import Openings
from sparkproof.run.outcome import Outcome
from sparkproof.run.rearrangements import Rearrangements
from sparkproof.run.replay import Replay
from sparkproof.run.results import Results
from sparkproof.run.schedule import Job, Schedule
from sparkproof.run.show import display
from sparkproof.run.watch import TICK_S, Watch
from sparkproof.run.worker_handle import WorkerHandle
from sparkproof.run.worker_pool import WorkerPool

# How long a worker may take to end a scenario that is out of time, or itself when it has cleaned up; then it is killed.
_GRACE_S = 30.0
# How long a worker whose pipe is closed may take to end.
_CLOSED_S = 1.0


class Parallel:
    """One run on `-j N` workers; they are forked after before_all, so they start with all that it prepared."""

    def __init__(
        self,
        runner: behave_runner.Runner,
        attempts: Attempts,
        results: Results,
        schedule: Schedule,
        job: Callable[[int], Job],
        model: Model,
    ) -> None:
        self._runner = runner
        self._attempts = attempts
        self._results = results
        self._selection = results.selection
        self._schedule = schedule
        self._replay = Replay(runner, results)
        self._features = FeatureTally(runner, self._selection.scenarios)
        self._pool = WorkerPool(runner, attempts, model)
        self._openings = Openings(self._pool, self._features, self._replay, runner.hooks)
        self._dispatcher = Dispatcher(schedule, self._pool, self._features)
        self._rearrangements = Rearrangements(
            results, schedule, self._features, self._dispatcher, job, model, runner.config
        )
        self._interrupts = 0
        self._stopped = False
        self._unreplayed = deque(range(len(runner.features)))
        self._display = display(len(self._selection))
        self._watch = Watch(runner, attempts, results, schedule, self._pool, self._display)

    def run(self) -> None:
        """Run everything that is selected, and show it to formatters and reporters."""
        if not self._runner.aborted:
            try:
                with self._interruptible(), self._display:
                    self._run_scenarios()
            finally:
                self._pool.kill()
                if self._interrupts:
                    self._runner.abort(reason="KeyboardInterrupt")
        while self._unreplayed:
            self._replay_next()

    @property
    def failed(self) -> bool:
        """True if behave would call the run failed."""
        return self._replay.failed

    def _run_scenarios(self) -> None:
        for job, lacks in self._schedule.impossible():
            self._give_up(job.index, Outcome.SKIPPED, f"it needs {lacks}")
        hooked = [feature for feature in self._runner.features if self._features.has_only_hooks(feature)]
        for number in range(1, min(self._runner.config.jobs, len(self._schedule) or bool(hooked)) + 1):
            self._pool.start(number)
        for feature, worker in zip(hooked, itertools.cycle(self._pool), strict=False):
            number = self._features.number(feature)
            self._openings.visit(worker, number)
        while self._pool:
            while not self._stopped and self._dispatcher.give_next():
                pass
            if not self._stopped:
                self._dispatcher.top_up()
            if not self._working():
                break
            self._dispatcher.let_results_gather()
            for worker in self._pool.with_messages(TICK_S):
                self._read(worker)
            if self._watch.is_due():
                self._watch.kill_overdue(_GRACE_S)
                for worker in self._pool.dead:
                    self._reap(worker)
                self._watch.show()
        self._dismiss()

    def _working(self) -> bool:
        return bool(self._pool.busy) or self._pool.visiting or (bool(len(self._schedule)) and not self._stopped)

    def _read(self, worker: WorkerHandle) -> None:
        """Take what has arrived from a worker; one that has closed its pipe is at its end."""
        with self._results.at_once(self._display.ended):
            for kind, content in worker.channel.arrived():
                self._take(worker, kind, content)
        if worker.channel.ended:
            if not worker.ends_within(_CLOSED_S):
                worker.killed_because = worker.killed_because or "a step closed the runner's files"
                worker.kill()
            self._reap(worker)
        self._replay_ready()

    def _take(self, worker: WorkerHandle, kind: str, content: Any) -> None:
        if kind == "ran":
            self._ran(worker, content)
        elif kind == "opened":
            self._openings.opened(worker, content)
            self._heed(content)
        elif kind == "closed":
            self._openings.closed(worker, content)
            self._heed(content)
        elif kind == "refused":
            self._refused(worker, content)
        elif kind == "rearranged":
            for index in self._rearrangements.take(worker.number, *content):
                self._openings.end_one(index)
        elif kind == "woken":
            self._rearrangements.wake(content)
        elif kind == "added":
            for job in self._rearrangements.extend(content):
                self._dispatcher.give_to(worker, job)
        elif kind == "visited":
            self._openings.visited(worker, content)
        elif kind == "gone":
            self._gone(worker, content)
        elif kind in ("missing", "unrun"):
            self._dispatcher.take_back(worker)
            if kind == "missing":
                self._give_up(content, Outcome.BROKEN, f"hooks did not make it on worker {worker.number}")
        elif kind == "ended":
            worker.said_end, worker.since = True, clock.elapsed()
            gathered.add(self._runner, content, worker.number)
        else:
            _note(self._results, worker, kind, content)

    def _ran(self, worker: WorkerHandle, ran: Ran) -> None:
        index, attempt = ran.attempt.index, ran.attempt
        job = self._dispatcher.ended(worker, attempt.duration_s)
        ran.state.put(self._selection.scenarios[index])
        self._replay.keep(index, ran)
        if ran.run_failed:
            self._runner.context._root["failed"] = True
        self._heed(ran)
        again = self._attempts.repeats(attempt) and not self._stopped
        self._results.add(attempt, last=not again)
        if again:
            self._schedule.again(job)
            return
        if ran.failed and self._runner.config.stop:
            self._stop()
        self._openings.end_one(index)

    def _stop(self) -> None:
        """Let what runs end, and begin nothing more."""
        self._stopped = True
        self._pool.halt()

    def _heed(self, content: Ran | Opened) -> None:
        """Stop if a step or a hook of a worker has asked for it, now or at the next failure."""
        self._runner.config.stop |= content.stop
        if content.aborted:
            self._runner.context._root["aborted"] = True
            self._stop()

    def _gone(self, worker: WorkerHandle, index: int) -> None:
        """Account for a scenario that hooks have taken away, or made anew, before it began."""
        job = self._dispatcher.take_back(worker)
        if index in self._dispatcher.places:
            self._schedule.again(job)
        else:
            self._selection.withdrawn.add(index)
            self._openings.end_one(index)

    def _refused(self, worker: WorkerHandle, index: int) -> None:
        """Drop the scenarios of a feature or rule whose hook failed: like behave, run none that has not begun."""
        self._dispatcher.take_back(worker)
        worker.since = clock.elapsed()
        refusing = {n for n, opened in self._replay.opened.items() if any(one.hook_failed for one in opened)}
        feature = self._features.feature(index)
        dropped = [
            job.index
            for job in self._schedule.waiting
            if self._features.feature(job.index) == feature and not refusing.isdisjoint(self._features.above(job.index))
        ]
        self._schedule.drop(dropped)
        for one in [index, *dropped]:
            self._openings.end_one(one)

    def _reap(self, worker: WorkerHandle) -> None:
        """Account for a worker that has died: the scenario it ran is broken, those that waited go to another."""
        with self._results.at_once(self._display.ended):
            for kind, content in worker.channel.drain():
                self._take(worker, kind, content)
        self._pool.reap(worker)
        how = worker.killed_because or worker.death
        running = self._dispatcher.take_back(worker) if worker.jobs else None
        self._dispatcher.put_back(worker)
        if running is not None:
            step = worker.now.read() or "its hooks"
            self._give_up(running.index, Outcome.BROKEN, f"{how or 'its worker ended'} while it ran: {step}")
        if how:
            named = f" while it ran {self._selection.ids[running.index]}" if running else ""
            self._results.cause(f"Worker {worker.number}: {how}{named}.")
        for feature in worker.features | worker.closing | worker.visiting:
            name = self._features.entities[feature].name
            self._results.cause(f"Hooks after {name!r} did not run on worker {worker.number}.")
        if len(self._schedule) and not self._stopped:
            self._pool.start(worker.number)

    def _give_up(self, index: int, outcome: Outcome, reason: str) -> None:
        self._replay.lose(index, outcome, reason)
        self._results.lost(index, outcome, reason)
        self._openings.end_one(index)

    def _dismiss(self) -> None:
        """Let every worker clean up and end; kill those that do not."""
        for worker in self._pool:
            worker.since = clock.elapsed()
            self._pool.send(worker, None)
        while self._pool:
            for worker in self._pool.with_messages(TICK_S):
                self._read(worker)
            self._watch.kill_late(_GRACE_S, interrupted=bool(self._interrupts))
            for worker in self._pool.dead:
                self._reap(worker)

    def _replay_ready(self) -> None:
        while self._unreplayed and self._complete(self._features.number(self._runner.features[self._unreplayed[0]])):
            self._replay_next()

    def _complete(self, feature: int) -> bool:
        return self._features.has_ended(feature) and not any(
            feature in worker.closing or feature in worker.visiting for worker in self._pool
        )

    def _replay_next(self) -> None:
        feature = self._runner.features[self._unreplayed.popleft()]
        with self._display.paused():
            self._replay.show(feature, stopped=self._stopped or self._runner.aborted)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: running scenarios are interrupted and cleaned up; twice: everything ends now."""

        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            self._interrupts += 1
            self._stop()
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


def _note(results: Results, worker: WorkerHandle, kind: str, content: Any) -> None:
    """Keep what a worker says of itself."""
    if kind == "cause":
        results.cause(content)
    elif kind == "remark":
        print(content, file=sys.stderr)
    else:
        worker.killed_because = content if kind == "crashed" else f"what it sent cannot be read ({content})"
        worker.kill()
