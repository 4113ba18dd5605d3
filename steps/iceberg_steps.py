"""Iceberg tables: writing, changing, reading, and reading an earlier state."""

from behave import given, then, when

from sparkproof.iceberg import Table
from sparkproof.spark import trips
from sparkproof.suite.suite import CATALOGS


@given("a table of taxi trips")
def a_table_of_taxi_trips(context):
    context.trips = Table.create(context.session, context.suite.table_name("trips"), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)
    context.trips.append(trips.rows(context.table))


@given('a table of taxi trips in the "{kind}" catalog')
def a_table_of_taxi_trips_in_the_catalog(context, kind):
    context.trips = Table.create(context.session, context.suite.table_name("trips", kind), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)
    context.trips.append(trips.rows(context.table))


@given('an empty table of taxi trips in the "{kind}" catalog')
def an_empty_table_of_taxi_trips_in_the_catalog(context, kind):
    context.trips = Table.create(context.session, context.suite.table_name("trips", kind), trips.COLUMNS)
    context.add_cleanup(context.trips.drop)


@given("these trips were added later")
def these_trips_were_added_later(context):
    context.trips.append(trips.rows(context.table))


@given('the table was altered by "{change}"')
def the_table_was_altered_by(context, change):
    context.trips.alter(change).must_succeed()


@given('the first snapshot is tagged "{name}"')
def the_first_snapshot_is_tagged(context, name):
    context.trips.name_snapshot("tag", name, context.trips.snapshots[0]).must_succeed()


@given('a branch "{name}" of the first snapshot')
def a_branch_of_the_first_snapshot(context, name):
    context.trips.name_snapshot("branch", name, context.trips.snapshots[0]).must_succeed()


@given('a branch "{name}" of the latest snapshot')
def a_branch_of_the_latest_snapshot(context, name):
    context.trips.name_snapshot("branch", name, context.trips.snapshots[-1]).must_succeed()


@given('these trips were added to the branch "{name}"')
def these_trips_were_added_to_the_branch(context, name):
    context.trips.branch(name).append(trips.rows(context.table))


@given("the table was rolled back to its first snapshot")
def the_table_was_rolled_back_to_its_first_snapshot(context):
    context.trips.roll_back(context.trips.snapshots[0].id).must_succeed()


@when("a data engineer reads the table")
def a_data_engineer_reads_the_table(context):
    context.answer = context.trips.read()


@when("another data engineer reads the table")
def another_data_engineer_reads_the_table(context):
    context.answer = context.trips.seen_by(context.release.open_session()).read()


@when('a data engineer looks for the table in the "{kind}" catalog')
def a_data_engineer_looks_for_the_table_in_the_catalog(context, kind):
    context.answer = context.trips.read_in(CATALOGS[kind])


@when("somebody with a wrong secret for the object store reads the table")
def somebody_with_a_wrong_secret_for_the_object_store_reads_the_table(context):
    context.answer = context.trips.read_with(context.release.access_key, "wrong")


@when('a data engineer reads the columns "{columns}" of the table')
def a_data_engineer_reads_the_columns_of_the_table(context, columns):
    context.answer = context.trips.read(columns)


@when("a data engineer reads the table as of its first snapshot")
def a_data_engineer_reads_the_table_as_of_its_first_snapshot(context):
    context.answer = context.trips.read_version(context.trips.snapshots[0].id)


@when("a data engineer reads the table as of the moment of its first snapshot")
def a_data_engineer_reads_the_table_as_of_the_moment_of_its_first_snapshot(context):
    context.answer = context.trips.read_timestamp(context.trips.snapshots[0].committed_at)


@when('a data engineer tags the first snapshot "{name}"')
def a_data_engineer_tags_the_first_snapshot(context, name):
    context.trips.name_snapshot("tag", name, context.trips.snapshots[0]).must_succeed()


@when("a data engineer reads the table as of snapshot {snapshot:d}")
def a_data_engineer_reads_the_table_as_of_snapshot(context, snapshot):
    context.answer = context.trips.read_version(snapshot)


@when('a data engineer reads the table as of the moment "{moment}"')
def a_data_engineer_reads_the_table_as_of_the_moment(context, moment):
    context.answer = context.trips.read_timestamp(moment)


@when('a data engineer reads the table as of the name "{name}"')
def a_data_engineer_reads_the_table_as_of_the_name(context, name):
    context.answer = context.trips.read_version(name)


@when("a data engineer rolls the table back to its first snapshot")
def a_data_engineer_rolls_the_table_back_to_its_first_snapshot(context):
    context.trips.roll_back(context.trips.snapshots[0].id).must_succeed()


@when("a data engineer rolls the table back to snapshot {snapshot:d}")
def a_data_engineer_rolls_the_table_back_to_snapshot(context, snapshot):
    context.answer = context.trips.roll_back(snapshot)


@when('a data engineer adds these trips to the branch "{name}"')
def a_data_engineer_adds_these_trips_to_the_branch(context, name):
    context.trips.branch(name).append(trips.rows(context.table))


@when('a data engineer publishes the branch "{name}"')
def a_data_engineer_publishes_the_branch(context, name):
    context.answer = context.trips.publish(name)


@then("the table still holds")
def the_table_still_holds(context):
    context.trips.seen_by(context.release.open_session()).must_still_hold(trips.rows(context.table))


@then("the table is unchanged")
def the_table_is_unchanged(context):
    context.trips.must_be_unchanged()


@then("the table holds")
def the_table_holds(context):
    context.trips.must_hold(trips.rows(context.table))


@then('the table as of "{name}" is')
def the_table_as_of_is(context, name):
    context.trips.read_version(name).must_hold(trips.rows(context.table))


@then("the table as of its latest snapshot is")
def the_table_as_of_its_latest_snapshot_is(context):
    context.trips.read_version(context.trips.snapshots[-1].id).must_hold(trips.rows(context.table))


@then("these changes of the table are refused")
def these_changes_of_the_table_are_refused(context):
    context.trips.must_refuse([(row["change"], row["reason"]) for row in context.table])
