"""What makes each alert of the charts fire, and what promtool says of rules that are held against it."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from sparkproof.build import programs
from sparkproof.core import process

DRIVER = {"job": "connect", "pod": "spark-connect-0"}
MASTER = {"job": "master", "pod": "spark-master-0"}
TASK = {"dag_id": "orders", "task_id": "count"}
AIRFLOW = {"job": "airflow", "pod": "spark-airflow-0", **TASK}
# As kube-state-metrics names what it says of a CronJob and of a Secret.
BACKUPS = {"job": "kube-state-metrics", "cronjob": "{release}-backup"}
SECRETS = {"job": "kube-state-metrics", "secret": "{release}-keys"}
CREATED, COMPLETED = "kube_cronjob_created", "kube_job_status_completion_time"
MADE = "kube_secret_created"
ALLOCATION = "metrics_spark_driver_ExecutorAllocationManager_executors_"
STATUS = "metrics_spark_driver_appStatus_"
WAITING, TARGET = "metrics_master_waitingApps_Value", f"{ALLOCATION}numberTargetExecutors_Value"
ALIVE, APPLICATIONS = "metrics_master_aliveWorkers_Value", "metrics_master_apps_Value"
TASKS = f"{STATUS}tasks_completedTasks_Count"
GC, WORK = "metrics_executor_totalGCTime_seconds_total", "metrics_executor_totalDuration_seconds_total"
DROPPED = "metrics_spark_driver_LiveListenerBus_queue_eventLog_numDroppedEvents_Count"
# A counter that grows by 1 or 100 each minute; a gauge that stays.
STILL, SLOW, FAST = "7x30", "0+1x30", "0+100x30"
# Counters that grow by so much each minute: of FAST, a little less and a little more than a tenth, and than a fifth.
BELOW_A_TENTH, ABOVE_A_TENTH, BELOW_A_FIFTH, ABOVE_A_FIFTH = "0+9x30", "0+11x30", "0+19x30", "0+21x30"
# Series, in a healthy state and in the broken one, and who they are of; `of` adds the release.
CAUSES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]]] = {
    "SparkDriverDown": (DRIVER, {"up": "1x30"}, {"up": "0x30"}),
    "SparkMasterDown": (MASTER, {"up": "1x30"}, {"up": "0x30"}),
    # A master that starts again has forgotten those that are gone. How many there have to be, the rule says.
    "SparkWorkersLost": (
        MASTER,
        {"metrics_master_workers_Value": "{more}x30", ALIVE: "{least}x30", APPLICATIONS: "1x30"},
        {"metrics_master_workers_Value": "{less}x30", ALIVE: "{less}x30", APPLICATIONS: "1x30"},
    ),
    "SparkApplicationsWaiting": (
        MASTER,
        {WAITING: "1x30", TARGET: "0x30", TASKS: "0x30"},
        {WAITING: "1x30", TARGET: "1x30", TASKS: "0x30"},
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
        {f"{STATUS}tasks_failedTasks_Count": BELOW_A_TENTH, f"{STATUS}tasks_completedTasks_Count": FAST},
        {f"{STATUS}tasks_failedTasks_Count": ABOVE_A_TENTH, f"{STATUS}tasks_completedTasks_Count": FAST},
    ),
    "SparkGarbageCollection": (
        DRIVER,
        {GC: BELOW_A_FIFTH, WORK: FAST},
        {GC: ABOVE_A_FIFTH, WORK: FAST},
    ),
    "SparkEventsLost": (DRIVER, {DROPPED: STILL}, {DROPPED: SLOW}),
    "AirflowTasksFail": (AIRFLOW, {"airflow_ti_failures": STILL}, {"airflow_ti_failures": SLOW}),
    # The tests begin at the second 0; 100,000 s are more than 26 hours.
    "SparkBackupOverdue": (BACKUPS, {CREATED: "0x30"}, {CREATED: "-100000x30"}),
    # A little less and a little more than 90 days.
    "SparkSecretOld": (SECRETS, {MADE: "-7770000x30"}, {MADE: "-7780000x30"}),
}
# Alerts about programs that have no series at all when their pods are gone.
OF_WHO_IS_GONE = ("SparkDriverDown", "SparkMasterDown")
# The labels that an alert keeps of the series, where these are not all.
KEPT = {
    "SparkApplicationsWaiting": (),
    "SparkGarbageCollection": ("pod",),
    "AirflowTasksFail": tuple(TASK),
    "SparkBackupOverdue": (),
    "SparkDriverDown": (),
    "SparkMasterDown": (),
}


def by_name(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {rule["alert"]: rule for group in spec["groups"] for rule in group["rules"]}


def causes(name: str, rule: Mapping[str, Any]) -> tuple[Mapping[str, str], dict[str, str], dict[str, str]]:
    """Return whose an alert is, and the series in a healthy state and in the broken one."""
    who, *states = CAUSES[name]
    if secrets := _secrets(rule):
        who = {**who, "secret": secrets[0].replace("spark-", "{release}-")}
    compared = re.search(r"< (\d+)", rule["expr"])
    least = int(compared[1]) if compared else 0
    amounts = {"more": least + 1, "least": least, "less": least - 1}
    healthy, broken = ({each: told.format(**amounts) for each, told in state.items()} for state in states)
    return who, healthy, broken


def _secrets(rule: Mapping[str, Any]) -> list[str]:
    """The Secrets for which an alert asks."""
    return sorted(set(re.findall(r'secret="([^"]+)"', rule["expr"])))


def of(who: Mapping[str, str], namespace: str = "spark", release: str = "spark") -> dict[str, str]:
    """The labels of series of a release's program, or of its CronJob or Secret."""
    own = {} if who["job"] == "kube-state-metrics" else {"app_kubernetes_io_instance": release}
    return {"namespace": namespace, **own, **{label: value.format(release=release) for label, value in who.items()}}


