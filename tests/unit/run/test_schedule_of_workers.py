"""The order of a schedule, what a worker takes beside what it is given, and what comes up where it runs."""

from collections.abc import Sequence

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


def test_groups_that_follow_one_another_wait_for_a_job_that_came_up_where_it_runs() -> None:
    schedule = Schedule([Job(0, group="a")], sequential=True)
    schedule.begin(Job(1, group="b"))
    schedule.add(Job(2, group="c"))
    assert schedule.take() == Job(0, group="a")
    schedule.finish(0)
    assert schedule.take() is None, "the job of group b has not ended"
    schedule.finish(1)
    assert schedule.take() == Job(2, group="c")


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


OURS, THEIRS, OTHERS = (Reservation(shared=frozenset({name})) for name in ("ours", "theirs", "others"))
LOCKED = Reservation(shared=frozenset({"theirs"}), locks=frozenset({"nodes"}))


def first(*jobs: Job, had: Sequence[Reservation] = (), capacity: Resources | None = None) -> int:
    """The number of the job that is the first of these, where jobs of no length have begun and had these things."""
    schedule = Schedule(jobs, capacity)
    for number, reservation in enumerate(had):
        schedule.begin(Job(90 + number, 0, reservation))
    job = schedule.take()
    assert job
    return job.index


def test_what_only_one_can_do_at_a_time_is_measured_against_the_longest_of_the_others() -> None:
    nodes = Reservation(locks=frozenset({"nodes"}))
    assert first(Job(0, 5), Job(1, 3, nodes), Job(2, 3, nodes)) == 1


def test_the_shorter_of_two_that_take_less_than_a_second_waits() -> None:
    assert first(Job(0, 0.2, Reservation(cpu=1)), Job(1, 0.5, Reservation(cpu=2))) == 1


def test_of_two_that_are_alike_the_first_one_of_the_run_starts() -> None:
    assert first(Job(0, 1, Reservation(cpu=2)), Job(1, 1, Reservation(cpu=1))) == 0


def test_all_that_has_been_had_is_at_hand_and_not_only_the_last() -> None:
    assert first(Job(0, 1, OURS), Job(1, 7, OTHERS), had=[OURS, THEIRS]) == 0


@pytest.mark.parametrize(("had", "number"), [([OURS], 1), ([OURS, OTHERS], 0)])
def test_a_job_comes_before_another_one_for_which_more_is_not_there_yet(had: list[Reservation], number: int) -> None:
    both = Reservation(shared=THEIRS.shared | OTHERS.shared)
    assert first(Job(0, 9, both), Job(1, 1, THEIRS), Job(2, 5, both), had=had) == number


def test_what_was_removed_is_at_hand_no_more_and_what_runs_shares_is() -> None:
    schedule = Schedule([Job(0, 9, OURS), Job(1, 7, THEIRS), Job(2, 1, OTHERS), Job(3, 1)])
    schedule.begin(Job(4, 1, OURS))
    schedule.finish(4)
    schedule.begin(Job(5, 1, OTHERS))
    schedule.see(["theirs"])
    order = []
    while (job := schedule.take()) is not None:
        order.append(job.index)
    assert order == [1, 2, 3, 0]


@pytest.mark.parametrize(
    ("jobs", "number"),
    [
        ([Job(0, 3, OURS), Job(1, 3, OURS), Job(2, 3, LOCKED), Job(3, 3, LOCKED)], 2),
        ([Job(0, 0.2, OURS), Job(1, 0.5, LOCKED)], 1),
        ([Job(0, 0, LOCKED), Job(1, 0, OURS)], 1),
    ],
    ids=["just half of the work", "less than a second", "no length is known"],
)
def test_what_holds_up_half_of_the_work_comes_before_what_is_at_hand(jobs: list[Job], number: int) -> None:
    assert first(*jobs, had=[OURS]) == number


def test_a_share_of_the_gpus_is_work_for_as_much_of_its_time() -> None:
    assert Schedule([Job(0, 6, Reservation(gpus=2))], CAPACITY)._chains["gpus"] == 3.0


def test_without_a_capacity_nothing_is_too_large() -> None:
    assert first(Job(0, 1, Reservation(cpu=1000))) == 0


def test_each_job_that_can_never_run_is_named_and_is_no_work_that_is_left() -> None:
    schedule = Schedule([Job(0, 2, Reservation(gpus=8)), Job(1, 3, Reservation(cpu=64)), Job(2, 1)], CAPACITY)
    assert [job.index for job, _ in schedule.impossible()] == [0, 1]
    assert schedule._work == 1.0


