"""Observability: what a Prometheus reads of a platform, alerts and dashboards."""

from behave import given, then, when

from sparkproof.observability.alerts import Alerts
from sparkproof.observability.dashboards import Dashboards
from sparkproof.observability.drivers import DriverSeries
from sparkproof.observability.event_log import EventLogQueue
from sparkproof.observability.targets import Targets
from sparkproof.operations.backup import Backups
from sparkproof.platform.release import elsewhere, installed
from sparkproof.resilience.disturbance import WithoutWorkers
from sparkproof.resilience.lost_secret import LostSecret
from sparkproof.resilience.unreplaced import WithoutQuota
from sparkproof.spark.standalone import StandaloneCluster
from sparkproof.suite.context import Context


@when("Prometheus looks for the platform's targets")
def prometheus_looks_for_the_platforms_targets(context: Context) -> None:
    context.targets = Targets.of(context.platform)


@when("somebody deletes the monitor of the {component} component")
def somebody_deletes_the_monitor_of_the_component(context: Context, component: str) -> None:
    context.targets = Targets.of(context.platform)
    context.add_cleanup(installed(context.platform).repair)
    context.targets.lose_monitor(component)


@when('a monitor asks the {component} component for metrics at "{path}"')
def a_monitor_asks_the_component_for_metrics_at(context: Context, component: str, path: str) -> None:
    context.targets = Targets.of(context.platform)
    context.add_cleanup(context.targets.ask_elsewhere(component, path))


@then("Prometheus reads every program of the platform, and each answers")
def prometheus_reads_every_program_of_the_platform_and_each_answers(context: Context) -> None:
    context.targets.must_be_read()


@then('it is said of a target that it "{words}"')
def it_is_said_of_a_target_that_it(context: Context, words: str) -> None:
    context.targets.must_be_named(words)


@given("Prometheus reads every program of the platform")
def prometheus_reads_every_program_of_the_platform(context: Context) -> None:
    Targets.of(context.platform).must_be_read()


@given("alerts of the platform, of which none fires")
def alerts_of_the_platform_of_which_none_fires(context: Context) -> None:
    context.alerts = Alerts.of(context.platform)
    context.alerts.await_silence()


@when("Prometheus evaluates the platform's alerts")
def prometheus_evaluates_the_platforms_alerts(context: Context) -> None:
    context.alerts = Alerts.of(context.platform)


@given("a quota of {count:d} executors for the team")
def a_quota_of_executors_for_the_team(context: Context, count: int) -> None:
    release = installed(context.platform)
    context.add_cleanup(release.team.lift_limit)
    release.limit_executors(count)


@when("the driver is lost and the quota has no room for another")
def the_driver_is_lost_and_the_quota_has_no_room_for_another(context: Context) -> None:
    outage = WithoutQuota(context.platform.workloads, "connect")
    context.add_cleanup(outage.end)
    outage.begin()


@when("the workers are lost and the quota has no room for others")
def the_workers_are_lost_and_the_quota_has_no_room_for_others(context: Context) -> None:
    outage = WithoutQuota(context.platform.workloads, "worker")
    context.add_cleanup(outage.end)
    outage.begin()


@given("the driver has started again while there are no workers")
def the_driver_has_started_again_while_there_are_no_workers(context: Context) -> None:
    context.without_workers = WithoutWorkers(context.platform.workloads)
    context.add_cleanup(context.without_workers.end)
    context.without_workers.begin()


@given("an event log that keeps up with one event at a time")
def an_event_log_that_keeps_up_with_one_event_at_a_time(context: Context) -> None:
    EventLogQueue.of(context.platform).shorten()


@when("somebody deletes the schedule of the backups")
def somebody_deletes_the_schedule_of_the_backups(context: Context) -> None:
    context.add_cleanup(installed(context.platform).repair)
    Backups.of(context.platform).delete_schedule()


