"""The check of a job for the move to 4.1: what differs is named with its rule, what was not compared is not passed."""

import itertools
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.spark.migration import CHECK, JobCheck
from tests.support import programs
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

ANSI, BANG = "spark.sql.ansi.enabled", "spark.sql.legacy.bangEqualsNot"


def script() -> Any:
    return programs.program(CHECK)


def sessions(
    answer: Callable[[Mapping[str, str], str], Any],
    seen: list[str] | None = None,
    server: Mapping[str, str] | None = None,
) -> Callable[[Mapping[str, str]], Any]:
    """Sessions of a server with settings, that answer by their own settings; what is executed is noted."""

    def open_session(settings: Mapping[str, str]) -> Any:
        def sql(statement: str) -> SimpleNamespace:
            if seen is not None:
                seen.append(statement)
            value = answer(settings, statement)
            if isinstance(value, Exception):
                raise value
            types = SimpleNamespace(simpleString=lambda: f"struct<a:{types_of(settings, statement)}>")
            return SimpleNamespace(collect=lambda: [(each,) for each in value], schema=types)

        own = {**(server or {}), **settings}
        return SimpleNamespace(sql=sql, conf=SimpleNamespace(get=lambda name: own.get(name, "the rule of 4.1")))

    return open_session


def types_of(settings: Mapping[str, str], statement: str) -> str:
    """The type that a server gives to a coalesce of a number and a text."""
    return "bigint" if "coalesce" in statement and settings.get(ANSI) != "false" else "string"


def ansi(settings: Mapping[str, str], statement: str) -> Any:
    """A server on which a cast fails, unless the rules of 3.5 hold."""
    if "CAST" in statement and settings.get(ANSI) != "false":
        return RuntimeError("[CAST_INVALID_INPUT] The value cannot be cast.")
    return [None] if "CAST" in statement else [2, 1]


def found(text: str, answer: Callable[[Mapping[str, str], str], Any] = ansi) -> list[tuple[int, str]]:
    return [(each.line, each.rule) for each in script().check(sessions(answer), text)]


def test_a_statement_that_differs_is_named_with_its_line_and_rule() -> None:
    text = "SELECT 1;\n-- a cast; of text\n\nSELECT CAST('x' AS int)\n;SELECT ';' /* ; */"
    (finding,) = script().check(sessions(ansi), text)
    assert (finding.line, finding.rule) == (4, ANSI)
    assert (finding.before, finding.after) == ("[None]", "error CAST_INVALID_INPUT")
    assert finding.statement == "SELECT CAST('x' AS int)"
    assert "try_cast" in finding.advice


def test_a_server_that_still_follows_an_old_rule_is_named() -> None:
    text = "SELECT 1"
    (finding,) = script().check(sessions(ansi, server={ANSI: "False", BANG: "false"}), text)
    assert (finding.line, finding.rule) == (0, ANSI)
    assert "the server itself still has spark.sql.ansi.enabled=false" in finding.advice
    with pytest.raises(CheckFailed, match="it named the server, which still follows the old rules: "):
        JobCheck([(0, ANSI)]).must_name([{"line": "3", "rule": ANSI}])


def test_statements_are_told_apart_outside_of_texts_and_comments() -> None:
    text = "SELECT ';', \"a;b\" FROM `c;d`; -- e;f\n/* g;\nh */ SELECT 'it\\'s;' - 1 / 2;\n;\n"
    assert list(script().statements(text)) == [
        (1, "SELECT ';', \"a;b\" FROM `c;d`"),
        (3, "SELECT 'it\\'s;' - 1 / 2"),
    ]


def test_the_query_of_a_statement_that_writes_is_asked_and_nothing_is_written() -> None:
    seen: list[str] = []
    text = (
        "INSERT INTO a.b (c) SELECT CAST('x' AS int);\nCREATE TABLE a.d USING iceberg AS SELECT CAST('y' AS int);"
        "\nINSERT OVERWRITE TABLE a.b VALUES (1)"
    )
    findings = [(each.line, each.rule) for each in script().check(sessions(ansi, seen), text)]
    assert findings == [(1, ANSI), (2, ANSI)]
    assert not [each for each in seen if each.startswith(("INSERT", "CREATE"))]


def test_preparations_are_made_in_every_session() -> None:
    seen: list[str] = []
    list(script().check(sessions(ansi, seen), "CREATE OR REPLACE TEMP VIEW v AS SELECT CAST('x' AS int)"))
    assert len(seen) == 2
    text = "USE rest; SELECT CAST('x' AS int); USE hive"
    seen.clear()
    list(script().check(sessions(ansi, seen), text))
    # Sessions that follow one rule are opened when something differs.
    assert (seen.count("USE rest"), seen.count("USE hive")) == (2 + len(script().RULES), 2 + len(script().RULES))


def test_what_cannot_be_compared_is_named() -> None:
    numbers = itertools.count()
    assert found("SELECT rand()", lambda *_: [next(numbers)]) == [(1, "not compared")]
    assert found("DELETE FROM t;\nMERGE INTO t USING s") == [(1, "not compared"), (2, "not compared")]


def test_rows_are_compared_in_any_order_and_errors_by_their_names() -> None:
    orders = itertools.cycle([[1, 2], [2, 1]])
    assert found("SELECT a FROM t", lambda *_: next(orders)) == []
    words = itertools.count()
    same = script().check(sessions(lambda *_: RuntimeError(f"[GONE] number {next(words)}")), "SELECT b")
    assert [(each.rule, each.before, each.after) for each in same] == [("not compared", "error GONE", "error GONE")]


