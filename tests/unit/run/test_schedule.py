"""The schedule on a simulated clock: never more leased than there is, no deadlock, no starvation, little idle."""

import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparkproof.core.resources import AMOUNTS, Isolation, Reservation, Resources, quantity
from sparkproof.run.schedule import Job, Schedule

GIB = 2**30
CAPACITY = Resources(cpu=8, memory=16 * GIB, gpus=4)
PLATFORM = frozenset({"platform"})
LOCKS = ("history", "metastore", "policy")


def reservations() -> st.SearchStrategy[Reservation]:
    names = st.frozensets(st.sampled_from(LOCKS), max_size=2)
    return st.builds(
        lambda cpu, memory, gpus, locks, shared: Reservation(cpu, memory * 2**30, gpus, locks, shared),
        st.sampled_from([0, 0.5, 1, 2, 8]),
        st.sampled_from([0, 1, 4, 16]),
        st.sampled_from([0, 0, 0, 1, 2, 4]),
        names,
        names,
    )


def jobs_of(most: int = 40) -> st.SearchStrategy[list[Job]]:
    one = st.tuples(
        st.floats(0, 100),
        reservations(),
        st.sampled_from([Isolation.PARALLEL] * 6 + [Isolation.SERIAL, Isolation.DISRUPTIVE]),
        st.sampled_from(["baseline", "gpu", "iceberg"]),
    )
    return st.lists(one, max_size=most).map(
        lambda drawn: [Job(index, *each) for index, each in enumerate(drawn)],
    )


@dataclass
class Simulation:
    """Runs a schedule on `workers` with a clock of its own and checks at every start what must always hold."""

    schedule: Schedule
    workers: int
    took: dict[int, float]
    now: float = 0.0
    started: list[Job] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    rooms: Iterator[Reservation] = field(default_factory=lambda: iter(()))

    def run(self) -> "Simulation":
        ends: list[tuple[float, int]] = []
        while True:
            while len(ends) < self.workers and (job := self.schedule.take()) is not None:
                self.check(job)
                self.started.append(job)
                heapq.heappush(ends, (self.now + self.took[job.index], job.index))
            if not ends:
                return self
            self.schedule.room = next(self.rooms, self.schedule.room)
            self.now, index = heapq.heappop(ends)
            self.schedule.finish(index)
            self.ended.append(index)

    def check(self, job: Job) -> None:
        running = list(self.schedule.running.values())
        capacity = self.schedule.capacity
        for name in AMOUNTS if capacity else ():
            assert sum(getattr(one.reservation, name) for one in running) <= getattr(capacity, name) + 1e-6
            if (room := self.schedule.room) and len(running) > 1 and getattr(job.reservation, name):
                assert sum(getattr(one.reservation, name) for one in running) <= getattr(room, name) + 1e-6
        held = Counter(lock for one in running for lock in one.reservation.locks)
        shared = {lock for one in running for lock in one.reservation.shared - one.reservation.locks}
        assert all(count == 1 for count in held.values())
        assert not shared & held.keys()
        if any(one.isolation for one in running):
            assert running == [job]


def simulate(
    jobs: list[Job], workers: int, capacity: Resources | None = CAPACITY, *, sequential: bool = False
) -> Simulation:
    schedule = Schedule(jobs, capacity, sequential=sequential)
    assert not schedule.impossible()
    return Simulation(schedule, workers, {job.index: job.expected_s for job in jobs}).run()


@given(jobs_of(), st.integers(1, 8), st.booleans())
@settings(max_examples=300, deadline=None)
def test_every_job_runs_once_and_never_more_is_leased_than_there_is(
    jobs: list[Job], workers: int, sequential: bool
) -> None:
    done = simulate(jobs, workers, sequential=sequential)
    assert sorted(done.ended) == [job.index for job in jobs]
    assert not len(done.schedule)