@when("the platform's Secrets may be {age} old")
def the_platforms_secrets_may_be_old(context: Context, age: str) -> None:
    release = installed(context.platform)
    context.add_cleanup(release.install)
    elsewhere(release, release.team, {"monitoring": {"rules": {"secretMaxAge": age}}}).install()


@when("somebody deletes the Secret {name}")
def somebody_deletes_the_secret(context: Context, name: str) -> None:
    context.lost_secret = LostSecret(context.platform.workloads, name)
    context.add_cleanup(context.lost_secret.end)
    context.lost_secret.begin()


@then("every series that the alerts use has data")
def every_series_that_the_alerts_use_has_data(context: Context) -> None:
    context.alerts.must_have_data()


@then("no alert fires")
def no_alert_fires(context: Context) -> None:
    context.alerts.must_be_silent()


@then("the alert {name} fires")
def the_alert_fires(context: Context, name: str) -> None:
    context.alerts.must_fire(name)


@then('the alert {name} fires and says "{words}"')
def the_alert_fires_and_says(context: Context, name: str, words: str) -> None:
    context.alerts.must_fire(name, words)


@then("the alert {name} does not")
def the_alert_does_not(context: Context, name: str) -> None:
    context.alerts.must_not_fire(name)


@then("the alert {name} ends when there is a master again")
def the_alert_ends_when_there_is_a_master_again(context: Context, name: str) -> None:
    StandaloneCluster.of(context.platform).start_master()
    context.alerts.must_end(name)


@then("the alert {name} ends when there are workers again")
def the_alert_ends_when_there_are_workers_again(context: Context, name: str) -> None:
    context.without_workers.end()
    context.alerts.must_end(name)


@then("the alert {name} ends when the schedule is there again")
def the_alert_ends_when_the_schedule_is_there_again(context: Context, name: str) -> None:
    installed(context.platform).repair()
    context.alerts.must_end(name)


@then("the alert {name} ends when the Secrets may be as old as before")
def the_alert_ends_when_the_secrets_may_be_as_old_as_before(context: Context, name: str) -> None:
    installed(context.platform).install()
    context.alerts.must_end(name)


@then("the alert {name} ends when the Secret is there again")
def the_alert_ends_when_the_secret_is_there_again(context: Context, name: str) -> None:
    context.lost_secret.end()
    context.alerts.must_end(name)


@then("the alert {name} ends when the quota has room again")
def the_alert_ends_when_the_quota_has_room_again(context: Context, name: str) -> None:
    installed(context.platform).team.lift_limit()
    context.alerts.must_end(name)


@when("a data engineer opens the platform's dashboards")
def a_data_engineer_opens_the_platforms_dashboards(context: Context) -> None:
    context.dashboards = Dashboards.of(context.platform)


@when('the platform has another name for the metric "{metric}" than its dashboards')
def the_platform_has_another_name_for_the_metric_than_its_dashboards(context: Context, metric: str) -> None:
    context.dashboards = Dashboards.of(context.platform).renamed(metric)


@then("every panel shows data")
def every_panel_shows_data(context: Context) -> None:
    context.dashboards.must_show_data()


@then('the panel "{panel}" alone is empty, for want of "{metric}"')
def the_panel_alone_is_empty_for_want_of(context: Context, panel: str, metric: str) -> None:
    context.dashboards.must_be_empty_in(panel, metric)


@when("Prometheus looks for the application's driver")
def prometheus_looks_for_the_applications_driver(context: Context) -> None:
    context.driver_series = DriverSeries.of(context.submitted)


@then("Prometheus has numbers of the application's driver and executors under their own labels")
def prometheus_has_numbers_of_the_applications_driver_and_executors_under_their_own_labels(context: Context) -> None:
    context.driver_series.must_be_read()


@then("Prometheus reads nothing of the application's driver")
def prometheus_reads_nothing_of_the_applications_driver(context: Context) -> None:
    context.driver_series.must_not_be_read()
