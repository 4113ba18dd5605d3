"""Airflow: runs of DAGs, what became of them, and who may start them."""

from behave import given, register_type, then, when

from sparkproof.airflow.counted import Counted
from sparkproof.airflow.orchestrator import VIEWER, Airflow
from sparkproof.airflow.published import Publication
from sparkproof.airflow.runs import orders
from sparkproof.airflow.spark_work import SparkWork
from sparkproof.airflow.submission import Submission
from sparkproof.airflow.two_versions import AskedTwo
from sparkproof.iceberg import Table
from sparkproof.observability.metrics import Metrics
from sparkproof.platform.release import installed
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import table

register_type(**TYPES)


@given('a data engineer has run the "{dag:Dag}" DAG')
@when('a data engineer runs the "{dag:Dag}" DAG')
def a_data_engineer_has_run_the_dag(context: Context, dag: str) -> None:
    context.dag_run = Airflow.run_anew(context.platform, dag)
    context.add_cleanup(Table(context.session, context.dag_run.table).drop)


@when('a data engineer runs the "{dag:Dag}" DAG with {count:d} orders without an amount')
def a_data_engineer_runs_the_dag_with_orders_without_an_amount(context: Context, dag: str, count: int) -> None:
    context.dag_run = Airflow.run_anew(context.platform, dag, without_amount=count)
    context.add_cleanup(Table(context.session, context.dag_run.table).drop)


@given('a table that a run of the "{dag:Dag}" DAG has filled')
def a_table_that_a_run_of_the_dag_has_filled(context: Context, dag: str) -> None:
    context.dag_run = Airflow.run_anew(context.platform, dag).must_succeed()
    context.trips = Table(context.session, context.dag_run.table, commits=1)
    context.add_cleanup(context.trips.drop)


@when("another run of the DAG loads {count:d} orders without an amount")
def another_run_of_the_dag_loads_orders_without_an_amount(context: Context, count: int) -> None:
    known = context.dag_run
    context.dag_run = Airflow.of(context.platform).run(known.dag, known.table, without_amount=count)


@then("the run succeeds")
def the_run_succeeds(context: Context) -> None:
    context.dag_run.must_succeed()


@then('the run fails at "{task}" after {tries:d} tries because "{reason}"')
def the_run_fails_at_after_tries_because(context: Context, task: str, tries: int, reason: str) -> None:
    context.dag_run.must_fail(task, tries, reason)


@then('its task "{task}" did not run')
def its_task_did_not_run(context: Context, task: str) -> None:
    context.dag_run.must_have_stopped(task)


@then("executors of the platform did its work for Airflow's account")
def executors_of_the_platform_did_its_work_for_airflows_account(context: Context) -> None:
    context.dag_run.must_have_worked_on(context.platform)


@then("a data engineer finds in its table")
@table(read=orders)
def a_data_engineer_finds_in_its_table(context: Context) -> None:
    Table(context.session, context.dag_run.table).read().must_hold(orders(context.table))


@then("a data engineer finds no table of it")
def a_data_engineer_finds_no_table_of_it(context: Context) -> None:
    Table(context.session, context.dag_run.table).read().must_be_refused("TABLE_OR_VIEW_NOT_FOUND")


@then('the tasks "{first}" and "{second}" have the answer to "{statement}"')
def the_tasks_and_have_the_answer_to(context: Context, first: str, second: str, statement: str) -> None:
    answer = context.session.run(statement).rows[0][0]
    context.dag_run.must_have_handed_on(first, answer)
    context.dag_run.must_have_handed_on(second, answer)


@when('a viewer asks for the runs of the "{dag:Dag}" DAG')
def a_viewer_asks_for_the_runs_of_the_dag(context: Context, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).list_runs(dag, VIEWER)


@when('a viewer starts the "{dag:Dag}" DAG')
def a_viewer_starts_the_dag(context: Context, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).try_start(dag, VIEWER)


@when('somebody without a token asks for the runs of the "{dag:Dag}" DAG')
def somebody_without_a_token_asks_for_the_runs_of_the_dag(context: Context, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).list_runs_with("", dag)


@when('somebody with the token "{token}" asks for the runs of the "{dag:Dag}" DAG')
def somebody_with_the_token_asks_for_the_runs_of_the_dag(context: Context, token: str, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).list_runs_with(token, dag)


@when('somebody without a token starts the "{dag:Dag}" DAG')
def somebody_without_a_token_starts_the_dag(context: Context, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).try_start_with("", dag)


@when('somebody with the token "{token}" starts the "{dag:Dag}" DAG')
def somebody_with_the_token_starts_the_dag(context: Context, token: str, dag: str) -> None:
    context.airflow_reply = Airflow.of(context.platform).try_start_with(token, dag)


@then("Airflow shows that run")
def airflow_shows_that_run(context: Context) -> None:
    context.airflow_reply.must_list(context.dag_run.id)


@then('Airflow refuses with status {status:d} and "{reason}"')
def airflow_refuses_with_status_and(context: Context, status: int, reason: str) -> None:
    context.airflow_reply.must_be_refused(status, reason)


@when("a data engineer asks which files Airflow cannot read")
def a_data_engineer_asks_which_files_airflow_cannot_read(context: Context) -> None:
    context.airflow_reply = Airflow.of(context.platform).import_errors()


@then('Airflow names "{file}" alone, because of "{reason}"')
def airflow_names_alone_because_of(context: Context, file: str, reason: str) -> None:
    context.airflow_reply.must_name(file, reason)