@given(jobs_of(), st.integers(1, 8), st.lists(st.integers(0, 10), max_size=40))
@settings(max_examples=200, deadline=None)
def test_what_others_take_meanwhile_is_left_to_them_and_every_job_still_runs(
    jobs: list[Job], workers: int, cores: list[int]
) -> None:
    took = {job.index: job.expected_s for job in jobs}
    rooms = iter([Reservation(cpu=cpu, memory=cpu * GIB, gpus=cpu // 4) for cpu in cores])
    done = Simulation(Schedule(jobs, CAPACITY), workers, took, rooms=rooms).run()
    assert sorted(done.ended) == [job.index for job in jobs]


@given(jobs_of(), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_groups_follow_one_another_when_asked(jobs: list[Job], workers: int) -> None:
    done = simulate(jobs, workers, sequential=True)
    order = list(dict.fromkeys(job.group for job in jobs))
    assert [job.group for job in done.started] == sorted((j.group for j in jobs), key=order.index)


@given(jobs_of(), st.integers(1, 8))
@settings(max_examples=100, deadline=None)
def test_what_runs_alone_and_last_runs_last(jobs: list[Job], workers: int) -> None:
    done = simulate(jobs, workers)
    companies = [job.isolation for job in done.started]
    assert companies == sorted(companies)


@given(st.integers(1, 8), st.integers(20, 200))
@settings(max_examples=50, deadline=None)
def test_a_job_that_needs_everything_is_not_passed_over_for_ever(workers: int, others: int) -> None:
    big = Job(0, 0.5, Reservation(cpu=8))
    small = [Job(index, 1.0, Reservation(cpu=1)) for index in range(1, others + 1)]
    done = simulate([big, *small], workers)
    place = [job.index for job in done.started].index(0)
    longest_first = others if workers == 1 else others + 1
    assert place <= longest_first


@given(st.integers(2, 8))
@settings(max_examples=20, deadline=None)
def test_a_long_job_that_needs_everything_starts_before_most_others(workers: int) -> None:
    others = [Job(index, 1.0 + index / 1000, Reservation(cpu=1)) for index in range(1, 201)]
    done = simulate([Job(0, 5.0, Reservation(cpu=8)), *others], workers)
    assert [job.index for job in done.started].index(0) <= 17 * workers


def test_no_worker_waits_beside_a_job_that_has_a_platform_for_itself() -> None:
    own = [Job(number, 100.0, Reservation(locks=PLATFORM, shared=PLATFORM)) for number in range(10)]
    users = [Job(10 + number, 30.0, Reservation(shared=PLATFORM)) for number in range(10)]
    others = [Job(20 + number, 10.0, Reservation(shared=frozenset({f"other {number}"}))) for number in range(100)]
    done = simulate([*own, *users, *others], 2)
    assert done.now <= 1.1 * (1000 + 300 + 1000) / 2


@given(jobs_of(), st.data())
@settings(max_examples=100, deadline=None)
def test_retries_and_drops_leave_nothing_behind(jobs: list[Job], data: st.DataObject) -> None:
    schedule = Schedule(jobs, CAPACITY)
    dropped = data.draw(st.sets(st.sampled_from([job.index for job in jobs])) if jobs else st.just(set()))
    schedule.drop(dropped)
    again = {job.index for job in jobs if data.draw(st.booleans())}
    ended: Counter[int] = Counter()
    while (job := schedule.take()) is not None:
        schedule.finish(job.index)
        ended[job.index] += 1
        if job.index in again and ended[job.index] == 1:
            schedule.again(job)
    assert ended == {job.index: 1 + (job.index in again) for job in jobs if job.index not in dropped}


def test_what_can_never_fit_is_named_with_what_it_lacks() -> None:
    schedule = Schedule([Job(0, 1, Reservation(gpus=8)), Job(1, 1)], CAPACITY)
    ((job, lacks),) = schedule.impossible()
    assert (job.index, lacks) == (0, "8 GPUs (there are 4 GPUs)")
    assert [one.index for one in schedule.waiting] == [1]


def test_what_waits_says_for_what() -> None:
    exclusive = Reservation(locks=frozenset({"history"}))
    schedule = Schedule([Job(0, 2, exclusive), Job(1, 1, exclusive), Job(2, 1, Reservation(shared=exclusive.locks))])
    assert schedule.take() == Job(0, 2, exclusive)
    assert schedule.take() is None
    assert {(job.index, why) for job, why in schedule.held_up()} == {(1, "lock history"), (2, "lock history")}


def test_what_others_share_already_is_used_up_before_more_is_shared() -> None:
    ours, theirs = Reservation(shared=frozenset({"ours"})), Reservation(shared=frozenset({"theirs"}))
    jobs = [Job(0, 9, theirs), Job(1, 5, ours), Job(2, 4, ours), Job(3, 8), Job(4, 1, theirs), Job(5, 2, ours)]
    schedule = Schedule(jobs)
    taken = []
    while (job := schedule.take()) is not None:
        taken.append(job.index)
        schedule.finish(job.index)
    assert taken == [3, 0, 4, 1, 2, 5]


def test_what_only_one_can_do_at_a_time_is_not_left_to_the_end() -> None:
    at_hand, locked = (
        Reservation(shared=frozenset({"ours"})),
        Reservation(shared=frozenset({"theirs"}), locks=frozenset({"nodes"})),
    )
    jobs = [Job(0, 20, at_hand), Job(1, 1, at_hand), *(Job(2 + number, 3, locked) for number in range(4))]
    schedule = Schedule(jobs)
    first, second = schedule.take(), schedule.take()
    assert first and second
    assert (first.index, second.index) == (0, 2), "12 of the 13 seconds that are left can only be one after another"


def lower_bound(jobs: list[Job], workers: int, capacity: Resources) -> float:
    """No schedule can be shorter: the longest chain on one lock, and the work on each thing over how much there is."""
    chains: Counter[str] = Counter()
    for job in jobs:
        chains.update(dict.fromkeys(job.reservation.locks, job.expected_s))
    work: list[float] = [
        sum(job.expected_s * getattr(job.reservation, name) for job in jobs) / getattr(capacity, name)
        for name in AMOUNTS
    ]
    return max(
        sum(job.expected_s for job in jobs) / workers, *work, *chains.values(), *(job.expected_s for job in jobs), 0.0
    )


def mixed(seed: int, count: int = 200) -> list[Job]:
    """Scenarios as a real suite has them: most short, some long, some on GPUs, some on a lock."""
    rng = random.Random(seed)
    jobs = []
    for index in range(count):
        kind = rng.random()
        reservation = Reservation(cpu=rng.choice([0.5, 1, 2]), memory=rng.choice([1, 2, 4]) * 2**30)
        if kind < 0.15:
            reservation = Reservation(cpu=1, memory=2 * 2**30, gpus=rng.choice([1, 2]))
        elif kind < 0.25:
            reservation = Reservation(cpu=0.5, locks=frozenset({rng.choice(LOCKS)}))
        jobs.append(Job(index, rng.lognormvariate(1.5, 1), reservation))
    return jobs


@pytest.mark.parametrize("workers", [2, 4, 8])
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_mixed_scenarios_end_close_to_the_lower_bound(seed: int, workers: int) -> None:
    jobs = mixed(seed)
    done = simulate(jobs, workers)
    assert done.now <= 1.10 * lower_bound(jobs, workers, CAPACITY)


def test_quantities_are_read_as_kubernetes_writes_them() -> None:
    assert [quantity(text) for text in ("500m", "2", "4Gi", "1k")] == [0.5, 2, 4 * 2**30, 1000]
    with pytest.raises(ValueError, match="is not a quantity"):
        quantity("4Xi")


def test_who_disturbs_a_platform_has_it_alone_and_others_run_on_others() -> None:
    lake, gpu = frozenset(["lakehouse"]), frozenset(["gpu"])
    uses = [Job(index, 9.0, Reservation(shared=lake)) for index in range(2)]
    disturbs = [Job(index, 5.0, Reservation(locks=lake, shared=lake)) for index in (2, 3)]
    elsewhere = [Job(index, 1.0, Reservation(shared=gpu)) for index in range(4, 8)]
    done = simulate([*uses, *disturbs, *elsewhere], 2)
    assert sorted(done.ended) == list(range(8))
    # 29 s if those that disturb ran alone: 9 s for both that use it, 10 s alone, and the others beside them.
    assert done.now <= 19.0


def test_a_platform_that_is_there_comes_first_also_for_who_has_it_alone() -> None:
    schedule = Schedule(
        [
            Job(0, 9.0, Reservation(shared=frozenset(["lakehouse"]))),
            Job(1, 1.0, Reservation(locks=frozenset(["lakehouse"]), shared=frozenset(["lakehouse"]))),
            Job(2, 5.0, Reservation(locks=frozenset(["gpu"]), shared=frozenset(["gpu"]))),
            *[Job(index, 4.0, Reservation(shared=frozenset(["lakehouse"]))) for index in range(3, 9)],
        ]
    )
    first = schedule.take()
    assert first and first.index == 0
    schedule.finish(0)
    order = [first]
    while job := schedule.take():
        order.append(job)
        schedule.finish(job.index)
    assert [job.index for job in order].index(2) > 4
