"""Verdicts: a table that breaks something else, or nothing, is seen, and an error is no bad data."""

from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.quality.verdict import Rule, Verdict
from tests.support.recorded import RecordedDriver, RecordedPlatform, job, stage, task

TABLE = "lake.s_1.orders"
OWN = "SparkConnect_OperationTag_User_185_Session_{}_Operation_o-1"


def rule(on: str, outcome: str = "kept", unexpected: int | None = 0, *keys: Any, error: str | None = None) -> Rule:
    return Rule("in_set", on, outcome, unexpected, [{"id": key} for key in keys], None, error)


def verdict(exit_code: int, *rules: Rule) -> Verdict:
    return Verdict(TABLE, "t-1", exit_code, rules, "said")


KEPT = verdict(0, rule("id"), rule("status"))
BROKEN = verdict(3, rule("id"), rule("status", "broken", 1, 1001))
WRONG = verdict(4, rule("id"), rule("amont", "error", None, error='The column "amont" does not exist'))


def test_a_table_that_keeps_its_rules_is_proved(record: Record) -> None:
    KEPT.must_keep(2)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == f"{TABLE} keeps 2 rules"
    assert record.items[0].name == "verdict"


@pytest.mark.parametrize(
    ("found", "count"),
    [(KEPT, 1), (KEPT, 3), (BROKEN, 2), (WRONG, 2), (verdict(1), 0), (verdict(3, rule("id"), rule("status")), 2)],
    ids=["fewer", "more", "broken", "an error", "nothing was judged", "another end"],
)
def test_a_table_that_does_not_keep_its_rules_is_seen(found: Verdict, count: int, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"does not keep {count} rules"):
        found.must_keep(count)
    assert not record.proofs


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (BROKEN, r"but 1: in_set on status is broken by 1 rows, \[\{'id': 1001\}\]$"),
        (WRONG, 'but 1: in_set on amont cannot be judged: The column "amont" does not exist$'),
        (verdict(3, rule("sum", "broken", None)), "but 0: in_set on sum is broken$"),
        (verdict(3, rule("id", "broken", 759, *range(759))), r"by 759 rows, .*'id': 9\}\] and 749 more$"),
        (verdict(1), "but 0: said$"),
    ],
    ids=["broken", "an error", "rows are not counted", "many rows", "nothing was judged"],
)
def test_rules_that_are_not_kept_are_named(found: Verdict, words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_keep(2)


def test_a_broken_rule_is_proved_with_its_rows(record: Record) -> None:
    BROKEN.must_break("in_set", "status", [1001])
    assert record.proofs[0].seen == "in_set on status is broken by [1001] alone"
    assert record.items[0].name == "verdict"


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (KEPT, "does not break in_set on status alone"),
        (WRONG, "does not break in_set on status alone"),
        (verdict(3, rule("id", "broken", 1, 1001), rule("status", "broken", 1, 1001)), "alone"),
        (verdict(1, rule("status", "broken", 1, 1001)), "alone"),
        (verdict(3, rule("status", "broken", 2, 7, 1001)), r"broken by 2 rows, \[7, 1001\]; expected \[1001\]"),
        (verdict(3, rule("status", "broken", 1, 7)), r"broken by 1 rows, \[7\]"),
        (verdict(3, rule("status", "broken", 2, 1001)), "broken by 2 rows"),
    ],
    ids=["kept", "an error", "another too", "another end", "more rows", "another row", "another count"],
)
def test_another_broken_rule_is_seen(found: Verdict, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_break("in_set", "status", [1001])
    assert not record.proofs


def test_an_error_is_told_from_bad_data(record: Record) -> None:
    WRONG.must_be_an_error("amont")
    assert len(record.proofs) == 1
    assert b"does not exist" in record.items[-1].content
    for found in (
        KEPT, BROKEN, verdict(3, *WRONG.rules), verdict(4, *WRONG.rules, rule("status", "broken", 1, 7)),
        verdict(4, rule("amont")),
    ):  # fmt: skip
        with pytest.raises(CheckFailed, match="not the only one that cannot be judged"):
            found.must_be_an_error("amont")
    with pytest.raises(CheckFailed, match="does not name it: memory is full"):
        verdict(4, rule("amont", "error", None, error="memory is full")).must_be_an_error("amont")
    with pytest.raises(CheckFailed, match="not the only one"):
        verdict(4, *WRONG.rules, rule("fare", "error", None, error="x")).must_be_an_error("amont")


def test_the_outcomes_of_all_rules_are_compared(record: Record) -> None:
    rows = [
        {"rule": "in_set", "on": "status", "outcome": "broken", "rows": "1"},
        {"rule": "in_set", "on": "id", "outcome": "kept", "rows": "0"},
    ]
    BROKEN.must_be(rows)
    assert len(record.proofs) == 1
    assert record.items[-1].name == "verdict"
    for found, words in (
        (KEPT, "expected in_set on status is broken, by 1 rows"),
        (verdict(3, *BROKEN.rules, rule("email")), "says in_set on email is kept; expected not that"),
        (verdict(3, BROKEN.rules[1]), "says nothing more; expected in_set on"),
    ):
        with pytest.raises(CheckFailed, match=f"The verdict on .*{words}"):
            found.must_be(rows)
    with pytest.raises(CheckFailed, match="says in_set on id is kept; expected in_set on id is kept"):
        verdict(3, rule("id", unexpected=None), BROKEN.rules[1]).must_be(rows)


def platform(*sessions: str, kept: tuple[str, ...] = ()) -> RecordedPlatform:
    """A platform whose Spark ran one job in each of these sessions, and keeps plans of these names in memory."""
    jobs = [{**job("t-1", 1, number=n), "jobTags": [OWN.format(each), "x-t-1"]} for n, each in enumerate(sessions)]
    return RecordedPlatform(driver=RecordedDriver(jobs=jobs, in_memory=[{"name": name} for name in kept]))


def test_what_spark_keeps_of_the_table_is_told_from_what_it_keeps_of_others(record: Record) -> None:
    KEPT.must_leave_nothing(platform("s-1", kept=("Scan lake.s_2.orders",)))
    KEPT.must_leave_the_table(platform("s-1", kept=(f"Scan {TABLE}[id]",)))
    assert record.proofs[0].seen == f"After the verdict Spark keeps nothing of {TABLE} in memory"
    assert "1" in record.proofs[1].seen or "Scan" in record.proofs[1].seen
    with pytest.raises(CheckFailed, match=f"Spark keeps {TABLE} in memory after the verdict: .*Scan"):
        KEPT.must_leave_nothing(platform("s-1", kept=(f"Scan {TABLE}[id]",)))
    with pytest.raises(CheckFailed, match=r"Spark keeps nothing[^:]*$"):
        KEPT.must_leave_the_table(platform("s-1", kept=("Scan lake.s_2.orders",)))


def test_a_verdict_without_work_on_spark_leaves_nothing_by_accident() -> None:
    for check in (Verdict.must_leave_nothing, Verdict.must_leave_the_table):
        with pytest.raises(CheckFailed, match="knows no job"):
            check(KEPT, platform())


def test_a_verdict_of_the_platforms_executors_is_proved(record: Record) -> None:
    jobs = [{**job("t-1", 1), "jobTags": [OWN.format("s-1"), "x-t-1"]}]
    done = {"id": 0, "status": "COMPLETED", "successJobIds": [1], "planDescription": "Scan", "nodes": [], "duration": 5}
    driver = RecordedDriver(jobs=jobs, stages=[stage(1)], tasks={1: [task("1")]}, executions=[done])
    KEPT.must_be_of(RecordedPlatform(driver=driver))
    assert record.proofs[-1].seen == "Tasks completed by executor: {'1': 1}"


@pytest.mark.parametrize(
    ("sessions", "words"), [((), "of nobody"), (("s-1", "s-2"), r"\['s-1', 's-2'\]")], ids=["none", "two"]
)
def test_a_verdict_of_another_spark_is_seen(sessions: tuple[str, ...], words: str) -> None:
    with pytest.raises(CheckFailed, match=f"is of the sessions {words}, not one"):
        KEPT.must_be_of(platform(*sessions))


SEVERAL = verdict(
    3,
    rule("email"),
    rule("status", "broken", 2, 1, 98),
    rule("id", "broken", 1, None),
    rule("amount", "broken", None),
)
EACH = [
    {"rule": "in_set", "on": "id", "orders": "NULL"},
    {"rule": "in_set", "on": "status", "orders": "1, 98"},
    {"rule": "in_set", "on": "amount", "orders": ""},
]


def test_just_the_rules_that_are_broken_are_proved_with_their_rows(record: Record) -> None:
    SEVERAL.must_break_just(EACH)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == f"{TABLE} breaks just these 3 rules"
    assert record.items[0].name == "verdict"
    assert record.items[0].content.count(b"broken") == 3


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        (KEPT, EACH, "breaks nothing more; expected in_set on amount by the whole"),
        (SEVERAL, EACH[:2], "breaks in_set on amount by the whole; expected not that"),
        (SEVERAL, [*EACH, {"rule": "in_set", "on": "email", "orders": "7"}], "expected in_set on email by 7"),
        (SEVERAL, [*EACH[:1], {**EACH[1], "orders": "1"}, EACH[2]], "status by 1, 98; expected in_set on status by 1"),
        (verdict(3, rule("id", "broken", 2, 7)), [{**EACH[0], "orders": "7"}], "breaks in_set on id by 2 rows, 7"),
        (verdict(3, rule("id", "broken", 0, 7)), [{**EACH[0], "orders": "7"}], "breaks in_set on id by 0 rows, 7"),
        (verdict(4, *SEVERAL.rules), EACH, "breaks nothing more; expected not that"),
        (verdict(1), EACH, "said$"),
    ],
    ids=[
        "kept",
        "one more",
        "one less",
        "other rows",
        "a row without a name",
        "a name without a row",
        "an error",
        "none",
    ],
)
def test_other_broken_rules_or_rows_are_seen(
    found: Verdict, expected: list[dict[str, str]], words: str, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=words):
        found.must_break_just(expected)
    assert not record.proofs


def test_a_verdict_that_is_not_kept_is_trouble() -> None:
    assert KEPT.trouble is None
    assert BROKEN.trouble == f"The verdict on {TABLE} ended with 3"
    assert KEPT.to_read == f"{TABLE} was judged by 2 rules"
