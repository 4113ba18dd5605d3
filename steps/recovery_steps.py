"""Drills: tables that are lost, brought back and compared with what they held."""

from behave import given, register_type, then, when

from sparkproof.iceberg.store import ObjectStore
from sparkproof.operations.backup import Backups
from sparkproof.operations.drill import Drill
from sparkproof.operations.dropped import DroppedTable
from sparkproof.operations.files_lost import FilesLost
from sparkproof.operations.fingerprint import Fingerprint
from sparkproof.operations.kept_volume import KeptVolume
from sparkproof.operations.retention import KeptBackups
from sparkproof.platform.release import elsewhere, installed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


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


@given("half of the generated trips in a table of each catalog that is kept in a database")
def half_of_the_generated_trips_in_a_table_of_each_catalog_that_is_kept_in_a_database(context: Context) -> None:
    context.generated = context.suite.generated_trips()
    context.drill = Drill.of(context.platform, context.session, context.generated)
    context.add_cleanup(context.drill.drop)


@given("a data engineer adds trips to the tables all the time")
def a_data_engineer_adds_trips_to_the_tables_all_the_time(context: Context) -> None:
    context.drill.write()


@given("the platform operator took a backup meanwhile")
def the_platform_operator_took_a_backup_meanwhile(context: Context) -> None:
    context.drill.back_up()


@given("the platform operator took a backup")
def the_platform_operator_took_a_backup(context: Context) -> None:
    Backups.of(context.platform).make().must_be_done()


@given("the newest backup {harm:Harm}")
def the_newest_backup(context: Context, harm: str) -> None:
    Backups.of(context.platform).harm(harm)


@given("the platform has as many backups as it keeps")
def the_platform_has_as_many_backups_as_it_keeps(context: Context) -> None:
    context.kept_backups = KeptBackups.have(context.platform)


@given("the platform has one backup fewer than it keeps")
def the_platform_has_one_backup_fewer_than_it_keeps(context: Context) -> None:
    context.kept_backups = KeptBackups.have(context.platform, fewer=1)


@given("somebody else takes a backup")
def somebody_else_takes_a_backup(context: Context) -> None:
    backups = Backups.of(context.platform)
    context.add_cleanup(backups.let_go, backups.hold())


@when("the platform loses its {what:Volumes}")
def the_platform_loses_its(context: Context, what: str) -> None:
    context.drill.lose(what)


@given("the volume of the backups outlives its namespace")
def the_volume_of_the_backups_outlives_its_namespace(context: Context) -> None:
    context.kept_volume = KeptVolume.of(context.platform.workloads, "backup")
    context.add_cleanup(context.kept_volume.let_go)


@when("somebody deletes the platform's namespace")
def somebody_deletes_the_platforms_namespace(context: Context) -> None:
    context.drill.lose_namespace(installed(context.platform))


@when("the platform operator installs the platform in another namespace, on the volume of its backups")
def the_platform_operator_installs_the_platform_in_another_namespace_on_the_volume_of_its_backups(
    context: Context,
) -> None:
    context.team = context.suite.team()
    context.add_cleanup(context.suite.remove, context.team)
    context.platform = context.drill.move(
        elsewhere(installed(context.platform), context.team, context.kept_volume.claim_in(context.team.namespace))
    )


@when("the platform operator restores the newest backup")
def the_platform_operator_restores_the_newest_backup(context: Context) -> None:
    context.recovery = context.drill.restore(installed(context.platform))


@when("the platform operator restores the objects of the newest backup alone")
def the_platform_operator_restores_the_objects_of_the_newest_backup_alone(context: Context) -> None:
    context.recovery = context.drill.restore(installed(context.platform), "objects")


@when("the next minute is the time of the schedule")
def the_next_minute_is_the_time_of_the_schedule(context: Context) -> None:
    context.backup = Backups.of(context.platform).make_when_it_is_time()


@when("the platform operator checks the newest backup")
def the_platform_operator_checks_the_newest_backup(context: Context) -> None:
    context.backup = Backups.of(context.platform).check()


@when("the platform operator takes a backup")
def the_platform_operator_takes_a_backup(context: Context) -> None:
    context.backup = Backups.of(context.platform).make()


@when("the platform operator takes a backup on a volume that is full")
def the_platform_operator_takes_a_backup_on_a_volume_that_is_full(context: Context) -> None:
    context.backup = Backups.of(context.platform).make_on_a_full_volume()


@then("what was committed before the backup is there, and what came after is named as lost")
def what_was_committed_before_the_backup_is_there_and_what_came_after_is_named_as_lost(context: Context) -> None:
    context.recovery.must_have_what_was_acknowledged()


@then("the backup is taken")
def the_backup_is_taken(context: Context) -> None:
    context.backup.must_be_done()


@then("the backup can be restored")
def the_backup_can_be_restored(context: Context) -> None:
    context.backup.must_be_done()


@then('the backup is refused because "{reason}"')
def the_backup_is_refused_because(context: Context, reason: str) -> None:
    context.backup.must_be_refused(reason)


@then("the oldest backup is gone, and the others can be restored")
def the_oldest_backup_is_gone_and_the_others_can_be_restored(context: Context) -> None:
    context.kept_backups.must_have_lost_the_oldest(context.backup)


@then("no backup is gone")
def no_backup_is_gone(context: Context) -> None:
    context.kept_backups.must_have_lost_none(context.backup)
