"""The trail of a table: each change has the users whose statements on it were under way, and the application."""

from datetime import datetime

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.governance.trail import Trail
from sparkproof.iceberg import Table
from sparkproof.spark.history import APPLICATIONS, DriverRest
from sparkproof.spark.history_server import HistoryServer
from tests.support import recorded
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, pod

NAME = "rest.rides.customers"
BEGAN = "2026-11-27T08:00:00.000GMT"
AT = int(datetime.fromisoformat("2026-11-27T08:00:00+00:00").timestamp() * 1000)


def execution(
    number: int, user: str, duration: int = 100, plan: str = "AppendData rides.customers", at: str = BEGAN
) -> dict[str, object]:
    own = f'user_context {{\n  user_id: "{user}"\n}}\n' if user else ""
    return {
        "id": number,
        "description": f'Spark Connect - session_id: "a"\n{own}plan {{',
        "submissionTime": at,
        "duration": duration,
        "planDescription": plan,
        "nodes": [],
    }


def trail(*executions: dict[str, object], application: str | None = "app-1") -> Trail:
    changes = [(AT + 50, "append", application), (AT + 50, "delete", application)]
    table = Table(recorded.session(answers={".snapshots": changes}), NAME)
    return Trail.of(table, DriverRest(RecordedDriver(executions=executions)))


ADDED = execution(1, "ada")
ADA = [{"user": "ada", "change": "append"}, {"user": "ada", "change": "delete"}]


def test_a_change_has_the_user_whose_statement_was_under_way(record: Record) -> None:
    found = trail(
        execution(1, "ada"),
        execution(2, "ben", duration=49),
        execution(3, "eve", at="2026-11-27T08:00:00.051GMT"),
        execution(4, "dan", plan="AppendData rides.others"),
        execution(5, ""),
        execution(7, "gus", plan="AppendData sales.customers"),
        execution(6, "fay", plan="HashAggregate\n+- BatchScan rest.rides.customers"),
    )
    assert [set(each.users) for each in found.changes] == [{"ada"}, {"ada"}]
    found.must_be(ADA)
    found.must_be(ADA[1:])
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize("wanted", [[], ADA[:1], [ADA[0], {"user": "ben", "change": "delete"}], [*ADA, *ADA]])
def test_other_changes_are_not_these(wanted: list[dict[str, str]]) -> None:
    with pytest.raises(CheckFailed, match="append by ada with app-1; delete by ada with app-1"):
        trail(execution(1, "ada")).must_be(wanted)


def test_a_change_that_two_users_or_nobody_could_have_made_is_no_proof() -> None:
    with pytest.raises(CheckFailed, match="append by ada or ben"):
        trail(execution(1, "ada"), execution(2, "ben")).must_be(ADA)
    with pytest.raises(CheckFailed, match="append by nobody"):
        trail().must_be(ADA)


def test_no_change_at_all_is_no_proof_of_one() -> None:
    with pytest.raises(CheckFailed, match="append by ada"):
        trail(execution(1, "ada")).must_be([])


def test_an_ended_drivers_record_is_that_of_the_history_server(record: Record) -> None:
    shown: dict[str, object] = {
        "": {"attempts": [{"completed": True}]},
        "/sql?details=false&planDescription=false&length=1000": [ADDED],
        "/sql/1?details=true&planDescription=true": ADDED,
    }
    served = {f"spark-history-server-0:18080{APPLICATIONS}/app-9{path}": page for path, page in shown.items()}
    kube = RecordedKube(pod("spark-history-server-0", "history-server"), served=served)
    ended = HistoryServer.of(RecordedPlatform(kube)).record_of("app-9")
    table = Table(recorded.session(answers={".snapshots": [(AT + 50, "append", "app-9")]}), NAME)
    Trail.of(table, ended).must_be(ADA[:1])
    assert record.level is Level.EXECUTED


def test_a_change_of_another_application_is_no_proof() -> None:
    for other in ("app-0", None):
        with pytest.raises(CheckFailed, match="with app-1: append by ada with"):
            trail(execution(1, "ada"), application=other).must_be(ADA)
