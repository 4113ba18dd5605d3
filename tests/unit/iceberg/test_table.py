"""A table's checks: other rows, other snapshots, and changes that are not refused, are seen."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.iceberg import Table, maintenance
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.race import Race, WriteAttempt
from sparkproof.iceberg.storage import must_be_copied, must_take_less
from sparkproof.iceberg.table import fingerprint
from sparkproof.spark.session import Answer
from sparkproof.spark.trips import Generated
from tests.support import recorded
from tests.support.recorded import Answers, Reply

NAME = "lake.team.trips"
SOHO, CAMDEN = (1, "Soho"), (2, "Camden")
GONE = "[TABLE_OR_VIEW_NOT_FOUND] no trips"


def table(answers: Answers) -> Table:
    return Table(recorded.session(answers=answers), NAME, commits=1)


def holding(*rows: tuple[object, ...]) -> Table:
    return table({f"SELECT * FROM {NAME}": rows})


def test_the_rows_are_proved_and_others_are_seen(record: Record) -> None:
    holding(SOHO).must_hold([SOHO])
    holding(SOHO).must_still_hold([SOHO])
    assert record.level is Level.EXECUTED
    for check in (holding(SOHO, CAMDEN).must_hold, holding().must_still_hold):
        with pytest.raises(CheckFailed, match=r"gave \[.*\], not \[\(1, 'Soho'\)\]"):
            check([SOHO])
    with pytest.raises(CheckFailed, match="no trips"):
        table({"": GONE}).must_hold([])
    assert len(record.proofs) == 2


@pytest.mark.usefixtures("one_look")
def test_a_table_that_does_not_come_back_is_given_up(record: Record) -> None:
    with pytest.raises(GaveUp, match=f"an answer from {NAME} after the restart did not come"):
        table({"FROM": GONE}).must_still_hold([])
    assert not record.proofs


def test_a_fingerprint_tells_which_column_has_no_value() -> None:
    """A hash passes over NULL: without the row's text, (NULL, 1) would be (1, NULL)."""
    assert "xxhash64(*, cast(struct(*) AS string))" in fingerprint("lake.demo.trips")


def test_snapshots_are_asked_for_in_their_order() -> None:
    own = table({".snapshots ORDER BY committed_at": [(7, "2026-11-23 14:05:00", "append", {})]})
    assert [each.id for each in own.snapshots] == [7]


def test_the_number_of_snapshots_is_proved(record: Record) -> None:
    snapshots: list[tuple[object, ...]] = [(number, "2026-11-23 14:05:00", "append", {}) for number in (1, 2)]
    own = table({".snapshots": snapshots})
    maintenance.must_have_snapshots(own, 2)
    assert record.level is Level.EXECUTED
    assert record.items[-1].name == "snapshots"
    for count in (1, 3):
        with pytest.raises(CheckFailed, match=rf"\['append', 'append'\]; expected {count}"):
            maintenance.must_have_snapshots(own, count)
    assert len(record.proofs) == 1


def test_a_table_is_unchanged_only_where_nobody_committed_or_moved_it(record: Record) -> None:
    one: list[tuple[object, ...]] = [(1, "2026-11-23 14:05:00", "append", {"added-data-files": "1"})]
    table({".snapshots": one, ".history": [(1,)]}).must_be_unchanged()
    assert record.proofs[0].seen == f"{NAME} is still at snapshot 1"
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="had 1 snapshots; now it has"):
        table({".snapshots": [*one, *one], ".history": [(1,), (2,)]}).must_be_unchanged()
    with pytest.raises(CheckFailed, match="snapshots of 1 commits, and became another 2 times"):
        table({".snapshots": one, ".history": [(1,), (2,)]}).must_be_unchanged()
    assert len(record.proofs) == 1


def test_a_table_to_which_nobody_has_written_is_still_empty(record: Record) -> None:
    empty = table({})
    empty.commits = 0
    empty.must_be_unchanged()
    assert record.proofs[0].seen.endswith(" is still empty")


def test_a_rewritten_data_file_is_seen(record: Record) -> None:
    one: list[tuple[object, ...]] = [(1, "2026-11-23 14:05:00", "append", {"added-data-files": "1"})]
    rewritten = [(2, "2026-11-23 14:06:00", "replace", {"deleted-data-files": "1"})]
    maintenance.must_keep_files(table({".snapshots": one}))
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="had 1 snapshots; now it has"):
        maintenance.must_keep_files(table({".snapshots": [*one, *rewritten]}))
    with pytest.raises(CheckFailed, match=r"were removed by replace"):
        maintenance.must_keep_files(table({".snapshots": rewritten}))
    assert len(record.proofs) == 1


