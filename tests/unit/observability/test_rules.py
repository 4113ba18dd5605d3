"""The alerts' rules, run by promtool: each fires on its cause after it has lasted, and not on a healthy platform."""

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.platform.spec import ReleaseSpec
from tests.support.rules import (
    ABOVE_A_FIFTH,
    AIRFLOW,
    BACKUPS,
    BELOW_A_FIFTH,
    CAUSES,
    COMPLETED,
    CREATED,
    DRIVER,
    FAST,
    GC,
    MADE,
    MASTER,
    SECRETS,
    TARGET,
    TASKS,
    WAITING,
    WORK,
    by_name,
    case,
    cases,
    causes,
    of,
    promtool,
)

CHARTS = Path(__file__).resolve().parents[3] / "charts"


@cache
def rules(wait: str = "5m", *, follows: bool = False, age: str = "90d") -> dict[str, Any]:
    """The spec of the rules of a standalone platform with event logs and Airflow: all alerts there are.

    Its workers are two, or those that follow applications. One Secret has all its keys.
    """
    keys = "spark-keys"
    values = {
        "monitoring": {"enabled": True, "rules": {"wait": wait, "secretMaxAge": age}},
        "objectStore": {"enabled": True, "existingSecret": keys},
        "eventLog": {"enabled": True},
        "postgres": {"enabled": True, "existingSecret": keys},
        "airflow": {"enabled": True, "authentication": {"existingSecret": keys}},
        "backup": {"enabled": True},
        "worker": {"autoscaling": {"enabled": follows, "follows": "applications"}},
    }
    rendered = ReleaseSpec(CHARTS / "spark-standalone", "4.1.1", ("small",), values).rendered_here()
    (rule,) = (each for each in yaml.safe_load_all(rendered) if each and each["kind"] == "PrometheusRule")
    return dict(rule["spec"])


@pytest.mark.parametrize(("age", "seconds"), [("45s", 45), ("90m", 5400), ("36h", 129600), ("90d", 7776000)])
def test_the_age_of_a_secret_is_told_in_any_unit(age: str, seconds: int) -> None:
    assert f'secret="spark-keys"}} > {seconds} or' in by_name(rules(age=age))["SparkSecretOld"]["expr"]


def test_each_alert_has_a_cause_here() -> None:
    assert set(by_name(rules())) == set(CAUSES)


def test_each_alert_fires_on_its_cause_after_its_time_and_on_nothing_else(tmp_path: Path) -> None:
    spec = rules()
    assert promtool(tmp_path, spec, cases(spec)) == ""


@pytest.mark.parametrize("name", CAUSES)
def test_another_releases_trouble_is_not_this_ones(tmp_path: Path, name: str) -> None:
    spec = rules()
    who, healthy, broken = causes(name, by_name(spec)[name])
    both = case(by_name(spec)[name], of(who, release="other"), broken, "20m", fires=False)
    both["input_series"] += case(by_name(spec)[name], of(who), healthy, "20m", fires=False)["input_series"]
    assert promtool(tmp_path, spec, [both]) == ""


@pytest.mark.parametrize(("waiting", "asked", "done", "fires"), [
    # Another application waits beside a driver that nobody has asked for anything, or beside one that did its work.
    (2, 0, 0, True), (1, 0, 9, True), (0, 0, 9, False),
    # Executors that a driver asks for, but it has had some: it does not wait at the master.
    (0, 2, 9, False),
])  # fmt: skip
def test_applications_wait_that_need_executors_and_have_had_none(
    tmp_path: Path, waiting: int, asked: int, done: int, fires: bool
) -> None:
    series = {WAITING: f"{waiting}x30", TARGET: f"{asked}x30", TASKS: f"{done}x30"}
    one = case(by_name(rules())["SparkApplicationsWaiting"], of(MASTER), series, "20m", fires=fires)
    assert promtool(tmp_path, rules(), [one]) == ""


def test_an_application_waits_also_where_no_driver_allocates_executors(tmp_path: Path) -> None:
    one = case(by_name(rules())["SparkApplicationsWaiting"], of(MASTER), {WAITING: "1x30"}, "20m", fires=True)
    assert promtool(tmp_path, rules(), [one]) == ""


@pytest.mark.parametrize(("workers", "applications", "fires"), [(0, 0, False), (0, 1, True), (1, 1, False)])
def test_workers_that_follow_applications_are_missed_only_where_there_is_one(
    tmp_path: Path, workers: int, applications: int, fires: bool
) -> None:
    spec = rules(follows=True)
    series = {"metrics_master_aliveWorkers_Value": f"{workers}x30", "metrics_master_apps_Value": f"{applications}x30"}
    one = case(by_name(spec)["SparkWorkersLost"], of(MASTER), series, "20m", fires=fires)
    assert promtool(tmp_path, spec, [one]) == ""


@pytest.mark.parametrize(("executor", "fires"), [("driver", False), ("1", True)])
def test_the_time_since_a_driver_started_is_no_work_of_tasks(tmp_path: Path, executor: str, fires: bool) -> None:
    spec = rules()
    rule = by_name(spec)["SparkGarbageCollection"]
    own = {**of(DRIVER), "executor_id": executor}
    one = case(rule, own, {GC: ABOVE_A_FIFTH, WORK: FAST}, "20m", fires=fires)
    if executor != "driver":
        driver = case(rule, {**own, "executor_id": "driver"}, {WORK: "0+1000x30"}, "20m", fires=fires)
        one["input_series"] += driver["input_series"]
    assert promtool(tmp_path, spec, [one]) == ""


