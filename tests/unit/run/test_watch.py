"""The watch over a parallel run: it kills what is out of time, shows what runs, and has room made for what waits."""

import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core import clock
from sparkproof.core.errors import SparkproofError
from sparkproof.core.resources import Reservation, Resources
from sparkproof.run import Plan, watch
from sparkproof.run.schedule import Job, Schedule
from sparkproof.run.watch import Watch

GIB = 2**30


class Pool(SimpleNamespace):
    """A pool of two workers."""

    def __len__(self) -> int:
        return 2

    def __iter__(self) -> Iterator[Any]:
        return iter(self.busy)


class Worker:
    """A worker that has run the first of these jobs for so many seconds, or that has cleaned up."""

    number = 7
    now = SimpleNamespace(read=lambda: "Then it waits")

    def __init__(self, *jobs: int, seconds: float = 100.0, said_end: bool = False) -> None:
        self.jobs = [Job(index) for index in jobs]
        self.since = clock.elapsed() - seconds
        self.said_end = said_end
        self.killed_because = ""
        self.kills = 0

    def kill(self) -> None:
        self.kills += 1


class Run:
    """A run whose next scenario needs two cores beside one that runs, of three that there are."""

    def __init__(
        self,
        *busy: Worker,
        idle: float | None = 61.0,
        room: float = 2.0,
        capacity: Callable[[], Resources] | None = None,
        limits: tuple[float, ...] = (),
        timeout: str = "0",
        there: Collection[str] | None = None,
    ) -> None:
        self.asked: list[tuple[Resources, Collection[str]]] = []
        self.done, self.called = threading.Event(), threading.Semaphore(0)
        self.schedule = Schedule([Job(1, 1, Reservation(cpu=2, shared=frozenset({"a lake"})))], Resources(cpu=3))
        self.schedule.begin(Job(0, 1, Reservation(cpu=1, memory=GIB)))
        plan = Plan(capacity=capacity or (lambda: Resources(cpu=room)), make_room=self.make_room, there=lambda: there)
        pool: Any = Pool(idle=[] if idle is None else [Worker(seconds=1.0), Worker(seconds=idle)], busy=list(busy))
        results: Any = SimpleNamespace(selection=SimpleNamespace(ids=["a", "b"], scenarios=[0, 1]), lines=[])
        self.shown: list[Any] = []
        display: Any = SimpleNamespace(tick=lambda *said: self.shown.append(said))
        runner: Any = SimpleNamespace(plan=plan, config=SimpleNamespace(userdata={"timeout": timeout}))
        attempts: Any = SimpleNamespace(limit=limits.__getitem__)
        self.watch = Watch(runner, attempts, results, self.schedule, pool, display)

    def make_room(self, wanted: Resources, shared: Collection[str]) -> None:
        self.asked.append((wanted, shared))
        self.called.release()
        self.done.wait(10)


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "_LOOK_S", -1.0)
    monkeypatch.setattr(watch, "_LOOK_SHARE", 1e9)
    monkeypatch.setattr("sparkproof.run.watch.remaining_s", lambda *_: None)
    monkeypatch.setattr("sparkproof.run.watch.measured", lambda _: lambda _: 0.0)


def test_room_is_made_for_what_waits_beside_what_runs_one_call_at_a_time() -> None:
    run = Run()
    run.watch.show()
    assert run.called.acquire(timeout=10)
    run.watch.show()
    assert run.asked == [(Resources(cpu=3, memory=GIB), frozenset({"a lake"}))]
    run.done.set()
    run.watch._making.result(timeout=10)
    run.watch.show()
    assert run.called.acquire(timeout=10)
    assert len(run.asked) == 2


@pytest.mark.parametrize("error", [SparkproofError("the API server does not answer"), ValueError("a fault")])
def test_a_fault_is_not_hidden_and_what_the_cluster_refused_is_asked_again(error: Exception) -> None:
    run = Run()
    run.watch._making = Future()
    run.watch._making.set_exception(error)
    run.done.set()
    if isinstance(error, SparkproofError):
        run.watch.show()
        assert run.called.acquire(timeout=10)
    else:
        with pytest.raises(ValueError, match="a fault"):
            run.watch.show()


