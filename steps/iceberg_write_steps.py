"""Changes of an Iceberg table's rows: their files, concurrent writers, and writers that are killed."""

from behave import given, then, when

from sparkproof.iceberg import layout, maintenance
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.race import Race
from sparkproof.platform.release import installed
from sparkproof.spark import trips
from sparkproof.suite.context import Context


@given('the table keeps {changes} "{mode}"')
def the_table_keeps(context: Context, changes: str, mode: str) -> None:
    maintenance.keep(context.trips, changes, mode).must_succeed()


@given("a second data engineer")
def a_second_data_engineer(context: Context) -> None:
    context.colleague = context.platform.open_session_apart()
    context.add_cleanup(context.colleague.client.close)
    context.add_cleanup(context.colleague.close)


@given("the second data engineer has read the table")
def the_second_data_engineer_has_read_the_table(context: Context) -> None:
    context.trips.seen_by(context.colleague).read().must_succeed()


@when("both add a trip at the same time, {rounds:d} times")
def both_add_a_trip_at_the_same_time_times(context: Context, rounds: int) -> None:
    context.race = Race.to_add(context.trips, context.colleague, rounds=rounds)


@when("both add or raise the same trip at the same time, {rounds:d} times")
def both_add_or_raise_the_same_trip_at_the_same_time_times(context: Context, rounds: int) -> None:
    context.race = Race.to_raise(context.trips, context.colleague, rounds=rounds)


@when("the platform is killed while it commits one of these trips, and comes back")
def the_platform_is_killed_while_it_commits_one_of_these_trips_and_comes_back(context: Context) -> None:
    context.commit = KilledCommit.kill_mid_commit(context.trips, trips.rows(context.table), context.platform)
    installed(context.platform).must_come_back()
    context.trips.session = context.platform.open_session()


@then("the old files are replaced")
def the_old_files_are_replaced(context: Context) -> None:
    layout.must_have_replaced_files(context.trips)


@then("the old files stay, with deletes beside them")
def the_old_files_stay_with_deletes_beside_them(context: Context) -> None:
    layout.must_have_kept_files(context.trips)


@then("every change was accepted")
def every_change_was_accepted(context: Context) -> None:
    context.race.must_all_be_accepted()


@then("one was accepted each time, and refused was only who came second")
def one_was_accepted_each_time_and_refused_was_only_who_came_second(context: Context) -> None:
    context.race.must_have_accepted_one_each()


@then("the table has all that was accepted, once")
def the_table_has_all_that_was_accepted_once(context: Context) -> None:
    context.race.must_be_in(context.trips)


@then("the second data engineer reads")
def the_second_data_engineer_reads(context: Context) -> None:
    context.trips.seen_by(context.colleague).must_hold(trips.rows(context.table))


@then("the table is as it was before that trip")
def the_table_is_as_it_was_before_that_trip(context: Context) -> None:
    context.commit.must_have_left(context.trips)


@then("it takes new trips")
def it_takes_new_trips(context: Context) -> None:
    context.commit.must_accept_new_rows(context.trips, trips.rows(context.table))