def case(rule: Mapping[str, Any], of: Mapping[str, str], series: Mapping[str, str], at: str, *, fires: bool) -> Any:
    """A test of promtool: what these series make of a rule's alert at a time."""
    labels = ", ".join(f'{key}="{value}"' for key, value in of.items())
    kept = {label: of[label] for label in KEPT.get(rule["alert"], of)}
    said = re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: kept[found[1]], rule["annotations"]["summary"])
    others = _secrets(rule) if of.get("secret") in _secrets(rule) else []
    beside = [labels.replace(of["secret"], other) for other in others if other != of["secret"]]
    expected = [{"exp_labels": {**kept, **rule["labels"]}, "exp_annotations": {"summary": said}}]
    return {
        "name": f"{rule['alert']} at {at}",
        "interval": "1m",
        "input_series": [
            *({"series": f"{name}{{{labels}}}", "values": values} for name, values in series.items()),
            *({"series": f"{MADE}{{{other}}}", "values": "0x30"} for other in beside),
        ],
        "alert_rule_test": [
            {"eval_time": at, "alertname": rule["alert"], "exp_alerts": expected if fires else []},
        ],
    }


def promtool(folder: Path, spec: Mapping[str, Any], tests: list[Any], every: str = "1m") -> str:
    """What promtool says of these tests of the rules, which are evaluated so often; "" if all of them hold."""
    (folder / "rules.yaml").write_text(yaml.safe_dump(spec))
    wanted = {"rule_files": ["rules.yaml"], "evaluation_interval": every, "tests": tests}
    (folder / "tests.yaml").write_text(yaml.safe_dump(wanted))
    tool: list[str | Path] = [programs.build("promtool"), "test", "rules", folder / "tests.yaml"]
    done = process.run(tool, timeout_s=60, check=False)
    return "" if done.exit_code == 0 else done.stdout + done.stderr


def cases(spec: Mapping[str, Any], namespace: str = "spark", release: str = "spark") -> list[Any]:
    """Each alert of a release fires on its cause after its time and not before it, and not on what is healthy."""
    found = []
    for name, rule in by_name(spec).items():
        who, healthy, broken = causes(name, rule)
        labels = of(who, namespace, release)
        found.append(case(rule, labels, broken, "20m", fires=True))
        found.append(case(rule, labels, broken, "3m", fires=False))
        found.append(case(rule, labels, healthy, "20m", fires=False))
        if name in OF_WHO_IS_GONE:
            found.append(case(rule, labels, {}, "20m", fires=True))
    return found
