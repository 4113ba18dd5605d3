"""Changes of an Iceberg table's rows: their files, concurrent writers, and writers that are killed."""

from behave import given, register_type, then, when

from sparkproof.iceberg import layout, lock, maintenance
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.lock import HeldLock, LockedWrite
from sparkproof.iceberg.race import Race
from sparkproof.iceberg.reader import Reader
from sparkproof.iceberg.store import ObjectStore
from sparkproof.platform.release import installed
from sparkproof.spark import trips
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given('the table writes {changes} as "{mode}"')
def the_table_writes_as(context: Context, changes: str, mode: str) -> None:
    maintenance.keep(context.trips, changes, mode).must_succeed()


@given("a second data engineer")
def a_second_data_engineer(context: Context) -> None:
    context.colleague = context.platform.open_session_apart()
    context.add_cleanup(context.colleague.client.close)
    context.add_cleanup(context.colleague.close)


@given("the second data engineer has read the table")
def the_second_data_engineer_has_read_the_table(context: Context) -> None:
    context.trips.seen_by(context.colleague).read().must_succeed()


@given("somebody else holds the lock of the table")
def somebody_else_holds_the_lock_of_the_table(context: Context) -> None:
    context.lock = HeldLock.take(context.trips, context.platform)
    context.add_cleanup(context.lock.give_back)


@when("a data engineer adds trips, and the lock is given back {seconds:d} seconds later")
@table(read=trips.rows)
def a_data_engineer_adds_trips_and_the_lock_is_given_back_seconds_later(context: Context, seconds: int) -> None:
    context.locked_write = LockedWrite.meanwhile(context.lock, trips.rows(context.table), seconds)


@when("a data engineer who tries to get a lock for {seconds:d} seconds adds trips")
@table(read=trips.rows)
def a_data_engineer_who_tries_to_get_a_lock_for_seconds_adds_trips(context: Context, seconds: int) -> None:
    context.answer = lock.impatient(context.trips, trips.rows(context.table), seconds)


@when("whoever holds the lock is killed")
def whoever_holds_the_lock_is_killed(context: Context) -> None:
    context.lock.die()


@then("a data engineer's change is refused at first, and accepted within {minutes:d} minutes")
@table(read=trips.rows)
def a_data_engineers_change_is_refused_at_first_and_accepted_within_minutes(context: Context, minutes: int) -> None:
    context.lock.must_be_given_up(trips.rows(context.table), minutes)


@then("the change waited for the lock, and was accepted")
def the_change_waited_for_the_lock_and_was_accepted(context: Context) -> None:
    context.locked_write.must_have_waited()


@when("both data engineers add a trip at the same time, {rounds:d} times")
def both_data_engineers_add_a_trip_at_the_same_time_times(context: Context, rounds: int) -> None:
    context.race = Race.to_add(context.trips, context.colleague, rounds=rounds)


@when("both data engineers add the same trip or raise its fare at the same time, {rounds:d} times")
def both_data_engineers_add_the_same_trip_or_raise_its_fare_at_the_same_time_times(
    context: Context, rounds: int
) -> None:
    context.race = Race.to_raise(context.trips, context.colleague, rounds=rounds)


@when("the platform is killed while it commits one of these trips, and comes back")
@table(read=trips.rows)
def the_platform_is_killed_while_it_commits_one_of_these_trips_and_comes_back(context: Context) -> None:
    context.commit = KilledCommit.kill_mid_commit(context.trips, trips.one_by_one(context.table), context.platform)
    installed(context.platform).must_come_back(since=context.commit.since)
    context.trips.session = context.platform.open_session()


@when("the platform is killed while it commits {count:d} trips at a time and the reader counts, and comes back")
def the_platform_is_killed_while_it_commits_trips_at_a_time_and_the_reader_counts_and_comes_back(
    context: Context, count: int
) -> None:
    context.commit = context.reader.killed_mid_commit(context.trips, trips.batches(8, count))
    installed(context.platform).must_come_back(since=context.commit.since)
    context.trips.session = context.platform.open_session()


@when("the platform is killed while it commits {count:d} trips one by one, and comes back")
def the_platform_is_killed_while_it_commits_trips_one_by_one_and_comes_back(context: Context, count: int) -> None:
    context.commit = KilledCommit.kill_mid_commit(context.trips, trips.batches(count, 1), context.platform)
    installed(context.platform).must_come_back(since=context.commit.since)
    context.trips.session = context.platform.open_session()


@when("the platform is killed when it has committed these trips, and comes back")
@table(read=trips.rows)
def the_platform_is_killed_when_it_has_committed_these_trips_and_comes_back(context: Context) -> None:
    context.commit = KilledCommit.kill_after_commit(context.trips, trips.rows(context.table), context.platform)
    installed(context.platform).must_come_back(since=context.commit.since)
    context.trips.session = context.platform.open_session()


@given("a reader with a driver of its own counts the trips in {way:WayToRead} all the time")
def a_reader_with_a_driver_of_its_own_counts_the_trips_in_all_the_time(context: Context, way: str) -> None:
    context.reader = Reader.start(context.trips, context.platform, way)
    context.add_cleanup(context.reader.stop)


@then("the reader saw only whole commits")
def the_reader_saw_only_whole_commits(context: Context) -> None:
    context.reader.finish()
    context.reader.must_have_seen_whole_commits(context.commit)


@then("the reader saw trips that nobody has committed")
def the_reader_saw_trips_that_nobody_has_committed(context: Context) -> None:
    context.reader.finish()
    context.reader.must_have_seen_more(context.commit)


@then("the old files are replaced")
def the_old_files_are_replaced(context: Context) -> None:
    layout.must_have_replaced_files(context.trips)


@then("the old files stay, with delete files beside them")
def the_old_files_stay_with_delete_files_beside_them(context: Context) -> None:
    layout.must_have_kept_files(context.trips)


@then("every change was accepted")
def every_change_was_accepted(context: Context) -> None:
    context.race.must_all_be_accepted()


@then("one change was accepted each time, and only conflicting changes were refused")
def one_change_was_accepted_each_time_and_only_conflicting_changes_were_refused(context: Context) -> None:
    context.race.must_have_accepted_one_each()


@then("the table has each accepted change exactly once")
def the_table_has_each_accepted_change_exactly_once(context: Context) -> None:
    context.race.must_be_in(context.trips)


@then("the second data engineer reads")
@table(read=trips.rows)
def the_second_data_engineer_reads(context: Context) -> None:
    context.trips.seen_by(context.colleague).must_hold(trips.rows(context.table))


@then("the table is as it was before the killed commit")
def the_table_is_as_it_was_before_the_killed_commit(context: Context) -> None:
    context.commit.must_have_left(context.trips)


@then("the table accepts new trips")
@table(read=trips.rows)
def the_table_accepts_new_trips(context: Context) -> None:
    context.commit.must_accept_new_rows(context.trips, trips.rows(context.table))


@then("the files that the killed writer left can be removed, and the table reads as before")
def the_files_that_the_killed_writer_left_can_be_removed_and_the_table_reads_as_before(context: Context) -> None:
    context.commit.must_be_tidied(context.trips, ObjectStore.of(context.platform))
