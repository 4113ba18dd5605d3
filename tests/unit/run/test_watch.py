"""The watch over a parallel run: it has room made while a worker waits for that, one call at a time."""

import threading
from collections.abc import Collection
from concurrent.futures import Future
from types import SimpleNamespace
from typing import Any

import pytest

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


class Run:
    """A run whose next scenario needs two cores beside one that runs, of three that there are."""

    def __init__(self, *, idle: bool = True, room: float = 2.0) -> None:
        self.asked: list[tuple[Resources, Collection[str]]] = []
        self.done, self.called = threading.Event(), threading.Semaphore(0)
        self.schedule = Schedule([Job(1, 1, Reservation(cpu=2, shared=frozenset({"a lake"})))], Resources(cpu=3))
        self.schedule.begin(Job(0, 1, Reservation(cpu=1, memory=GIB)))
        plan = Plan(capacity=lambda: Resources(cpu=room), make_room=self.make_room)
        pool: Any = Pool(idle=[object()] if idle else [], busy=[])
        results: Any = SimpleNamespace(selection=SimpleNamespace(ids=["a", "b"]), lines=[])
        display: Any = SimpleNamespace(tick=lambda *_: None)
        runner: Any = SimpleNamespace(plan=plan)
        self.watch = Watch(runner, SimpleNamespace(), results, self.schedule, pool, display)  # type: ignore[arg-type]

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


@pytest.mark.parametrize(("idle", "room"), [(False, 2.0), (True, 3.0)], ids=["no worker waits", "there is room"])
def test_no_room_is_made_where_nothing_waits_for_it(idle: bool, room: float) -> None:
    run = Run(idle=idle, room=room)
    run.watch.show()
    assert run.asked == []
    assert run.watch._making.done()
