"""The check of a job for the move to 4.1: what differs is named with its rule, what was not compared is not passed."""

import importlib.util
import itertools
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.spark.migration import CHECK, JobCheck
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

ANSI, BANG = "spark.sql.ansi.enabled", "spark.sql.legacy.bangEqualsNot"


def script() -> Any:
    spec = importlib.util.spec_from_file_location("migration_check", CHECK)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    # A dataclass of the module looks its annotations up there.
    import sys

    sys.modules["migration_check"] = module
    spec.loader.exec_module(module)
    return module


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
            return SimpleNamespace(collect=lambda: [(each,) for each in value])

        own = {**(server or {}), **settings}
        return SimpleNamespace(sql=sql, conf=SimpleNamespace(get=lambda name: own.get(name, "the rule of 4.1")))

    return open_session


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
    assert found("SELECT b", lambda *_: RuntimeError(f"[GONE] number {next(words)}")) == []


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
