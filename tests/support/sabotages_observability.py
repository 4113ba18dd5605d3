"""Deliberate faults of what the charts bring for a Prometheus, and the criterion that must fail for each of them."""

from tests.support.sabotages import METRICS, Sabotage, in_a_chart, in_a_dag

_TARGETS = "Prometheus reads every program of a monitored platform"
_HEALTHY = "A healthy monitored platform at work has no alert"
_PENDING = "Executors that the team's quota has no room for are reported"
_DOWN = "A driver that does not come back is reported, until it does"
_TASKS = "Tasks that fail and are tried again are reported, though the answer is right"
_MASTER = "A master that does not come back is reported, until it does"
_PANELS = "Every panel of a monitored platform shows data after a workload"
_FAILED_TASK = "A task of Airflow that fails is reported by its name"
_NO_FAILED_TASK = "A run of Airflow that succeeds raises no alert"

OF_OBSERVABILITY = [
    in_a_chart(
        "a monitor asks at a path that nobody serves",
        "connect",
        r"path: /metrics/executors/prometheus",
        "path: /metrics/executor/prometheus",
        _TARGETS,
        "cannot be read at /metrics/executor/prometheus",
    ),
    in_a_chart(
        "a monitor asks at a port that no Service has",
        "connect",
        r"(connect\.metrics\" -\}\}\n)- port: ui",
        r"\1- port: web",
        _TARGETS,
        "connect",
    ),
    in_a_chart(
        "metrics do not say which release they are of",
        "monitoring",
        r"  podTargetLabels:\n    - app\.kubernetes\.io/instance\n",
        "",
        _HEALTHY,
        "a number of every series that the alerts' rules use",
    ),
    in_a_chart(
        "an alert fires on what is healthy",
        "alerts",
        r"expr: absent\(up\{job=\"connect\", (\{\{ \$release \}\})\} == 1\)",
        r'expr: up{job="connect", \1} == 1',
        _HEALTHY,
        "SparkDriverDown is",
    ),
    in_a_chart(
        "executors that are missing are counted against those that are needed",
        "alerts",
        r"numberAllExecutors",
        "numberMaxNeededExecutors",
        _PENDING,
        "the alert SparkExecutorsPending",
    ),
    in_a_chart(
        "alerts wait for ten minutes whatever is asked",
        "alerts",
        r"for: \{\{ \$monitoring\.rules\.wait \}\}",
        "for: 10m",
        _PENDING,
        "'SparkExecutorsPending': 'pending'",
    ),
    in_a_chart(
        "the driver's alert looks at one that answered",
        "alerts",
        r"expr: absent\(up\{job=\"connect\", (\{\{ \$release \}\})\} == 1\)",
        r'expr: absent(last_over_time(up{job="connect", \1}[10m]) == 1)',
        _DOWN,
        "the alert SparkDriverDown",
    ),
    in_a_chart(
        "the driver's alert needs a driver that answers with no",
        "alerts",
        r"expr: absent\(up\{job=\"connect\", (\{\{ \$release \}\})\} == 1\)",
        r'expr: count(up{job="connect", \1} == 1) < 1',
        _DOWN,
        "the alert SparkDriverDown",
    ),
    in_a_chart(
        "the alert of tasks asks for ten that fail for one that does not",
        "alerts",
        r"> 0\.1 \* increase",
        "> 10 * increase",
        _TASKS,
        "the alert SparkTasksFail",
    ),
    in_a_chart(
        "a task that fails counts as a stage",
        "alerts",
        r"stages_failedStages_Count",
        "tasks_failedTasks_Count",
        _TASKS,
        "The alert SparkStagesFail is",
    ),
    Sabotage(
        "no task fails",
        "features/observability/alerts.feature",
        r"= 'null',",
        "= 'no value',",
        _TASKS,
        "the alert SparkTasksFail",
    ),
    in_a_chart(
        "the master's alert looks at the workers",
        "alerts",
        r"expr: absent\(up\{job=\"master\"",
        'expr: absent(up{job="worker"',
        _MASTER,
        "the alert SparkMasterDown",
    ),
    Sabotage(
        "the master that is to go stays",
        "sparkproof/spark/standalone.py",
        r'        scale\(self\.workloads, "master", 0\)\n        self\.workloads\.kube\.must_be_gone\(.*\n',
        '        scale(self.workloads, "master", 1)\n',
        _MASTER,
        "the alert SparkMasterDown",
    ),
    Sabotage(
        "the master does not come back",
        "sparkproof/spark/standalone.py",
        r'        scale\(self\.workloads, "master", 1\)\n        self\.workloads\.must_be_ready\(\)\n',
        '        scale(self.workloads, "master", 0)\n',
        _MASTER,
        "the end of the alert SparkMasterDown",
    ),
    in_a_chart(
        "a backup may be two days late before anybody is alarmed",
        "alerts",
        r"backup\.maxAgeHours 2",
        "backup.maxAgeHours 48",
        METRICS,
        "SparkBackupOverdue does not fire 2 hours after backup.maxAgeHours",
    ),
    in_a_chart(
        "no alert where nobody says what the backups did",
        "alerts",
        r" or absent\(\{\{ \$created \}\}\)",
        "",
        METRICS,
        "SparkBackupOverdue",
    ),
    in_a_chart(
        "backups of every release count",
        "alerts",
        r'job_name=~"\{\{ \$backup \}\}-\[0-9\]\+"',
        'job_name=~".*backup-[0-9]+"',
        METRICS,
        "watches more than the backups of the release",
    ),
    in_a_chart(
        "drivers do not count stages and tasks",
        "monitoring",
        r'spark\.metrics\.appStatusSource\.enabled: "true"\n',
        # Spark 4.1 counts them unless it is told not to.
        'spark.metrics.appStatusSource.enabled: "false"\n',
        _PANELS,
        "Tasks per second",
    ),
    Sabotage(
        "a panel asks for a metric that nobody serves",
        "charts/spark-4.1/dashboards/connect.json",
        r"metrics_executor_JVMHeapMemory_bytes",
        "metrics_executor_JVMHeap_bytes",
        _PANELS,
        "Heap in use",
    ),
    in_a_chart(
        "a task's first failure is no growth of a number",
        "alerts",
        r"\n +or sum by \(dag_id, task_id\) \(.*",
        "",
        _FAILED_TASK,
        "the alert AirflowTasksFail that says",
    ),
    in_a_chart(
        "Airflow counts no failure for its alert",
        "airflow",
        r"(STATSD_ON\n  value: ).*",
        r'\1"false"',
        _FAILED_TASK,
        "the alert AirflowTasksFail that says",
    ),
    in_a_chart(
        "the alert of a task does not say of which DAG it is",
        "alerts",
        r"sum by \(dag_id, task_id\) \(\{\{",
        "sum by (task_id) ({{",
        _FAILED_TASK,
        "the alert AirflowTasksFail that says",
    ),
    in_a_dag(
        "a task that is to fail succeeds",
        "without-orders",
        r'raise ValueError\("There are no orders\."\)',
        'print("There are no orders.")',
        _FAILED_TASK,
        "is success and its task count success, not failed",
    ),
    in_a_chart(
        "the alert of failed tasks counts those that succeed",
        "alerts",
        r"airflow_ti_failures",
        "airflow_ti_successes",
        _NO_FAILED_TASK,
        "AirflowTasksFail is",
    ),
    in_a_dag(
        "a task succeeds at its second try",
        "with-orders",
        r"(from airflow\.sdk import dag), task\n((?:.*\n)*) +@task\n    def count\(\) -> int:\n",
        r"from datetime import timedelta\n\n\1, get_current_context, task\n\2"
        r"    @task(retries=1, retry_delay=timedelta(seconds=1))\n    def count() -> int:\n"
        r'        assert get_current_context()["ti"].try_number > 1\n',
        _NO_FAILED_TASK,
        "AirflowTasksFail is",
    ),
]
