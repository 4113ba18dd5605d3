"""What is read off a table and off Spark's metrics, and that each check of it can fail."""

import json
from dataclasses import replace

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table, metadata
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.layout import (
    File,
    FileLayout,
    must_have_fewer_files,
    must_have_kept_files,
    must_have_replaced_files,
)
from sparkproof.iceberg.scan import Scan
from sparkproof.iceberg.storage_overhead import StorageOverhead
from sparkproof.spark.history import Execution, Operator
from sparkproof.spark.session import Row
from sparkproof.spark.trips import Generated
from tests.support import recorded


def table(*rows: Row) -> Table:
    """A table in a session that gives the same rows to every statement."""
    return Table(recorded.session(*rows), "lake.team.trips", commits=1)


def committed(**summary: str) -> Table:
    return table((1, "2026-11-23 14:05:00", "overwrite", {name.replace("_", "-"): n for name, n in summary.items()}))


SCANNED = {
    "number of result data files": "2",
    "number of skipped data files": "1,009",
    "number of scanned data manifests": "2",
    "number of skipped data manifests": "0",
    "total planning duration (ms)": "85 ms",
}


def test_a_scan_that_read_no_file_or_no_manifest_has_chosen_nothing() -> None:
    chosen = Scan(files=2, files_skipped=0, manifests=1, manifests_skipped=0, planning_ms=5)
    assert chosen.must_have_chosen() is chosen
    for none in ("files", "manifests"):
        with pytest.raises(CheckFailed, match="no file or no manifest that was read"):
            replace(chosen, **{none: 0}).must_have_chosen()


def test_scan_metrics_are_the_sum_of_all_scans() -> None:
    scan = Scan.of(Execution("plan", (Operator("BatchScan", SCANNED), Operator("BatchScan", SCANNED)), 10))
    assert (scan.files, scan.files_skipped, scan.manifests, scan.planning_ms) == (4, 2018, 4, 170)
    with pytest.raises(CheckFailed, match="4 files were read and 2018 skipped"):
        scan.must_have_read(4, skipped=0)


def test_the_files_that_were_read_and_skipped_are_proved(record: evidence.Record) -> None:
    scan = Scan(2, 9, 2, 0, 85)
    scan.must_have_read(2, skipped=9)
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "2 files were read and 9 skipped"
    assert json.loads(record.items[0].content)["files_skipped"] == 9
    for files, skipped in ((2, 8), (1, 9)):
        with pytest.raises(CheckFailed, match=f"2 files were read and 9 skipped; expected {files}, {skipped}"):
            scan.must_have_read(files, skipped=skipped)


def test_rows_by_layout_are_proved(record: evidence.Record) -> None:
    layout = FileLayout((File(("zone",), 5, 100, False),))
    layout.must_have_rows({"zone": 5})
    assert record.level is Level.EXECUTED
    assert json.loads(record.items[0].content)[0]["size"] == 100
    must_have_fewer_files(table(("one.parquet", 5, 100)), 2)
    assert record.proofs[1].seen == "The rows are in 1 files, fewer than 2"
    assert [each.name for each in record.items] == ["files", "files"]


def test_room_at_the_limit_is_still_within_it(record: evidence.Record) -> None:
    overhead = StorageOverhead(data=1000, metadata=40, plain=1000, table_s=9.0, plain_s=2.0)
    overhead.must_have_metadata_of_at_most(4)
    overhead.must_take_at_most(4)
    assert record.level is Level.EXECUTED
    assert record.measured == [("a table's storage more than Parquet's", 4.0, "%", "at most 4 %")]
    assert json.loads(record.items[0].content)["metadata"] == 40
    assert [proof.seen for proof in record.proofs] == [
        "Metadata takes 4.00 % of the data",
        "The table takes 4.00 % more storage than plain Parquet and 4.50 times as long to read",
    ]


def test_a_query_that_scans_no_table_of_iceberg_has_no_scan() -> None:
    with pytest.raises(CheckFailed, match="scanned no Iceberg table"):
        Scan.of(Execution("plan", (Operator("LocalTableScan", {"number of output rows": "1"}),), 10))


def test_rows_are_counted_by_the_layout_of_their_files_and_deletes_are_not() -> None:
    layout = FileLayout.of(
        table(('{"zone":"Soho"}', 5, 100, False), ('{"zone":"Ealing"}', 2, 90, False), ("{}", 7, 9, True))
    )
    assert layout.rows == {"zone": 7, "": 0}
    with pytest.raises(CheckFailed, match=r"expected .*picked_up_at_month"):
        layout.must_have_rows({"picked_up_at_month": 7})
    assert layout.files[0] == File(("zone",), 5, 100, False)


