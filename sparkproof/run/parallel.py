"""Runs the selected scenarios on worker processes: hands out what the schedule allows, gathers what comes back."""

import itertools
import os
import selectors
import signal
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING, Any

from behave.model import Feature, Rule

from sparkproof.core.errors import SparkproofError
from sparkproof.run.display import Busy, display
from sparkproof.run.messages import Opened, Ran, entities
from sparkproof.run.outcome import Outcome
from sparkproof.run.replay import Replay
from sparkproof.run.schedule import Job, Schedule
from sparkproof.run.worker_handle import WorkerHandle, spawn

if TYPE_CHECKING:
    from sparkproof.run.results import Results
    from sparkproof.run.runner import Runner

# How long a worker may take to end a scenario that is out of time, or to clean up at its end, before it is killed.
_GRACE_S = 30.0
_TICK_S = 0.5
# How often the cluster is asked what it has for us: others come and go in minutes. The larger it is, the longer the
# answer takes, so a look may take this share of the time at most.
_LOOK_S = 5.0
_LOOK_SHARE = 0.05
# Scenarios that are usually shorter than this travel together, as many as last about this long.
_BATCH_S = 0.1
_BATCH = 16


class Parallel:
    """One run on `-j N` workers; they are forked after before_all, so they start with all that it prepared."""

    def __init__(self, runner: "Runner", results: "Results", schedule: Schedule) -> None:
        self._runner = runner
        self._results = results
        self._schedule = schedule
        self._entities = entities(runner.features)
        self._index = {id(entity): number for number, entity in enumerate(self._entities)}
        self._left: Counter[int] = Counter(self._feature(index) for index in range(len(results.scenarios)))
        self._attempts: Counter[int] = Counter()
        self._took: deque[float] = deque(maxlen=50)
        self._hands: dict[int, WorkerHandle] = {}
        self._selector = selectors.DefaultSelector()
        self._watched = 0.0
        self._next_look = time.monotonic() + _LOOK_S
        self._interrupts = 0
        self._stopped = False
        self._replay = Replay(runner, results)
        self._unreplayed = deque(range(len(runner.features)))
        self._display = display(len(results.scenarios))

    def run(self) -> bool:
        """What behave's run_model does, in its order; True when behave would call the run failed."""
        runner = self._runner
        runner.hook_failures = 0
        runner.step_registry = self._replay.step_registry
        runner.run_hook("before_all")
        if not runner.aborted:
            try:
                with self._interruptible(), self._display:
                    self._run_scenarios()
            finally:
                for hand in self._hands.values():
                    hand.kill()
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
        visits = [self._index[id(feature)] for feature in self._runner.features if self._only_hooks(feature)]
        for number in range(1, min(self._runner.config.jobs, len(self._schedule) or bool(visits)) + 1):
            self._hire(number)
        for feature, hand in zip(visits, itertools.cycle(self._hands.values()), strict=False):
            hand.closing.add(feature)
            self._send(hand, self._visits(self._entities[feature]) + self._closings(feature))
        while self._hands:
            self._dispatch()
            if not self._working():
                break
            for key, _ in self._selector.select(_TICK_S):
                self._hear(key.data)
            self._watch()
        self._dismiss()

    def _working(self) -> bool:
        return any(hand.jobs for hand in self._hands.values()) or (bool(len(self._schedule)) and not self._stopped)

    def _hire(self, number: int) -> None:
        hand = spawn(number, self._runner, self._results.scenarios, [one.pipe for one in self._hands.values()])
        self._hands[number] = hand
        self._selector.register(hand.pipe, selectors.EVENT_READ, hand)

    def _dispatch(self) -> None:
        while not self._stopped:
            idle = [hand for hand in self._hands.values() if not hand.jobs]
            if not idle:
                return
            job = self._schedule.take()
            if job is None:
                return
            # The worker that has the feature open already spares its hooks.
            feature = self._feature(job.index)
            hand = next((one for one in idle if feature in one.features), idle[0])
            self._give(hand, [job, *self._companions(job)])

    def _companions(self, job: Job) -> Iterator[Job]:
        """Short scenarios that go with `job`, so that workers need not wait for the parent between them."""
        usual = job.expected_s or (sum(self._took) / len(self._took) if self._took else _BATCH_S + 1)
        fair = len(self._schedule) // (2 * len(self._hands))
        for _ in range(min(_BATCH, int(_BATCH_S / max(usual, 1e-6)), fair)):
            other = self._schedule.take_like(job)
            if other is None:
                return
            yield other

    def _give(self, hand: WorkerHandle, jobs: list[Job]) -> None:
        orders = []
        for job in jobs:
            self._attempts[job.index] += 1
            orders.append(("run", job.index, self._attempts[job.index]))
        if not hand.jobs:
            hand.since = time.monotonic()
            hand.now.say("")
        hand.jobs.extend(jobs)
        self._send(hand, orders)

    def _send(self, hand: WorkerHandle, orders: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # a worker that has died is noticed when it is heard
            hand.pipe.send(orders)

    def _hear(self, hand: WorkerHandle) -> None:
        try:
            kind, what = hand.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._bury(hand)
            return
        if kind == "ran":
            self._ran(hand, what)
        elif kind == "opened":
            self._opened(hand, what)
        elif kind == "closed":
            self._closed(hand, what)
        elif kind == "refused":
            self._refused(hand, what)
        elif kind == "unrun":
            self._schedule.finish(hand.jobs.popleft().index)
        elif kind == "crashed":
            hand.killed_because, trace = what
            print(trace, file=sys.stderr)
        elif what:
            self._results.cause(what)
        self._replay_ready()

    def _ran(self, hand: WorkerHandle, ran: Ran) -> None:
        index, attempt = ran.attempt.index, ran.attempt
        job = hand.jobs.popleft()
        self._schedule.finish(index)
        hand.since = time.monotonic()
        self._took.append(attempt.duration_s)
        ran.state.put(self._results.scenarios[index])
        self._replay.keep(index, ran)
        again = self._runner.again(attempt) and not self._stopped
        line = self._results.add(attempt, last=not again)
        self._display.ended(line, again=again)
        if again:
            self._schedule.again(job)
            return
        if ran.failed and self._runner.config.stop:
            self._stopped = True
        self._done(self._feature(index))

    def _opened(self, hand: WorkerHandle, opened: Opened) -> None:
        self._replay.opened[opened.entity].append(opened)
        if opened.entity in self._left:
            hand.features.add(opened.entity)

    def _closed(self, hand: WorkerHandle, closed: Opened) -> None:
        self._replay.closed[closed.entity].append(closed)
        # At its end a worker closes by itself what is still open in a run that was stopped.
        hand.features.discard(closed.entity)
        hand.closing.discard(closed.entity)

    def _refused(self, hand: WorkerHandle, index: int) -> None:
        """A hook of the scenario's feature or rule failed: like behave, run nothing of it that has not begun."""
        hand.jobs.popleft()
        self._schedule.finish(index)
        hand.since = time.monotonic()
        refusing = {n for n, told in self._replay.opened.items() if any(one.hook_failed for one in told)}
        feature = self._feature(index)
        dropped = [
            job.index
            for job in self._schedule.waiting
            if self._feature(job.index) == feature and not refusing.isdisjoint(self._above(job.index))
        ]
        self._schedule.drop(dropped)
        for _ in [index, *dropped]:
            self._done(feature)

    def _done(self, feature: int) -> None:
        """Count a scenario of `feature` as ended; with the last one the feature is closed wherever it is open."""
        self._left[feature] -= 1
        if self._left[feature] == 0:
            self._close(feature)

    def _close(self, feature: int) -> None:
        visits = self._visits(self._entities[feature])
        for hand in self._hands.values():
            if feature in hand.features:
                hand.features.remove(feature)
                hand.closing.add(feature)
                self._send(hand, visits + self._closings(feature))
                visits = []

    def _closings(self, feature: int) -> list[tuple[str, int, int]]:
        rules = reversed(self._entities[feature].rules)
        return [("close", self._index[id(rule)], 0) for rule in rules] + [("close", feature, 0)]

    def _visits(self, feature: Feature) -> list[tuple[str, int, int]]:
        """Orders that run the hooks of a feature or its rules where no scenario does: behave runs them as well."""
        return [("open", self._index[id(one)], 0) for one in (feature, *feature.rules) if self._only_hooks(one)]

    def _only_hooks(self, entity: Feature | Rule) -> bool:
        selected = any(id(scenario) in self._replay.selected for scenario in entity.walk_scenarios())
        return not selected and bool(entity.should_run(self._runner.config))

    def _bury(self, hand: WorkerHandle) -> None:
        """A worker has died: what it ran is broken, what it only had waiting goes to another."""
        self._selector.unregister(hand.pipe)
        del self._hands[hand.number]
        hand.process.join()
        how = hand.killed_because or hand.death
        running = hand.jobs.popleft() if hand.jobs else None
        for job in hand.jobs:
            self._schedule.finish(job.index)
            self._attempts[job.index] -= 1
            self._schedule.again(job)
        if running is not None:
            self._schedule.finish(running.index)
            step = hand.now.read() or "its hooks"
            self._give_up(running.index, Outcome.BROKEN, f"{how or 'its worker ended'} while it ran: {step}")
        if how:
            named = f" while it ran {self._results.ids[running.index]}" if running else ""
            self._results.cause(f"Worker {hand.number}: {how}{named}.")
        for feature in hand.features | hand.closing:
            self._results.cause(f"Hooks after {self._entities[feature].name!r} did not run on worker {hand.number}.")
        if len(self._schedule) and not self._stopped:
            self._hire(hand.number)

    def _give_up(self, index: int, outcome: Outcome, reason: str) -> None:
        self._replay.lose(index, outcome, reason)
        self._results.lost(index, outcome, reason)
        self._done(self._feature(index))

    def _watch(self) -> None:
        """Kill workers that are out of time for good, and show what runs."""
        now = time.monotonic()
        if now - self._watched < _TICK_S:
            return
        self._watched = now
        if self._schedule.capacity and len(self._schedule) and now > self._next_look:
            self._look()
            ended = time.monotonic()
            self._next_look = ended + max(_LOOK_S, (ended - now) / _LOOK_SHARE)
        for hand in list(self._hands.values()):
            limit = self._runner.limit(self._results.scenarios[hand.jobs[0].index]) if hand.jobs else 0
            if limit and now - hand.since > limit + _GRACE_S:
                hand.killed_because = f"it did not end within {limit + _GRACE_S:g} s and was killed"
                hand.kill()
        busy = [
            Busy(hand.number, self._results.ids[hand.jobs[0].index], now - hand.since, job.expected_s, hand.now.read())
            for hand in self._hands.values()
            if hand.jobs
            for job in [hand.jobs[0]]
        ]
        self._display.tick(busy, [(self._results.ids[job.index], why) for job, why in self._schedule.held_up()])

    def _look(self) -> None:
        """Let the schedule know what the cluster has for us now; without an answer it goes on with the last one."""
        with suppress(SparkproofError):
            self._schedule.room = self._runner.plan.capacity()

    def _dismiss(self) -> None:
        """Let every worker clean up and end; one that does not is killed."""
        for hand in self._hands.values():
            self._send(hand, None)
        late = time.monotonic() + _GRACE_S
        while self._hands and time.monotonic() < late and self._interrupts < 2:
            for key, _ in self._selector.select(_TICK_S):
                self._hear(key.data)
        for hand in list(self._hands.values()):
            hand.killed_because = "it did not clean up in time and was killed"
            hand.kill()
            self._bury(hand)

    def _replay_ready(self) -> None:
        while self._unreplayed and self._complete(self._index[id(self._runner.features[self._unreplayed[0]])]):
            self._replay_next()

    def _complete(self, feature: int) -> bool:
        return self._left[feature] <= 0 and not any(feature in hand.closing for hand in self._hands.values())

    def _replay_next(self) -> None:
        feature = self._runner.features[self._unreplayed.popleft()]
        with self._display.paused():
            self._replay.tell(feature, stopped=self._stopped or self._runner.aborted)

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Ctrl-C once: running scenarios are interrupted and cleaned up; twice: everything ends now."""

        def interrupt(_signal: int, _frame: FrameType | None) -> None:
            self._interrupts += 1
            self._stopped = True
            for hand in list(self._hands.values()):
                if self._interrupts > 1:
                    hand.killed_because = "it was stopped by a second Ctrl-C"
                    hand.kill()
                elif hand.jobs and hand.process.pid:
                    os.kill(hand.process.pid, signal.SIGINT)

        before = signal.signal(signal.SIGINT, interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _feature(self, index: int) -> int:
        return self._index[id(self._results.scenarios[index].feature)]

    def _above(self, index: int) -> set[int]:
        """The numbers of the feature and rule that the scenario stands in."""
        numbers = set()
        entity = self._results.scenarios[index].parent
        while entity is not None:
            if isinstance(entity, Feature | Rule):
                numbers.add(self._index[id(entity)])
            entity = entity.parent
        return numbers
