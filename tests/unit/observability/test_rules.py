"""The alerts' rules, run by promtool: each fires on its cause after it has lasted, and not on a healthy platform."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkproof.build import programs
from sparkproof.core import process
from sparkproof.platform.spec import ReleaseSpec

CHARTS = Path(__file__).resolve().parents[3] / "charts"
OWN = {"namespace": "spark", "app_kubernetes_io_instance": "spark"}
DRIVER = {**OWN, "job": "connect", "pod": "spark-connect-0"}
MASTER = {**OWN, "job": "master", "pod": "spark-master-0"}
TASK = {"dag_id": "orders", "task_id": "count"}
AIRFLOW = {**OWN, "job": "airflow", "pod": "spark-airflow-0", **TASK}
# As kube-state-metrics names what it says of a CronJob.
BACKUPS = {"namespace": "spark", "cronjob": "spark-backup", "job": "kube-state-metrics"}
CREATED, COMPLETED = "kube_cronjob_created", "kube_job_status_completion_time"
ALLOCATION = "metrics_spark_driver_ExecutorAllocationManager_executors_"
STATUS = "metrics_spark_driver_appStatus_"
DROPPED = "metrics_spark_driver_LiveListenerBus_queue_eventLog_numDroppedEvents_Count"
# A counter that grows by 1, 5 or 100 each minute; a gauge that stays.
STILL, SLOW, QUICK, FAST = "7x30", "0+1x30", "0+5x30", "0+100x30"
# Series, in a healthy state and in the broken one, and who they are of.
CAUSES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {
    "SparkDriverDown": (DRIVER, {"up": "1x30"}, {"up": "0x30"}),
    "SparkMasterDown": (MASTER, {"up": "1x30"}, {"up": "0x30"}),
    "SparkWorkersLost": (
        MASTER,
        {"metrics_master_workers_Value": "3x30", "metrics_master_aliveWorkers_Value": "3x30"},
        {"metrics_master_workers_Value": "3x30", "metrics_master_aliveWorkers_Value": "2x30"},
    ),
    "SparkApplicationsWaiting": (
        MASTER,
        {"metrics_master_waitingApps_Value": "0x30"},
        {"metrics_master_waitingApps_Value": "1x30"},
    ),
    "SparkExecutorsPending": (
        DRIVER,
        {f"{ALLOCATION}numberTargetExecutors_Value": "3x30", f"{ALLOCATION}numberAllExecutors_Value": "3x30"},
        {f"{ALLOCATION}numberTargetExecutors_Value": "3x30", f"{ALLOCATION}numberAllExecutors_Value": "1x30"},
    ),
    "SparkStagesFail": (
        DRIVER,
        {f"{STATUS}stages_failedStages_Count": STILL},
        {f"{STATUS}stages_failedStages_Count": SLOW},
    ),
    "SparkTasksFail": (
        DRIVER,
        {f"{STATUS}tasks_failedTasks_Count": QUICK, f"{STATUS}tasks_completedTasks_Count": FAST},
        {f"{STATUS}tasks_failedTasks_Count": QUICK, f"{STATUS}tasks_completedTasks_Count": QUICK},
    ),
    "SparkGarbageCollection": (
        DRIVER,
        {"metrics_executor_totalGCTime_seconds_total": QUICK, "metrics_executor_totalDuration_seconds_total": FAST},
        {"metrics_executor_totalGCTime_seconds_total": QUICK, "metrics_executor_totalDuration_seconds_total": QUICK},
    ),
    "SparkEventsLost": (DRIVER, {DROPPED: STILL}, {DROPPED: SLOW}),
    "AirflowTasksFail": (AIRFLOW, {"airflow_ti_failures": STILL}, {"airflow_ti_failures": SLOW}),
    # The tests begin at the second 0; 100,000 s are more than 26 hours.
    "SparkBackupOverdue": (BACKUPS, {CREATED: "0x30"}, {CREATED: "-100000x30"}),
}
# The labels that an alert keeps of the series, where these are not all.
KEPT = {
    "SparkGarbageCollection": ("pod",),
    "AirflowTasksFail": tuple(TASK),
    "SparkBackupOverdue": (),
    "SparkDriverDown": (),
    "SparkMasterDown": (),
}


@cache
def rules(wait: str = "5m") -> dict[str, Any]:
    """The spec of the rules of a standalone platform with event logs and Airflow: all alerts there are."""
    values = {
        "monitoring": {"enabled": True, "rules": {"wait": wait}},
        "objectStore": {"enabled": True, "existingSecret": "store"},
        "eventLog": {"enabled": True},
        "postgres": {"enabled": True, "existingSecret": "databases"},
        "airflow": {"enabled": True, "authentication": {"existingSecret": "airflow"}},
        "backup": {"enabled": True},
    }
    rendered = ReleaseSpec(CHARTS / "spark-standalone", "4.1.1", ("small",), values).rendered_here()
    (rule,) = (each for each in yaml.safe_load_all(rendered) if each and each["kind"] == "PrometheusRule")
    return dict(rule["spec"])


def by_name(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {rule["alert"]: rule for group in spec["groups"] for rule in group["rules"]}


def case(rule: Mapping[str, Any], of: Mapping[str, str], series: Mapping[str, str], at: str, *, fires: bool) -> Any:
    """A test of promtool: what these series make of a rule's alert at a time."""
    labels = ", ".join(f'{key}="{value}"' for key, value in of.items())
    kept = {label: of[label] for label in KEPT.get(rule["alert"], of)}
    said = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: kept[found[1]], rule["annotations"]["summary"])
    expected = [{"exp_labels": {**kept, **rule["labels"]}, "exp_annotations": {"summary": said}}]
    return {
        "name": f"{rule['alert']} at {at}",
        "interval": "1m",
        "input_series": [{"series": f"{name}{{{labels}}}", "values": values} for name, values in series.items()],
        "alert_rule_test": [
            {"eval_time": at, "alertname": rule["alert"], "exp_alerts": expected if fires else []},
        ],
    }