def test_a_query_that_ends_with_one_error_by_both_rules_is_not_passed_over() -> None:
    def made(_: Mapping[str, str], statement: str) -> Any:
        return RuntimeError("[TABLE_OR_VIEW_NOT_FOUND] no b") if "FROM a.b" in statement else [1]

    (finding,) = script().check(sessions(made), "CREATE TABLE a.b AS SELECT 1 AS c;\nSELECT c FROM a.b")
    assert (finding.line, finding.rule) == (2, "not compared")
    assert "TABLE_OR_VIEW_NOT_FOUND by both rules: let what it reads be there" in finding.advice


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE a.b AS SELECT {}",
        "create table a.b as select {}",
        "CREATE TABLE IF NOT EXISTS a.b USING iceberg PARTITIONED BY (c) AS\nSELECT {}",
        "CREATE OR REPLACE TABLE a.b AS (SELECT {})",
        "CREATE TABLE a.b AS(( SELECT {}) UNION ALL (SELECT {}))",
        "CREATE TABLE a.b TBLPROPERTIES ('note' = 'same as with x') AS WITH t AS (SELECT {}) SELECT * FROM t",
        "REPLACE TABLE a.b USING iceberg AS SELECT {}",
        "CREATE TABLE a.b USING iceberg SELECT {}",
        "CREATE TABLE a.b COMMENT 'we select it' PARTITIONED BY (c)SELECT {}",
        "CREATE TABLE a.b AS VALUES ({})",
        "CREATE TABLE a.b AS FROM t SELECT {}",
        "CREATE VIEW a.b (c COMMENT 'taken as from t') AS SELECT {}",
        "INSERT INTO a.b SELECT {}",
        "INSERT INTO a.b (SELECT {})",
        "INSERT INTO a.b(c) SELECT {}",
        "INSERT INTO a.b BY NAME SELECT {} AS c",
        "INSERT OVERWRITE TABLE a.b PARTITION (day = '1') IF NOT EXISTS SELECT {}",
        "INSERT INTO a.b PARTITION (day = '1') (c) SELECT {}",
    ],
)
def test_a_query_that_differs_is_found_in_whatever_writes_it_and_not_when_it_is_mended(statement: str) -> None:
    seen: list[str] = []
    text = statement.replace("{}", "CAST('x' AS int)")
    assert [(each.line, each.rule) for each in script().check(sessions(ansi, seen), text)] == [(1, ANSI)]
    assert not [each for each in seen if each.startswith(("INSERT", "CREATE", "create", "REPLACE"))]
    assert found(statement.replace("{}", "2")) == []


def test_the_types_of_a_table_that_is_made_are_compared() -> None:
    query = "SELECT coalesce(c, '0')"
    text = f"{query};\nCREATE TABLE a.b AS {query};\nINSERT INTO a.b {query}"
    (finding,) = script().check(sessions(ansi), text)
    assert (finding.line, finding.rule) == (2, ANSI)
    assert (finding.before, finding.after) == ("struct<a:string> [1]; [2]", "struct<a:bigint> [1]; [2]")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE a.b (c int COMMENT 'as select')",
        "CREATE TABLE a.b (c int GENERATED ALWAYS AS (d + 1))",
        "CREATE FUNCTION f AS 'a.B'",
        "INSERT INTO a.b",
        "CREATE NAMESPACE a",
    ],
)
def test_a_statement_that_writes_and_asks_nothing_is_not_compared(statement: str) -> None:
    assert found(statement) == [(1, "not compared")]


def test_a_difference_of_several_rules_together_is_named() -> None:
    def both(settings: Mapping[str, str], _: str) -> list[int]:
        return [int(ANSI in settings and BANG in settings)]

    assert found("SELECT a", both) == [(1, "several")]


def platform(output: str, exit_code: int) -> RecordedPlatform:
    def programs(_: str, __: Any) -> RecordedStreams:
        return RecordedStreams(output, exit_code=exit_code, ended=True)

    return RecordedPlatform(RecordedKube(pod("spark-client-0", "client"), programs=programs))


ONE = json.dumps([{"line": 2, "rule": ANSI}])
ROW = {"line": "2", "rule": ANSI}


def test_findings_of_a_job_are_proved(record: Record) -> None:
    checked = JobCheck.of(platform(ONE, 1), "SELECT 1")
    checked.must_name([ROW])
    assert record.level is Level.EXECUTED
    for wrong in ([], [{**ROW, "line": "3"}], [ROW, ROW]):
        with pytest.raises(CheckFailed, match=f"it named line 2: {ANSI}"):
            checked.must_name(wrong)
    with pytest.raises(CheckFailed, match="will answer differently: line 2"):
        checked.must_be_clean()


def test_a_job_without_findings_is_proved(record: Record) -> None:
    checked = JobCheck.of(platform("[]", 0), "SELECT 1")
    checked.must_be_clean()
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="it named nothing"):
        checked.must_name([ROW])


@pytest.mark.parametrize(
    ("output", "exit_code", "reason"),
    [
        ("no file", 2, "ended with 2: no file"),
        ("", 0, "it said nothing"),
        ("[]", 1, "0 findings"),
        (ONE, 0, "1 finding"),
    ],
)
def test_a_check_that_did_not_end_well_is_an_error(output: str, exit_code: int, reason: str) -> None:
    with pytest.raises(SparkproofError, match=reason):
        JobCheck.of(platform(output, exit_code), "SELECT 1")
