"""Spark: what users run, what it answers, and the executors that do the work."""

from behave import given, then, when

from sparkproof.iceberg import Table
from sparkproof.spark import application, trips


@given('a data engineer has run "{statement}"')
def a_data_engineer_has_run(context, statement):
    context.answer = context.session.sql(statement)


@when('a data engineer runs "{statement}"')
def a_data_engineer_runs(context, statement):
    context.answer = context.session.sql(statement)


@when("a data engineer runs")
def a_data_engineer_runs(context):
    context.answer = context.session.sql(context.text)


@given("a query for {count:d} executors under way")
@given("a query for one executor under way")
def a_query_for_executors_under_way(context, count=1):
    context.query = context.release.start_query(executors=count)
    context.add_cleanup(context.query.end)


@when("a data engineer starts a query for {count:d} executors")
@when("a data engineer starts a query for one executor")
def a_data_engineer_starts_a_query_for_executors(context, count=1):
    context.query = context.release.start_query(executors=count)
    context.add_cleanup(context.query.end)


@then('the query times out with "{reason}"')
def the_query_times_out_with(context, reason):
    context.query.must_wait_because(reason)


@when("the data team runs work for {count:d} executors")
def the_data_team_runs_work_for_executors(context, count):
    context.work = context.release.work(executors=count)


@when("a data engineer runs a short query while work for {count:d} executors runs")
def a_data_engineer_runs_a_short_query_while_work_for_executors_runs(context, count):
    context.sharing = context.release.work_beside_a_short_query(executors=count)


@then("the short query is answered first")
def the_short_query_is_answered_first(context):
    context.sharing.must_have_been_answered_first()


@when("the platform operator kills a busy executor")
def the_platform_operator_kills_a_busy_executor(context):
    context.loss = context.release.work_while_an_executor_goes(killed=True)
    context.work = context.loss.work


@when("the platform operator decommissions a busy executor")
def the_platform_operator_decommissions_a_busy_executor(context):
    context.loss = context.release.work_while_an_executor_goes(killed=False)
    context.work = context.loss.work


@when("the platform operator kills the driver")
def the_platform_operator_kills_the_driver(context):
    context.executors = context.release.kill_driver()


@when("the platform operator kills the master")
def the_platform_operator_kills_the_master(context):
    context.release.standalone.kill_master()


@when('a data engineer runs "{statement}" in a new session')
def a_data_engineer_runs_in_a_new_session(context, statement):
    context.answer = context.release.open_session().sql(statement)


@when('the data team submits the "{name}" application in {mode} mode')
def the_data_team_submits_the_application_in_mode(context, name, mode):
    context.application = context.release.submit(name, mode, context.suite.table_name("result"))
    context.add_cleanup(Table(context.session, context.application.table).drop)


@then("the answer is")
def the_answer_is(context):
    context.answer.must_hold(trips.rows(context.table))


@then("the answer is the single value {value:d}")
def the_answer_is_the_single_value(context, value):
    context.answer.must_hold([(value,)])


@then('the answer is the single value "{text}"')
def the_answer_is_the_single_value(context, text):
    context.answer.must_hold([(text,)])


@then("the answer is the version that the client has")
def the_answer_is_the_version_that_the_client_has(context):
    context.answer.must_hold([(context.session.client_version,)])


@then('the answer is refused because "{reason}"')
def the_answer_is_refused_because(context, reason):
    context.answer.must_be_refused(reason)


@then("executors did the work")
def executors_did_the_work(context):
    context.release.history.must_have_run_on_executors(context.answer.tag)


@then("the work gives the right answer")
def the_work_gives_the_right_answer(context):
    context.work.must_be_right()


@then("at least {count:d} executors took part")
def at_least_executors_took_part(context, count):
    context.work.must_have_had_at_least(count)


@then("never more than {count:d} executors took part")
def never_more_than_executors_took_part(context, count):
    context.work.must_have_had_at_most(count)


@then("{count:d} executors remain")
def executors_remain(context, count):
    context.release.must_have_executors(count)


@then("no task was lost")
def no_task_was_lost(context):
    context.loss.must_have_lost_nothing()


@then("the lost tasks were run again")
def the_lost_tasks_were_run_again(context):
    context.loss.must_have_been_made_good()


@then("the driver owns its executors")
def the_driver_owns_its_executors(context):
    context.release.must_own_its_executors()


@then("the executors of the killed driver are removed")
def the_executors_of_the_killed_driver_are_removed(context):
    context.release.must_have_lost(context.executors)


@then("the standalone cluster runs the platform's sessions")
def the_standalone_cluster_runs_the_platforms_sessions(context):
    context.release.standalone.must_run(f"{context.release.name}-connect")


@then("{count:d} workers take work")
def workers_take_work(context, count):
    context.release.standalone.must_have_workers(count)


@then("the application succeeds")
def the_application_succeeds(context):
    context.application.must_succeed()


@then("the application fails with exit code {code:d}")
def the_application_fails_with_exit_code(context, code):
    context.application.must_end_with(code)


@then("the application's result is")
def the_applications_result_is(context):
    context.application.must_have_written(context.session, application.counted(context.table))


@then("the history shows that the statement succeeded")
def the_history_shows_that_the_statement_succeeded(context):
    context.release.archive.must_show(context.ended, context.answer.tag, "SUCCEEDED")


@then("the history shows that the statement failed")
def the_history_shows_that_the_statement_failed(context):
    context.release.archive.must_show(context.ended, context.answer.tag, "FAILED")