def test_as_many_files_as_before_are_not_fewer() -> None:
    with pytest.raises(CheckFailed, match="in 2 files; expected fewer than 2"):
        must_have_fewer_files(table(("one.parquet", 5, 100), ("two.parquet", 5, 100)), 2)


def test_how_a_change_was_kept_is_told_apart() -> None:
    evidence.begin()
    rewritten, beside = committed(added_data_files="1", deleted_data_files="1"), committed(added_delete_files="1")
    must_have_replaced_files(rewritten)
    must_have_kept_files(beside)
    for both in (rewritten, committed(added_delete_files="1", deleted_data_files="1")):
        with pytest.raises(CheckFailed, match="should have added-delete-files and no deleted-data-files"):
            must_have_kept_files(both)
    added = {"added_data_files": "1"}
    for other in (beside, committed(**added), committed(**added, deleted_data_files="1", added_delete_files="1")):
        with pytest.raises(CheckFailed, match="should have added-data-files and no added-delete-files"):
            must_have_replaced_files(other)


def test_rows_that_differ_by_one_sum_up_to_something_else(record: evidence.Record) -> None:
    table(("lake.team.trips", 10, "77"), ("query", 10, "77")).must_hold_result_of("SELECT 1")
    assert record.proofs[0].seen == "lake.team.trips has the expected 10 rows, with the hash sum 77"
    with pytest.raises(CheckFailed, match=r"has 9 rows with the hash sum 77; expected \(10, '77'\)"):
        table(("lake.team.trips", 9, "77"), ("a query", 10, "77")).must_hold_result_of("SELECT 1")
    with pytest.raises(CheckFailed, match="hash sum 78"):
        table(("lake.team.trips", 10, "78"), ("query", 10, "77")).must_hold_result_of("SELECT 1")
    with pytest.raises(CheckFailed, match="has 9 rows"):
        table(("query", 10, "77"), ("lake.team.trips", 9, "77")).must_hold_result_of("SELECT 1")


def test_a_query_without_rows_shows_nothing_of_a_table(record: evidence.Record) -> None:
    with pytest.raises(CheckFailed, match="'SELECT 1' gives no rows"):
        table(("lake.team.trips", 0, "0"), ("query", 0, "0")).must_hold_result_of("SELECT 1")
    assert not record.proofs


def test_a_commit_by_somebody_else_is_a_change(record: evidence.Record) -> None:
    one: Row = (1, "2026-11-23 14:05:00", "append", {})
    table(one).must_be_unchanged()
    assert record.proofs[0].seen == "lake.team.trips is still at snapshot 1"
    with pytest.raises(CheckFailed, match="had 1 snapshots"):
        table(one, (2, "2026-11-23 14:06:00", "delete", {})).must_be_unchanged()


def test_half_of_a_killed_commit_is_seen_and_so_is_one_that_had_not_begun(record: evidence.Record) -> None:
    KilledCommit(((1, "Soho"),), ("a-m0.avro",), {}).must_have_left(table((1, "Soho")))
    assert b"a-m0.avro" in record.items[-1].content
    with pytest.raises(CheckFailed, match=r"gave \[\(1, 'Soho'\), \(2, 'Camden'\)\], not"):
        KilledCommit(((1, "Soho"),), ("a-m0.avro",), {}).must_have_left(table((1, "Soho"), (2, "Camden")))
    with pytest.raises(CheckFailed, match="before the commit had written any file"):
        KilledCommit(((1, "Soho"),), (), {}).must_have_left(table((1, "Soho")))


def test_a_metadata_table_that_says_something_else_is_seen(record: evidence.Record) -> None:
    metadata.must_contain(table((0, "3")), [("snapshots", "count(*)", "3")])
    assert record.proofs[0].seen == "1 values in metadata tables are as expected"
    assert b"snapshots" in record.items[0].content
    with pytest.raises(CheckFailed, match=r"count\(\*\) of lake.team.trips.snapshots is 3, not 2"):
        metadata.must_contain(table((0, "3")), [("snapshots", "count(*)", "2")])


def test_room_is_judged_in_percent_and_time_is_not() -> None:
    evidence.begin()
    overhead = StorageOverhead(data=1000, metadata=40, plain=1000, table_s=9.0, plain_s=1.0)
    overhead.must_have_metadata_of_at_most(5)
    overhead.must_take_at_most(5)
    with pytest.raises(CheckFailed, match=r"4\.00 % of the data"):
        overhead.must_have_metadata_of_at_most(3)
    with pytest.raises(CheckFailed, match=r"4\.00 % more storage"):
        overhead.must_take_at_most(3)


def test_the_halves_of_generated_trips_are_all_of_them() -> None:
    first, second = Generated(7, 10_001).halves
    assert (first.first, first.last, second.first, second.last) == (0, 5000, 5000, 10_001)
    assert len(first) + len(second) == 10_001
    assert Generated(8, 10).query != Generated(7, 10).query
