"""Iceberg tables: writing, changing and reading them, now and at earlier snapshots."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table, maintenance
from sparkproof.spark import trips
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given("a table of taxi trips")
@table(*trips.COLUMNS, read=trips.rows)
def a_table_of_taxi_trips(context: Context) -> None:
    context.trips = Table.create(context.session, context.platform.catalogs.unused_table("trips"), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)
    context.trips.append(trips.rows(context.table))


@given('a table of taxi trips in the "{kind:Catalog}" catalog')
@table(*trips.COLUMNS, read=trips.rows)
def a_table_of_taxi_trips_in_the_catalog(context: Context, kind: str) -> None:
    context.trips = Table.create(context.session, context.platform.catalogs.unused_table("trips", kind), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)
    context.trips.append(trips.rows(context.table))


@given('an empty table of taxi trips in the "{kind:Catalog}" catalog')
def an_empty_table_of_taxi_trips_in_the_catalog(context: Context, kind: str) -> None:
    context.trips = Table.create(context.session, context.platform.catalogs.unused_table("trips", kind), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)


@given("these trips were added later")
@table(read=trips.rows)
def these_trips_were_added_later(context: Context) -> None:
    context.trips.append(trips.rows(context.table))


@given('the table was altered by "{change}"')
def the_table_was_altered_by(context: Context, change: str) -> None:
    context.trips.alter(change).must_succeed()


@given('the first snapshot is tagged "{name}"')
def the_first_snapshot_is_tagged(context: Context, name: str) -> None:
    maintenance.name_snapshot(context.trips, "tag", name, context.trips.snapshots[0]).must_succeed()


@given('a branch "{name}" of the first snapshot')
def a_branch_of_the_first_snapshot(context: Context, name: str) -> None:
    maintenance.name_snapshot(context.trips, "branch", name, context.trips.snapshots[0]).must_succeed()


@given('a branch "{name}" of the latest snapshot')
def a_branch_of_the_latest_snapshot(context: Context, name: str) -> None:
    maintenance.name_snapshot(context.trips, "branch", name, context.trips.snapshots[-1]).must_succeed()


@given('these trips were added to the branch "{name}"')
@table(read=trips.rows)
def these_trips_were_added_to_the_branch(context: Context, name: str) -> None:
    context.trips.branch(name).append(trips.rows(context.table))


@given("the table was rolled back to its first snapshot")
def the_table_was_rolled_back_to_its_first_snapshot(context: Context) -> None:
    maintenance.roll_back(context.trips, context.trips.snapshots[0].id).must_succeed()


@when("a data engineer reads the table")
def a_data_engineer_reads_the_table(context: Context) -> None:
    context.answer = context.trips.read()


@when("another data engineer reads the table")
def another_data_engineer_reads_the_table(context: Context) -> None:
    context.answer = context.trips.seen_by(context.platform.open_session()).read()


@when('a data engineer looks for the table in the "{kind:Catalog}" catalog')
def a_data_engineer_looks_for_the_table_in_the_catalog(context: Context, kind: str) -> None:
    context.answer = context.trips.read_in(context.platform.catalogs.name(kind))


@when("somebody with a wrong secret for the object store reads the table")
def somebody_with_a_wrong_secret_for_the_object_store_reads_the_table(context: Context) -> None:
    context.answer = context.trips.read_with(
        context.platform.workloads.variable("connect", "AWS_ACCESS_KEY_ID"), "wrong"
    )


@when('a data engineer reads the columns "{columns}" of the table')
def a_data_engineer_reads_the_columns_of_the_table(context: Context, columns: str) -> None:
    context.answer = context.trips.read(columns)


@when("a data engineer reads the table as of its first snapshot")
def a_data_engineer_reads_the_table_as_of_its_first_snapshot(context: Context) -> None:
    context.answer = context.trips.read_version(context.trips.snapshots[0].id)


@when("a data engineer reads the table as of the moment of its first snapshot")
def a_data_engineer_reads_the_table_as_of_the_moment_of_its_first_snapshot(context: Context) -> None:
    context.answer = context.trips.read_timestamp(context.trips.snapshots[0].committed_at)


@when('a data engineer tags the first snapshot "{name}"')
def a_data_engineer_tags_the_first_snapshot(context: Context, name: str) -> None:
    maintenance.name_snapshot(context.trips, "tag", name, context.trips.snapshots[0]).must_succeed()


@when("a data engineer reads the table as of snapshot {snapshot:d}")
def a_data_engineer_reads_the_table_as_of_snapshot(context: Context, snapshot: int) -> None:
    context.answer = context.trips.read_version(snapshot)


@when('a data engineer reads the table as of the moment "{moment}"')
def a_data_engineer_reads_the_table_as_of_the_moment(context: Context, moment: str) -> None:
    context.answer = context.trips.read_timestamp(moment)


@when('a data engineer reads the table as of the name "{name}"')
def a_data_engineer_reads_the_table_as_of_the_name(context: Context, name: str) -> None:
    context.answer = context.trips.read_version(name)


@when("a data engineer rolls the table back to its first snapshot")
def a_data_engineer_rolls_the_table_back_to_its_first_snapshot(context: Context) -> None:
    maintenance.roll_back(context.trips, context.trips.snapshots[0].id).must_succeed()


@when("a data engineer rolls the table back to snapshot {snapshot:d}")
def a_data_engineer_rolls_the_table_back_to_snapshot(context: Context, snapshot: int) -> None:
    context.answer = maintenance.roll_back(context.trips, snapshot)


@when('a data engineer adds these trips to the branch "{name}"')
@table(read=trips.rows)
def a_data_engineer_adds_these_trips_to_the_branch(context: Context, name: str) -> None:
    context.trips.branch(name).append(trips.rows(context.table))


@when('a data engineer publishes the branch "{name}"')
def a_data_engineer_publishes_the_branch(context: Context, name: str) -> None:
    context.answer = maintenance.publish(context.trips, name)


@then("the table still holds")
@table(read=trips.rows)
def the_table_still_holds(context: Context) -> None:
    context.trips.seen_by(context.platform.open_session()).must_still_hold(trips.rows(context.table))


@then("the table is unchanged")
def the_table_is_unchanged(context: Context) -> None:
    context.trips.must_be_unchanged()


@then("no data file of the table was rewritten")
def no_data_file_of_the_table_was_rewritten(context: Context) -> None:
    maintenance.must_keep_files(context.trips)


@then("the table holds")
@table(read=trips.rows)
def the_table_holds(context: Context) -> None:
    context.trips.must_hold(trips.rows(context.table))


@then('the table as of "{name}" is')
@table(read=trips.rows)
def the_table_as_of_is(context: Context, name: str) -> None:
    context.trips.read_version(name).must_hold(trips.rows(context.table))


@then("the table as of its first snapshot is")
@table(read=trips.rows)
def the_table_as_of_its_first_snapshot_is(context: Context) -> None:
    context.trips.read_version(context.trips.snapshots[0].id).must_hold(trips.rows(context.table))


@then("the table as of its latest snapshot is")
@table(read=trips.rows)
def the_table_as_of_its_latest_snapshot_is(context: Context) -> None:
    context.trips.read_version(context.trips.snapshots[-1].id).must_hold(trips.rows(context.table))


@then("these changes of the table are refused")
@table("change", "reason")
def these_changes_of_the_table_are_refused(context: Context) -> None:
    maintenance.must_refuse(context.trips, [(row["change"], row["reason"]) for row in context.table])
