"""Customers: who reads a table while it is changed really does so at that moment."""

import pytest

from sparkproof.core.errors import CheckFailed
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
