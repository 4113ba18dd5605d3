"""The scan of a catalog: each rule that a table breaks is named, and a scan that did not end well proves nothing."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.governance.scan import SCAN, CatalogScan
from sparkproof.iceberg import Table
from tests.support import programs, recorded
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod

NAME = "rest.rides.customers"
GOVERNED = {
    "governance.owner": "rides",
    "governance.classification.id": "internal",
    "governance.classification.since": "public",
    "governance.retention": "30 days",
    "governance.retention-column": "since",
}


def script() -> Any:
    return programs.program(SCAN)


class Spark:
    """A catalog of one governed table, in which some rows and files are over their retention."""

    def __init__(self, properties: Mapping[str, str], rows: int = 0, files: int = 0, refusal: str = "") -> None:
        self.properties, self.rows, self.files, self.refusal = properties, rows, files, refusal
        self.columns = ["id", "since"]

    def table(self, _: str) -> "Spark":
        return self

    def sql(self, statement: str) -> SimpleNamespace:
        match statement.split()[:3]:
            case ["SHOW", "NAMESPACES", "IN"]:
                names = ["rides", "rides.old"] if statement.endswith("IN `rest`") else []
                rows: list[Any] = [SimpleNamespace(namespace=name) for name in names[:1]]
            case ["SHOW", "TABLES", "IN"]:
                rows = [SimpleNamespace(tableName="customers")]
            case ["SHOW", "TBLPROPERTIES", _]:
                if self.refusal:
                    raise RuntimeError(self.refusal)
                rows = [SimpleNamespace(key=key, value=value) for key, value in self.properties.items()]
            case _:
                rows = [(self.files if "all_data_files" in statement else self.rows,)]
        return SimpleNamespace(collect=lambda: rows, first=lambda: rows[0])


def found(spark: Spark, scope: str = "rest") -> list[str]:
    return [f"{each['table']} {each['rule']}: {each['about']}" for each in script().scan(spark, scope)]


def test_a_governed_catalog_has_no_findings() -> None:
    assert found(Spark(GOVERNED)) == []
    assert found(Spark({**GOVERNED, "governance.retention": "forever"}, rows=1, files=1)) == []
    assert found(Spark({**GOVERNED, "governance.retention": "1 day"})) == []


@pytest.mark.parametrize(
    ("changed", "finding"),
    [
        ({"governance.owner": " "}, "no owner: governance.owner"),
        ({"governance.classification.id": "hidden"}, "unknown class: id: hidden"),
        ({"governance.classification.email": "personal"}, "class of no column: email"),
        ({"governance.retention": ""}, "no retention: governance.retention"),
        ({"governance.retention": "0 days"}, "no retention: 0 days"),
        ({"governance.retention": "a year"}, "no retention: a year"),
        ({"governance.retention-column": "born"}, "no retention: by the column born"),
    ],
)
def test_each_broken_rule_is_named(changed: dict[str, str], finding: str) -> None:
    assert found(Spark({**GOVERNED, **changed})) == [f"{NAME} {finding}"]


def test_a_class_that_spark_hides_counts_for_a_column_of_such_a_name_alone() -> None:
    hidden = {"governance.classification.token": "*********(redacted)"}
    spark = Spark({**GOVERNED, **hidden})
    spark.columns = [*spark.columns, "token"]
    assert found(spark) == []
    assert found(Spark({**GOVERNED, "governance.classification.id": "*********(redacted)"})) == [
        f"{NAME} unknown class: id: *********(redacted)"
    ]


def test_an_unclassified_column_and_what_is_over_its_retention_are_named() -> None:
    less = {key: value for key, value in GOVERNED.items() if not key.endswith(".id")}
    assert found(Spark(less, rows=2, files=3), "rest.rides") == [
        f"{NAME} unclassified column: id",
        f"{NAME} expired rows: 2",
        f"{NAME} files with expired rows: 3",
    ]


def test_a_table_that_cannot_be_read_is_named_unless_it_is_gone() -> None:
    assert found(Spark(GOVERNED, refusal="[NO_ACCESS] denied\nat x")) == [f"{NAME} cannot be read: [NO_ACCESS] denied"]
    assert found(Spark(GOVERNED, refusal="[TABLE_OR_VIEW_NOT_FOUND] gone")) == []


class Tree:
    """A catalog with a table in each of these databases, some of which lie in others; as REST has it, or as Hive."""

    def __init__(self, *databases: str, flat: bool = False) -> None:
        self.databases, self.flat = databases, flat

    def sql(self, statement: str) -> SimpleNamespace:
        _, what, _, where = statement.replace("`", "").split()
        own = where.partition(".")[2]
        if what == "TABLES":
            return SimpleNamespace(collect=lambda: [SimpleNamespace(tableName="t")])
        inner = [name for name in self.databases if name.rpartition(".")[0] == own or self.flat]
        return SimpleNamespace(collect=lambda: [SimpleNamespace(namespace=name) for name in inner])


def test_tables_are_found_however_deep_their_databases_lie() -> None:
    deep = Tree("rides", "rides.old", "rides.old.2024", "ridesharing")
    assert sorted(script().tables(deep, "rest")) == [
        "rest.rides.old.2024.t",
        "rest.rides.old.t",
        "rest.rides.t",
        "rest.ridesharing.t",
    ]
    assert sorted(script().tables(deep, "rest.rides.old")) == ["rest.rides.old.2024.t", "rest.rides.old.t"]
    assert sorted(script().tables(Tree("rides", "ridesharing", flat=True), "hive")) == [
        "hive.rides.t",
        "hive.ridesharing.t",
    ]


def test_names_are_quoted_in_their_parts() -> None:
    assert script().quoted("rest.my-rides.t") == "`rest`.`my-rides`.`t`"


def platform(output: str, exit_code: int) -> RecordedPlatform:
    def programs(_: str, __: Any) -> RecordedStreams:
        return RecordedStreams(output, exit_code=exit_code, ended=True)

    return RecordedPlatform(RecordedKube(pod("spark-client-0", "client"), programs=programs))


ONE = json.dumps([{"table": NAME, "rule": "no owner", "about": "governance.owner"}])


def scanned(output: str = ONE, exit_code: int = 1) -> CatalogScan:
    return CatalogScan.of(platform(output, exit_code), "rest")


def table(name: str = NAME) -> Table:
    return Table(recorded.session(), name)


def test_findings_are_read_from_the_program(record: Record) -> None:
    scan = scanned()
    assert scan.findings == [(NAME, "no owner: governance.owner")]
    assert scan.trouble == "The scan of rest has 1 findings"
    scan.must_be_just(table(), ["no owner: governance.owner"])
    scan.must_name(table(), "no owner: governance.owner")
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"found rest\.rides\.customers: no owner"):
        scan.must_be_clean()


def test_a_clean_scan_is_proved(record: Record) -> None:
    scanned("[]", 0).must_be_clean()
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("name", "findings"), [(NAME, ["no retention: x"]), ("rest.b.c", ["no owner: governance.owner"]), (NAME, [])]
)
def test_other_findings_are_not_these(name: str, findings: list[str]) -> None:
    with pytest.raises(CheckFailed, match="had to find"):
        scanned().must_be_just(table(name), findings)
    with pytest.raises(CheckFailed, match="did not find"):
        scanned().must_name(table("rest.b.c"), "no owner: governance.owner")


@pytest.mark.parametrize(
    ("output", "exit_code", "reason"),
    [
        ("Traceback\nValueError: x", 2, "ended with 2: ValueError: x"),
        ("", 0, "it said nothing"),
        ("[]", 1, "0 findings and ended with 1"),
        (ONE, 0, "1 findings and ended with 0"),
    ],
)
def test_a_scan_that_did_not_end_well_is_an_error(output: str, exit_code: int, reason: str) -> None:
    with pytest.raises(SparkproofError, match=reason):
        scanned(output, exit_code)


def test_the_program_that_runs_is_the_one_that_users_have() -> None:
    assert Path(__file__).resolve().parents[3] / "scripts" / "governance_scan.py" == SCAN
