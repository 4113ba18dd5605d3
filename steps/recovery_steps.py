"""Drills: tables that are lost, brought back and compared with what they held."""

from behave import given, then, when

from sparkproof.operations.dropped import DroppedTable
from sparkproof.operations.files_lost import FilesLost
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.operations.store import ObjectStore
from sparkproof.suite.context import Context


@given("a fingerprint of the table was taken")
def a_fingerprint_of_the_table_was_taken(context: Context) -> None:
    context.fingerprint = Fingerprint.of(context.trips)


@when("every data file of the table is lost")
def every_data_file_of_the_table_is_lost(context: Context) -> None:
    context.files_lost = FilesLost.of(context.trips, ObjectStore.of(context.platform))


@when("a data engineer drops the table by mistake")
def a_data_engineer_drops_the_table_by_mistake(context: Context) -> None:
    context.dropped = DroppedTable.drop(context.trips)


@when("a data engineer drops the table with its files by mistake")
def a_data_engineer_drops_the_table_with_its_files_by_mistake(context: Context) -> None:
    context.dropped = DroppedTable.drop(context.trips, purge=True)


@when("the platform operator brings the table back from its last metadata file")
def the_platform_operator_brings_the_table_back_from_its_last_metadata_file(context: Context) -> None:
    context.recovery = context.dropped.bring_back(ObjectStore.of(context.platform), "last")


@when("the platform operator brings the table back from its first metadata file")
def the_platform_operator_brings_the_table_back_from_its_first_metadata_file(context: Context) -> None:
    context.recovery = context.dropped.bring_back(ObjectStore.of(context.platform), "first")


@then("the table's rows are still counted as before")
def the_tables_rows_are_still_counted_as_before(context: Context) -> None:
    context.files_lost.must_be_counted_as_before()


@then('no fingerprint of the table can be taken because "{reason}"')
def no_fingerprint_of_the_table_can_be_taken_because(context: Context, reason: str) -> None:
    context.files_lost.must_be_found_out(reason)


@then("the table has as many rows as before and another fingerprint")
def the_table_has_as_many_rows_as_before_and_another_fingerprint(context: Context) -> None:
    context.fingerprint.must_differ_with_as_many_rows(context.trips)


@then("each snapshot holds what it held before")
def each_snapshot_holds_what_it_held_before(context: Context) -> None:
    context.recovery.must_be_whole()


@then("what came back holds what it held before, and {count:d} commit is named as lost")
def what_came_back_holds_what_it_held_before_and_commit_is_named_as_lost(context: Context, count: int) -> None:
    context.recovery.must_have_lost(count)


@then("the recovery took at most {hours:d} hours and lost at most {hours_of_work:d} hours of work")
def the_recovery_took_at_most_hours_and_lost_at_most_hours_of_work(
    context: Context, hours: int, hours_of_work: int
) -> None:
    context.recovery.must_be_within(hours, hours_of_work)


@then('the table does not come back because "{reason}"')
def the_table_does_not_come_back_because(context: Context, reason: str) -> None:
    context.recovery.must_be_refused(reason)
