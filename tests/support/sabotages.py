"""Deliberate faults, and the criterion that must fail for each of them."""

# Longer than 300 lines: one row for each sabotage.

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What platforms are installed from; all else is read by the criteria and the code behind them.
INSTALLED = ("charts/", "docker/", "examples/applications/", "examples/dags/", "examples/platforms/")


@dataclass(frozen=True)
class Sabotage:
    """A change of one file of the project: the `pattern` is replaced; the `criterion` must fail and say `cause`.

    Where the cluster lacks the capability that the criterion `needs`, nothing is known of it. The criterion's run ends
    after `limit_s`. A changed chart is a platform set up wrongly; changed data in a feature are rows that differ from
    what is expected.
    """

    name: str
    file: str
    pattern: str
    replacement: str
    criterion: str
    cause: str
    needs: str = ""
    limit_s: int = 1200

    @property
    def changes_platforms(self) -> bool:
        """True if platforms are installed from the changed file: one that is there is another platform then."""
        return self.file.startswith(INSTALLED)

    @property
    def scenario(self) -> str:
        """The pattern of the name of the one scenario that is run."""
        return f"^{self.criterion}( -- .*)?$"

    def broken(self, project: Path) -> Mapping[Path, str]:
        """The new text of each changed file, a chart's copies of the library too; raises ValueError for no fault."""
        texts = {}
        for path in (project / self.file, *project.glob(f"charts/*/{self.file}")):
            was = path.read_text()
            texts[path], count = re.subn(self.pattern, self.replacement, was)
            if count != 1 or texts[path] == was:
                raise ValueError(f"{self.name}: the pattern must change exactly one place, and hits {count} of {path}")
        return texts


def in_tables(name: str, setting: str, value: str, criterion: str, cause: str) -> Sabotage:
    """A setting of the hadoop catalog, where table-default.<property> is one of every new table."""
    return Sabotage(
        name,
        "charts/spark-common/templates/_iceberg.tpl",
        r"(warehouse: file:///warehouse\n)",
        rf'\1{setting}: "{value}"\n',
        criterion,
        cause,
    )


def on_a_gpu(name: str, file: str, pattern: str, replacement: str, cause: str) -> Sabotage:
    """A change that only the headline's criterion can show, which needs a GPU."""
    return Sabotage(name, file, pattern, replacement, "RAPIDS executes a time-travelling query", cause, "gpu")