def promtool(folder: Path, spec: Mapping[str, Any], tests: list[Any]) -> str:
    """What promtool says of these tests of the rules; "" if all of them hold."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(spec))
    wanted = {"rule_files": ["rules.yaml"], "evaluation_interval": "1m", "tests": tests}
    (folder / "tests.yaml").write_text(yaml.safe_dump(wanted))
    tool: list[str | Path] = [programs.build("promtool"), "test", "rules", folder / "tests.yaml"]
    done = process.run(tool, timeout_s=60, check=False)
    return "" if done.exit_code == 0 else done.stdout + done.stderr


def cases(spec: Mapping[str, Any]) -> list[Any]:
    """Each alert fires on its cause after its time and not before it, and not on what is healthy."""
    found = []
    for name, (of, healthy, broken) in CAUSES.items():
        rule = by_name(spec)[name]
        found.append(case(rule, of, broken, "20m", fires=True))
        found.append(case(rule, of, broken, "3m", fires=False))
        found.append(case(rule, of, healthy, "20m", fires=False))
    return found


def test_each_alert_has_a_cause_here() -> None:
    assert set(by_name(rules())) == set(CAUSES)


def test_each_alert_fires_on_its_cause_after_its_time_and_on_nothing_else(tmp_path: Path) -> None:
    spec = rules()
    assert promtool(tmp_path, spec, cases(spec)) == ""


@pytest.mark.parametrize("name", CAUSES)
def test_another_releases_trouble_is_not_this_ones(tmp_path: Path, name: str) -> None:
    spec = rules()
    of, healthy, broken = CAUSES[name]
    theirs = {**of, **({"cronjob": "other-backup"} if "cronjob" in of else {"app_kubernetes_io_instance": "other"})}
    both = case(by_name(spec)[name], theirs, broken, "20m", fires=False)
    both["input_series"] += case(by_name(spec)[name], of, healthy, "20m", fires=False)["input_series"]
    assert promtool(tmp_path, spec, [both]) == ""


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
    one = case(by_name(spec)["AirflowTasksFail"], AIRFLOW, {"airflow_ti_failures": failures}, at, fires=fires)
    assert promtool(tmp_path, spec, [one]) == ""


def backups(at_h: int, fires: bool, *, created: str, **completed: str) -> dict[str, Any]:
    """A test of the backups' alert after so many hours: when its CronJob was created and Jobs ended, in seconds."""
    rule = by_name(rules())["SparkBackupOverdue"]
    series = {f'{CREATED}{{namespace="spark", cronjob="spark-backup"}}': f"{created}x6000"}
    for name, values in completed.items():
        series[f'{COMPLETED}{{namespace="spark", job_name="{name.replace("_", "-")}"}}'] = values
    found = case(rule, BACKUPS, {}, f"{at_h}h", fires=fires)
    return {
        **found,
        "input_series": [{"series": each, "values": values} for each, values in series.items()],
    }


def test_the_alert_of_backups_counts_hours_since_the_last_that_succeeded(tmp_path: Path) -> None:
    hour = 3600
    held = [
        # One each six hours; the last of them after 54 hours.
        backups(79, False, created="0", spark_backup_1=f"{24 * hour}x6000", spark_backup_2=f"{54 * hour}x6000"),
        backups(81, True, created="0", spark_backup_1=f"{24 * hour}x6000", spark_backup_2=f"{54 * hour}x6000"),
        # None yet, and none after a day.
        backups(25, False, created="0"),
        backups(27, True, created="0"),
        # A check and a restore are no backups, nor are another release's.
        backups(27, True, created="0", backup_check=f"{20 * hour}x6000", spark_backup_restore=f"{20 * hour}x6000"),
        backups(27, True, created="0", other_spark_backup_7=f"{20 * hour}x6000"),
    ]
    assert promtool(tmp_path, rules(), held) == ""


def test_backups_of_which_nobody_says_anything_are_reported(tmp_path: Path) -> None:
    rule = by_name(rules())["SparkBackupOverdue"]
    unknown = case(rule, {**BACKUPS, "cronjob": "other-backup"}, {CREATED: "0x30"}, "20m", fires=True)
    labels = {"namespace": "spark", "cronjob": "spark-backup"}
    unknown["alert_rule_test"][0]["exp_alerts"][0]["exp_labels"] |= labels
    assert promtool(tmp_path, rules(), [unknown]) == ""


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (" == 1)", ")"),
        (" > 0", " > 9"),
        ("0.2 *", "2 *"),
        ("numberTargetExecutors", "numberMaxNeededExecutors"),
        ("airflow_ti_failures", "airflow_ti_successes"),
        ("sum by (dag_id, task_id)", "sum by (dag_id)"),
        ("> 93600", "> 9360000"),
    ],
)
def test_a_rule_that_is_changed_is_found(tmp_path: Path, pattern: str, replacement: str) -> None:
    spec = rules()
    changed = yaml.safe_load(yaml.safe_dump(spec, width=1000).replace(pattern, replacement))
    assert changed != spec
    assert "FAILED" in promtool(tmp_path, changed, cases(spec))


def test_an_alert_that_does_not_wait_is_found(tmp_path: Path) -> None:
    assert "FAILED" in promtool(tmp_path, rules(wait="1m"), cases(rules()))