def test_the_next_group_does_not_wait_for_a_job_that_can_never_run() -> None:
    jobs = [Job(0, 2, Reservation(gpus=8), group="a"), Job(1, 3, group="b")]
    schedule = Schedule(jobs, CAPACITY, sequential=True)
    assert len(schedule.impossible()) == 1
    assert schedule.take() == jobs[1]


def test_what_waits_for_gpus_says_so() -> None:
    schedule = Schedule([Job(0, 1, Reservation(gpus=3))], CAPACITY)
    schedule.begin(Job(1, 1, Reservation(gpus=4)))
    assert [why for _, why in schedule.held_up()] == ["3 GPUs"]


def test_a_job_that_was_passed_over_sixteen_times_for_each_running_one_is_next() -> None:
    large = [Job(number, 5, Reservation(cpu=8)) for number in (0, 1)]
    small = [Job(2 + number, 1, Reservation(cpu=1)) for number in range(100)]
    schedule = Schedule([*large, *small], CAPACITY)
    for each in large:
        schedule.begin(Job(200, 1, Reservation(cpu=1)))
        before = 0
        while (job := schedule.take()) is not None:
            schedule.finish(job.index)
            before += 1
        assert before == 16
        schedule.finish(200)
        assert schedule.take() == each
        schedule.finish(each.index)


def test_while_a_job_starves_for_room_it_is_the_next_and_only_what_takes_none_starts() -> None:
    large, longer = Job(0, 5, Reservation(cpu=8)), Job(300, 9, Reservation(cpu=8, memory=1))
    small = [Job(2 + number, 1, Reservation(cpu=1)) for number in range(30)]
    schedule = Schedule([large, *small, Job(100, 0.5), Job(101, 0.1, Reservation(shared=frozenset({"sea"})))], CAPACITY)
    schedule.begin(Job(200, 1, Reservation(cpu=1)))
    for number in range(2, 18):
        assert not schedule.starves
        assert schedule.take() == Job(number, 1, Reservation(cpu=1))
        schedule.finish(number)
    schedule.add(longer)
    assert schedule.starves
    assert schedule.wanted() == (Resources(cpu=9), frozenset())
    assert schedule.take() == Job(100, 0.5)
    schedule.finish(100)
    assert schedule.take() is None
    schedule.finish(200)
    assert not schedule.starves


def test_users_of_a_platform_stop_for_who_waits_to_have_it_alone_and_others_go_on() -> None:
    platform = frozenset({"platform"})
    alone = Job(0, 5, Reservation(locks=platform, shared=platform))
    users = [Job(1 + number, 4, Reservation(shared=platform)) for number in range(40)]
    others = [Job(100 + number, 1, Reservation(cpu=1)) for number in range(40)]
    schedule = Schedule([alone, *users, *others], CAPACITY)
    schedule.begin(Job(200, 1, Reservation(shared=platform)))
    before = []
    while (job := schedule.take()) is not None:
        schedule.finish(job.index)
        before.append(job.index)
    assert before == [*range(1, 17), *range(100, 140)]
    schedule.finish(200)
    assert schedule.take() == alone


def test_what_is_wanted_is_for_the_first_that_waits_for_room_alone() -> None:
    platform = frozenset({"platform"})
    locked, large = Reservation(cpu=8, locks=platform), Reservation(cpu=4, memory=2**30, shared=frozenset({"lake"}))
    jobs = [Job(0, 9, locked), Job(1, 5, large), Job(2, 1, Reservation(cpu=1))]
    schedule = Schedule(jobs, CAPACITY)
    assert schedule.wanted() is None
    schedule.begin(Job(3, 1, Reservation(cpu=6, memory=2**30, gpus=1, shared=platform)))
    assert schedule.wanted() == (Resources(cpu=10, memory=2**31, gpus=1), frozenset({"lake"}))
    schedule.finish(3)
    schedule.room = Resources(cpu=1)
    assert schedule.wanted() is None, "the first one that starts has the rest for itself"
    alone = Schedule([Job(0, 1, Reservation(cpu=8), Isolation.SERIAL)], CAPACITY)
    alone.begin(Job(1, 1, Reservation(cpu=1)))
    assert alone.wanted() is None, "it waits for the end of the others"
