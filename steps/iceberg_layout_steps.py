"""The files of Iceberg tables: their layout, their maintenance and their cost."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table, maintenance, metadata, storage
from sparkproof.iceberg.layout import FileLayout, must_have_fewer_files
from sparkproof.iceberg.scan import Scan
from sparkproof.iceberg.storage_overhead import StorageOverhead
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("{rows:d} generated trips in a table")
def generated_trips_in_a_table(context: Context, rows: int) -> None:
    context.generated = context.suite.generated_trips(rows)
    context.trips = Table.create_from(
        context.session, context.platform.catalogs.unused_table("trips"), context.generated.query
    )
    context.add_cleanup(context.trips.drop)


@given("the generated trips in a table of {count:d} files")
def the_generated_trips_in_a_table_of_files(context: Context, count: int) -> None:
    context.generated = context.suite.generated_trips()
    context.trips = Table.create_from(
        context.session, context.platform.catalogs.unused_table("trips"), context.generated.query, files=count
    )
    context.add_cleanup(context.trips.drop)


@given('the generated trips in a table of {count:d} files of the "{kind:Catalog}" catalog')
def the_generated_trips_in_a_table_of_files_of_the_catalog(context: Context, count: int, kind: str) -> None:
    context.generated = context.suite.generated_trips()
    context.trips = Table.create_from(
        context.session, context.platform.catalogs.unused_table("trips", kind), context.generated.query, files=count
    )
    context.add_cleanup(context.trips.drop)


@given('half of the generated trips in a table partitioned by "{layout}"')
def half_of_the_generated_trips_in_a_table_partitioned_by(context: Context, layout: str) -> None:
    context.generated = context.suite.generated_trips()
    context.trips = Table.create_from(
        context.session, context.platform.catalogs.unused_table("trips"), context.generated.halves[0].query, layout
    )
    context.add_cleanup(context.trips.drop)


@given('half of the generated trips in a table of the "{kind:Catalog}" catalog partitioned by "{layout}"')
def half_of_the_generated_trips_in_a_table_of_the_catalog_partitioned_by(
    context: Context, kind: str, layout: str
) -> None:
    context.generated = context.suite.generated_trips()
    context.trips = Table.create_from(
        context.session,
        context.platform.catalogs.unused_table("trips", kind),
        context.generated.halves[0].query,
        layout,
    )
    context.add_cleanup(context.trips.drop)


@given("the other half was added later")
def the_other_half_was_added_later(context: Context) -> None:
    context.trips.append_from(context.generated.halves[1].query)


@given("the table was compacted")
def the_table_was_compacted(context: Context) -> None:
    maintenance.compact(context.trips).must_succeed()


@given("all but the latest snapshot were expired")
def all_but_the_latest_snapshot_were_expired(context: Context) -> None:
    context.snapshot = context.trips.snapshots[0]
    maintenance.expire_all_but_latest(context.trips).must_succeed()


@when("a data engineer compacts the table")
def a_data_engineer_compacts_the_table(context: Context) -> None:
    maintenance.compact(context.trips).must_succeed()


@when("a data engineer expires all but the latest snapshot")
def a_data_engineer_expires_all_but_the_latest_snapshot(context: Context) -> None:
    context.stored_before = storage.stored(context.trips)
    maintenance.expire_all_but_latest(context.trips).must_succeed()


@when("a data engineer expires the snapshots that are older than the table's retention")
def a_data_engineer_expires_the_snapshots_that_are_older_than_the_tables_retention(context: Context) -> None:
    maintenance.expire(context.trips).must_succeed()


@when("a data engineer reads the table as of its expired snapshot")
def a_data_engineer_reads_the_table_as_of_its_expired_snapshot(context: Context) -> None:
    context.answer = context.trips.read_version(context.snapshot.id)


@when("a data engineer counts the trips as of the first snapshot")
def a_data_engineer_counts_the_trips_as_of_the_first_snapshot(context: Context) -> None:
    context.answer = context.trips.read_version(context.trips.snapshots[0].id, "count(*)")


@when('a data engineer counts the trips as of "{name}"')
def a_data_engineer_counts_the_trips_as_of(context: Context, name: str) -> None:
    context.answer = context.trips.read_version(name, "count(*)")


@when('a data engineer reads the metadata table "{name}"')
def a_data_engineer_reads_the_metadata_table(context: Context, name: str) -> None:
    context.answer = metadata.ask(context.trips, name)


@when("the same trips are written as plain Parquet")
def the_same_trips_are_written_as_plain_parquet(context: Context) -> None:
    context.overhead = StorageOverhead.measure(context.trips, context.generated.query)


@then("the table holds all generated trips")
def the_table_holds_all_generated_trips(context: Context) -> None:
    context.trips.must_hold_result_of(context.generated.query)


@then("the generated trips give the same answer")
def the_generated_trips_give_the_same_answer(context: Context) -> None:
    context.generated.must_give(context.answer, context.session)


@then("the answer is the number of generated trips")
def the_answer_is_the_number_of_generated_trips(context: Context) -> None:
    context.answer.must_hold([(len(context.generated),)])


@then('half of the trips are in files partitioned by "{old}", the other half in files partitioned by "{new}"')
def half_of_the_trips_are_in_files_partitioned_by_the_other_half_in_files_partitioned_by(
    context: Context, old: str, new: str
) -> None:
    FileLayout.of(context.trips).must_have_rows(dict(zip((old, new), map(len, context.generated.halves), strict=True)))


@then("{read:d} files were read and {skipped:d} skipped")
def files_were_read_and_skipped(context: Context, read: int, skipped: int) -> None:
    Scan.of(context.platform.history.execution(context.answer.tag)).must_have_read(read, skipped=skipped)


@then("its rows are in fewer than {count:d} files")
def its_rows_are_in_fewer_than_files(context: Context, count: int) -> None:
    must_have_fewer_files(context.trips, count)


@then("the data files take less storage than before")
def the_data_files_take_less_storage_than_before(context: Context) -> None:
    storage.must_take_less(context.trips, than=context.stored_before)


@then("the table still has {count:d} snapshots")
def the_table_still_has_snapshots(context: Context, count: int) -> None:
    maintenance.must_have_snapshots(context.trips, count)


@then("the metadata tables contain")
@table("table", "expression", "value")
def the_metadata_tables_contain(context: Context) -> None:
    metadata.must_contain(context.trips, [(row["table"], row["expression"], row["value"]) for row in context.table])


@then("the table's metadata takes at most {percent:g} % of its data")
def the_tables_metadata_takes_at_most_of_its_data(context: Context, percent: float) -> None:
    context.overhead.must_have_metadata_of_at_most(percent)


@then("the table takes at most {percent:g} % more storage than plain Parquet")
def the_table_takes_at_most_more_storage_than_plain_parquet(context: Context, percent: float) -> None:
    context.overhead.must_take_at_most(percent)
