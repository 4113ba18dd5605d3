"""Deliberate faults, and the criterion that must fail for each of them."""

# Longer than 300 lines: one row for each sabotage.

from dataclasses import dataclass


@dataclass(frozen=True)
class Sabotage:
    """A change of one file of the project: the `pattern` is replaced; the `criterion` must fail and say `cause`.

    Where the cluster lacks the capability that the criterion `needs`, nothing is known of it.
    A changed chart is a platform set up wrongly; changed data in a feature are rows that differ from what is expected.
    """

    name: str
    file: str
    pattern: str
    replacement: str
    criterion: str
    cause: str
    needs: str = ""


def in_tables(name: str, setting: str, value: str, criterion: str, cause: str) -> Sabotage:
    """A setting of the hadoop catalog, where table-default.<property> is one of every new table."""
    return Sabotage(
        name,
        "charts/spark-common/templates/_iceberg.tpl",
        r"(spark-common\.iceberg\.hadoop.*\n)",
        rf'\1{setting}: "{value}"\n',
        criterion,
        cause,
    )


def on_a_gpu(name: str, file: str, pattern: str, replacement: str, cause: str) -> Sabotage:
    """A change that only the headline's criterion can show, which needs a GPU."""
    return Sabotage(name, file, pattern, replacement, "RAPIDS executes a time-travelling query", cause, "gpu")


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
        "word count application ended with",
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
        r'if eq \$gpu\.mode "execute"',
        "if false",
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
]
