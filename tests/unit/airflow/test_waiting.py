"""A run that waits: it still does, it begins when it may, and one that was cancelled never begins."""

from typing import Any, cast

import pytest

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun, Task
from sparkproof.airflow.waiting import WaitingRun
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from tests.support.recorded import RecordedPlatform


class Paused:
    """An Airflow whose run r1 is in this state, after so many tries; others end in the state `others`."""

    def __init__(self, state: str, *, tries: int = 0, others: str = "success") -> None:
        self.now, self.tries, self.others = state, tries, others
        self.asked: list[Any] = []

    def start(self, dag: str, table: str) -> str:
        self.asked.append(("start", dag, table))
        return "r1"

    def resume(self, dag: str) -> None:
        self.asked.append(("resume", dag))

    def cancel(self, dag: str, run: str) -> None:
        self.asked.append(("cancel", dag, run))

    def state(self, dag: str, run: str) -> str:
        assert (dag, run) == ("price list", "r1")
        return self.now

    def run(self, dag: str, table: str) -> DagRun:
        self.asked.append(("run", dag, table))
        return DagRun(dag, "r2", self.others, {"t": Task("t", self.others, 1, None, [])}, table)

    def find(self, dag: str, run: str, table: str) -> DagRun:
        assert (dag, run, table) == ("price list", "r1", "lake.s.orders")
        return DagRun(dag, run, self.now, {"price": Task("price", self.now, self.tries, None, [])}, table)


def waiting(airflow: Paused) -> WaitingRun:
    return WaitingRun(cast(Airflow, airflow), "price list", "r1", "lake.s.orders")


def test_a_run_that_waits_has_a_table_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    airflow = Paused("queued")
    monkeypatch.setattr(Airflow, "of", lambda _: airflow)
    found = WaitingRun.start(RecordedPlatform(), "price list")
    assert airflow.asked == [("start", "price list", found.table)]
    assert (found.run, found.table.split(".")[-1]) == ("r1", "orders")


def test_a_run_waits_while_others_run(record: Record) -> None:
    airflow = Paused("queued")
    waiting(airflow).must_wait()
    assert airflow.asked == [("run", "with orders", "")]
    assert record.proofs[-1].seen == "r1 of price list waits, and a run of with orders did not"
    proofs = len(record.proofs)
    for state in ("running", "success", "failed"):
        with pytest.raises(CheckFailed, match=f"r1 of price list, which is paused, does not wait: it is {state}"):
            waiting(Paused(state)).must_wait()
    with pytest.raises(CheckFailed, match="with orders did not succeed"):
        waiting(Paused("queued", others="queued")).must_wait()
    assert all("waits" not in each.seen for each in record.proofs[proofs:])


def test_a_run_that_waits_begins_with_its_dag() -> None:
    airflow = Paused("success")
    found = waiting(airflow).let_begin()
    assert airflow.asked == [("resume", "price list")]
    assert (found.id, found.table) == ("r1", "lake.s.orders")


def test_a_run_that_was_cancelled_while_it_waited_never_begins(record: Record) -> None:
    airflow = Paused("failed")
    cancelled = waiting(airflow)
    cancelled.cancel()
    cancelled.must_stay_cancelled()
    assert airflow.asked == [("cancel", "price list", "r1"), ("resume", "price list"), ("run", "price list", "")]
    assert record.proofs[-1].seen == "r1 of price list never began, and the next run did"
    proofs = len(record.proofs)
    for found, words in (
        (Paused("success", tries=1), "is success; it began price"),
        (Paused("failed", tries=1), "is failed; it began price"),
        (Paused("queued"), "is queued; it began nothing"),
    ):
        with pytest.raises(CheckFailed, match=words):
            waiting(found).must_stay_cancelled()
    with pytest.raises(CheckFailed, match="price list did not succeed"):
        waiting(Paused("failed", others="queued")).must_stay_cancelled()
    assert all("never began" not in each.seen for each in record.proofs[proofs:])