def test_each_change_is_refused_for_its_own_reason(record: Record) -> None:
    changes = [("ALTER COLUMN trip TYPE int", "Cannot change column type"), ("DROP COLUMN x", "Missing field")]
    answers: dict[str, Reply] = {"TYPE int": "Cannot change column type: trip", "COLUMN x": "Missing field x"}
    maintenance.must_refuse(table(answers), changes)
    assert len(record.proofs) == 2
    with pytest.raises(CheckFailed, match="was refused, but not because of 'Missing field': no right"):
        maintenance.must_refuse(table({**answers, "COLUMN x": "no right"}), changes)
    with pytest.raises(CheckFailed, match="DROP COLUMN x' was not refused"):
        maintenance.must_refuse(table({"TYPE int": answers["TYPE int"]}), changes)


def test_a_table_that_takes_rows_after_a_killed_commit_has_them_beside_its_own(record: Record) -> None:
    killed = KilledCommit((SOHO,), ("a-m0.avro",), {})
    killed.must_accept_new_rows(holding(SOHO, CAMDEN), [CAMDEN])
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"gave \[\(1, 'Soho'\)\], not"):
        killed.must_accept_new_rows(holding(SOHO), [CAMDEN])
    with pytest.raises(CheckFailed, match=r"gave \[\(2, 'Camden'\)\], not"):
        killed.must_accept_new_rows(holding(CAMDEN), [CAMDEN])
    assert len(record.proofs) == 1


def test_a_table_has_what_the_writers_of_a_race_were_told_that_it_has(record: Record) -> None:
    attempts = tuple(WriteAttempt(trip, Answer("INSERT", "tag", 1.0), 0.0, 1.0) for trip in (0, 1))
    race = Race((attempts,))
    race.must_be_in(table({"GROUP BY trip": [(0, 1, 1.0), (1, 1, 1.0)]}))
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="Trip 1 is there 0 times"):
        race.must_be_in(table({"GROUP BY trip": [(0, 1, 1.0)]}))
    with pytest.raises(CheckFailed, match=r"Trip 1 is there 1 times, with fare 2.0; 1 changes were accepted"):
        race.must_be_in(table({"GROUP BY trip": [(0, 1, 1.0), (1, 1, 2.0)]}))
    assert len(record.proofs) == 1


LOCATION: dict[str, Reply] = {"metadata_log_entries": [("file:/warehouse/team/trips/metadata/v1.json",)]}


def test_a_copy_has_the_rows_of_the_query(record: Record) -> None:
    def copied(rows: int, total: str) -> Table:
        return table({**LOCATION, "FROM (SELECT 1)": [("query", 10, "77")], "FROM parquet.": [("copy", rows, total)]})

    must_be_copied(copied(10, "77"), "SELECT 1")
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == "The copy has the 10 rows that SELECT 1 gives"
    nothing = table({**LOCATION, "FROM (SELECT 1)": [("query", 0, "0")], "FROM parquet.": [("copy", 0, "0")]})
    with pytest.raises(CheckFailed, match="'SELECT 1' gives no rows"):
        must_be_copied(nothing, "SELECT 1")
    for rows, total in ((9, "77"), (10, "78")):
        with pytest.raises(CheckFailed, match=f"The copy has {rows} rows with the hash sum {total}"):
            must_be_copied(copied(rows, total), "SELECT 1")
    assert len(record.proofs) == 1


def test_data_that_takes_less_room_is_proved(record: Record) -> None:
    own = table({**LOCATION, "FROM stored": [("data", 2, 100), ("metadata", 9, 900)]})
    must_take_less(own, than={"data": (8, 101)})
    assert record.level is Level.EXECUTED
    for before in (100, 99):
        with pytest.raises(CheckFailed, match=f"takes 100 bytes in 2 files; before it took {before} in 8"):
            must_take_less(own, than={"data": (8, before)})
    assert len(record.proofs) == 1


def test_a_query_on_trips_is_answered_as_the_generator_answers_it(record: Record) -> None:
    generated = Generated(7, 10)
    asked = Answer("SELECT count(*) FROM trips", "tag", 0.1, ("n",), ((10,),))
    generator: Answers = {f"SELECT count(*) FROM ({generated.query}) trips": [(10,)]}
    generated.must_give(asked, recorded.session(answers=generator))
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"gave \[\(10,\)\], not \[\(9,\)\]"):
        generated.must_give(asked, recorded.session((9,)))
    with pytest.raises(CheckFailed, match="Spark refused"):
        generated.must_give(Answer(asked.statement, "tag", 0.1, refusal=GONE), recorded.session((10,)))
    assert len(record.proofs) == 1
