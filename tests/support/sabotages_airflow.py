"""Deliberate faults of what Airflow starts, counts and sees, and the criterion that must fail for each of them."""

# Longer than 300 lines: one row for each sabotage.

from tests.support.sabotages import Sabotage, in_a_chart, in_a_dag

# Titles of the criteria.
IN_CLUSTER_MODE = "A run submits an application in cluster mode"
IN_CLIENT_MODE = "A run submits an application in client mode"
FAILS_IN_CLUSTER_MODE = "An application that fails in cluster mode fails its task with Spark's own words"
FAILS_IN_CLIENT_MODE = "An application that fails in client mode fails its task with Spark's own words"
RIGHTS = "Airflow may start pods and submit applications, and nothing more"
CARRIED = "Airflow's pod alone carries its account, with the Secrets of its own and of drivers"
OWN_POD = "A task runs in a pod of its own in a restricted namespace"
UNRESTRICTED = "A pod without restrictions is refused"
ELSEWHERE = "A pod in another namespace is refused, since Airflow has no rights there"
COUNTED = "A failed task is counted"
NOT_COUNTED = "A task that succeeds is not counted among those that failed"
CHANGED = "A changed DAG is seen within two minutes"
GONE = "A DAG whose file is gone starts no more within two minutes"

WAITS = "A run that waits outlives a restart"
NEVER = "A run that was cancelled while it waited does not come back with a restart"
TRIED = "A task whose worker is killed is tried again, and writes its table once"
EVICTED = "A task whose Airflow is evicted with its node is tried again, and writes its table once"
TWICE = "A task that adds to what an earlier try left writes it twice"
DRAINED = "A task whose worker is asked to end is tried again, and writes its table once"
ONCE = "A task that allows one try alone fails when its worker is killed"
BOTH = "One run asks two versions of Spark"
REFUSED = "A query that the other version refuses fails the run with the words of its Spark"

_TASKS = "docker/airflow/spark_tasks.py"
_PUBLISHED = "sparkproof/airflow/published.py"
_WAITING = "sparkproof/airflow/waiting.py"


def passed_over(title: str) -> Sabotage:
    """A task that goes on as if its application had succeeded."""
    return in_a_dag(
        f"a task passes over what its application says: {title}",
        "submitted-application",
        r"( +)(submit_application\(.*\))",
        r"\1try:\n\1    \2\n\1except Exception:\n\1    pass",
        title,
        "is success",
    )


def an_order_in_order(title: str) -> Sabotage:
    """An application that finds nothing wrong."""
    return Sabotage(
        f"the application finds no wrong order: {title}",
        "examples/applications/wrong-order.py",
        "id = 7,",
        "id = 77,",
        title,
        "is success",
    )


def seldom_looked_for(title: str, cause: str, files: str) -> Sabotage:
    """An Airflow that looks every hour for new `files`, or for changed ones."""
    often, seldom = {
        "new": ("REFRESH_INTERVAL=10 ", "REFRESH_INTERVAL=3600 "),
        # Each of the two alone finds them.
        "changed": (
            r"REFRESH_INTERVAL=10 (.*\n.*)MIN_FILE_PROCESS_INTERVAL=30 ",
            r"REFRESH_INTERVAL=3600 \1MIN_FILE_PROCESS_INTERVAL=3600 ",
        ),
    }[files]
    name = f"Airflow looks for {files} files every hour: {title}"
    return Sabotage(name, "docker/airflow/Dockerfile", often, seldom, title, cause, limit_s=900)


def as_it_was(title: str, pattern: str, replacement: str, cause: str) -> Sabotage:
    """A file that its team did not change."""
    return Sabotage(f"the file stays as it was: {title}", _PUBLISHED, pattern, replacement, title, cause)


def kept_in_its_pod(title: str, cause: str) -> Sabotage:
    """An Airflow whose state is a file in its pod."""
    name = f"Airflow keeps its state in its pod: {title}"
    return in_a_chart(
        name, "airflow", r"(SQL_ALCHEMY_CONN\n  value: ).*", r"\1sqlite:////var/lib/airflow/airflow.db", title, cause
    )


def not_killed(title: str, cause: str) -> Sabotage:
    """A worker that stands still, and is not killed."""
    name = f"a worker is stopped for a while, and not killed: {title}"
    return Sabotage(name, "sparkproof/airflow/at_work.py", r"signal\.SIGKILL", "signal.SIGSTOP", title, cause)


