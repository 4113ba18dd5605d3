"""Runs of Airflow that are interrupted: they wait over a restart, or their worker is stopped or killed amid its work."""

from behave import given, register_type, then, when

from sparkproof.airflow.at_work import RunAtWork
from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.waiting import WaitingRun
from sparkproof.iceberg import Table
from sparkproof.spark.eviction import Eviction
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES

register_type(**TYPES)


@given('the "{dag:Dag}" DAG is paused')
def the_dag_is_paused(context: Context, dag: str) -> None:
    airflow = Airflow.of(context.platform)
    context.add_cleanup(airflow.resume, dag)
    airflow.pause(dag)


@given('a run of the "{dag:Dag}" DAG waits')
def a_run_of_the_dag_waits(context: Context, dag: str) -> None:
    context.waiting_run = WaitingRun.start(context.platform, dag)
    context.add_cleanup(Table(context.session, context.waiting_run.table).drop)


@given("a data engineer has cancelled the run that waits")
def a_data_engineer_has_cancelled_the_run_that_waits(context: Context) -> None:
    context.waiting_run.cancel()


@then("the run still waits")
def the_run_still_waits(context: Context) -> None:
    context.waiting_run.must_wait()


@then("the run succeeds when the DAG is resumed")
def the_run_succeeds_when_the_dag_is_resumed(context: Context) -> None:
    context.dag_run = context.waiting_run.let_begin()
    context.dag_run.must_succeed()


@then("the run never begins, though the DAG is resumed")
def the_run_never_begins_though_the_dag_is_resumed(context: Context) -> None:
    context.waiting_run.must_stay_cancelled()


@given('a run of the "{dag:Dag}" DAG at work in a pod of its own')
def a_run_of_the_dag_at_work_in_a_pod_of_its_own(context: Context, dag: str) -> None:
    context.run_at_work = RunAtWork.in_a_pod(context.platform, dag)
    context.add_cleanup(context.run_at_work.give_up)


@given('a run at work that submitted the "{name:Application}" application in {mode:Mode} mode')
def a_run_at_work_that_submitted_the_application_in_mode(context: Context, name: str, mode: str) -> None:
    context.run_at_work = RunAtWork.with_an_application(context.platform, name, mode)
    context.add_cleanup(context.run_at_work.give_up)


@when("the worker of the run is asked to end")
def the_worker_of_the_run_is_asked_to_end(context: Context) -> None:
    context.run_at_work.stop()


@then("the run fails")
def the_run_fails(context: Context) -> None:
    context.run_at_work.must_not_succeed()


@given('a run of the "{dag:Dag}" DAG at work on Spark')
def a_run_of_the_dag_at_work_on_spark(context: Context, dag: str) -> None:
    context.run_at_work = RunAtWork.on_spark(context.platform, dag)
    context.add_cleanup(Table(context.session, context.run_at_work.table).drop)
    context.add_cleanup(context.run_at_work.give_up)


@given('a run of the "{dag:Dag}" DAG that has written a part of its table')
def a_run_of_the_dag_that_has_written_a_part_of_its_table(context: Context, dag: str) -> None:
    context.run_at_work = RunAtWork.amid_its_table(context.platform, dag)
    context.add_cleanup(Table(context.session, context.run_at_work.table).drop)
    context.add_cleanup(context.run_at_work.give_up)


@when("the worker of the run is killed")
def the_worker_of_the_run_is_killed(context: Context) -> None:
    context.run_at_work.kill()


@when("the platform operator evicts Airflow")
def the_platform_operator_evicts_airflow(context: Context) -> None:
    context.eviction = Eviction.of(context.platform.workloads, "airflow")


@then('its task "{task}" succeeds at try {tries:d}')
def its_task_succeeds_at_try(context: Context, task: str, tries: int) -> None:
    context.dag_run = context.run_at_work.await_end()
    context.dag_run.must_have_succeeded_at(task, tries)
