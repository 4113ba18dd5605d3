"""MLflow: the tracking server's answers, projects that run on Spark, and what is kept of them."""

from behave import given, register_type, then, when

from sparkproof.gpu.work import must_have_executed
from sparkproof.mlflow.tracking import Tracking
from sparkproof.spark.history_server import HistoryServer
from sparkproof.suite.context import Context
from sparkproof.suite.parameters import TYPES
from sparkproof.suite.phrases import asks_beyond

register_type(**TYPES)


@when("a data engineer asks MLflow for its experiments by the name of its Service")
def a_data_engineer_asks_mlflow_for_its_experiments_by_the_name_of_its_service(context: Context) -> None:
    context.tracking_reply = Tracking.of(context.platform).list_experiments()


@when('a data engineer asks MLflow for its experiments by the name "{host}"')
def a_data_engineer_asks_mlflow_for_its_experiments_by_the_name(context: Context, host: str) -> None:
    context.tracking_reply = Tracking.of(context.platform).list_experiments(host)


@then("MLflow names its experiments")
def mlflow_names_its_experiments(context: Context) -> None:
    context.tracking_reply.must_name_experiments()


@then('MLflow refuses with status {status:d} and "{reason}"')
def mlflow_refuses_with_status_and(context: Context, status: int, reason: str) -> None:
    context.tracking_reply.must_be_refused(status, reason)


@given('a data engineer has run the "{name:Project}" project with {rows:d} rows')
@when('a data engineer runs the "{name:Project}" project with {rows:d} rows')
def a_data_engineer_has_run_the_project_with_rows(context: Context, name: str, rows: int) -> None:
    context.project = Tracking.of(context.platform).run(name, {"rows": str(rows)})


@when('a data engineer submits the "{name:Project}" project with {rows:d} rows')
def a_data_engineer_submits_the_project_with_rows(context: Context, name: str, rows: int) -> None:
    context.project = Tracking.of(context.platform).submit(name, {"rows": str(rows)})


@when('a data engineer runs the "{name:Project}" project on the table as of its first snapshot')
def a_data_engineer_runs_the_project_on_the_table_as_of_its_first_snapshot(context: Context, name: str) -> None:
    given = {"table": context.trips.name, "snapshot": str(context.trips.snapshots[0].id)}
    context.project = Tracking.of(context.platform).run(name, given)


@when('a data engineer runs the "{name:Project}" project on the table as of snapshot {snapshot:d}')
def a_data_engineer_runs_the_project_on_the_table_as_of_snapshot(context: Context, name: str, snapshot: int) -> None:
    given = {"table": context.trips.name, "snapshot": str(snapshot)}
    context.project = Tracking.of(context.platform).run(name, given)


@then("the run is tracked as finished, with the {metric} {value:d}")
def the_run_is_tracked_as_finished_with_the(context: Context, metric: str, value: int) -> None:
    context.project.must_be_finished(metric, value)


@then('RAPIDS executed the run\'s query, with "{operators}" on the GPU')
def rapids_executed_the_runs_query_with_on_the_gpu(context: Context, operators: str) -> None:
    must_have_executed(context.platform, context.project.id, operators.split(", "))


@then('the run is tracked as failed, and its user saw "{reason}"')
def the_run_is_tracked_as_failed_and_its_user_saw(context: Context, reason: str) -> None:
    context.project.must_be_failed(reason)


@then("its parameters are the settings of the platform's live sessions")
def its_parameters_are_the_settings_of_the_platforms_live_sessions(context: Context) -> None:
    context.project.must_have_settings_of(context.platform, context.session)


@then('its parameters are the settings of the platform\'s live sessions, and its own "{setting}", {value}')
def its_parameters_are_the_settings_of_the_platforms_live_sessions_and_its_own(
    context: Context, setting: str, value: str
) -> None:
    context.project.must_have_settings_of(context.platform, context.session, {setting: value})


@then("its parameters are the settings that Spark's history has of it")
def its_parameters_are_the_settings_that_sparks_history_has_of_it(context: Context) -> None:
    context.project.must_have_settings_in_history(HistoryServer.of(context.platform))


@then('the object store has the run\'s file "{file}" with the text "{text}", from a client without keys')
def the_object_store_has_the_runs_file_with_the_text_from_a_client_without_keys(
    context: Context, file: str, text: str
) -> None:
    folder = Tracking.of(context.platform).folder
    context.project.must_have_stored(folder, context.session, file, text)


@then('the object store has no file "{file}" of the run')
def the_object_store_has_no_file_of_the_run(context: Context, file: str) -> None:
    folder = Tracking.of(context.platform).folder
    context.project.must_not_have_stored(folder, context.session, file)


@when("the platform operator kills the tracking server")
def the_platform_operator_kills_the_tracking_server(context: Context) -> None:
    context.platform.workloads.restart("mlflow", killed=True)


@then("MLflow has the run as it was")
def mlflow_has_the_run_as_it_was(context: Context) -> None:
    context.project.must_be_the_same_as(Tracking.of(context.platform).find(context.project.id))


@when("{count:d} users track runs at the same time")
def users_track_runs_at_the_same_time(context: Context, count: int) -> None:
    context.runs_at_once = Tracking.of(context.platform).run_at_once(count)


@then("MLflow has {count:d} runs, each with the parameters that its user gave")
def mlflow_has_runs_each_with_the_parameters_that_its_user_gave(context: Context, count: int) -> None:
    context.runs_at_once.must_not_mix(count)


@when('a data engineer changes the run\'s parameter "{name}" to "{value}"')
def a_data_engineer_changes_the_runs_parameter_to(context: Context, name: str, value: str) -> None:
    context.tracking_reply = Tracking.of(context.platform).change_parameter(context.project, name, value)


@when("a data engineer deletes the run, and the platform operator collects deleted runs")
def a_data_engineer_deletes_the_run_and_the_platform_operator_collects_deleted_runs(context: Context) -> None:
    Tracking.of(context.platform).delete(context.project)


@then("MLflow has no such run")
def mlflow_has_no_such_run(context: Context) -> None:
    Tracking.of(context.platform).must_not_have(context.project)


@then("the tracking server keeps at most {mebibytes:d} MiB in memory")
@asks_beyond("the kubelet of the server's node")
def the_tracking_server_keeps_at_most_mib_in_memory(context: Context, mebibytes: int) -> None:
    Tracking.of(context.platform).must_rest_within(mebibytes)


@given('a data engineer\'s "{name:Project}" project at work for {seconds:d} seconds')
def a_data_engineers_project_at_work_for_seconds(context: Context, name: str, seconds: int) -> None:
    context.started_run = Tracking.of(context.platform).start(name, {"seconds": str(seconds)})
    context.add_cleanup(context.started_run.kill)


@when("the data engineer's client is killed")
def the_data_engineers_client_is_killed(context: Context) -> None:
    context.started_run.kill()


@then("MLflow's operator finds the run as lost, and it is tracked as killed")
def mlflows_operator_finds_the_run_as_lost_and_it_is_tracked_as_killed(context: Context) -> None:
    Tracking.of(context.platform).must_find_lost(context.started_run)


@then("MLflow's operator does not find the run as lost")
def mlflows_operator_does_not_find_the_run_as_lost(context: Context) -> None:
    Tracking.of(context.platform).must_not_find_lost(context.started_run)