ORCHESTRATION = [
    in_a_dag(
        "the driver runs beside its task",
        "submitted-application",
        r'mode=params\["mode"\]',
        'mode="client"',
        IN_CLUSTER_MODE,
        "ended with no pod",
    ),
    in_a_dag(
        "the driver gets a pod though it was to run beside its task",
        "submitted-application",
        r'mode=params\["mode"\]',
        'mode="cluster"',
        IN_CLIENT_MODE,
        "and not beside its task",
    ),
    *(
        in_a_dag(
            f"an application writes into another table: {title}",
            "submitted-application",
            r'params\["table"\], \*',
            'params["table"] + "_else", *',
            title,
            "TABLE_OR_VIEW_NOT_FOUND",
        )
        for title in (IN_CLUSTER_MODE, IN_CLIENT_MODE)
    ),
    *(
        fault(title)
        for title in (FAILS_IN_CLUSTER_MODE, FAILS_IN_CLIENT_MODE)
        for fault in (passed_over, an_order_in_order)
    ),
    Sabotage(
        "a driver outlives its task",
        _TASKS,
        r'_api\("DELETE", (.*)\)\n',
        r'print("left:", \1)\n',
        "A cancelled run leaves no application in cluster mode",
        "the end of all pods and programs of",
    ),
    Sabotage(
        "a submission outlives its task",
        _TASKS,
        r"    os\.killpg\(submission\.pid, signal\.SIGTERM\)\n",
        "",
        "A cancelled run leaves no application in client mode",
        "the end of all pods and programs of",
    ),
    *(
        Sabotage(
            f"a cancelled task is not told: {mode}",
            _TASKS,
            "signal.SIGTERM, terminate",
            "signal.SIGUSR1, terminate",
            f"A cancelled run leaves no application in {mode} mode",
            "the end of all pods and programs of",
        )
        for mode in ("client", "cluster")
    ),
    in_a_chart(
        "Airflow may read Secrets", "airflow", r"\[pods/log\]", "[pods/log, secrets]", RIGHTS, "there are more rights"
    ),
    in_a_chart(
        "Airflow may write events",
        "airflow",
        r"(resources: \[events\]\n  verbs: )\[list\]",
        r"\1[list, create]",
        RIGHTS,
        "there are more rights",
    ),
    in_a_chart(
        "Airflow's pod has no token",
        "airflow",
        r"automountServiceAccountToken: .*",
        "automountServiceAccountToken: false",
        CARRIED,
        "airflow runs as the account airflow with no token",
    ),
    in_a_chart(
        "Airflow has the password of PostgreSQL's superuser",
        "airflow",
        r"(- name: AIRFLOW__METRICS__STATSD_ON\n)",
        r"- name: ANOTHER\n  valueFrom: {secretKeyRef: {name: postgres, key: postgres}}\n\1",
        CARRIED,
        "postgres/postgres",
    ),
    in_a_dag(
        "a pod's container may get more rights",
        "pod-of-its-own",
        r" +container_security_context=.*\n",
        "",
        OWN_POD,
        "violates PodSecurity",
    ),
    in_a_dag("a pod's program gives another answer", "pod-of-its-own", "6 \\* 7", "6 * 8", OWN_POD, "did not print"),
    in_a_dag(
        "a pod asks for restrictions",
        "pod-without-restrictions",
        r"(\n +)(task_id=.*)",
        r'\1\2\1security_context={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},'
        r'\1container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},',
        UNRESTRICTED,
        "is success",
    ),
    Sabotage(
        "teams' namespaces are not restricted",
        "features/airflow/pods.feature",
        'the "pod without restrictions" DAG',
        'the "pod of its own" DAG',
        UNRESTRICTED,
        "is success",
    ),
    in_a_dag(
        "a pod comes into Airflow's namespace whatever was asked for",
        "pod-of-its-own",
        r"\{\{ params\.namespace \}\}",
        "",
        ELSEWHERE,
        "is success",
    ),
    in_a_chart(
        "Airflow has no account to ask with",
        "airflow",
        r"automountServiceAccountToken: .*",
        "automountServiceAccountToken: false",
        ELSEWHERE,
        "0 of them failed because of",
    ),
    in_a_chart(
        "Airflow counts nothing",
        "airflow",
        r"(STATSD_ON\n  value: ).*",
        r'\1"false"',
        COUNTED,
        "1 more failures and 0 more successes",
    ),
    in_a_chart(
        "nobody takes what Airflow counts",
        "airflow",
        "listen-udp=127.0.0.1:8125",
        "listen-udp=127.0.0.1:8126",
        COUNTED,
        "1 more failures and 0 more successes",
    ),
    in_a_chart(
        "Airflow counts no success",
        "airflow",
        r"(STATSD_ON\n  value: ).*",
        r'\1"false"',
        NOT_COUNTED,
        "0 more failures and 2 more successes",
    ),
    Sabotage(
        "what another process has counted is not added",
        "sparkproof/observability/metrics.py",
        r"return sum\((metric\.value for metric in found if labels.*)\)\n",
        r"return min(1.0, sum(\1))\n",
        NOT_COUNTED,
        "0 more failures and 2 more successes",
    ),
    Sabotage(
        "successes are read as failures",
        "sparkproof/airflow/counted.py",
        '"airflow_ti_failures", "airflow_ti_successes"',
        '"airflow_ti_successes", "airflow_ti_failures"',
        NOT_COUNTED,
        "2 more failures and 0 more successes",
    ),
    seldom_looked_for(CHANGED, "a run of price list whose price hands on 5", "changed"),
    as_it_was(CHANGED, r"\.replace\(old, new\)", "", "a run of price list whose price hands on 5"),
    seldom_looked_for(GONE, "Airflow's refusal to start price list", "new"),
    as_it_was(GONE, " if name != self.file", "", "Airflow's refusal to start price list"),
    kept_in_its_pod(WAITS, "with status 404"),
    Sabotage(
        "nobody resumes the DAG of a run that waits",
        _WAITING,
        r"(        self\.airflow\.)resume\(self\.dag\)(\n        return)",
        r"\1pause(self.dag)\2",
        WAITS,
        "did not succeed, but is queued",
    ),
    in_a_dag(
        "a run that waited adds one to each sum",
        "daily-sums",
        r"sum\(id\) AS total",
        "sum(id) + 1 AS total",
        WAITS,
        "166834",
    ),
    kept_in_its_pod(NEVER, "Airflow did not answer"),
    Sabotage(
        "a run that waits is not cancelled",
        _WAITING,
        r"        self\.airflow\.cancel\(self\.dag, self\.run\)\n",
        "        pass\n",
        NEVER,
        "and is success; it began price",
    ),
    not_killed(TRIED, "is running after 1 tries"),
    in_a_dag("a task allows no other try", "orders-in-two-parts", "retries=1", "retries=0", TRIED, "after 1 tries"),
    in_a_dag(
        "the second try writes an order again",
        "orders-in-two-parts",
        r"range\(2, 4\)",
        "range(1, 4)",
        TRIED,
        "not [(0, 0), (1, 10), (2, 20), (3, 30)]",
    ),
    Sabotage(
        "a task that is asked to end has no other try",
        _TASKS,
        r"class TaskStopped\(BaseException\):",
        "from airflow.sdk.exceptions import AirflowTaskTerminated\n\n\nclass TaskStopped(AirflowTaskTerminated):",
        DRAINED,
        "is failed after 1 tries",
    ),
    Sabotage(
        "a task does not hear that it is to end",
        _TASKS,
        "signal.SIGTERM, terminate",
        "signal.SIGUSR1, terminate",
        DRAINED,
        "is running after 1 tries",
    ),
    in_a_dag(
        "the try after a drain writes an order again",
        "orders-in-two-parts",
        r"range\(2, 4\)",
        "range(1, 4)",
        DRAINED,
        "not [(0, 0), (1, 10), (2, 20), (3, 30)]",
    ),
    Sabotage(
        "the Connect server is evicted, and Airflow stays",
        "steps/interrupted_runs_steps.py",
        r'Eviction\.of\(context\.platform\.workloads, "airflow"\)',
        'Eviction.of(context.platform.workloads, "connect")',
        EVICTED,
        "was not evicted",
    ),
    Sabotage(
        "the scheduler starts tasks before the server that they ask",
        "docker/airflow/airflow_starts.py",
        r'== \["scheduler"\]',
        '== ["nobody"]',
        EVICTED,
        "is failed after 2 tries",
    ),
    in_a_dag(
        "the try after an eviction writes an order again",
        "orders-in-two-parts",
        r"range\(2, 4\)",
        "range(1, 4)",
        EVICTED,
        "not [(0, 0), (1, 10), (2, 20), (3, 30)]",
    ),
    not_killed(TWICE, "is running after 1 tries"),
    in_a_dag(
        "a task that adds orders begins anew",
        "orders-added-again",
        r"CREATE TABLE IF NOT EXISTS",
        "CREATE OR REPLACE TABLE",
        TWICE,
        "not [(0, 0), (0, 0), (1, 10), (1, 10), (2, 20), (3, 30)]",
    ),
    not_killed(ONCE, "the run is running"),
    in_a_dag("an endless query is tried again", "endless-query", r"@task\n", "@task(retries=1)\n", ONCE, "is running"),
    Sabotage(
        "the pod of a run asks Airflow's own platform",
        "sparkproof/airflow/two_versions.py",
        r"workloads = there\.workloads",
        "workloads = here.workloads",
        BOTH,
        "did not print 'Spark 4.1.0 answered 499500",
    ),
    in_a_dag(
        "a task says another version than its Spark has",
        "two-versions",
        r'return f"Spark \{spark\.version\}',
        'return f"Spark 4.1.0',
        BOTH,
        "handed on 'Spark 4.1.0",
    ),
    in_a_dag(
        "a task has another client than its Spark",
        "two-versions",
        r"to a client of \{pyspark\.__version__\}",
        "to a client of 4.1.0",
        BOTH,
        "handed on 'Spark 4.1.1 answered 499500 to a client of 4.1.0'",
    ),
    in_a_dag(
        "a pod knows the answer without asking Spark",
        "two-versions",
        r"answer = spark\.sql\(query\)\.first\(\)\[0\]",
        "answer = 499500",
        BOTH,
        "the finished execution of",
    ),
    in_a_dag(
        "a pod keeps the words of its Spark to itself",
        "two-versions",
        r"sys\.exit\(str\(refused\).*",
        "sys.exit(1)",
        REFUSED,
        "0 of them failed because of",
    ),
    Sabotage(
        "the other version does not refuse the query",
        "features/airflow/two_versions.feature",
        r"4\.1\.0%",
        "3.5%",
        REFUSED,
        "is success and its task ask_there success, not failed",
    ),
]
