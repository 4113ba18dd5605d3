"""Answers: other rows, no rows and refusals for other reasons are seen; and a client that is gone says so."""

import json

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.spark.session import Answer, Client, Session, SqlRefused
from tests.support import recorded
from tests.support.recorded import RecordedPlace, RecordedStreams

ROWS = ((1, "Soho"), (2, None))
ANSWER = Answer("SELECT *", "tag", 0.1, ("trip", "zone"), ROWS)
REFUSED = Answer("SELECT *", "tag", 0.1, refusal="[TABLE_OR_VIEW_NOT_FOUND] no trips")


def test_rows_in_any_order_are_proved(record: Record) -> None:
    assert ANSWER.must_succeed() is ANSWER
    ANSWER.must_hold([(2, None), (1, "Soho")])
    assert record.level is Level.EXECUTED
    assert record.items[0].content == b"trip | zone\n1 | Soho\n2 | None"


@pytest.mark.parametrize(
    "expected",
    [[], [(1, "Soho")], [(1, "Soho"), (2, None), (2, None)], [(1, "Soho"), (2, "None")], [("1", "Soho"), (2, None)]],
    ids=["none", "fewer", "one twice", "a word for NULL", "another type"],
)
def test_other_rows_are_seen(expected: list[tuple[object, ...]], record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"gave \[\(1, 'Soho'\), \(2, None\)\], not"):
        ANSWER.must_hold(expected)
    assert not record.proofs


def test_a_refusal_holds_nothing_not_even_no_rows(record: Record) -> None:
    for check in (REFUSED.must_succeed, lambda: REFUSED.must_hold([])):
        with pytest.raises(CheckFailed, match=r"Spark refused 'SELECT \*': .*no trips"):
            check()
    assert not record.proofs


def test_a_long_statement_does_not_hide_the_reason() -> None:
    for length, shown in ((300, "x" * 300), (301, f"{'x' * 150} ... {'x' * 150}")):
        refused = Answer("x" * length, "tag", 0.1, refusal="no room")
        assert refused.trouble == f"Spark refused {shown!r}: no room"
        with pytest.raises(CheckFailed) as raised:
            refused.must_succeed()
        assert str(raised.value) == refused.trouble


def test_a_statement_is_asked_once_also_when_its_answer_is_lost() -> None:
    asked: list[str] = []

    def reply(line: str) -> str:
        request = json.loads(line)
        if request["op"] == "open":
            return json.dumps({"seconds": 0.1, "session": "1", "client": "4.1.1", "server": "4.1.1"})
        asked.append(request["sql"])
        return json.dumps({"seconds": 0.1, "error": {"message": "UNAVAILABLE: the connection was closed"}})

    place = RecordedPlace(lambda _: RecordedStreams(reply=reply))
    lost = Session.open(Client(place, "sc://spark", lambda: None, tuple)).sql("INSERT INTO trips VALUES (1)")
    assert lost.refusal == "UNAVAILABLE: the connection was closed"
    assert asked == ["INSERT INTO trips VALUES (1)"]


def test_an_empty_refusal_is_one(record: Record) -> None:
    with pytest.raises(CheckFailed, match="Spark refused"):
        Answer("SELECT *", "tag", 0.1, refusal="").must_hold([])
    assert not record.proofs


def test_a_refusal_for_its_reason_is_proved(record: Record) -> None:
    REFUSED.must_be_refused("TABLE_OR_VIEW_NOT_FOUND")
    assert record.level is Level.EXECUTED
    assert b"no trips" in record.items[0].content
    with pytest.raises(CheckFailed, match=r"refused, but not because of 'PERMISSION': .*no trips"):
        REFUSED.must_be_refused("PERMISSION")
    for words in ("no trips to Soho", "trips no", "TABLE_OR_VIEW_NOT_FOUND PERMISSION"):
        with pytest.raises(CheckFailed, match=f"refused, but not because of '{words}'"):
            REFUSED.must_be_refused(words)
    with pytest.raises(CheckFailed, match="was not refused; it gave"):
        ANSWER.must_be_refused("TABLE_OR_VIEW_NOT_FOUND")
    assert len(record.proofs) == 1


def test_what_spark_says_comes_back_as_rows_or_words() -> None:
    session = recorded.session(answers={"FROM trips": ROWS, "FROM nothing": "no such table"})
    assert session.sql("SELECT * FROM trips").rows == ROWS
    refused = session.sql("SELECT * FROM nothing")
    assert (refused.refusal, refused.rows) == ("no such table", ())
    with pytest.raises(SqlRefused, match="refused 'SELECT 1 FROM nothing': no such table"):
        session.run("SELECT 1 FROM nothing")
    assert session.start("SELECT * FROM trips").answer(1).rows == ROWS


