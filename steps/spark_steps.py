"""Spark: users' statements and applications, their answers, and the executors."""

from behave import given, register_type, then, when

from sparkproof.iceberg import Table
from sparkproof.platform.release import installed
from sparkproof.spark import application, trips
from sparkproof.spark.application import Application
from sparkproof.spark.at_work import ApplicationAtWork
from sparkproof.spark.eviction import Eviction
from sparkproof.spark.executors import Executors
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.query import Query
from sparkproof.spark.standalone import StandaloneCluster
from sparkproof.spark.work import Ending, ExecutorLoss, FairSharing, Work
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given('a data engineer has run "{statement}"')
def a_data_engineer_has_run(context: Context, statement: str) -> None:
    context.answer = context.session.sql(statement)


@given('a data engineer has seen "{statement}" refused because "{reason}"')
def a_data_engineer_has_seen_refused_because(context: Context, statement: str, reason: str) -> None:
    context.answer = context.session.sql(statement)
    context.answer.must_be_refused(reason)


@when('a data engineer runs "{statement}"')
def a_data_engineer_runs(context: Context, statement: str) -> None:
    context.answer = context.session.sql(statement)


@when("a data engineer runs")
def a_data_engineer_runs(context: Context) -> None:
    context.answer = context.session.sql(context.text)


@given("a query for {count:d} executors under way")
@given("a query for one executor under way")
def a_query_for_executors_under_way(context: Context, count: int = 1) -> None:
    context.query = Query.start(context.platform, executors=count)
    context.add_cleanup(context.query.end)


@when("a data engineer starts a query for {count:d} executors")
@when("a data engineer starts a query for one executor")
def a_data_engineer_starts_a_query_for_executors(context: Context, count: int = 1) -> None:
    context.query = Query.start(context.platform, executors=count)
    context.add_cleanup(context.query.end)


@then("the query is answered")
def the_query_is_answered(context: Context) -> None:
    context.query.must_be_answered()


@then('the query times out with "{reason}"')
def the_query_times_out_with(context: Context, reason: str) -> None:
    context.query.must_wait_because(reason)


@when("the data team runs work for {count:d} executors")
def the_data_team_runs_work_for_executors(context: Context, count: int) -> None:
    context.work = Work.run(context.platform, executors=count)


@when("a data engineer runs a short query while work for {count:d} executors runs")
def a_data_engineer_runs_a_short_query_while_work_for_executors_runs(context: Context, count: int) -> None:
    context.sharing = FairSharing.during_work(context.platform, executors=count)


@then("the short query is answered first")
def the_short_query_is_answered_first(context: Context) -> None:
    context.sharing.must_have_been_answered_first()


@when("the platform operator kills a busy executor")
def the_platform_operator_kills_a_busy_executor(context: Context) -> None:
    context.loss = ExecutorLoss.during_work(context.platform, Ending.KILLED)
    context.work = context.loss.work


@when("the platform operator decommissions a busy executor")
def the_platform_operator_decommissions_a_busy_executor(context: Context) -> None:
    context.loss = ExecutorLoss.during_work(context.platform, Ending.DELETED)
    context.work = context.loss.work


@when("the platform operator evicts a busy executor")
def the_platform_operator_evicts_a_busy_executor(context: Context) -> None:
    context.loss = ExecutorLoss.during_work(context.platform, Ending.EVICTED)
    context.work = context.loss.work


@when("the platform operator evicts a busy executor without notice")
def the_platform_operator_evicts_a_busy_executor_without_notice(context: Context) -> None:
    context.loss = ExecutorLoss.during_work(context.platform, Ending.EVICTED_AT_ONCE)
    context.work = context.loss.work


@when("the platform operator evicts the Connect server")
def the_platform_operator_evicts_the_connect_server(context: Context) -> None:
    context.eviction = Eviction.of(context.platform.workloads, "connect")


@then("the eviction is refused by the Connect server's disruption budget")
def the_eviction_is_refused_by_the_connect_servers_disruption_budget(context: Context) -> None:
    context.eviction.must_be_refused_by(f"{context.platform.workloads.release}-connect")


@then("the eviction takes place")
def the_eviction_takes_place(context: Context) -> None:
    context.eviction.must_have_taken_place()


@then("the evicted executor handed over its work")
def the_evicted_executor_handed_over_its_work(context: Context) -> None:
    context.loss.must_have_been_handed_over()


@then("the evicted executor handed nothing over")
def the_evicted_executor_handed_nothing_over(context: Context) -> None:
    context.loss.must_have_handed_nothing_over()


@when("the platform operator kills the driver")
def the_platform_operator_kills_the_driver(context: Context) -> None:
    context.executors = installed(context.platform).kill_driver()


@when("the platform operator kills the master")
def the_platform_operator_kills_the_master(context: Context) -> None:
    StandaloneCluster.of(context.platform).kill_master()


@when('a data engineer runs "{statement}" in a new session')
def a_data_engineer_runs_in_a_new_session(context: Context, statement: str) -> None:
    context.answer = context.platform.open_session().sql(statement)


