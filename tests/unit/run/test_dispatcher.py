"""Scenarios are handed out to idle workers, short ones together, and come back when they have ended."""

import threading
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.resources import NOTHING, Isolation, Reservation
from sparkproof.run.dispatcher import Dispatcher
from sparkproof.run.model import Place
from sparkproof.run.schedule import Job, Schedule


class Pool(list[Any]):
    """Workers that keep the orders that they are sent."""

    @property
    def idle(self) -> list[Any]:
        return [worker for worker in self if not worker.jobs]

    @property
    def busy(self) -> list[Any]:
        return [worker for worker in self if worker.jobs]

    def send(self, worker: Any, orders: list[Any]) -> None:
        worker.orders.append(orders)


def worker(*features: int) -> Any:
    return SimpleNamespace(
        jobs=deque(), features=set(features), since=-1.0, orders=[], now=SimpleNamespace(write=[].append)
    )


def job(index: int, usual_s: float = 1.0, expected_s: float | None = None) -> Job:
    expected = usual_s if expected_s is None else expected_s
    return Job(index, expected, NOTHING, Isolation.PARALLEL, "g", usual_s)


def given(pool: Pool, *jobs: Job, feature: int = 0) -> tuple[Dispatcher, Schedule]:
    schedule = Schedule(list(jobs))
    tally: Any = SimpleNamespace(feature=lambda _index: feature)
    return Dispatcher(schedule, pool, tally), schedule  # type: ignore[arg-type]


def test_an_idle_worker_gets_the_longest_job_and_a_busy_one_nothing() -> None:
    pool = Pool([worker()])
    hands, schedule = given(pool, job(0, 1.0), job(1, 5.0))
    assert hands.give_next() is True
    assert [each.index for each in pool[0].jobs] == [1]
    assert pool[0].orders == [[("run", 1, 1, None)]]
    assert 0 <= clock.elapsed() - pool[0].since < 5
    assert hands.give_next() is False
    assert len(schedule) == 1
    pool[0].since = -1.0
    assert hands.ended(pool[0], 2.0).index == 1
    assert pool[0].since > 0
    assert hands.give_next() is True
    assert hands.ended(pool[0], 2.0).index == 0
    assert hands.give_next() is False


def test_the_worker_that_has_the_feature_open_is_chosen() -> None:
    pool = Pool([worker(), worker(3), worker(3)])
    hands, _ = given(pool, job(0), job(1), job(2), feature=3)
    assert [hands.give_next() for _ in range(4)] == [True, True, True, False]
    assert [[each.index for each in one.jobs] for one in pool] == [[2], [0], [1]]


def test_short_scenarios_travel_together_as_far_as_it_is_fair() -> None:
    pool = Pool([worker(), worker()])
    hands, _ = given(pool, *(job(number, 0.01) for number in range(41)))
    assert hands.give_next()
    assert len(pool[0].jobs) == 11, "as many as last a tenth of a second, beside the first"
    hands, _ = given(Pool([worker(), worker()]), *(job(number, 0.01) for number in range(13)))
    assert hands.give_next()
    assert len(hands._pool.busy[0].jobs) == 4, "a fourth of what is left for each of two"
    hands, _ = given(Pool([worker()]), *(job(number, 0.0000001) for number in range(300)))
    assert hands.give_next()
    assert len(hands._pool.busy[0].jobs) == 65
    hands, _ = given(Pool([worker()]), *(job(number, 0.2) for number in range(300)))
    assert hands.give_next()
    assert len(hands._pool.busy[0].jobs) == 1


def test_what_nothing_is_known_of_travels_alone_until_the_first_have_ended() -> None:
    pool = Pool([worker()])
    hands, _ = given(pool, *(job(number, 0.0) for number in range(100)))
    assert hands.give_next()
    assert len(pool[0].jobs) == 1
    hands.ended(pool[0], 0.03)
    pool[0].jobs.append(job(200))
    hands._schedule.begin(job(200))
    hands.ended(pool[0], 0.01)
    assert hands.give_next()
    assert len(pool[0].jobs) == 6, "they last two hundredths of a second each"


def test_a_worker_that_is_soon_done_is_given_more() -> None:
    pool = Pool([worker(), worker()])
    hands, schedule = given(pool, *(job(number, 0.001) for number in range(400)))
    assert hands.give_next()
    first = len(pool[0].jobs)
    assert first == 65
    hands.top_up()
    assert (len(pool[0].jobs), len(pool[1].jobs)) == (65, 0)
    while len(pool[0].jobs) > 32:
        hands.take_back(pool[0])
    since = pool[0].since = 5.0
    hands.top_up()
    assert len(pool[0].jobs) == 96
    assert len(pool[0].orders) == 2
    assert pool[0].since == since, "what runs there has begun before"
    left = len(schedule)
    hands.top_up()
    assert len(schedule) == left


def test_the_attempts_at_a_job_are_counted_and_those_not_begun_are_not() -> None:
    pool = Pool([worker(), worker()])
    hands, schedule = given(pool, *(job(number, 0.01) for number in range(9)))
    assert hands.give_next()
    assert [each.index for each in pool[0].jobs] == [0, 1, 2]
    running = hands.take_back(pool[0])
    schedule.again(running)
    hands.put_back(pool[0])
    pool[0].jobs.clear()
    while hands.give_next():
        pass
    numbers = {index: number for one in pool for orders in one.orders[-1:] for _, index, number, _ in orders}
    assert {numbers.get(0, 2), numbers.get(1, 1), numbers.get(2, 1)} == {2, 1}
    assert hands._attempts[0] == (2 if 0 in numbers else 1)
    assert len(schedule) + sum(len(one.jobs) for one in pool) == 9


def test_a_scenario_that_came_up_runs_where_it_came_up() -> None:
    pool = Pool([worker(), worker()])
    hands, schedule = given(pool, job(0))
    hands.places[7] = Place(0, 1, 2, "new")
    hands.give_to(pool[1], job(7))
    assert pool[1].orders == [[("run", 7, 1, Place(0, 1, 2, "new"))]]
    assert hands.take_back(pool[1]).index == 7
    assert len(schedule) == 1


def test_results_gather_while_every_worker_has_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    event: Any = lambda: SimpleNamespace(wait=waited.append)  # noqa: E731
    monkeypatch.setattr(threading, "Event", event)
    pool = Pool([worker(), worker()])
    hands, _ = given(pool)
    pool[0].jobs.extend(job(number) for number in range(33))
    pool[1].jobs.extend(job(number) for number in range(32))
    hands.let_results_gather()
    assert waited == []
    pool[1].jobs.append(job(99))
    hands.let_results_gather()
    assert waited == [0.004]


def test_what_a_scenario_reserved_that_its_worker_has_not_begun_is_free_for_it_elsewhere() -> None:
    pool = Pool([worker(), worker()])
    hands, schedule = given(pool)
    locked = Job(7, 1.0, Reservation(locks=frozenset({"history"})))
    hands.give_to(pool[0], locked)
    hands.put_back(pool[0])
    assert schedule.take() == locked
