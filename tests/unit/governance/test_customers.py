"""Customers: who reads a table while it is changed really does so at that moment."""

from collections.abc import Sequence
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.governance.customers import Customers
from sparkproof.iceberg import Table
from sparkproof.spark import session
from sparkproof.spark.history import DriverRest
from tests.support import recorded
from tests.support.recorded import RecordedDriver, job, stage, task

READING = DriverRest(
    RecordedDriver(
        jobs=[job("t1", 7, status="RUNNING")],
        stages=[stage(7, status="ACTIVE", numTasks=1, numActiveTasks=1)],
        tasks={7: [task("1", status="RUNNING")]},
    )
)


def customers(*, waits: bool) -> Customers:
    own = session.Session.open(recorded.client({}, waits=waits))
    return Customers(Table(own, "rest.rides.customers"), "eve@x.org")


OTHERS = [(1, "0@other.org"), (2, "1@other.org"), (3, "2@other.org"), (4, "neighbour@other.org")]
EVE = (0, "eve@x.org")


def branched(**rows: Sequence[tuple[int, str]]) -> Customers:
    """Customers whose table has these branches, each with these rows."""
    answers: dict[str, Any] = {f"VERSION AS OF '{branch}'": own for branch, own in rows.items()}
    answers["type = 'BRANCH'"] = [(branch,) for branch in rows]
    return Customers(Table(recorded.session(answers=answers), "rest.rides.customers"), "eve@x.org")


def test_the_others_alone_are_in_each_branch(record: Record) -> None:
    branched(main=OTHERS, offers=OTHERS).must_be_the_others()
    assert record.proofs[-1].seen.endswith("are in 2 branches of the table")


@pytest.mark.parametrize(
    "rows",
    [{"main": [*OTHERS, EVE], "offers": OTHERS}, {"main": OTHERS, "offers": [*OTHERS, EVE]}, {"main": OTHERS[1:]}],
)
def test_who_stays_in_one_branch_or_is_missing_there_is_seen(rows: Any, record: Record) -> None:
    with pytest.raises(CheckFailed):
        branched(**rows).must_be_the_others()
    assert not any("branches of the table" in proof.seen for proof in record.proofs)


def test_a_table_without_a_branch_has_nobody() -> None:
    with pytest.raises(CheckFailed, match="has no branch"):
        branched().must_be_the_others()


def test_who_is_to_be_forgotten_shares_a_data_file_with_a_neighbour(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Table, "append_from", lambda _, query: asked.append(query))
    Customers(Table(recorded.session(), "rest.rides.customers"), "eve@x.org").add()
    (added,) = asked
    assert added.count("VALUES") == 1 and "COALESCE(1)" in added
    assert all(each in added for each in ("eve@x.org", "neighbour@other.org"))


@pytest.mark.parametrize("waits", [True, False])
def test_a_read_has_to_be_under_way_when_the_table_is_changed(waits: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "new_tag", lambda: "t1")
    changes: list[str] = []
    if waits:
        customers(waits=True).read_during(lambda: changes.append("added"), READING)
    else:
        with pytest.raises(CheckFailed, match="customers was read before it was changed, and not meanwhile"):
            customers(waits=False).read_during(lambda: changes.append("added"), READING)
    assert changes == ["added"]