@then('the "{dag:Dag}" DAG still runs')
def the_dag_still_runs(context: Context, dag: str) -> None:
    found = Airflow.run_anew(context.platform, dag)
    context.add_cleanup(Table(context.session, found.table).drop)
    found.must_succeed()


@when('a data engineer cancels a run of the "{dag:Dag}" DAG that is at work')
def a_data_engineer_cancels_a_run_of_the_dag_that_is_at_work(context: Context, dag: str) -> None:
    airflow = Airflow.of(context.platform)
    context.spark_work = SparkWork.begun(context.platform, airflow.start(dag))
    airflow.cancel(dag, context.spark_work.run)


@then("its work on Spark ends within a minute")
def its_work_on_spark_ends_within_a_minute(context: Context) -> None:
    context.spark_work.must_end_soon()


@then("its session on Spark is closed")
def its_session_on_spark_is_closed(context: Context) -> None:
    context.spark_work.must_have_closed_its_session(context.session.client)


@then("its session on Spark is still open")
def its_session_on_spark_is_still_open(context: Context) -> None:
    context.spark_work.must_have_left_its_session(context.session.client)


@then("its work on Spark ended with it")
def its_work_on_spark_ended_with_it(context: Context) -> None:
    SparkWork.of(context.platform, context.dag_run.id).must_have_ended()


@then("Airflow has the run as it was")
def airflow_has_the_run_as_it_was(context: Context) -> None:
    known = context.dag_run
    known.must_be_the_same_as(Airflow.of(context.platform).find(known.dag, known.id, known.table))


@when('a data engineer has a run submit the "{name:Application}" application in {mode:Mode} mode')
def a_data_engineer_has_a_run_submit_the_application_in_mode(context: Context, name: str, mode: str) -> None:
    context.submission = Submission.start(context.platform, name, mode)
    context.dag_run = context.submission.await_end()
    context.add_cleanup(Table(context.session, context.dag_run.table).drop)


@then("its driver ended with exit code {code:d}, as Spark's history says")
def its_driver_ended_with_exit_code_as_sparks_history_says(context: Context, code: int) -> None:
    context.submission.must_have_ended_with(code)


@when('a data engineer cancels a run that submitted the "{name:Application}" application in {mode:Mode} mode')
def a_data_engineer_cancels_a_run_that_submitted_the_application_in_mode(
    context: Context, name: str, mode: str
) -> None:
    context.submission = Submission.start_long(context.platform, name, mode)
    context.submission.cancel()


@then("no pod of the application is left within a minute")
def no_pod_of_the_application_is_left_within_a_minute(context: Context) -> None:
    context.submission.must_leave_nothing()


@then('its task "{task}" ran in a pod of its own and printed "{words}"')
def its_task_ran_in_a_pod_of_its_own_and_printed(context: Context, task: str, words: str) -> None:
    context.dag_run.must_have_run_in_a_pod(task, words, context.platform)


@when('a data engineer runs the "{dag:Dag}" DAG in the namespace "{namespace}"')
def a_data_engineer_runs_the_dag_in_the_namespace(context: Context, dag: str, namespace: str) -> None:
    context.dag_run = Airflow.of(context.platform).run(dag, "", namespace=namespace)


@given('the tasks of the "{dag:Dag}" DAG that Airflow has counted')
def the_tasks_of_the_dag_that_airflow_has_counted(context: Context, dag: str) -> None:
    metrics = Metrics.of(context.platform)
    context.counted = Counted.now(dag, lambda name, own: metrics.sum_of("airflow", name, dag_id=own))


@then("Airflow has counted {failures:d} more failed and {successes:d} more successful tasks of it")
def airflow_has_counted_more_failed_and_more_successful_tasks_of_it(
    context: Context, failures: int, successes: int
) -> None:
    context.counted.must_have_grown(failures, successes)


@when('the data team changes "{old}" to "{new}" in the file of the "{dag:Dag}" DAG')
def the_data_team_changes_to_in_the_file_of_the_dag(context: Context, old: str, new: str, dag: str) -> None:
    context.publication = Publication.of(context.platform, installed(context.platform).team.publish, dag)
    context.add_cleanup(context.publication.restore)
    context.publication.change(old, new)


@when('the data team takes the file of the "{dag:Dag}" DAG away')
def the_data_team_takes_the_file_of_the_dag_away(context: Context, dag: str) -> None:
    context.publication = Publication.of(context.platform, installed(context.platform).team.publish, dag)
    context.add_cleanup(context.publication.restore)
    context.publication.withdraw()


@then('within two minutes "{task}" of a run hands on {value:d}')
def within_two_minutes_of_a_run_hands_on(context: Context, task: str, value: int) -> None:
    context.publication.must_hand_on(task, value)


@then("within two minutes Airflow starts no run of it any more")
def within_two_minutes_airflow_starts_no_run_of_it_any_more(context: Context) -> None:
    context.publication.must_be_unknown()


@when('a run asks both platforms "{query}"')
def a_run_asks_both_platforms(context: Context, query: str) -> None:
    context.asked_two = AskedTwo.of(context.platform, context.second, query)
    context.dag_run = context.asked_two.run


@then('Spark {version:SparkVersion} of Airflow\'s own platform answered "{answer}"')
def spark_of_airflows_own_platform_answered(context: Context, version: str, answer: str) -> None:
    context.asked_two.must_be_answered_here(version, answer)


@then('Spark {version:SparkVersion} of the second platform answered "{answer}" to a pod of that version')
def spark_of_the_second_platform_answered_to_a_pod_of_that_version(context: Context, version: str, answer: str) -> None:
    context.asked_two.must_be_answered_there(version, answer)
