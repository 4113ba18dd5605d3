"""Chooses the next scenario: one whose needs are free, and of those the one that would delay the end most."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from sparkproof.core.resources import AMOUNTS, NOTHING, Isolation, Reservation, Resources, show

# A job that was passed over this many times for each running one is next: nothing starts that would take what it waits
# for, and room is made for it at once. Measured on simulated runs of 200 mixed scenarios: 4 ends some of them a seventh
# later, more than 16 changes nothing.
_PATIENCE = 16


class Job(NamedTuple):
    """One scenario to run: its number, its expected seconds, what it reserves, who may run beside it.

    `usual_s` is 0 where `expected_s` is only the mean of all scenarios.
    """

    index: int  # type: ignore[assignment]  # no list of values is looked through
    expected_s: float = 0.0
    reservation: Reservation = NOTHING
    isolation: Isolation = Isolation.PARALLEL
    group: str = ""
    usual_s: float = 0.0


class _Queue:
    """Waiting jobs of one kind, longest last; they are interchangeable but for their length."""

    def __init__(self, reservation: Reservation, isolation: Isolation, group: str) -> None:
        self.reservation = reservation
        self.isolation = isolation
        self.group = group
        self.jobs: list[Job] = []
        self.passed_over = 0


class Schedule:
    """Hands out jobs so that never more is reserved than `capacity` (None: no limit) offers and no job waits for ever.

    `room` may be set at any time to what is there now: while others take a part of the capacity, only a job that has
    the cluster's rest to itself starts beyond it, for else it could wait for ever.

    What jobs share is costly to have: a job comes before another one for which more is not there yet.
    `see` says what is there; until it is called, that is all that a job has had.

    With `sequential`, a group's jobs start when those of the group before it have ended, in the order of first
    appearance.
    """

    def __init__(self, jobs: Sequence[Job], capacity: Resources | None = None, *, sequential: bool = False) -> None:
        self.capacity = capacity
        self.room: Resources | None = None
        self.running: dict[int, Job] = {}
        self._sequential = sequential
        self._used: Counter[str] = Counter()
        self._locked: set[str] = set()
        self._sharing: Counter[str] = Counter()
        self._had: set[str] = set()
        self._queues: dict[tuple[Reservation, Isolation, str], _Queue] = {}
        self._group_order = list(dict.fromkeys(job.group for job in jobs))
        self._left: Counter[str] = Counter()
        self._chains: defaultdict[str, float] = defaultdict(float)
        self._work = 0.0
        for job in jobs:
            self._enqueue(job)
        for queue in self._queues.values():
            queue.jobs.sort(key=lambda job: (job.expected_s, -job.index))

    def impossible(self) -> list[tuple[Job, str]]:
        """Take out the jobs that need more than there will ever be, each with what it lacks in words."""
        if self.capacity is None:
            return []
        found = []
        for key, queue in list(self._queues.items()):
            if lacks := queue.reservation.lacks(self.capacity):
                found += [(job, lacks) for job in queue.jobs]
                for job in queue.jobs:
                    self._account(job, -1)
                del self._queues[key]
        return found

    def take(self) -> Job | None:
        """Start and return the next job, or None when nothing may start until something ends."""
        candidates, kept = self._candidates(), set[str]()
        saved = self._starved(candidates) is not None
        for queue in candidates:
            needs = queue.reservation.locks | queue.reservation.shared
            if not needs & kept and not (saved and queue.reservation != NOTHING) and self._fits(queue):
                job = queue.jobs.pop()
                queue.passed_over = 0
                if not queue.jobs:
                    del self._queues[queue.reservation, queue.isolation, queue.group]
                self._start(job)
                for other in candidates[: candidates.index(queue)]:
                    other.passed_over += 1
                return job
            if self._has_waited(queue):
                kept |= needs
        return None

    @property
    def starves(self) -> bool:
        """True while a job waits for room that was passed over so often that nothing takes room before it."""
        return self._starved(self._candidates()) is not None

    def begin(self, job: Job) -> None:
        """Start a job that has come up where it runs, beside whatever runs: it waits for nothing."""
        if job.group not in self._group_order:
            self._group_order.append(job.group)
        self._account(job, 1)
        self._start(job)

    def take_like(self, job: Job) -> Job | None:
        """Start and return another job that needs as little as `job`: nothing but a worker; None when there is none."""
        queue = self._queues.get((job.reservation, job.isolation, job.group if self._sequential else ""))
        if job.isolation or job.reservation != NOTHING or queue is None:
            return None
        other = queue.jobs.pop()
        if not queue.jobs:
            del self._queues[queue.reservation, queue.isolation, queue.group]
        self._start(other)
        return other

    def finish(self, index: int) -> None:
        """Free the reservation of the running job `index`."""
        job = self.running.pop(index)
        self._left[job.group] -= 1
        held = job.reservation
        if held is not NOTHING:
            for name in AMOUNTS:
                self._used[name] -= getattr(held, name)
            self._locked -= held.locks
            self._sharing.subtract(held.shared)

    def see(self, there: Collection[str]) -> None:
        """Note what is there now of what jobs share; what a running job shares is there, or about to be."""
        self._had = {*there, *(+self._sharing)}

    def again(self, job: Job) -> None:
        """Put a job that has ended back, for another attempt."""
        queue = self._enqueue(job)
        queue.jobs.sort(key=lambda one: (one.expected_s, -one.index))

    def add(self, job: Job) -> None:
        """Take a job that has come up while others ran."""
        if job.group not in self._group_order:
            self._group_order.append(job.group)
        self.again(job)

    def drop(self, indices: Iterable[int]) -> None:
        """Forget waiting jobs: they will not run."""
        unwanted = set(indices)
        for key, queue in list(self._queues.items()):
            for job in queue.jobs:
                if job.index in unwanted:
                    self._account(job, -1)
            queue.jobs = [job for job in queue.jobs if job.index not in unwanted]
            if not queue.jobs:
                del self._queues[key]

    @property
    def waiting(self) -> list[Job]:
        return [job for queue in self._queues.values() for job in queue.jobs]

    def __len__(self) -> int:
        """The number of waiting jobs."""
        return sum(len(queue.jobs) for queue in self._queues.values())

    def held_up(self) -> list[tuple[Job, str]]:
        """One waiting job of each kind that may not start now, with what it waits for in words."""
        return [(queue.jobs[-1], why) for queue in self._candidates() if (why := self._obstacle(queue))]

    def wanted(self) -> tuple[Resources, frozenset[str]] | None:
        """Return what has to be free for the next job that waits for room alone, and what it shares; None without one.

        One that starves is the next. What running jobs reserve is in it, as it is in `room`.
        """
        candidates = self._candidates()
        waiting = (queue for queue in candidates if self._waits_for_room(queue))
        queue = self._starved(candidates) or next(waiting, None)
        if queue is None:
            return None
        amounts = {name: self._used[name] + getattr(queue.reservation, name) for name in AMOUNTS}
        return Resources(**amounts), queue.reservation.shared

    def _enqueue(self, job: Job) -> _Queue:
        key = (job.reservation, job.isolation, job.group if self._sequential else "")
        queue = self._queues.setdefault(key, _Queue(*key))
        queue.jobs.append(job)
        self._account(job, 1)
        return queue

    def _account(self, job: Job, sign: int) -> None:
        self._left[job.group] += sign
        self._work += sign * job.expected_s
        for chain, seconds in self._demands(job):
            self._chains[chain] += sign * seconds

    def _demands(self, job: Job) -> Iterable[tuple[str, float]]:
        """The seconds for which the job occupies each scarce thing: a lock for all its time, GPUs by their share."""
        for lock in job.reservation.locks:
            yield f"lock {lock}", job.expected_s
        if job.reservation.gpus and self.capacity and self.capacity.gpus:
            yield "gpus", job.expected_s * job.reservation.gpus / self.capacity.gpus

    def _start(self, job: Job) -> None:
        self.running[job.index] = job
        self._work -= job.expected_s
        held = job.reservation
        if held is not NOTHING:
            for name in AMOUNTS:
                self._used[name] += getattr(held, name)
            self._locked |= held.locks
            self._sharing.update(held.shared)
            self._had |= held.shared
            for chain, seconds in self._demands(job):
                self._chains[chain] -= seconds

    def _candidates(self) -> list[_Queue]:
        """The queues whose turn it is, the one that would hold up the end of the run longest first."""
        queues = [queue for queue in self._queues.values() if queue.group == self._group()]
        if not queues:
            return []
        first = min(queue.isolation for queue in queues)
        return sorted((queue for queue in queues if queue.isolation == first), key=self._urgency, reverse=True)

    def _group(self) -> str:
        if not self._sequential:
            return ""
        return next((group for group in self._group_order if self._left[group] > 0), "")

    def _urgency(self, queue: _Queue) -> tuple[int, float, float, float]:
        """The work left if this came last; a job with large needs is harder to place late."""
        longest, share = queue.jobs[-1], self._share(queue.reservation)
        chain = max((self._chains[name] for name, _ in self._demands(longest)), default=0.0)
        # To use up one platform before the next is worth less than not to end with what only one can do at a time.
        lacking = 0 if 2 * chain >= self._work > 0 else len(queue.reservation.shared - self._had)
        return -lacking, max(longest.expected_s * (1 + share), chain), share, -longest.index

    def _share(self, reservation: Reservation) -> float:
        if self.capacity is None:
            return 0.0
        return max(float(getattr(reservation, name)) / (getattr(self.capacity, name) or 1) for name in AMOUNTS)

    def _fits(self, queue: _Queue) -> bool:
        return not self._obstacle(queue)

    def _obstacle(self, queue: _Queue) -> str:
        if any(job.isolation for job in self.running.values()):
            return "a scenario that runs alone"
        if queue.isolation and self.running:
            return "all others to end, for it runs alone"
        reservation = queue.reservation
        if taken := self._taken(reservation):
            return f"lock {min(taken)}"
        return self._lacking(reservation)

    def _starved(self, candidates: Iterable[_Queue]) -> _Queue | None:
        return next((queue for queue in candidates if self._has_waited(queue) and self._waits_for_room(queue)), None)

    def _has_waited(self, queue: _Queue) -> bool:
        return queue.passed_over >= _PATIENCE * max(1, len(self.running))

    def _waits_for_room(self, queue: _Queue) -> bool:
        return not queue.isolation and not self._taken(queue.reservation) and bool(self._lacking(queue.reservation))

    def _lacking(self, reservation: Reservation) -> str:
        """Return the amount that it needs and that is not free, in words; "" if there is room."""
        for name in AMOUNTS if self.capacity else ():
            needed = getattr(reservation, name)
            if needed and self._used[name] + needed > self._offered(name) + 1e-9:
                return show(name, needed)
        return ""

    def _taken(self, reservation: Reservation) -> set[str]:
        """Return what it needs for itself and others have now, or needs at all and somebody has for himself."""
        held = self._locked | (+self._sharing).keys()
        return {*(reservation.locks & held), *(reservation.shared & self._locked)}

    def _offered(self, name: str) -> float:
        """The amount of `name` that may be reserved: the capacity, or less while others use it beside our jobs."""
        offered = float(getattr(self.capacity, name))
        return min(offered, float(getattr(self.room, name))) if self.room and self.running else offered