@pytest.mark.parametrize(
    ("idle", "room"),
    [(None, 2.0), (59.0, 2.0), (61.0, 3.0)],
    ids=["no worker waits", "none has waited long", "there is room"],
)
def test_where_nothing_waits_for_room_what_runs_may_still_need_it(idle: float | None, room: float) -> None:
    run = Run(idle=idle, room=room)
    run.watch.show()
    assert run.called.acquire(timeout=10)
    assert run.asked == [(Resources(), ())]
    run.done.set()
    run.watch._making.result(timeout=10)


def test_room_for_one_that_starves_is_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run(idle=0.0)
    monkeypatch.setattr(Schedule, "starves", True)
    run.watch.show()
    assert run.called.acquire(timeout=10)
    assert run.asked == [(Resources(cpu=3, memory=GIB), frozenset({"a lake"}))]
    run.done.set()
    run.watch._making.result(timeout=10)


def test_the_scenario_that_runs_is_killed_when_its_own_limit_and_the_grace_are_over() -> None:
    late, in_time, endless = Worker(0, 1), Worker(0, 1, seconds=35.0), Worker(1, 0)
    Run(late, in_time, endless, limits=(10.0, 0.0)).watch.kill_overdue(30.0)
    assert [each.kills for each in (late, in_time, endless)] == [1, 0, 0]
    assert late.killed_because == "it did not end within 40 s and was killed"


@pytest.mark.parametrize(
    ("timeout", "said_end", "interrupted", "seconds", "killed"),
    [
        ("0", False, False, 1e6, False),
        ("0", True, False, 35.0, True),
        ("0", True, False, 25.0, False),
        ("0", False, True, 35.0, True),
        ("60", False, False, 65.0, True),
        ("60", False, False, 55.0, False),
        ("1", False, False, 25.0, False),
        ("1", False, False, 35.0, True),
    ],
)
def test_clean_ups_take_their_time_unless_there_is_a_limit_or_ctrl_c(
    timeout: str, said_end: bool, interrupted: bool, seconds: float, killed: bool
) -> None:
    one = Worker(seconds=seconds, said_end=said_end)
    Run(one, timeout=timeout).watch.kill_late(30.0, interrupted=interrupted)
    assert one.kills == killed
    assert one.killed_because == ("it did not clean up in time and was killed" if killed else "")


def test_what_is_free_now_is_asked_and_what_there_is_in_all_stays_known() -> None:
    run = Run(idle=None)
    run.watch.show()
    assert (run.schedule.room, run.schedule.capacity) == (Resources(cpu=2), Resources(cpu=3))


@pytest.mark.parametrize("error", [SparkproofError("the API server does not answer"), ValueError("a fault")])
def test_without_an_answer_the_last_one_counts_and_a_fault_is_not_hidden(error: Exception) -> None:
    def fails() -> Resources:
        raise error

    run = Run(idle=None, capacity=fails)
    run.schedule.room = Resources(cpu=1)
    if isinstance(error, SparkproofError):
        run.watch.show()
        assert run.schedule.room == Resources(cpu=1)
        assert len(run.shown) == 1
    else:
        with pytest.raises(ValueError, match="a fault"):
            run.watch.show()


@pytest.mark.parametrize(
    ("there", "lacking"),
    [(None, 0), ([], 1), (["a lake"], 0)],
    ids=["nobody can tell", "it was removed", "it is there"],
)
def test_the_schedule_learns_what_is_there_of_what_is_shared(there: list[str] | None, lacking: int) -> None:
    run = Run(idle=None, there=there)
    run.schedule.see(["a lake"])
    run.watch.show()
    assert [run.schedule._urgency(queue)[0] for queue in run.schedule._candidates()] == [-lacking]


def test_the_first_scenario_of_a_worker_is_the_one_that_is_shown() -> None:
    run = Run(Worker(0, 1, seconds=3.0), idle=None)
    run.watch.show()
    ((busy, waits, _left_s),) = run.shown
    assert [(one.worker, one.identity, round(one.seconds), one.step) for one in busy] == [(7, "a", 3, "Then it waits")]
    assert waits == [("b", "2 cores")]