def in_a_chart(name: str, template: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of one template of the library, which a criterion of the charts finds without a cluster."""
    return Sabotage(name, f"charts/spark-common/templates/_{template}.tpl", pattern, replacement, title, cause)


def in_a_preset(name: str, file: str, pattern: str, title: str, cause: str) -> Sabotage:
    """A line that a preset has lost."""
    return Sabotage(name, f"charts/{file}-values.yaml", pattern, "", title, cause)


def in_a_dag(name: str, dag: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of an example DAG, which takes no other image."""
    return Sabotage(name, f"examples/dags/{dag}.py", pattern, replacement, title, cause)


def all_are_admins(title: str) -> Sabotage:
    """Airflow that lets in everybody with all rights, without asking who they are."""
    return Sabotage(
        f"Airflow asks nobody who they are: {title}",
        "charts/spark-common/templates/_airflow.tpl",
        r"(- name: AIRFLOW__CORE__PARALLELISM\n)",
        r'- name: AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS\n  value: "true"\n\1',
        title,
        "did not refuse",
    )


# Titles of the criteria of Airflow.
AIRFLOW_TABLE = "A run writes a table that a data engineer finds"
AIRFLOW_WRONG = "A run whose query is wrong fails and says why"
AIRFLOW_XCOM = "The next task gets the answer that Spark gave"
AIRFLOW_GOOD = "Data that passes its check is published"
AIRFLOW_BAD = "A check that fails stops what follows"
AIRFLOW_PLAIN = "A cancelled run leaves no work though nobody ended its session"
AIRFLOW_CANCELLED = "A cancelled run leaves no work and no session on Spark"
AIRFLOW_LIMIT = "A run over its time limit ends with its work"


def in_tracking(name: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of the tracking server as the charts install it."""
    return Sabotage(name, "charts/spark-common/templates/_mlflow.tpl", pattern, replacement, title, cause)


def in_a_run(name: str, file: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of what a user of MLflow, or its operator, does."""
    return Sabotage(name, file, pattern, replacement, title, cause)


# A line of the tracking server's environment, after which another one is put.
_VARIABLES = r"(    env:\n)(      - name: MLFLOW_BACKEND_STORE_URI\n)"


def tracked_with(name: str, variable: str, value: str, title: str, cause: str) -> Sabotage:
    """A variable that the tracking server is not to have."""
    added = f'      - name: {variable}\n        value: "{value}"\n'
    return in_tracking(name, _VARIABLES, rf"\1{added}\2", title, cause)


# The limit for a criterion that installs a platform, loses its volumes, and starts its services anew.
DRILL_S = 1800
BOTH_VOLUMES = (
    "A platform that loses its databases and its object store comes back from a backup that was taken while "
    "somebody wrote"
)

GPU_SPEED = "A GPU answers at least twice as fast as the cores beside it"
# Titles of the criteria that look at every rendering.
PODS = "A pod can do no more than its work needs"
ACCOUNTS = "Each pod has the account, the token and the rights of its work"
CATALOGS = "Tables and event logs lie apart, where they are looked for"
DRIVERS = "Drivers are found, and executors come, work and go"
METRICS = "Metrics are told under names that stay, and found"
NETWORK = "The network allows what components need"
PROGRAMS = "Programs are told what they need, and no secret is shown"
SERVICES = "Programs are found, and asked whether they work"
BACKUPS = "At most a day of work is without a backup"
BUDGET = "Evicting the Connect server is refused by its budget"
HANDED_OVER = "An executor that is evicted hands over, and the answer stays right"
COMES_AND_GOES = "Workers come for an application that waits, and go after it"
NOBODY_COUNTS = "Nobody takes workers away while applications cannot be counted"
OWN_TESTS = "Each of the charts' own tests fails where it is answered wrongly"

SABOTAGES = [
    Sabotage(
        "Iceberg's SQL extensions left out",
        "charts/spark-common/templates/_settings.tpl",
        r"spark\.sql\.extensions: .*\n",
        "",
        "A snapshot is found again by its tag in the hadoop catalog",
        "PARSE_SYNTAX_ERROR",
    ),
    Sabotage(
        "the driver may not create pods",
        "charts/spark-common/templates/_driver.tpl",
        r"verbs: \[create, ",
        "verbs: [",
        "The driver may manage its executors",
        "may not create pods",
    ),
    Sabotage(
        "shuffle tracking off",
        "charts/spark-common/templates/_settings.tpl",
        r'shuffleTracking\.enabled: "true"\n',
        'shuffleTracking.enabled: "false"\n',
        "Executors come with the work and go when it is done",
        "Dynamic allocation loses shuffle files",
    ),
    Sabotage(
        "executors never go",
        "charts/spark-common/templates/_settings.tpl",
        r"executorIdleTimeout: .*",
        "executorIdleTimeout: 1h",
        "Executors come with the work and go when it is done",
        "0 executors in",
    ),
    Sabotage(
        "executors get the driver's account",
        "charts/spark-common/templates/_manager.tpl",
        r'(authenticate\.executor\.serviceAccountName: .*"component" )"executor"',
        r'\1"connect"',
        "An executor may do nothing",
        "may get pods",
    ),
    Sabotage(
        "the oldest session first",
        "charts/spark-common/templates/_connect.tpl",
        r"spark\.scheduler\.mode: FAIR",
        "spark.scheduler.mode: FIFO",
        "A short query does not wait for a long one",
        "no task of the work was waiting",
    ),
    Sabotage(
        "executors are not told that they have to go",
        "charts/spark-common/templates/_settings.tpl",
        r'spark\.decommission\.enabled: "true"',
        'spark.decommission.enabled: "false"',
        "A decommissioned executor finishes its work on Spark 4.1.1.*",
        "tasks were lost",
    ),
    Sabotage(
        "a drain may take the server",
        "charts/spark-common/templates/_objects.tpl",
        r"maxUnavailable: \{\{ \.maxUnavailable \}\}",
        "maxUnavailable: 1",
        BUDGET,
        "was evicted, and the disruption budget",
    ),
    Sabotage(
        "a budget of nobody's pods",
        "charts/spark-common/templates/_objects.tpl",
        r"(unhealthyPodEvictionPolicy: AlwaysAllow\n  selector:\n    matchLabels:\n      )\{\{- include .*",
        r"\1app.kubernetes.io/component: nobody",
        BUDGET,
        "was evicted, and the disruption budget",
    ),
    Sabotage(
        "a budget that cannot be switched off",
        "charts/spark-common/templates/_objects.tpl",
        r'\(dig "podDisruptionBudget" "enabled" true \$values\)',
        "true",
        "Without its budget, a server that is evicted ends its sessions, and their users are told",
        "was not evicted",
    ),
    Sabotage(
        "an evicted executor is not told",
        "charts/spark-common/templates/_settings.tpl",
        r'spark\.decommission\.enabled: "true"',
        'spark.decommission.enabled: "false"',
        HANDED_OVER,
        "handed nothing over",
    ),
    Sabotage(
        "nobody waits until an evicted executor is done",
        "charts/spark-common/templates/_manager.tpl",
        r"spark\.kubernetes\.decommission\.script: .*",
        "spark.kubernetes.decommission.script: /bin/true",
        HANDED_OVER,
        "handed nothing over",
    ),
    Sabotage(
        "executors belong to nobody",
        "charts/spark-common/templates/_manager.tpl",
        r"spark\.kubernetes\.driver\.pod\.name: .*",
        'spark.ui.killEnabled: "false"',
        "Executors of Spark 4.1.1 give the right answer.*",
        "do not belong to spark-connect-0",
    ),
    Sabotage(
        "the server is not told its token",
        "charts/spark-common/templates/_connect.tpl",
        r"SPARK_CONNECT_AUTHENTICATE_TOKEN",
        "SPARK_CONNECT_NO_TOKEN",
        "Only a user with the token is let in",
        "was not refused",
    ),
    Sabotage(
        "a warehouse for all releases of a namespace",
        "charts/spark-common/templates/_warehouse.tpl",
        r"claimName: .*",
        "claimName: spark-warehouse",
        "Two platforms in one namespace are separate",
        "was not refused",
    ),
    Sabotage(
        "a warehouse that goes with its pod",
        "charts/spark-common/templates/_warehouse.tpl",
        r"persistentVolumeClaim:\n    claimName: .*",
        "emptyDir: {}",
        "An upgrade of Spark keeps a team's tables",
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
    Sabotage(
        "a warehouse that goes with its pod, beside other catalogs",
        "charts/spark-common/templates/_warehouse.tpl",
        r"persistentVolumeClaim:\n    claimName: .*",
        "emptyDir: {}",
        "An upgrade of Spark keeps the tables of every catalog",
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
    Sabotage(
        "one fare is a pound too high before an upgrade",
        "features/spark/releases.feature",
        r"(keeps the tables of every catalog\n.* 4\.1\.0\n.* each catalog\n.*\n.*\n      \| 2    \| Camden \| )7\.0",
        r"\g<1>8.0",
        "An upgrade of Spark keeps the tables of every catalog",
        "(2, 'Camden', 8.0)",
    ),
    Sabotage(
        "event logs that go with their pod",
        "charts/spark-common/templates/_event-log.tpl",
        r"spark\.eventLog\.dir: .*",
        "spark.eventLog.dir: file:///tmp",
        "An upgrade of Spark keeps the event logs of earlier work",
        "in the history did not come within",
    ),
    Sabotage(
        "a driver without the right to make executors",
        "charts/spark-common/templates/_driver.tpl",
        r"verbs: \[create, ",
        "verbs: [",
        "An application runs in cluster mode on Spark 4.1.1.*",
        "may not create pods, so no executor can come",
    ),
    Sabotage(
        "a master that forgets",
        "charts/spark-common/templates/_master.tpl",
        r"spark\.deploy\.recoveryMode: FILESYSTEM",
        "spark.deploy.recoveryMode: NONE",
        "A killed master comes back and knows its workers and applications",
        "runs nothing, and not spark-connect",
    ),
    Sabotage(
        "workers are not told that they have to go",
        "charts/spark-common/templates/_worker.tpl",
        r'spark\.decommission\.enabled: "true"',
        'spark.decommission.enabled: "false"',
        "A decommissioned worker finishes its work",
        "tasks were lost",
    ),
    Sabotage(
        "one fare is written a pound too high",
        "features/iceberg/time_travel.feature",
        r"(And a table of taxi trips in .*\n.*\n.*\n      \| 2    \| Camden \| )7\.0",
        r"\g<1>8.0",
        "An earlier snapshot still holds its rows in the hadoop catalog",
        "(2, 'Camden', 8.0)",
    ),
    Sabotage(
        "one trip of the added half is written twice",
        "features/iceberg/partition_evolution.feature",
        r"    And the other half was added later\n",
        "    And the other half was added later\n"
        '    And a data engineer has run "INSERT INTO trips SELECT * FROM trips WHERE trip = 99999"\n',
        "Old files stay as they are, and new ones follow the new layout",
        "50001",
    ),
    Sabotage(
        "sessions keep the tables that they have seen",
        "charts/spark-common/templates/_settings.tpl",
        r'(\{\{ \$catalog\.name \}\}\.cache-enabled: )"false"',
        r'\1"true"',
        "A committed change is visible to another session at once in the hadoop catalog",
        "gave []",
    ),
    in_tables(
        "snapshots expire at once",
        "table-default.history.expire.max-snapshot-age-ms",
        "0",
        "Snapshots of the last days do not expire",
        "expected 2",
    ),
    in_tables(
        "tags expire at once",
        "table-default.history.expire.max-ref-age-ms",
        "1",
        "A snapshot with a tag does not expire",
        "Cannot find",
    ),
    in_tables(
        "merges are not isolated from what others add",
        "table-default.write.merge.isolation-level",
        "snapshot",
        "Two writers that change one trip at the same time do not undo each other's changes in the hadoop catalog",
        "is there 2 times",
    ),
    in_a_chart(
        "merges of the jdbc catalog are not isolated from what others add",
        "iceberg",
        r"(jdbc\.schema-version: V1\n)",
        r"\1table-default.write.merge.isolation-level: snapshot\n",
        "Two writers that change one trip at the same time do not undo each other's changes in the jdbc catalog",
        "is there 2 times",
    ),
    in_a_chart(
        "commits of the jdbc catalog are tried once only",
        "iceberg",
        r"(jdbc\.schema-version: V1\n)",
        r'\1table-default.commit.retry.num-retries: "0"\n',
        "Trips that two writers add at the same time are all there, each once, in the jdbc catalog",
        "changes were refused",
    ),
    in_tables(
        "commits are tried once only",
        "table-default.commit.retry.num-retries",
        "0",
        "Trips that two writers add at the same time are all there, each once, in the hadoop catalog",
        "changes were refused",
    ),
    in_tables(
        "tables of the first format, which knows no deletes beside files",
        "table-override.format-version",
        "1",
        "A delete removes its rows and no other, merge-on-read",
        "gave [(1, 'Soho', 12.5), (2, 'Camden', 7.0), (3, 'Soho', 30.0)]",
    ),
    in_tables(
        "writers scatter each partition over many files",
        "table-override.write.distribution-mode",
        "none",
        "A query reads only the files of its month and its zone, in either layout",
        "files were read and",
    ),
    in_tables(
        "compaction aims at tiny files",
        "table-override.write.target-file-size-bytes",
        "1024",
        "Compaction writes few files instead of many and changes no answer",
        "files; expected fewer than 12",
    ),
    in_tables(
        "files are not compressed",
        "table-override.write.parquet.compression-codec",
        "uncompressed",
        "A million trips take at most 5 % more storage than as plain Parquet",
        "more storage than plain Parquet",
    ),
    Sabotage(
        "executors ask for no GPU",
        "charts/spark-common/templates/_gpu.tpl",
        r'if include "spark-common\.gpu\.executes" \. }}\nspark\.executor',
        "if false }}\nspark.executor",
        "Executors go to GPU nodes only",
        "1 executors that wait because of",
    ),
    Sabotage(
        "executors take any node with a GPU",
        "charts/spark-4.1/presets/gpu-values.yaml",
        r"  nodeSelector:\n.*\n",
        "",
        "Executors go to GPU nodes only",
        "1 executors that wait because of",
    ),
    Sabotage(
        "executors accept no GPU node",
        "charts/spark-4.1/presets/gpu-values.yaml",
        r"  tolerations:\n.*\n.*\n.*\n",
        "",
        "Executors go to GPU nodes only",
        "untolerated taint",
    ),
    Sabotage(
        "the driver accepts what executors do",
        "charts/spark-common/templates/_pod.tpl",
        r"with \$values\.tolerations",
        "with $root.Values.executor.tolerations",
        "Spot nodes are for executors and never for the driver",
        "on a spot node",
    ),
    Sabotage(
        "RAPIDS' plugin dropped",
        "charts/spark-common/templates/_gpu.tpl",
        r"spark\.plugins: .*\n",
        "",
        "RAPIDS would execute a time-travelling query",
        "RAPIDS is not among the planner classes of this platform's Spark",
    ),
    Sabotage(
        "a setting of RAPIDS misspelt",
        "charts/spark-common/templates/_gpu.tpl",
        "concurrentGpuTasks",
        "concurentGpuTasks",
        "RAPIDS knows the settings of the GPU preset",
        "RAPIDS has no spark.rapids.sql.concurentGpuTasks",
    ),
    Sabotage(
        "explain-only where a device is promised",
        "charts/spark-4.1/presets/gpu-values.yaml",
        r"  enabled: true\n",
        "  enabled: true\n  mode: explainOnly\n",
        "Executors go to GPU nodes only",
        "1 executors that wait because of",
    ),
    Sabotage(
        "programs keep their metrics to themselves",
        "charts/spark-common/templates/_monitoring.tpl",
        r"spark\.metrics\.conf\.\*\.sink\.prometheusServlet\.class: .*\n",
        "",
        "Driver and executors of Spark 4.1.1 serve metrics",
        "/metrics/prometheus/",
    ),
    Sabotage(
        "two Services with the master's interface",
        "charts/spark-common/templates/_master.tpl",
        r"(headlessPorts\" -\}\}\n)",
        r"\1- name: ui\n  port: 8080\n",
        "Master and workers serve metrics",
        "have Prometheus read these twice",
    ),
    on_a_gpu(
        "NVML's samples are constant",
        "sparkproof/gpu/sampler.py",
        r"library\.nvmlDeviceGetUtilizationRates\(gpu\)\.gpu",
        "7",
        "The GPU shows no work",
    ),
    on_a_gpu(
        "explain-only on a GPU",
        "charts/spark-common/templates/_gpu.tpl",
        r'ternary "executeOnGPU" "explainOnly"',
        'ternary "explainOnly" "explainOnly"',
        "RAPIDS executed nothing",
    ),
    on_a_gpu(
        "the comparison is made by the GPU too",
        "sparkproof/gpu/work.py",
        r"switch_rapids\(session, on=False\)",
        "switch_rapids(session, on=True)",
        "so there is no comparison",
    ),
    Sabotage(
        "the GPU is not asked",
        "sparkproof/gpu/speed.py",
        r"for rapids in \(True, False\)",
        "for rapids in (False, False)",
        GPU_SPEED,
        "The GPU ran nothing, but no BatchScan, Join",
    ),
    Sabotage(
        "the cores are compared with themselves",
        "charts/spark-common/templates/_gpu.tpl",
        r'ternary "executeOnGPU" "explainOnly"',
        'ternary "explainOnly" "explainOnly"',
        GPU_SPEED,
        "The GPU ran nothing, but no BatchScan, Join",
    ),
    in_a_chart(
        "a root that can be written to",
        "security",
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: false",
        PODS,
        "can be written to",
    ),
    in_a_chart("pods run as root's group", "security", "runAsGroup: 185", "runAsGroup: 0", PODS, "runAsGroup is 0"),
    in_a_chart("a capability is kept", "security", r"(    - )ALL", r"\1NET_RAW", PODS, "capabilities is"),
    in_a_chart(
        "every Service is told to every pod",
        "pod",
        '"enableServiceLinks" false',
        '"enableServiceLinks" true',
        PODS,
        "is told of every Service",
    ),
    in_a_chart(
        "settings that change without a restart",
        "pod",
        r'"checksum/configuration" \$sum',
        '"checksum/configuration" "constant"',
        PODS,
        "which it reads once",
    ),
    in_a_chart(
        "only the executor's template restarts the server",
        "pod",
        r"fromYaml \| toJson \| sha256sum",
        "fromYaml | keys | toJson | sha256sum",
        PODS,
        "which it reads once",
    ),
    in_a_chart(
        "services of Spark's image restart with Spark",
        "names",
        r'"object-store" "postgres" ',
        "",
        PODS,
        "is replaced by each version of Spark",
    ),
    in_a_chart(
        "Karpenter may move drivers",
        "pod",
        r'karpenter\.sh/do-not-disrupt: "true"\n',
        "",
        PODS,
        "karpenter.sh/do-not-disrupt is None",
    ),
    in_a_chart(
        "no autoscaler may move an executor",
        "pod",
        r'\(list "client" "connect" "driver"',
        '(list "client" "connect" "driver" "executor"',
        PODS,
        "do-not-disrupt is 'true'; expected None",
    ),
    in_a_chart(
        "a pod that is not ready blocks a drain",
        "objects",
        r"  unhealthyPodEvictionPolicy: AlwaysAllow\n",
        "",
        PODS,
        "lets a pod that is not ready block a drain",
    ),
    in_a_chart(
        "workers are killed at once",
        "worker",
        r"terminationGracePeriodSeconds: .*",
        "terminationGracePeriodSeconds: 5",
        PODS,
        "terminationGracePeriodSeconds is 5",
    ),
    in_a_chart(
        "nobody decommissions a worker",
        "worker",
        r"/opt/sparkproof/decommission\.py",
        "/bin/true",
        PODS,
        "nobody decommissions the worker",
    ),
    in_a_chart(
        "two JupyterLabs write to one folder",
        "objects",
        r"    type: \{\{ \. \}\}",
        "    type: RollingUpdate",
        PODS,
        "strategy is",
    ),
    in_a_chart(
        "all pods run as one account",
        "pod",
        r'"serviceAccountName" \(include "spark-common\.name" \.\)',
        '"serviceAccountName" (include "spark-common.name" (dict "root" .root "component" "connect"))',
        ACCOUNTS,
        "runs as spark-connect",
    ),
    in_a_chart(
        "every pod has a token",
        "pod",
        '"automountServiceAccountToken" false',
        '"automountServiceAccountToken" true',
        ACCOUNTS,
        "has a token",
    ),
    in_a_chart(
        "accounts bring a token",
        "objects",
        "automountServiceAccountToken: false",
        "automountServiceAccountToken: true",
        ACCOUNTS,
        "brings a token to every pod",
    ),
    in_a_chart(
        "a driver may read Secrets",
        "driver",
        r"resources: \[pods\]",
        "resources: [pods, secrets]",
        ACCOUNTS,
        "the Role of connect allows",
    ),
    in_a_chart(
        "who submits may do all to pods",
        "submit",
        r"verbs: \[create, patch\]",
        'verbs: ["*"]',
        ACCOUNTS,
        "the Role of submit allows",
    ),
    in_a_chart(
        "executors of submitted drivers run as the driver",
        "driver",
        r'"component" "driver"\) \| quote \}\}\nspark\.kubernetes\.driver\.podTemplateFile',
        '"component" "submit") | quote }}\nspark.kubernetes.driver.podTemplateFile',
        ACCOUNTS,
        "authenticate.driver.serviceAccountName is second-submit",
    ),
    in_a_chart(
        "the jdbc catalog's password among the settings",
        "iceberg",
        r"jdbc\.schema-version: V1\n",
        "jdbc.schema-version: V1\njdbc.password: hunter2\n",
        PROGRAMS,
        "jdbc.password is where all users",
    ),
    in_a_chart(
        "the client knows the store's keys",
        "client",
        r"(    env:\n)",
        r'\1      {{- include "spark-common.objectStore.env" . | nindent 6 }}' + "\n",
        PROGRAMS,
        "client is given AWS_",
    ),
    in_a_chart(
        "the metastore's password is a plain text",
        "hive-metastore",
        r"(METASTORE_DATABASE_PASSWORD\n).*\n",
        r"\1        value: metastore" + "\n",
        PROGRAMS,
        "METASTORE_DATABASE_PASSWORD",
    ),
    in_a_chart(
        "a password as an argument",
        "hive-metastore",
        r"(      - metastore\n)",
        r"\1      - --hiveconf\n      - javax.jdo.option.ConnectionPassword=$(METASTORE_DATABASE_PASSWORD)\n",
        PROGRAMS,
        "args is",
    ),
    in_a_chart(
        "the REST catalog's memory has no effect",
        "rest-catalog",
        "JAVA_TOOL_OPTIONS",
        "JAVA_OPTS",
        PROGRAMS,
        "JAVA_TOOL_OPTIONS is missing",
    ),
    in_a_chart(
        "nobody waits for the event log's folder",
        "connect",
        r"\{\{- if \.root\.Values\.eventLog\.enabled -\}\}",
        "{{- if false -}}",
        PROGRAMS,
        "awaits []",
    ),
    in_a_chart(
        "catalogs share a folder",
        "iceberg",
        r"(s3://\{\{ \.root\.Values\.bucket\.name \}\}/)\{\{ \(get .*",
        r"\1tables",
        CATALOGS,
        "warehouse is 's3://lakehouse/tables'",
    ),
    in_a_chart(
        "submitted applications write no event log",
        "submit",
        r'\{\{ include "spark-common\.settings\.session" \. \}\}\n',
        '{{ include "spark-common.settings.session" . | replace "Log.enabled: \\"true" "Log.enabled: \\"false" }}\n',
        CATALOGS,
        "submit: spark.eventLog.enabled is 'false'",
    ),
    in_a_chart(
        "the History Server looks elsewhere",
        "history-server",
        r"spark\.history\.fs\.logDirectory: .*",
        "spark.history.fs.logDirectory: file:///tmp",
        CATALOGS,
        "spark.history.fs.logDirectory is",
    ),
    in_a_chart(
        "metrics are named after the application",
        "monitoring",
        r"spark\.metrics\.namespace: .*\n",
        "",
        METRICS,
        "a metric is named after the application's id",
    ),
    in_a_chart(
        "the names of metrics differ between releases",
        "monitoring",
        r"spark\.metrics\.namespace: spark",
        "spark.metrics.namespace: {{ .root.Release.Name }}",
        METRICS,
        "expected spark, in each release",
    ),
    in_a_chart(
        "nothing tells the metrics of two releases apart",
        "monitoring",
        r"    - app\.kubernetes\.io/instance\n",
        "    - app.kubernetes.io/name\n",
        METRICS,
        "podTargetLabels",
    ),
    in_a_chart(
        "monitors look for another component",
        "monitoring",
        r"(    matchLabels:\n      )\{\{- include .*",
        r"\1app.kubernetes.io/component: driver",
        METRICS,
        "selects by",
    ),
    in_a_chart(
        "a monitor asks a path that nobody serves",
        "connect",
        r"path: /metrics/executors/prometheus",
        "path: /metrics/executor/prometheus",
        METRICS,
        "/metrics/executor/prometheus",
    ),
    in_a_chart(
        "Services are open to the node's network",
        "objects",
        "type: ClusterIP",
        "type: NodePort",
        SERVICES,
        "is of type NodePort",
    ),
    in_a_chart(
        "an account of the cloud for every pod",
        "objects",
        r'(kind: ServiceAccount\nmetadata:\n  \{\{- include "spark-common\.metadata" )\.( \|)',
        r'\1(merge (dict "annotations" (dict "eks.amazonaws.com/role-arn" "arn:aws:iam::1:role/admin")) .)\2',
        PODS,
        "has eks.amazonaws.com/role-arn",
    ),
    in_a_chart(
        "a configuration that no upgrade can change",
        "objects",
        r"(kind: ConfigMap\n)",
        r"\1immutable: true\n",
        PODS,
        "has immutable",
    ),
    in_a_chart(
        "an upgrade waits until somebody removes the pods",
        "objects",
        r"(  serviceName: \{\{ include)",
        r"  updateStrategy:\n    type: OnDelete\n\1",
        PODS,
        "has updateStrategy",
    ),
    in_a_chart(
        "work that is done once waits for somebody",
        "objects",
        r"(  backoffLimit: 20\n)",
        r"\1  suspend: true\n",
        PODS,
        "has suspend",
    ),
    in_a_chart(
        "the interface shows what is secret",
        "connect",
        r"(spark\.scheduler\.mode: FAIR\n)",
        r"\1spark.redaction.regex: nothing\n",
        DRIVERS,
        "has the setting spark.redaction.regex",
    ),
    in_a_chart(
        "a debugger may stop the server",
        "connect",
        r"(spark\.scheduler\.mode: FAIR\n)",
        r'\1spark.driver.extraJavaOptions: "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005"\n',
        DRIVERS,
        "has the setting spark.driver.extraJavaOptions",
    ),
    in_a_chart(
        "sessions write their shuffles to the tables' volume",
        "settings",
        r'(\{\{ include "spark-common\.settings\.gpu" \. \}\}\n)',
        r"\1spark.local.dir: /warehouse\n",
        DRIVERS,
        "has the setting spark.local.dir",
    ),
    in_a_chart(
        "a file turns the server's log off",
        "connect",
        r"(spark-defaults\.conf: \|\n)",
        r"log4j2.properties: |\n  rootLogger.level = off\n\1",
        DRIVERS,
        "finds the file log4j2.properties",
    ),
    in_a_chart(
        "a Service selects all pods of the release",
        "objects",
        r'(type: ClusterIP\n  selector:\n    )\{\{- include "spark-common\.selector" \. \| nindent 4 \}\}',
        r'\1{{ omit (include "spark-common.selector" . | fromYaml) "app.kubernetes.io/component" | toJson }}',
        SERVICES,
        "selects [",
    ),
    in_a_chart(
        "the server's probe always says yes",
        "connect",
        r'\(list "/opt/sparkproof/connect_answers\.py" \(\$values\.port \| toString\)\)',
        '(list "/bin/true")',
        SERVICES,
        "readinessProbe of connect asks",
    ),
    in_a_chart(
        "PostgreSQL's probe asks nobody",
        "postgres",
        r'\(list "psql" "-qtAXc" "SELECT 1"\)',
        '(list "true")',
        SERVICES,
        "livenessProbe of postgres asks",
    ),
    in_a_chart(
        "a hanging History Server is found after an hour",
        "history-server",
        r'"periodSeconds" 30 "timeoutSeconds" 10',
        '"periodSeconds" 1200 "timeoutSeconds" 10',
        SERVICES,
        "livenessProbe of history-server asks each 1200 s",
    ),
    Sabotage(
        "backups are taken on working days only",
        "charts/spark-4.1/values.yaml",
        r'schedule: "17 \*/6 \* \* \*"',
        'schedule: "17 */6 * * 1-5"',
        BACKUPS,
        "leaves more than 24 hours without one: it passes over the day of the week 0",
    ),
    in_a_chart(
        "the schedule of the backups is suspended",
        "objects",
        r"(  timeZone: Etc/UTC\n)",
        r"  suspend: true\n\1",
        BACKUPS,
        "the schedule of the backups is suspended, so none is taken",
    ),
    in_a_chart(
        "a Service leads to another port",
        "rest-catalog",
        r"targetPort: http",
        "targetPort: 8080",
        SERVICES,
        "http leads to 8080",
    ),
    in_a_chart(
        "executors outlive their driver's word",
        "settings",
        r'spark\.storage\.decommission\.shuffleBlocks\.enabled: "true"\n',
        "",
        DRIVERS,
        "shuffleBlocks.enabled is missing",
    ),
    in_a_chart(
        "the master takes whatever is submitted",
        "master",
        r'spark\.master\.rest\.enabled: "false"',
        'spark.master.rest.enabled: "true"',
        DRIVERS,
        "spark.master.rest.enabled is 'true'",
    ),
    in_a_chart(
        "the client may call the databases",
        "network",
        r"(postgres:\n  connect: \[5432\]\n)",
        r"\1  client: [5432]" + "\n",
        NETWORK,
        "client",
    ),
    in_a_chart(
        "not all traffic is denied",
        "network",
        r"(  policyTypes:\n    - Ingress\n)    - Egress\n\{\{- end -\}\}",
        r"\1{{- end -}}",
        NETWORK,
        "is about ['Ingress']",
    ),
    in_a_chart(
        "a helm test accepts every answer",
        "test",
        r'sys\.exit\(None if right else "That is the wrong answer\."\)',
        "sys.exit(None)",
        OWN_TESTS,
        "passes though",
    ),
    in_a_chart(
        "a helm test asks a port that nobody serves",
        "master",
        r'create_connection\(\("\{\{ \$pod \}\}", 6066\)',
        'create_connection(("{{ $pod }}", 6067)',
        OWN_TESTS,
        "passes though whoever reaches it may submit",
    ),
    in_a_chart(
        "a helm test believes another's refusal",
        "test",
        r'sys\.exit\("Somebody else was refused\."\)',
        "pass",
        OWN_TESTS,
        "passes though somebody else is refused",
    ),
    in_a_chart(
        "a helm test does not count",
        "submit",
        r"count\(\) == 100",
        "count() > 0",
        OWN_TESTS,
        "passes though it counts wrongly",
    ),
    in_a_preset(
        "nothing is encrypted on the network",
        "spark-4.1/presets/restricted",
        r'  spark\.network\.crypto\.enabled: "true"\n',
        "The restricted preset encrypts what drivers and executors send and spill",
        "spark.network.crypto.enabled is missing",
    ),
    in_a_preset(
        "whoever sees the interface ends jobs",
        "spark-standalone/presets/restricted",
        r'sparkConf:\n  spark\.ui\.killEnabled: "false"\n',
        "The restricted preset lets nobody end jobs by the interface, and brings network policies",
        "spark.ui.killEnabled is missing",
    ),
    in_a_preset(
        "the restricted preset has no policies",
        "spark-3.5/presets/restricted",
        r"networkPolicy:\n  enabled: true\n",
        "The restricted preset lets nobody end jobs by the interface, and brings network policies",
        "has no NetworkPolicy",
    ),
    in_a_preset(
        "the monitoring preset is empty",
        "spark-4.1/presets/monitoring",
        r"monitoring:\n  enabled: true\n",
        "The monitoring preset tells metrics, and where they are",
        "is missing",
    ),
    Sabotage(
        "two presets give one value, each another",
        "charts/spark-4.1/presets/monitoring-values.yaml",
        r"monitoring:\n  enabled: true\n",
        "monitoring:\n  enabled: true\ndynamicAllocation:\n  minExecutors: 1\n",
        "Presets combine in any order",
        "renders otherwise in another order",
    ),
    Sabotage(
        "presets are tried in one order",
        "sparkproof/charts/cases.py",
        r"\[\*permutations\(chart\.presets, 2\), chart\.presets\]",
        "[chart.presets]",
        "Presets combine in any order",
        "has the presets of another in another order",
    ),
    in_a_preset(
        "the iceberg preset writes no event log",
        "spark-4.1/presets/iceberg",
        r"eventLog:\n  enabled: true\n",
        "The iceberg preset has catalogs of every kind, their services, and event logs",
        "spark.eventLog",
    ),
    in_a_preset(
        "drivers go to spot nodes",
        "spark-4.1/presets/cost-optimized",
        r"connect:\n  nodeSelector:\n.*\n",
        "The cost-optimized preset keeps the driver on a node that stays",
        "capacity-type",
    ),
    in_a_preset(
        "the airflow preset has no Airflow",
        "spark-4.1/presets/airflow",
        r"airflow:\n  enabled: true\n.*\n.*\n",
        "The airflow preset has Airflow with a database",
        "airflow has no Deployment",
    ),
    Sabotage(
        "a preset asks for another Secret than its README says",
        "charts/spark-4.1/presets/mlflow-values.yaml",
        r"existingSecret: postgres",
        "existingSecret: database",
        "The mlflow preset has a tracking server with a database and a store",
        "pods need the Secrets ['database', 'object-store']",
    ),
    Sabotage(
        "a preset gives a setting that nobody knows of",
        "charts/spark-4.1/presets/restricted-values.yaml",
        r"(sparkConf:\n)",
        r'\1  spark.acls.enable: "false"\n',
        "Presets give Spark the settings that teams know of, and no others",
        "restricted sets spark.acls.enable to 'false'",
    ),
    Sabotage(
        "a worker may take memory that it did not ask for",
        "charts/spark-standalone/presets/gpu-values.yaml",
        r"(limits:\n.*\n      memory: )9Gi",
        r"\g<1>10Gi",
        "The GPU preset leaves room for what RAPIDS needs beside the heap, in each worker",
        "resources limits memory is '10Gi'; expected '9Gi'",
    ),
    # What runs on the platform: Airflow.
    in_a_dag("another sum is written", "daily-sums", r"id % 3", "id % 4", AIRFLOW_TABLE, "gave"),
    Sabotage(
        "Airflow's tasks ask Spark as another user",
        "charts/spark-common/templates/_airflow.tpl",
        "user_id=airflow",
        "user_id=root",
        AIRFLOW_TABLE,
        "was done for ['root'], not airflow",
    ),
    in_a_dag(
        "a wrong query is tried once", "wrong-query", "retries=1", "retries=0", AIRFLOW_WRONG, "was tried 1 times"
    ),
    in_a_dag("a query that is right", "wrong-query", r"sum\(amont\)", "sum(id)", AIRFLOW_WRONG, "is success"),
    in_a_dag("a task hands on a text", "daily-sums", r"return int\(", "return str(", AIRFLOW_XCOM, "handed on"),
    in_a_dag("a task changes what it got", "daily-sums", "return total", "return total + 1", AIRFLOW_XCOM, "handed on"),
    in_a_dag("a published amount is another", "checked-load", r"id \* 10", "id * 11", AIRFLOW_GOOD, "gave"),
    in_a_dag("what is right is not published", "checked-load", r" >> publish\(\)", "", AIRFLOW_GOOD, "TABLE_OR_VIEW"),
    in_a_dag("a check only prints", "checked-load", r"raise ValueError\(", "print(", AIRFLOW_BAD, "is success"),
    in_a_dag(
        "a task at the end covers the failure",
        "checked-load",
        "@teardown",
        '@task(trigger_rule="all_done")',
        AIRFLOW_BAD,
        "is success",
    ),
    Sabotage(
        "the viewer has the rights of an engineer",
        "examples/platforms/orchestration.yaml",
        "role: viewer",
        "role: user",
        "A viewer may not start a run",
        "did not refuse",
    ),
    in_a_chart(
        "Airflow does not know its viewers",
        "airflow",
        r"(range \$values\.users \}\})(\{\{ \$users = .*? \}\})(\{\{ end \}\})",
        r'\1{{ if ne .role "viewer" }}\2{{ end }}\3',
        "A viewer looks at runs",
        "viewer's list of runs",
    ),
    Sabotage(
        "a viewer is shown runs that failed",
        "sparkproof/airflow/orchestrator.py",
        r"\?order_by=-start_date",
        "?state=failed",
        "A viewer looks at runs",
        "without the run",
    ),
    all_are_admins("A viewer may not start a run"),
    all_are_admins("Nobody without a token is told anything"),
    all_are_admins("Nobody without a token starts a run"),
    Sabotage(
        "who has no token starts runs as an engineer",
        "sparkproof/airflow/orchestrator.py",
        r"_new_run\(\), \{\}, _bringing\(token\)",
        "_new_run(), {}, self._as(ENGINEER)",
        "Nobody without a token starts a run",
        "did not refuse",
    ),
    Sabotage(
        "a guessed token is that of an engineer",
        "sparkproof/airflow/orchestrator.py",
        r"_new_run\(\), \{\}, _bringing\(token\)",
        "_new_run(), {}, self._as(ENGINEER)",
        "A token that Airflow did not give starts no run",
        "did not refuse",
    ),
    Sabotage(
        "files without certain words are passed over",
        "docker/airflow/Dockerfile",
        "SAFE_MODE=False",
        "SAFE_MODE=True",
        "A file that cannot be read is named, and the others run",
        "did not come within",
    ),
    in_a_dag(
        "a file has another fault",
        "broken-import",
        "import a_module_that_is_not_there",
        "import json as a_module_that_is_not_there",
        "A file that cannot be read is named, and the others run",
        "does not say that",
    ),
    Sabotage(
        "streams of answers last as long as Spark has it",
        "charts/spark-common/templates/_connect.tpl",
        r"(senderMaxStreamDuration: ).*",
        r"\g<1>120s",
        AIRFLOW_PLAIN,
        "the end of the work of",
    ),
    Sabotage(
        "work that nobody asks for lasts as long as Spark has it",
        "charts/spark-common/templates/_connect.tpl",
        r"(detachedTimeout: ).*",
        r"\g<1>300s",
        AIRFLOW_PLAIN,
        "the end of the work of",
    ),
    Sabotage(
        "a task that is cancelled is not told",
        "docker/airflow/spark_tasks.py",
        "signal.SIGTERM, terminate",
        "signal.SIGUSR1, terminate",
        AIRFLOW_CANCELLED,
        "is still open on the server",
    ),
    Sabotage(
        "a session is left to the server",
        "docker/airflow/spark_tasks.py",
        r"        spark\.stop\(\)\n",
        "",
        AIRFLOW_CANCELLED,
        "is still open on the server",
    ),
    in_a_dag(
        "a task has no time limit", "query-with-a-time-limit", "seconds=20", "hours=20", AIRFLOW_LIMIT, "is running"
    ),
    in_a_dag(
        "a task catches the end of its time",
        "query-with-a-time-limit",
        r"( +)(spark\.sql\(.*\)\.collect\(\))",
        r"\1try:\n\1    \2\n\1except BaseException:\n\1    pass",
        AIRFLOW_LIMIT,
        "is success",
    ),
    Sabotage(
        "Airflow's state goes with its pod",
        "charts/spark-common/templates/_airflow.tpl",
        r"(SQL_ALCHEMY_CONN\n  value: ).*",
        r"\1sqlite:////var/lib/airflow/airflow.db",
        "A run is known after a restart",
        "Airflow did not answer",
    ),
    Sabotage(
        "a table is brought back from its oldest metadata file",
        "sparkproof/operations/dropped.py",
        r'min if which == "first" else max',
        "min",
        "A table of the rest catalog that was dropped by mistake is brought back",
        "1 commits did not come back",
    ),
    Sabotage(
        "one trip is added to the table that came back",
        "features/recovery/dropped_tables.feature",
        r"(last metadata file\n)(    Then each snapshot)",
        r'\1    And a data engineer runs "INSERT INTO trips SELECT * FROM trips WHERE trip = 7"\n\2',
        "A table of the jdbc catalog that was dropped by mistake is brought back",
        "has 100001 rows",
    ),
    Sabotage(
        "a table that is dropped with its files keeps them",
        "sparkproof/operations/dropped.py",
        r"' PURGE' if purge else ''",
        "''",
        "A table that was dropped with its files does not come back",
        "It came back after",
    ),
    Sabotage(
        "a fingerprint passes over NULL",
        "sparkproof/iceberg/table.py",
        r"xxhash64\(\*, cast\(struct\(\*\) AS string\)\)",
        "xxhash64(*)",
        "A fingerprint notices values that moved to another column",
        "still have the hash sum",
    ),
    Sabotage(
        "a fingerprint is a count of rows",
        "sparkproof/iceberg/table.py",
        r"cast\(sum\(cast\(\{hashed\} AS decimal\(38, 0\)\)\) AS string\)",
        "cast(count(*) AS string)",
        "A count of rows does not notice that every data file is gone, a fingerprint does",
        "was not refused",
    ),
    Sabotage(
        "a backup has no objects",
        "charts/spark-common/templates/_backup.tpl",
        r"- name: BUCKET\n",
        "- name: NO_BUCKET\n",
        "A platform that loses its object store comes back from a backup that was taken while somebody wrote",
        "The object store does not have",
        limit_s=DRILL_S,
    ),
    Sabotage(
        "the databases are not restored",
        "sparkproof/operations/drill.py",
        r"\.restore\(part\)",
        '.restore("objects")',
        "A platform that loses its databases comes back from a backup that was taken while somebody wrote",
        "still runs its first container await-schema",
        limit_s=DRILL_S,
    ),
    Sabotage(
        "the objects are not restored",
        "sparkproof/operations/drill.py",
        r"\.restore\(part\)",
        '.restore("databases")',
        BOTH_VOLUMES,
        "The object store does not have",
        limit_s=DRILL_S,
    ),
    Sabotage(
        "what came after the backup is to be there too",
        "sparkproof/operations/drill.py",
        r"moment < began_at",
        "moment < self.lost_at",
        BOTH_VOLUMES,
        "commits from before the backup",
        limit_s=DRILL_S,
    ),
    Sabotage(
        "the tables that came back have one more row",
        "sparkproof/operations/drill.py",
        r"(            after = \[Fingerprint)",
        r'            tables[1].append_from(f"SELECT * FROM {tables[1].name} LIMIT 1")\n\1',
        "A platform that loses its databases comes back from a backup that was taken while somebody wrote",
        "that it never had",
        limit_s=DRILL_S,
    ),
    Sabotage(
        "no bit of a backup changes",
        "sparkproof/operations/harm.py",
        r"\^= 1",
        "^= 0",
        "A backup that lost one bit is found out",
        "had to refuse to check a backup because of 'has other content'",
    ),
    Sabotage(
        "half a dump is enough",
        "sparkproof/operations/harm.py",
        r"st_size // 2",
        "st_size",
        "A backup that was cut off is found out",
        "had to refuse to check a backup because of 'bytes and had'",
    ),
    Sabotage(
        "a backup may be two days old",
        "charts/spark-common/templates/_backup.tpl",
        r"value: \{\{ \$values\.backup\.maxAgeHours \| quote \}\}",
        'value: "48"',
        "A backup that is more than a day old is found out",
        "had to refuse to check a backup because of 'hours old'",
    ),
    Sabotage(
        "nobody else is at work on the backups",
        "sparkproof/operations/harm.py",
        r"fcntl\.flock\(lock, fcntl\.LOCK_EX\)",
        "lock.flush()",
        "Of two backups at once the second is not begun",
        "had to refuse to make a backup because of 'this one was not begun'",
    ),
    Sabotage(
        "the volume of the backups has room",
        "sparkproof/operations/backup.py",
        r"16Ki",
        "1Gi",
        "A full volume ends a backup and says so",
        "had to refuse to make a backup because of 'The volume of the backups is full'",
    ),
    Sabotage(
        "backups are suspended",
        "charts/spark-common/templates/_objects.tpl",
        r"concurrencyPolicy: Forbid",
        "suspend: true",
        "A backup is taken when its time comes",
        "the Job of spark-backup at",
    ),
    in_a_chart(
        "a backup begins beside another",
        "objects",
        r"concurrencyPolicy: Forbid",
        "concurrencyPolicy: Allow",
        PODS,
        "concurrencyPolicy is 'Allow'",
    ),
    in_a_chart(
        "backups are kept for ever",
        "backup",
        r"value: \{\{ \$values\.backup\.keep \| quote \}\}",
        'value: "999999"',
        PROGRAMS,
        "KEEP is '999999'",
    ),
    in_a_preset(
        "the volume of the backups goes with the release",
        "spark-4.1/presets/backup",
        r"  persistence:\n    keep: true\n",
        "The backup preset takes backups that outlive the release",
        "helm.sh/resource-policy",
    ),
    in_tracking(
        "the tracking server knows its name without a port",
        r'\(printf "%s:\*" \.\)',
        "",
        "The server answers under its Service's name",
        "status 403",
    ),
    in_tracking(
        "the tracking server's Service leads elsewhere",
        r"targetPort: http",
        "targetPort: 5001",
        "The server answers under its Service's name",
        "Connection refused",
    ),
    in_tracking(
        "the tracking server answers any name",
        r'"localhost" "127\.0\.0\.1"',
        '"localhost" "*"',
        "Another host name is refused",
        "status 200",
    ),
    tracked_with(
        "the tracking server asks for no name",
        "MLFLOW_SERVER_DISABLE_SECURITY_MIDDLEWARE",
        "true",
        "Another host name is refused",
        "status 200",
    ),
    in_tracking(
        "the tracking server compares the beginning of a name",
        r'\(printf "%s:\*" \.\)',
        '(printf "%s*" .)',
        "A name that only begins like the server's is refused",
        "status 200",
    ),
    in_tracking(
        "files stay in the tracking server's pod",
        r'\{\{ include "spark-common\.mlflow\.artifacts" \. \| quote \}\}',
        "/tmp/artifacts",
        "A file reaches the object store from a client without keys",
        "PATH_NOT_FOUND",
    ),
    Sabotage(
        "clients of the tracking server have keys",
        "charts/spark-common/templates/_client.tpl",
        r"(      \{\{- \$tracking \| nindent 6 \}\}\n)",
        r'\1      {{- include "spark-common.objectStore.env" . | nindent 6 }}' + "\n",
        "A file reaches the object store from a client without keys",
        "The client has keys of the object store",
    ),
    in_tracking(
        "runs are kept in the tracking server's pod",
        r"(name: MLFLOW_BACKEND_STORE_URI\n        value: )\{\{ include .*postgres\.url.* \}\}",
        r"\1sqlite:////tmp/runs.db",
        "Runs outlive the server",
        "status 404",
    ),
    in_a_run(
        "the same value is no change of a parameter",
        "features/mlflow/server.feature",
        r'the run\'s parameter "rows" to "2000"',
        'the run\'s parameter "rows" to "1000"',
        "A tracked parameter cannot be changed",
        "status 200",
    ),
    in_a_run(
        "another parameter is added to a run",
        "features/mlflow/server.feature",
        r'the run\'s parameter "rows" to',
        'the run\'s parameter "lines" to',
        "A tracked parameter cannot be changed",
        "status 200",
    ),
    in_a_run(
        "deleted runs are not collected",
        "sparkproof/mlflow/tracking.py",
        r"exec mlflow gc [^']*",
        "exit 0",
        "A deleted run's files are gone after the next collection",
        "did not refuse",
    ),
    tracked_with(
        "the tracking server runs jobs of its own",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION",
        "true",
        "The server at rest keeps little memory",
        "The tracking server came to keep",
    ),
    tracked_with(
        "the tracking server has four workers",
        "MLFLOW_WORKERS",
        "4",
        "The server at rest keeps little memory",
        "at most 429 MiB in the memory",
    ),
    in_a_run(
        "all users track one run",
        "sparkproof/mlflow/user.py",
        r"client\.log_param\(own, key, value\)",
        'client.log_param(own, key, value.replace("7-", "6-"))',
        "Runs at the same time do not mix their parameters",
        "8 runs were to be tracked",
    ),
    in_a_run(
        "a project's session has no setting of its own",
        "examples/projects/sum/sum.py",
        r"\.config\(\"spark\.sql\.shuffle\.partitions\", \"7\"\)",
        "",
        "A run over Connect on a tracking platform is tracked with its session's settings on Spark 4.1.1",
        "spark.sql.shuffle.partitions is tracked as None",
    ),
    in_a_run(
        "a run is left without an end",
        "sparkproof/mlflow/user.py",
        r"        client\.set_terminated\(own\)\n",
        "",
        "Runs at the same time do not mix their parameters",
        "not finished",
    ),
    in_a_run(
        "lost runs are found and left as they are",
        "sparkproof/mlflow/tracking.py",
        r'str\(_SILENT_S\), "--end"\)',
        "str(_SILENT_S))",
        "A killed client's run does not stay running",
        "is tracked as RUNNING",
    ),
    in_a_run(
        "the client is not killed",
        "steps/mlflow_steps.py",
        r"    context\.started_run\.kill\(\)\n",
        "    assert context.started_run\n",
        "A killed client's run does not stay running",
        "as lost",
    ),
    in_a_run(
        "clients give no sign of life",
        "sparkproof/mlflow/user.py",
        r"start_new_session=True\)",
        'start_new_session=True, env={**os.environ, "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false"})',
        "A run that still works is not lost",
        "The run",
    ),
    in_a_run(
        "a project tracks another session's application",
        "examples/projects/sum/sum.py",
        r"mlflow\.log_params\(\{row\.key: row\.value for row in spark\.sql\(\"SET\"\)\.collect\(\)\}\)",
        'mlflow.log_params({row.key: row.value.upper() for row in spark.sql("SET").collect()})',
        "A run over Connect on a tracking platform is tracked with its session's settings on Spark 4.1.1",
        "spark.app.id is tracked as",
    ),
    in_a_run(
        "a project hides its failure",
        "examples/projects/missing-table/missing_table.py",
        r"a_table_that_is_not_there",
        "range(3)",
        "A run over Connect on a tracking platform that fails is tracked as failed on Spark 4.1.1",
        "tracked as FINISHED, not FAILED",
    ),
    Sabotage(
        "a command of the quick start names no file",
        "docs/quick-start.md",
        "presets/small-values",
        "presets/tiny-values",
        "A newcomer gets a first answer within 15 minutes",
        "no such file",
    ),
    Sabotage(
        "the quick start counts something else",
        "docs/quick-start.md",
        r"range\(100000\)",
        "range(1000)",
        "A newcomer gets a first answer within 15 minutes",
        "did not say the sum is 4999950000",
    ),
    in_a_chart(
        "KEDA looks at the master every two minutes",
        "worker",
        r"pollingInterval: .*",
        "pollingInterval: 120",
        COMES_AND_GOES,
        "s after the application, not within 15 s",
    ),
    in_a_chart(
        "the network keeps KEDA from the master",
        "network",
        r"  keda: \[8080\]\n",
        "",
        COMES_AND_GOES,
        "KEDAMetricSourceFailed",
    ),
    in_a_chart(
        "one worker stays when there is nothing to do",
        "worker",
        r"  idleReplicaCount: 0\n",
        "",
        COMES_AND_GOES,
        "the end of all workers",
    ),
    in_a_chart(
        "only applications that wait count",
        "worker",
        r"applications == 0 \? 0",
        "waiting == 0 ? 0",
        PODS,
        "no autoscaler takes a worker away while there is an application",
    ),
    in_a_chart(
        "applications that run are not seen",
        "worker",
        r'"applications" "apps"',
        '"applications" "waitingApps"',
        PODS,
        "no autoscaler takes a worker away while there is an application",
    ),
    in_a_chart(
        "workers fall to none when nobody can count",
        "worker",
        r"(  advanced:\n)(    horizontal)",
        r"  fallback: {failureThreshold: 1, replicas: 0}\n\1\2",
        NOBODY_COUNTS,
        "there are 0 workers, not 1",
    ),
    Sabotage(
        "the master is not stopped",
        "sparkproof/spark/standalone.py",
        r'        scale\(self\.workloads, "master", 0\)\n        self\.workloads\.kube\.must_be_gone\(.*\n',
        '        scale(self.workloads, "master", 1)\n',
        NOBODY_COUNTS,
        "there are 0 workers, not 1",
    ),
    Sabotage(
        "the second autoscaler is the first",
        "sparkproof/scaling/workers.py",
        r'"name": "second"',
        '"name": first["metadata"]["name"]',
        "A second autoscaler of the same workers is refused",
        "had to refuse it because of already managed by the ScaledObject",
    ),
    Sabotage(
        "the pool buys what stays",
        "examples/node-pools/spot.yaml",
        r"values: \[spot\]",
        "values: [on-demand]",
        "Executors that wait bring a spot node of the size that they need, and it goes after them",
        "2 executors on nodes of",
    ),
    Sabotage(
        "nodes that nobody uses stay",
        "examples/node-pools/spot.yaml",
        r"consolidateAfter: 5s",
        "consolidateAfter: Never",
        "Executors that wait bring a spot node of the size that they need, and it goes after them",
        "the end of the nodes of",
    ),
    Sabotage(
        "a pool has no limit",
        "sparkproof/scaling/node_pools.py",
        r"if cores else \{\}",
        "if cores > 99 else {}",
        "Beyond the limit of their pool, executors wait",
        "Karpenter's word on 2 executors",
    ),
    in_a_chart(
        "the driver has no protection from autoscalers",
        "pod",
        r'(list "client" )"connect" ',
        r"\1",
        "A driver stays though its node has room that nobody uses",
        "copy-of-the-driver",
    ),
    Sabotage(
        "the work beside the driver goes on",
        "sparkproof/scaling/node_pools.py",
        r"        self\.kube\.delete\(POD, name, self\._namespace\(name\), grace_s=0\)\n",
        "        assert name\n",
        "A driver without the charts' protection is moved, and ends",
        "the end of copy-of-the-driver",
    ),
    Sabotage(
        "a submitted driver belongs to nobody",
        "docker/spark/k8s_submit.py",
        r"return template\.replace\(.*, 1\)",
        "return template",
        "A driver that is at work goes with its platform",
        "the end of all of the platform",
    ),
    Sabotage(
        "helm's uninstallation leaves pods to themselves",
        "sparkproof/kube/helm.py",
        r'\["uninstall", release, ',
        '["uninstall", release, "--cascade=orphan", ',
        "A driver that is at work goes with its platform",
        "the end of all of the platform",
    ),
    Sabotage(
        "the driver of a program is stopped and not killed",
        "sparkproof/spark/at_work.py",
        r"signal\.SIGKILL",
        "signal.SIGSTOP",
        "A driver that is killed in client mode leaves no executors",
        "the end of all executors of patient-sum",
    ),
    Sabotage(
        "the pod of a driver is found and not killed",
        "sparkproof/spark/at_work.py",
        r"for name in names:",
        "for name in names[1:]:",
        "A driver that is killed in cluster mode leaves no executors",
        "the end of all executors of patient-sum",
    ),
    Sabotage(
        "a submission in cluster mode ends like spark-submit itself",
        "docker/spark/k8s_submit.py",
        r"submitted\.returncode or \(exit_code\(driver\) if cluster else 0\)",
        "submitted.returncode",
        "A driver that is killed in cluster mode leaves no executors",
        "its submission ended with 0, as if it had succeeded",
    ),
    Sabotage(
        "a submission in client mode does not hand on how its driver ended",
        "docker/spark/k8s_submit.py",
        r"submitted\.returncode or \(exit_code\(driver\) if cluster else 0\)",
        "exit_code(driver) if cluster else 0",
        "A driver that is killed in client mode leaves no executors",
        "its submission ended with 0, as if it had succeeded",
    ),
]
