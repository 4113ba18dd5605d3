"""Checks that are given nothing prove nothing: no change, no round, no row, no file, no commit."""

from collections.abc import Callable

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.iceberg import Table, maintenance, metadata, storage
from sparkproof.iceberg.layout import must_have_fewer_files, must_have_kept_files, must_have_replaced_files
from sparkproof.iceberg.race import Race, must_match
from sparkproof.spark.session import Answer
from sparkproof.spark.trips import Generated
from tests.support import recorded
from tests.support.recorded import Reply

EMPTY = Table(recorded.session(answers={}), "lake.team.trips")
NO_ROWS = Table(recorded.session(("query", 0, None), ("lake.team.trips", 0, None)), "lake.team.trips")
UNCOUNTED: dict[str, Reply] = {"metadata_log_entries": [("file:/w/trips/metadata/v1.json",)], "": [("x", 0, None)]}
QUERY = "SELECT * FROM trips WHERE false"


@pytest.mark.parametrize(
    ("check", "sentence"),
    [
        (lambda: maintenance.must_refuse(EMPTY, []), "No change of lake.team.trips is named, so nothing was to be"),
        (lambda: must_match({}, []), "No change was accepted, so there is nothing"),
        (lambda: Race(()).must_all_be_accepted(), "No round was run, so nothing was tested"),
        (lambda: Race(()).must_have_accepted_one_each(), "No round was run, so nothing was tested"),
        (lambda: metadata.must_contain(EMPTY, []), "No value of a metadata table of lake.team.trips is named"),
        (
            lambda: metadata.must_contain(EMPTY, [("snapshots", "max(snapshot_id)", "1")]),
            r"max\(snapshot_id\) of lake.team.trips.snapshots is None, not 1",
        ),
        (lambda: must_have_fewer_files(EMPTY, 3), "lake.team.trips has no data file at all"),
        (lambda: must_have_kept_files(EMPTY), "should have added-delete-files"),
        (lambda: must_have_replaced_files(EMPTY), "should have added-data-files"),
        (lambda: NO_ROWS.must_hold_result_of(QUERY), "gives no rows, so there is nothing that lake.team.trips"),
        (
            lambda: storage.must_be_copied(Table(recorded.session(answers=UNCOUNTED), "lake.team.trips"), QUERY),
            "gives no rows, so there is nothing that a copy",
        ),
        (
            lambda: Generated(7, 10).must_give(Answer(QUERY, "tag", 0.1), recorded.session(answers={})),
            "gives no rows of the generated trips, so nothing was compared",
        ),
    ],
)
def test_nothing_is_no_proof(check: Callable[[], None], sentence: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=sentence):
        check()
    assert not record.proofs


def test_a_table_without_a_commit_is_unchanged_when_it_still_has_none(record: Record) -> None:
    EMPTY.must_be_unchanged()
    assert record.proofs[0].seen == "lake.team.trips is still empty"