def test_the_garbage_that_a_driver_collects_is_none_of_its_executors(tmp_path: Path) -> None:
    rule = by_name(rules())["SparkGarbageCollection"]
    own = of(DRIVER)
    one = case(rule, {**own, "executor_id": "1"}, {GC: BELOW_A_FIFTH, WORK: FAST}, "20m", fires=False)
    driver = case(rule, {**own, "executor_id": "driver"}, {GC: FAST}, "20m", fires=False)
    one["input_series"] += driver["input_series"]
    assert promtool(tmp_path, rules(), [one]) == ""


# What became of a task's failures after ten minutes, by the minute: the first one, one more, and none after a restart.
FIRST, MORE, ANEW = "_x10 1x20", "3x20 4x20", "3x20 0x20"


@pytest.mark.parametrize(("failures", "at", "fires"), [
    (FIRST, "9m", False), (FIRST, "17m", True), (FIRST, "28m", False),
    (MORE, "19m", False), (MORE, "27m", True), (MORE, "38m", False),
    (ANEW, "27m", False),
])  # fmt: skip
def test_a_task_that_fails_once_is_reported_for_ten_minutes(
    tmp_path: Path, failures: str, at: str, fires: bool
) -> None:
    spec = rules()
    one = case(by_name(spec)["AirflowTasksFail"], of(AIRFLOW), {"airflow_ti_failures": failures}, at, fires=fires)
    assert promtool(tmp_path, spec, [one]) == ""


def backups(at_h: int, fires: bool, *, created: str, **completed: str) -> dict[str, Any]:
    """A test of the backups' alert after so many hours: when its CronJob was created and Jobs ended, in seconds."""
    rule = by_name(rules())["SparkBackupOverdue"]
    series = {f'{CREATED}{{namespace="spark", cronjob="spark-backup"}}': f"{created}x600"}
    for name, values in completed.items():
        series[f'{COMPLETED}{{namespace="spark", job_name="{name.replace("_", "-")}"}}'] = values
    found = case(rule, of(BACKUPS), {}, f"{at_h}h", fires=fires)
    return {
        **found,
        "interval": "10m",
        "input_series": [{"series": each, "values": values} for each, values in series.items()],
    }


def test_the_alert_of_backups_counts_hours_since_the_last_that_succeeded(tmp_path: Path) -> None:
    hour = 3600
    held = [
        # One each six hours; the last of them after 54 hours.
        backups(79, False, created="0", spark_backup_1=f"{24 * hour}x600", spark_backup_2=f"{54 * hour}x600"),
        backups(81, True, created="0", spark_backup_1=f"{24 * hour}x600", spark_backup_2=f"{54 * hour}x600"),
        # None yet, and none after a day.
        backups(25, False, created="0"),
        backups(27, True, created="0"),
        # A check and a restore are no backups, nor are another release's.
        backups(27, True, created="0", backup_check=f"{20 * hour}x600", spark_backup_restore=f"{20 * hour}x600"),
        backups(27, True, created="0", other_spark_backup_7=f"{20 * hour}x600"),
    ]
    assert promtool(tmp_path, alone(rules(), ["SparkBackupOverdue"]), held, every="10m") == ""


def test_backups_of_which_nobody_says_anything_are_reported(tmp_path: Path) -> None:
    rule = by_name(rules())["SparkBackupOverdue"]
    unknown = case(rule, of(BACKUPS, release="other"), {CREATED: "0x30"}, "20m", fires=True)
    labels = {"namespace": "spark", "cronjob": "spark-backup"}
    unknown["alert_rule_test"][0]["exp_alerts"][0]["exp_labels"] |= labels
    assert promtool(tmp_path, rules(), [unknown]) == ""


def test_a_secret_of_which_nobody_says_anything_is_reported(tmp_path: Path) -> None:
    rule = by_name(rules())["SparkSecretOld"]
    unknown = case(rule, of(SECRETS), {}, "20m", fires=True)
    others = case(rule, of(SECRETS, release="other"), {MADE: "0x30"}, "20m", fires=True)
    unknown["input_series"] = others["input_series"]
    del unknown["alert_rule_test"][0]["exp_alerts"][0]["exp_labels"]["job"]
    assert promtool(tmp_path, rules(), [unknown]) == ""


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (" == 1)", ")"),
        (" > 0", " > 9"),
        ("0.2 *", "0.23 *"),
        ("0.1 *", "0.08 *"),
        # Who is gone has no series that could be 0.
        ('absent(up{job="connect", ', '(up{job="connect", '),
        ("numberTargetExecutors", "numberMaxNeededExecutors"),
        ("airflow_ti_failures", "airflow_ti_successes"),
        ("sum by (dag_id, task_id)", "sum by (dag_id)"),
        ("> 93600", "> 9360000"),
        ("> 7776000", "> 7769000"),
        ("> 7776000", "> 7790000"),
    ],
)
def test_a_rule_that_is_changed_is_found(tmp_path: Path, pattern: str, replacement: str) -> None:
    spec = rules()
    changed = yaml.safe_load(yaml.safe_dump(spec, width=1000).replace(pattern, replacement))
    altered = [name for name, rule in by_name(changed).items() if rule != by_name(spec)[name]]
    assert altered
    assert "FAILED" in promtool(tmp_path, alone(changed, altered), cases(alone(spec, altered)))


def alone(spec: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """These rules without the others, which take most of the time."""
    return {"groups": [{"name": "alone", "rules": [by_name(spec)[name] for name in names]}]}


def test_an_alert_that_does_not_wait_is_found(tmp_path: Path) -> None:
    assert "FAILED" in promtool(tmp_path, rules(wait="1m"), cases(rules()))
