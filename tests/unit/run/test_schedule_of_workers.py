"""What a worker takes beside what the schedule gives it, and what comes up where it runs."""

import pytest

from sparkproof.core.resources import Isolation, Reservation, Resources
from sparkproof.run.schedule import Job, Schedule

CAPACITY = Resources(cpu=8, memory=16 * 2**30, gpus=4)


def test_a_worker_takes_only_another_scenario_that_needs_nothing_of_its_group() -> None:
    jobs = [Job(0, 3, group="a"), Job(1, 2, group="a"), Job(2, 1, group="b"), Job(3, 9, Reservation(cpu=1), group="a")]
    schedule = Schedule(jobs, CAPACITY, sequential=True)
    assert schedule.take() == jobs[3]
    assert schedule.take_like(jobs[0]) == jobs[0]
    assert schedule.take_like(jobs[0]) == jobs[1]
    assert schedule.take_like(jobs[0]) is None
    assert list(schedule.running) == [3, 0, 1]
    assert schedule.waiting == [jobs[2]]
    assert schedule.take_like(jobs[3]) is None


def test_any_group_will_do_for_a_worker_that_takes_another_unless_they_follow_one_another() -> None:
    schedule = Schedule([Job(0, 1, group="a"), Job(1, 2, group="b")])
    assert schedule.take_like(Job(9, group="c")) == Job(1, 2, group="b")


@pytest.mark.parametrize(
    "like", [Job(9, isolation=Isolation.SERIAL), Job(9, reservation=Reservation(cpu=1))], ids=["alone", "with needs"]
)
def test_a_scenario_with_needs_has_none_like_it(like: Job) -> None:
    schedule = Schedule([like._replace(index=1), like._replace(index=2)], CAPACITY)
    assert schedule.take_like(like) is None
    assert not schedule.running


def test_a_scenario_that_comes_up_at_its_worker_holds_what_it_reserves_until_it_ends() -> None:
    locked = Reservation(cpu=8, locks=frozenset({"history"}))
    schedule = Schedule([Job(0, 1, Reservation(cpu=1), group="a"), Job(1, 1, group="b")], CAPACITY, sequential=True)
    come_up = Job(2, 5, locked, group="b")
    schedule.begin(come_up)
    assert schedule.running == {2: come_up}
    assert schedule.take() is None
    assert schedule.held_up() == [(Job(0, 1, Reservation(cpu=1), group="a"), "1 cores")]
    schedule.finish(2)
    assert [job.index for job in (schedule.take(),) if job] == [0]
    schedule.finish(0)
    assert [job.index for job in (schedule.take(),) if job] == [1]


def test_the_group_of_a_scenario_that_comes_up_is_the_last_in_order() -> None:
    schedule = Schedule([Job(0, 1, group="a")], sequential=True)
    schedule.add(Job(1, 9, group="z"))
    schedule.begin(Job(2, 1, group="y"))
    schedule.finish(2)
    schedule.add(Job(3, 1, group="y"))
    order = []
    while (job := schedule.take()) is not None:
        order.append(job.index)
        schedule.finish(job.index)
    assert order == [0, 1, 3]


def test_what_has_begun_is_not_counted_among_the_work_that_is_left() -> None:
    schedule = Schedule([Job(0, 2), Job(1, 3, Reservation(locks=frozenset({"nodes"})))])
    schedule.begin(Job(2, 7, Reservation(locks=frozenset({"nodes"}))))
    schedule.finish(2)
    assert (schedule._work, schedule._chains["lock nodes"]) == (5.0, 3.0)


def test_what_is_dropped_is_no_work_that_is_left() -> None:
    nodes = Reservation(locks=frozenset({"nodes"}))
    schedule = Schedule(
        [Job(0, 2, group="a"), Job(1, 3, nodes, group="b"), Job(2, 5, nodes, group="b")], sequential=True
    )
    schedule.drop([0, 1])
    assert (schedule._work, schedule._chains["lock nodes"]) == (5.0, 5.0)
    assert schedule.take() == Job(2, 5, nodes, group="b")


def test_a_scenario_that_is_tried_again_takes_its_place_by_its_length_and_its_number() -> None:
    schedule = Schedule([Job(1, 2), Job(3, 2), Job(4, 5)])
    again = schedule.take()
    assert again == Job(4, 5)
    schedule.finish(4)
    schedule.again(Job(2, 2))
    schedule.again(again)
    order = []
    while (job := schedule.take()) is not None:
        order.append(job.index)
        schedule.finish(job.index)
    assert order == [4, 1, 2, 3]
