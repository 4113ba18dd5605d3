"""Deliberate faults of alerts about workers, garbage, events and backups, and the criterion that must fail for each."""

from tests.support.sabotages import METRICS, Sabotage, in_a_chart

_LOST = "Workers that do not come back are reported, until they do"
_WAITS = "An application that no worker serves is reported, until one does"
_IDLE = "A driver that nobody has asked for anything waits for no worker"
_GARBAGE = "Executors that collect garbage instead of working are reported"
_EVENTS = "Events that the event log does not keep up with are reported, though the answer is right"
_KEEPS_UP = "An event log that keeps up raises no alert"
_BACKED_UP = "A platform whose backup was taken when its time came has no alert"
_NO_SCHEDULE = "A schedule of backups that somebody deleted is reported, until it is there again"
_FEATURE = "features/observability/alerts.feature"
_FEWER = r"expr: metrics_master_aliveWorkers_Value\{\{ \$own \}\} < \{\{ .*\}\}\n +\{\{- if .*\n"

OF_ALERTS = [
    in_a_chart(
        "the alert of workers counts those that died long ago",
        "alerts",
        _FEWER,
        "expr: metrics_master_workers_Value{{ $own }} - metrics_master_aliveWorkers_Value{{ $own }} > 0\n",
        _LOST,
        "the end of the alert SparkWorkersLost",
    ),
    in_a_chart(
        "the alert of workers takes the dead ones for workers",
        "alerts",
        r"metrics_master_aliveWorkers_Value(\{\{ \$own \}\} < )",
        r"metrics_master_workers_Value\1",
        _LOST,
        "the alert SparkWorkersLost",
    ),
    Sabotage(
        "the workers that are to be lost stay",
        "steps/observability_steps.py",
        r'WithoutQuota\(context\.platform\.workloads, "worker"\)',
        'WithoutQuota(context.platform.workloads, "client")',
        _LOST,
        "the alert SparkWorkersLost",
    ),
    in_a_chart(
        "one worker of two is enough for the alert",
        "alerts",
        r"\$worker\.replicas \$worker\.autoscaling\.enabled \}\}",
        "1 $worker.autoscaling.enabled }}",
        METRICS,
        "SparkWorkersLost does not fire when fewer than 2 workers are at work",
    ),
    in_a_chart(
        "workers that follow applications are missed where there is none",
        "alerts",
        r"\{\{- if include \"spark-common\.worker\.followsApplications\" \.root \}\} and .*\{\{ end \}\}",
        "",
        METRICS,
        "SparkWorkersLost fires where no application needs a worker",
    ),
    in_a_chart(
        "no application waits while a driver asks for executors",
        "alerts",
        r"== 0\n    unless on \(pod\)",
        ">= 0\n    unless on (pod)",
        _WAITS,
        "the alert SparkApplicationsWaiting",
    ),
    Sabotage(
        "the workers that are not to be there stay",
        "sparkproof/resilience/disturbance.py",
        r"        super\(\)\.begin\(\)\n(        self\.workloads\.restart)",
        r"\1",
        _WAITS,
        "the alert SparkApplicationsWaiting",
    ),
    in_a_chart(
        "a driver that nobody asked for anything is an application that waits",
        "alerts",
        r"\n    > \(count\(\{\{ \$executors \}\}.*\n.* or vector\(0\)\)",
        " > 0",
        _IDLE,
        "The alert SparkApplicationsWaiting is",
    ),
    in_a_chart(
        "applications count that run as if they waited",
        "alerts",
        r"sum\(metrics_master_waitingApps_Value\{\{ \$own \}\}\)",
        "2 * sum(metrics_master_apps_Value{{ $own }})",
        _IDLE,
        "The alert SparkApplicationsWaiting is",
    ),
    in_a_chart(
        "garbage collection may take all the time of tasks, twenty times",
        "alerts",
        r"> 0\.2 \* sum",
        "> 20 * sum",
        _GARBAGE,
        "the alert SparkGarbageCollection",
    ),
    Sabotage(
        "no garbage is collected",
        _FEATURE,
        r"'java\.lang\.System', 'gc'\)",
        "'java.lang.System', 'lineSeparator')",
        _GARBAGE,
        "the alert SparkGarbageCollection",
    ),
    in_a_chart(
        "the alert of events counts another queue's",
        "alerts",
        r"queue_eventLog_numDroppedEvents",
        "queue_appStatus_numDroppedEvents",
        _EVENTS,
        "the alert SparkEventsLost",
    ),
    Sabotage(
        "the queue of the event log keeps its room",
        "sparkproof/observability/event_log.py",
        r"_ROOM\}=1\\n",
        r"_ROOM}=10000\\n",
        _EVENTS,
        "the alert SparkEventsLost",
    ),
    in_a_chart(
        "every event counts as lost",
        "alerts",
        r"LiveListenerBus_queue_eventLog_numDroppedEvents",
        "LiveListenerBus_numEventsPosted",
        _KEEPS_UP,
        "The alert SparkEventsLost is",
    ),
    Sabotage(
        "the event log has room for one event",
        "examples/platforms/monitored-lakehouse.yaml",
        r"values:\n",
        'values:\n  sparkConf: {spark.scheduler.listenerbus.eventqueue.eventLog.capacity: "1"}\n',
        _KEEPS_UP,
        "The alert SparkEventsLost is",
    ),
    in_a_chart(
        "a backup is overdue after a second",
        "alerts",
        r"> \{\{ mul \$hours 3600 \}\}",
        "> 1",
        _BACKED_UP,
        "SparkBackupOverdue is",
    ),
    in_a_chart(
        "the alert of backups looks at the CronJob of nobody",
        "alerts",
        r"(kube_cronjob_created\{namespace=%q, cronjob=%q\}\" \.root\.Release\.Namespace) \$backup",
        r'\1 "nobody"',
        _BACKED_UP,
        "a number of every series that the alerts' rules use",
    ),
    in_a_chart(
        "the alert of backups is silent where there is no schedule",
        "alerts",
        r" or absent\(\{\{ \$created \}\}\)",
        "",
        _NO_SCHEDULE,
        "the alert SparkBackupOverdue",
    ),
    Sabotage(
        "the schedule that is to be deleted stays",
        "sparkproof/operations/backup.py",
        r"        self\.workloads\.kube\.delete\(CRON_JOB, .*\n",
        '        self._schedule(self._cron_job["metadata"]["name"], "0 4 29 2 *")\n',
        _NO_SCHEDULE,
        "the alert SparkBackupOverdue",
    ),
]