@when('the data team submits the "{name:Application}" application in {mode:Mode} mode')
def the_data_team_submits_the_application_in_mode(context: Context, name: str, mode: str) -> None:
    context.application = Application.submit(
        context.platform, name, mode, context.platform.catalogs.unused_table("result")
    )
    context.add_cleanup(Table(context.session, context.application.table).drop)


@given('its "{name:Application}" application is at work in {mode:Mode} mode')
def its_application_is_at_work_in_mode(context: Context, name: str, mode: str) -> None:
    table = context.platform.catalogs.unused_table("result")
    context.submitted = ApplicationAtWork.begin(context.platform, name, mode, table)
    context.add_cleanup(context.submitted.end)


@when("the application's driver is killed without notice")
def the_applications_driver_is_killed_without_notice(context: Context) -> None:
    context.driver_loss = context.submitted.kill_driver()


@then("within {seconds:d} seconds no executor of the application is left")
def within_seconds_no_executor_of_the_application_is_left(context: Context, seconds: int) -> None:
    context.driver_loss.must_leave_no_executors(seconds)


@then("its submission does not end as that of an application that succeeds")
def its_submission_does_not_end_as_that_of_an_application_that_succeeds(context: Context) -> None:
    context.driver_loss.must_fail_the_submission()


@then("the answer is")
@table(read=trips.rows)
def the_answer_is(context: Context) -> None:
    context.answer.must_hold(trips.rows(context.table))


@then("the answer is the single value {value:d}")
def the_answer_is_the_single_value(context: Context, value: int) -> None:
    context.answer.must_hold([(value,)])


@then('the answer is the single value "{text}"')
def the_answer_is_the_single_value(context: Context, text: str) -> None:
    context.answer.must_hold([(text,)])


@then("the answer is the version that the client has")
def the_answer_is_the_version_that_the_client_has(context: Context) -> None:
    context.answer.must_hold([(context.session.client_version,)])


@then('the answer is refused because "{reason}"')
def the_answer_is_refused_because(context: Context, reason: str) -> None:
    context.answer.must_be_refused(reason)


@then("executors did the work")
def executors_did_the_work(context: Context) -> None:
    context.platform.history.must_have_run_on_executors(context.answer.tag)


@then("the work gives the right answer")
def the_work_gives_the_right_answer(context: Context) -> None:
    context.work.must_be_right()


@then("at least {count:d} executors took part")
def at_least_executors_took_part(context: Context, count: int) -> None:
    context.work.must_have_had_at_least(count)


@then("never more than {count:d} executors took part")
def never_more_than_executors_took_part(context: Context, count: int) -> None:
    context.work.must_have_had_at_most(count)


@then("{count:d} executors remain")
def executors_remain(context: Context, count: int) -> None:
    Executors.of(context.platform).must_be(count)


@then("no task was lost")
def no_task_was_lost(context: Context) -> None:
    context.loss.must_have_lost_nothing()


@then("the lost tasks were run again")
def the_lost_tasks_were_run_again(context: Context) -> None:
    context.loss.must_have_been_made_good()


@then("the driver owns its executors")
def the_driver_owns_its_executors(context: Context) -> None:
    Executors.of(context.platform).must_belong_to_the_driver()


@then("the executors of the killed driver are removed")
def the_executors_of_the_killed_driver_are_removed(context: Context) -> None:
    Executors.of(context.platform).must_be_gone(context.executors)


@then("the standalone cluster runs the platform's sessions")
def the_standalone_cluster_runs_the_platforms_sessions(context: Context) -> None:
    StandaloneCluster.of(context.platform).must_run_the_connect_server()


@then("the platform's sessions have had no executor yet")
def the_platforms_sessions_have_had_no_executor_yet(context: Context) -> None:
    StandaloneCluster.of(context.platform).must_await_workers()


@then("{count:d} workers take work")
def workers_take_work(context: Context, count: int) -> None:
    StandaloneCluster.of(context.platform).must_have_workers(count)


@then("the application succeeds")
def the_application_succeeds(context: Context) -> None:
    context.application.must_succeed()


@then("the application fails with exit code {code:d}")
def the_application_fails_with_exit_code(context: Context, code: int) -> None:
    context.application.must_end_with(code)


@then("the application's result is")
@table("word", "times", read=application.counted)
def the_applications_result_is(context: Context) -> None:
    context.application.must_have_written(context.session, application.counted(context.table))


@then("executors did the application's work")
def executors_did_the_applications_work(context: Context) -> None:
    context.application.must_have_run_on_executors(context.platform)


@then("the history shows that the statement succeeded")
def the_history_shows_that_the_statement_succeeded(context: Context) -> None:
    HistoryServer.of(context.platform).must_show(context.ended, context.answer.tag, "SUCCEEDED")


@then("the history shows that the statement failed")
def the_history_shows_that_the_statement_failed(context: Context) -> None:
    HistoryServer.of(context.platform).must_show(context.ended, context.answer.tag, "FAILED")