def test_each_statement_has_a_tag_of_its_own_unless_it_is_given_one() -> None:
    session = recorded.session((1,))
    first, second, third = session.sql("SELECT 1"), session.sql("SELECT 1"), session.sql("SELECT 1", "own")
    assert first.tag != second.tag
    assert third.tag == "own"


def test_a_server_that_lets_nobody_in_says_why() -> None:
    client = recorded.client({"open": "UNAUTHENTICATED: no token"})
    with pytest.raises(SparkproofError, match="at sc://spark opened no session: UNAUTHENTICATED"):
        Session.open(client)
    Session.try_connect(client, "sc://spark/;authorization=x").must_be_refused("UNAUTHENTICATED")
    with pytest.raises(CheckFailed, match=r"'a new session' was not refused; it gave \[\('4\.1\.1',\)\]"):
        Session.try_connect(recorded.client({}), "sc://spark").must_be_refused("UNAUTHENTICATED")


def test_a_token_is_where_the_place_has_it_and_in_no_request() -> None:
    place = RecordedPlace(lambda _: recorded.repl({}))
    Session.open(Client(place, "sc://spark", lambda: None, tuple))
    Session.open(Client(place, "local[1]", lambda: None, tuple, names_url=True))
    asked = [json.loads(streams.written[0]) for streams in place.started]
    assert asked == [{"op": "open"}, {"op": "open", "url": "local[1]"}]


def test_a_process_that_ended_is_told_with_its_last_words_and_the_next_gets_a_new_one() -> None:
    place = RecordedPlace(lambda _: RecordedStreams(errors="Traceback\nno module pyspark\n", ended=True))
    client = Client(place, "sc://spark", lambda: None, tuple)
    for _ in range(2):
        with pytest.raises(GaveUp, match="the client's process ended: no module pyspark\nTraceback"):
            Session.open(client)
    assert [streams.closed for streams in place.started] == [True, True]


def test_a_platform_that_can_answer_no_more_is_not_waited_for() -> None:
    cause = Cause(Reason.QUOTA, "exceeded quota: team")
    place = RecordedPlace(lambda _: RecordedStreams())
    client = Client(place, "sc://spark", lambda: "pod spark-connect-0 has ended (Evicted)", lambda: [cause])
    with pytest.raises(GaveUp, match=r"cannot come any more, pod spark-connect-0 .*: exceeded quota: team"):
        client.ask(timeouts.SQL, op="open")


@pytest.mark.usefixtures("one_look")
def test_a_statement_that_gets_no_answer_is_told_with_the_causes() -> None:
    session = Session.open(
        recorded.client({"open": ()}, causes=lambda: [Cause(Reason.QUOTA, "exceeded quota: team")], waits=True)
    )
    with pytest.raises(GaveUp, match="answer to 'SELECT 1' did not come within 0 s: exceeded quota: team"):
        session.start("SELECT 1").answer(0)


def test_what_rapids_cannot_tell_is_a_refusal() -> None:
    silent = recorded.session(answers={"SELECT": "no such table", "settings": "no RAPIDS here"})
    with pytest.raises(SqlRefused, match="refused to plan 'SELECT 1': no such table"):
        silent.explain("SELECT 1")
    with pytest.raises(SqlRefused, match="does not list its settings: no RAPIDS here"):
        silent.rapids_settings()
    telling = recorded.session(answers={"SELECT": [("*Exec <FilterExec>",)], "settings": [("spark.rapids.x",)]})
    assert telling.explain("SELECT 1") == ("*Exec <FilterExec>", [])
    assert telling.rapids_settings() == ["spark.rapids.x"]


def test_the_version_of_client_and_server_is_proved(record: Record) -> None:
    Session(recorded.client({}), "s", "4.1.1", "4.1.1").must_be_of("4.1.1")
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("client", "server"), [("4.1.0", "4.1.1"), ("4.1.1", "4.1.0"), ("4.1.0", "4.1.0"), ("4.1.10", "4.1.10")]
)
def test_another_version_of_either_is_seen(client: str, server: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"The client is {client}, the server {server}"):
        Session(recorded.client({}), "s", client, server).must_be_of("4.1.1")
    assert not record.proofs
