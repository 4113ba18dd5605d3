"""Tables that are kept: other rows, another commit and a catalog that lost its table are seen, whichever it is."""

import re
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.iceberg.kept import KeptTables
from sparkproof.spark.catalogs import Catalogs
from tests.support.recorded import RecordedPlatform, Reply

ROWS = [(1, "Soho", 12.5)]


class Spark:
    """Tables of one commit and these rows; that of a `catalog` gives another `reply` where its words are `asked`."""

    def __init__(self, catalog: str = "", asked: str = "", reply: Reply = ()) -> None:
        self.other, self.said = (catalog, asked, reply), list[str]()

    def __call__(self, statement: str) -> Reply:
        self.said.append(statement)
        catalog, asked, reply = self.other
        if catalog and f" {catalog}." in statement and asked in statement:
            return reply
        if ".snapshots" in statement:
            return [(1, "2026-11-27 09:00:00", "append", {})]
        if ".history" in statement:
            return [(1,)]
        return ROWS if statement.startswith("SELECT * FROM") else ()


def kept(spark: Spark) -> tuple[KeptTables, RecordedPlatform]:
    platform = RecordedPlatform(answers=spark)
    return KeptTables.create(platform, ROWS), platform


def test_a_table_is_made_and_kept_in_each_catalog(record: Record) -> None:
    spark = Spark()
    tables, platform = kept(spark)
    assert [table.catalog for table in tables.tables] == ["lake", "hive", "rest", "jdbc"]
    assert sum("INSERT INTO" in each for each in spark.said) == 4
    tables.must_hold(platform, ROWS)
    assert record.level is Level.EXECUTED
    assert record.proofs[-1].seen.startswith("Kept as they were: lake.s_")


@pytest.mark.parametrize("catalog", ["lake", "hive", "rest", "jdbc"])
@pytest.mark.parametrize(
    ("asked", "reply", "words"),
    [
        ("SELECT * FROM", [], "gave"),
        ("SELECT * FROM", "[TABLE_OR_VIEW_NOT_FOUND] no trips", "TABLE_OR_VIEW_NOT_FOUND"),
        (".snapshots", [(each, "2026-11-27 09:00:00", "append", {}) for each in (1, 2)], "had 1 snapshots"),
        (".history", [(1,), (1,)], "became another 2 times"),
    ],
    ids=["no rows", "no table", "another commit", "rolled back"],
)
def test_one_that_is_not_as_it_was_is_seen(catalog: str, asked: str, reply: Any, words: str, record: Record) -> None:
    tables, platform = kept(Spark(catalog, asked, reply))
    with pytest.raises(CheckFailed, match=words):
        tables.must_hold(platform, ROWS)
    assert not any(proof.seen.startswith("Kept") for proof in record.proofs)


def test_no_catalog_is_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(RecordedPlatform, "catalogs", Catalogs({}))
    tables, platform = kept(Spark())
    with pytest.raises(CheckFailed, match="has no catalogs"):
        tables.must_hold(platform, ROWS)


class Store(Spark):
    """Tables in an object store, which gives `reply` to who has the former key."""

    def __init__(self, reply: Reply, apart: Reply = tuple(ROWS)) -> None:
        super().__init__()
        self.reply, self.apart, self.former = reply, apart, ""
        self.keys = list[str]()

    def __call__(self, statement: str) -> Reply:
        self.keys += re.findall(r"s3\.access-key-id` = `(.*)`", statement)
        if found := re.search(r"catalog\.(rest_\w+)\.s3\.secret-access-key` = `former`", statement):
            self.former = found[1]
        if self.former and f"FROM {self.former}." in statement:
            return self.reply
        return self.apart if "FROM rest_" in statement else super().__call__(statement)


def test_the_key_of_before_reads_no_table_and_the_platforms_own_does(record: Record) -> None:
    store = Store("Status Code: 404")
    tables, platform = kept(store)
    tables.must_refuse(platform, "id", "former", "Status Code: 404")
    assert store.keys == ["id"]
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (Store(tuple(ROWS)), "was not refused"),
        (Store("no such host"), "not because of"),
        (Store("Status Code: 404", apart="Status Code: 404"), "Status Code: 404"),
    ],
    ids=["lets in", "fails", "lets nobody in"],
)
def test_a_store_that_does_not_tell_keys_apart_is_seen(store: Store, words: str) -> None:
    tables, platform = kept(store)
    with pytest.raises(CheckFailed, match=words):
        tables.must_refuse(platform, "id", "former", "Status Code: 404")


def test_tables_are_read_in_a_session_from_after_what_happened() -> None:
    """The session in which they were made is gone with its driver, or still has what it read."""
    tables, platform = kept(Spark())
    after = Spark()
    platform.answers = after
    tables.must_hold(platform, ROWS)
    assert sum(each.startswith("SELECT * FROM") for each in after.said) == 4
