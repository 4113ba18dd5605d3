"""The session that tagged jobs ran in: an open one is told from a closed one, also of a user without a name."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.spark import leftovers
from sparkproof.spark.history import DriverRest
from tests.support.recorded import RecordedDriver, job, opening

CLOSED = "[INVALID_HANDLE.SESSION_CLOSED] Session was closed."


def history(*owners: tuple[str, str]) -> DriverRest:
    """The history of one job for each of these users and sessions."""
    tags = [f"SparkConnect_OperationTag_User_{user}_Session_{session}_Operation_o-1" for user, session in owners]
    return DriverRest(RecordedDriver(jobs=[{**job("t-1"), "jobTags": [tag, "x-t-1"]} for tag in tags]))


@pytest.mark.parametrize(
    ("user", "url"),
    [("airflow", "sc://c:15002/;user_id=airflow;session_id=s-1"), ("", "sc://c:15002/;session_id=s-1")],
    ids=["a user", "a user without a name"],
)
def test_a_session_is_asked_for_as_its_user(user: str, url: str, record: Record) -> None:
    asked: list[str] = []
    leftovers.must_be_closed(history((user, "s-1")), opening(CLOSED, asked), "t-1")
    leftovers.must_be_open(history((user, "s-1")), opening(None, asked), "t-1")
    assert set(asked) - {""} == {url}
    assert len(record.proofs) == 2


def test_an_open_session_is_told_from_a_closed_one(record: Record) -> None:
    with pytest.raises(CheckFailed, match="The session of t-1 is still open on the server"):
        leftovers.must_be_closed(history(("a", "s-1")), opening(None, []), "t-1")
    with pytest.raises(CheckFailed, match="SESSION_CLOSED"):
        leftovers.must_be_open(history(("a", "s-1")), opening(CLOSED, []), "t-1")
    with pytest.raises(CheckFailed, match="was refused, but not because of 'SESSION_CLOSED': no such user"):
        leftovers.must_be_closed(history(("a", "s-1")), opening("no such user", []), "t-1")
    assert not record.proofs


@pytest.mark.parametrize("owners", [(), (("a", "s-1"), ("a", "s-2"))], ids=["none", "two"])
def test_another_number_of_sessions_is_seen(owners: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(CheckFailed, match="not of one"):
        leftovers.must_be_closed(history(*owners), opening(CLOSED, []), "t-1")
