"""Deliberate faults of drills and of what operators look at: tables, backups, load, targets, nodes and sizes."""

# Longer than 300 lines: one row for each sabotage.

from tests.support.sabotages import Sabotage

_DROPPED = "sparkproof/operations/dropped.py"
_BACKUP = "docker/backup/backup.py"
_HARM = "sparkproof/operations/harm.py"
_LOAD = "sparkproof/operations/load.py"
_ENGINEERS = "sparkproof/operations/engineers.py"
_TARGETS = "sparkproof/observability/targets.py"
_DASHBOARDS = "sparkproof/observability/dashboards.py"
_POOLS = "sparkproof/scaling/node_pools.py"
_SIZES = "sparkproof/scaling/rightsizing.py"
_WORKERS = "sparkproof/scaling/workers.py"
_MONITORING = "charts/spark-common/templates/_monitoring.tpl"

# Titles of the criteria.
BROUGHT_BACK = "A table of the {} catalog that was dropped by mistake is brought back"
EARLIER = "A table that is brought back from an earlier metadata file lacks what was committed later"
PURGED = "A table that was dropped with its files does not come back"
COUNTED = "A count of rows does not notice that every data file is gone, a fingerprint does"
MOVED = "A fingerprint notices values that moved to another column"
NO_RECOVERY = "Objects that are older than their catalogs are no recovery"
UNHARMED = "A backup that nobody harmed can be restored"
HARMED = "A backup that {} is found out"
SECOND = "Of two backups at once the second is not begun"
FULL = "A full volume ends a backup and says so"
IN_TIME = "A backup is taken when its time comes"
EIGHT = "Eight data engineers at once are all answered rightly"
TOO_SLOW = "The load stops at the first step that is too slow"
FIRST_ERROR = "The load stops at the first error"
ALIKE = "Two teams of one size get as much"
LARGER = "A team of more engineers gets more, since each statement counts the same"
STARVES = "A team that floods a platform that serves who asked first starves another"
STAY_OPEN = "Sessions that stay open take memory"
READ = "Prometheus reads every program that the monitors of a monitored-standalone platform choose"
SILENT = "A target that does not answer is named"
UNREAD = "A program whose monitor is gone is named"
PANELS = "Every panel of a monitored-standalone platform shows data after a workload"
RENAMED = "A metric that was renamed leaves a panel empty, which is named"
WITHOUT_NOTICE = "An executor that is evicted without notice hands nothing over, and its work is done again"
WITHOUT_BUDGET = "Without its budget, a server that is evicted ends its sessions, and their users are told"
BEYOND = "Beyond the limit of their pool, executors wait"
DEADLINE = "A spot node that is taken back is empty before its deadline"
STAYS = "A driver stays though its node has room that nobody uses"
UNPROTECTED = "A driver without the charts' protection is moved, and ends"
IN_MEMORY = "Work stays in the memory that the calculator advises"
SPILLS = "Work spills with three quarters of the memory that the calculator advises"
FROM_A_SPILL = "A run that spilled is enough to find a size that is large enough"
EACH = "Each application that waits brings a worker, and none goes before their work is done"
AUTOSCALER = "A second autoscaler of the same workers is refused"

OF_DRILLS = [
    *[
        Sabotage(
            f"a table of the {kind} catalog comes back as it first was",
            _DROPPED,
            r"named\(files, which\)",
            'named(files, "first")',
            BROUGHT_BACK.format(kind),
            "1 commits did not come back",
        )
        for kind in ("hive", "jdbc")
    ],
    *[
        Sabotage(
            f"a table of the {kind} catalog that was dropped loses its files",
            _DROPPED,
            r"\{' PURGE' if purge else ''\}",
            " PURGE",
            BROUGHT_BACK.format(kind),
            "has no metadata file",
        )
        for kind in ("hive", "rest")
    ],
    Sabotage(
        "the first metadata file is the last",
        _DROPPED,
        r'\(min if which == "first" else max\)',
        "max",
        EARLIER,
        "0 commits should be missing, not 1",
    ),
    Sabotage(
        "what came back is compared with what is there now",
        _DROPPED,
        r"Recovery\(\[self\.before\], \[after\]",
        "Recovery([after], [after]",
        EARLIER,
        "0 commits should be missing, not 1",
    ),
    Sabotage(
        "a table that was dropped with its files is looked for in another folder",
        _DROPPED,
        r"folder, before = folder_of\(table\)",
        'folder, before = f"{folder_of(table)}/data"',
        BROUGHT_BACK.format("rest"),
        "has no metadata file",
    ),
    Sabotage(
        "a table that was dropped with its files does not come back for another reason",
        _DROPPED,
        r"has no metadata file\.",
        "is not there.",
        PURGED,
        "not because of 'has no metadata file'",
    ),
    Sabotage(
        "the data files that were to be lost stay",
        "sparkproof/operations/files_lost.py",
        r'"\.parquet"',
        '".orc"',
        COUNTED,
        "had no data files that could be removed",
    ),
    Sabotage(
        "a fingerprint hashes one column",
        "sparkproof/iceberg/table.py",
        r"xxhash64\(\*, cast\(struct\(\*\) AS string\)\)",
        "xxhash64(trip)",
        MOVED,
        "still have the hash sum",
    ),
    Sabotage(
        "the catalogs are restored with their objects",
        "sparkproof/operations/drill.py",
        r"\.restore\(part\)",
        ".restore()",
        NO_RECOVERY,
        "It came back after",
    ),
    Sabotage(
        "a backup is said to be damaged that nobody harmed",
        _BACKUP,
        r'None if now\["sha256"\] == written\["sha256"\]',
        'None if now["sha256"] != written["sha256"]',
        UNHARMED,
        "cannot be restored",
    ),
    Sabotage(
        "a backup is too old at once",
        _BACKUP,
        r"if late and age_h > limit:",
        "if late and age_h < limit:",
        UNHARMED,
        "hours old",
    ),
    Sabotage(
        "what a backup's files hold is not compared",
        _BACKUP,
        r'None if now\["sha256"\] == written\["sha256"\]',
        "None if True",
        HARMED.format("lost one bit"),
        "had to refuse to check a backup",
    ),
    Sabotage(
        "the sizes of a backup's files are not compared",
        _BACKUP,
        r'if now\["bytes"\] != written\["bytes"\]:',
        "if False:",
        HARMED.format("was cut off"),
        "not because of 'bytes and had'",
    ),
    Sabotage(
        "the newest backup gets no older",
        _HARM,
        r"timedelta\(hours=25\)",
        "timedelta(hours=2)",
        HARMED.format("is more than a day old"),
        "had to refuse to check a backup",
    ),
    Sabotage(
        "a backup waits for no other",
        _BACKUP,
        r"fcntl\.LOCK_EX \| fcntl\.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
        SECOND,
        "not because of 'this one was not begun'",
    ),
    Sabotage(
        "a full volume is no reason",
        _BACKUP,
        r"refused\.errno not in \(errno\.ENOSPC, errno\.EDQUOT\)",
        "refused.errno",
        FULL,
        "not because of 'The volume of the backups is full'",
    ),
    Sabotage(
        "the time of the schedule is in the next year",
        "sparkproof/operations/backup.py",
        r'\{at\.hour\} \* \* \*"',
        '{at.hour} 1 1 *"',
        IN_TIME,
        "the Job of spark-backup at",
    ),
    Sabotage(
        "no data engineer works",
        _ENGINEERS,
        "AT_ONCE, SECONDS, ONE_BY_ONE = 32",
        "AT_ONCE, SECONDS, ONE_BY_ONE = 0",
        EIGHT,
        "was not carried",
    ),
    Sabotage(
        "no statement takes long",
        _ENGINEERS,
        r"time\.monotonic\(\) - asked, value",
        "0.0, value",
        TOO_SLOW,
        "had to stop after 1 steps",
    ),
    Sabotage(
        "a load goes on though a statement failed",
        _LOAD,
        r"            if step\.errors:\n",
        "            if not step.asked:\n",
        FIRST_ERROR,
        "had to stop after 1 steps",
    ),
    Sabotage(
        "every data engineer asks for what is there",
        _LOAD,
        r"\[_MISSING\] \* wrong",
        "[sleeping(*_USUAL)] * wrong",
        FIRST_ERROR,
        "had to stop after 1 steps",
    ),
    Sabotage(
        "one team of two asks for ten times as much",
        _LOAD,
        r"\(team, sleeping\(\*_USUAL\)\) for team, count in engineers\.items\(\)",
        '(team, sleeping(4, 50 if team == "finance" else 500)) for team, count in engineers.items()',
        ALIKE,
        "of the answers, not 35 to 65 %",
    ),
    Sabotage(
        "the answers of two teams are one team's",
        _ENGINEERS,
        r"answers\.append\(\[team, ",
        'answers.append(["finance", ',
        ALIKE,
        "rides got 0 % of the answers",
    ),
    Sabotage(
        "the larger team has one engineer",
        _LOAD,
        r"for _ in range\(count\)\)\)",
        "for _ in range(1)))",
        LARGER,
        "of the answers, not 60 to 90 %",
    ),
    Sabotage(
        "the larger team is the other",
        "features/load/engineers.feature",
        r'6 data engineers of "rides" and 2 of "finance"',
        '2 data engineers of "rides" and 6 of "finance"',
        LARGER,
        "of the answers, not 60 to 90 %",
    ),
    Sabotage(
        "the flood is no more than anybody asks",
        _LOAD,
        r"_FLOOD, _SHORT = \(4, 50\), \(90, 1000\), \(2, 50\)",
        "_FLOOD, _SHORT = (4, 50), (2, 900), (2, 50)",
        STARVES,
        "for a short statement",
    ),
    Sabotage(
        "statements share the executors on the platform that serves who asked first",
        "examples/values/serves-who-asked-first.yaml",
        "FIFO",
        "FAIR",
        STARVES,
        "for a short statement",
    ),
    Sabotage(
        "the sessions that are to stay open are closed",
        _ENGINEERS,
        r"        if close:\n",
        "        if True:\n",
        STAY_OPEN,
        "the measure sees none",
    ),
    Sabotage(
        "what Prometheus does not read is not named",
        _TARGETS,
        r"if key not in found\]",
        "if key in found]",
        READ,
        "a Prometheus that reads all programs of the platform",
    ),
    Sabotage(
        "workers are asked at a path that they do not serve",
        "charts/spark-common/templates/_worker.tpl",
        r"path: /metrics/prometheus\b",
        "path: /metrics/nowhere",
        READ,
        "cannot be read at /metrics/nowhere",
    ),
    Sabotage(
        "the monitor that asks elsewhere asks at the usual path",
        _TARGETS,
        r'endpoint = \{\*\*found\["spec"\]\["endpoints"\]\[0\], "path": path\}',
        'endpoint = found["spec"]["endpoints"][0]',
        SILENT,
        "a target of which it is said that it cannot be read at /nowhere",
    ),
    Sabotage(
        "a target that does not answer is none",
        _TARGETS,
        r"in found\.values\(\) if each\.fault\]",
        "in found.values() if not each.pod]",
        SILENT,
        "a target of which it is said that it cannot be read at /nowhere",
    ),
    Sabotage(
        "the monitor that is to go stays",
        _TARGETS,
        r"self\.metrics\.kube\.delete\(SERVICE_MONITOR, (.*), self\.metrics\.namespace\)",
        r"self.metrics.kube.get(SERVICE_MONITOR, \1, self.metrics.namespace)",
        UNREAD,
        "a target of which it is said that it is not read at",
    ),
    Sabotage(
        "a program is wanted only as long as somebody reads it",
        _TARGETS,
        r"if key not in found\]\n        beside",
        "if not each.component]\n        beside",
        UNREAD,
        "a target of which it is said that it is not read at",
    ),
    Sabotage(
        "a panel of the master asks for a metric that nobody serves",
        "charts/spark-standalone/dashboards/master.json",
        r"metrics_master_aliveWorkers_Value",
        "metrics_master_livingWorkers_Value",
        PANELS,
        "data in every panel of the dashboards",
    ),
    Sabotage(
        "every query has data",
        _DASHBOARDS,
        r"missing = \[each for query in panel\.queries for each in self\._missing\(query\)\]",
        "missing: list[str] = []",
        RENAMED,
        "for want of metrics_executor_diskUsed_bytes",
    ),
    Sabotage(
        "a metric that is renamed keeps its name",
        _DASHBOARDS,
        r'f"old_\{metric\}"',
        "metric",
        RENAMED,
        "No panel asks for metrics_executor_diskUsed_bytes",
    ),
    Sabotage(
        "an executor without notice has time to hand over",
        "sparkproof/spark/workloads.py",
        r'"gracePeriodSeconds": 0\}',
        '"gracePeriodSeconds": 60}',
        WITHOUT_NOTICE,
        "handed",
    ),
    Sabotage(
        "the users of a server that was evicted ask in a new session",
        "features/scaling/drains.feature",
        r'(has no disruption budget\n.*\n.*\n.*\n)    And a data engineer runs "SELECT seven FROM mine"',
        r'\1    And a data engineer runs "SELECT 7"',
        WITHOUT_BUDGET,
        "not because of",
    ),
    Sabotage(
        "a pool has room for every executor",
        "features/scaling/nodes.feature",
        r"with 2 cores at most",
        "with 64 cores at most",
        BEYOND,
        "Karpenter's word on 2 executors",
    ),
    Sabotage(
        "a node that is taken back goes after a second",
        "examples/node-pools/spot.yaml",
        r"terminationGracePeriod: 20s",
        "terminationGracePeriod: 1s",
        DEADLINE,
        "before its provider takes it",
    ),
    Sabotage(
        "the provider takes nothing back",
        _POOLS,
        r'self\.kube\.delete\(NODE_CLAIM, claim\["metadata"\]\["name"\]\)',
        'self.kube.get(NODE_CLAIM, claim["metadata"]["name"])',
        DEADLINE,
        "before its provider takes it",
    ),
    Sabotage(
        "the copy of a driver has no protection",
        _POOLS,
        r"if key == _STAYS and protected\}",
        "if key == _STAYS and not protected}",
        STAYS,
        "copy-of-the-driver is gone",
    ),
    Sabotage(
        "the copy of a driver without protection has it",
        _POOLS,
        r"if key == _STAYS and protected\}",
        "if key == _STAYS}",
        UNPROTECTED,
        "the end of copy-of-the-driver",
    ),
    Sabotage(
        "nodes are emptied only when nothing is on them",
        "examples/node-pools/on-demand.yaml",
        "WhenEmptyOrUnderutilized",
        "WhenEmpty",
        UNPROTECTED,
        "the end of copy-of-the-driver",
    ),
    Sabotage(
        "half of the memory is advised",
        _SIZES,
        r'cls\(measured, said\["memory"\]\["value"\],',
        'cls(measured, said["memory"]["value"] // 2,',
        IN_MEMORY,
        "spilled to disk, in bytes by stage",
    ),
    Sabotage(
        "an application gets another memory than is advised",
        _SIZES,
        r'"spark\.executor\.memory": f"\{heap\}m"',
        '"spark.executor.memory": "640m"',
        IN_MEMORY,
        "spilled to disk, in bytes by stage",
    ),
    Sabotage(
        "three quarters are the whole",
        _SIZES,
        r'"three quarters of the advised memory": 3',
        '"three quarters of the advised memory": 4',
        SPILLS,
        "so less memory would have been enough",
    ),
    Sabotage(
        "twice the memory is advised",
        _SIZES,
        r'cls\(measured, said\["memory"\]\["value"\],',
        'cls(measured, said["memory"]["value"] * 2,',
        SPILLS,
        "so less memory would have been enough",
    ),
    Sabotage(
        "what spilled counts for nothing in the advice",
        "scripts/rightsizing_calculator.py",
        r"GROWTH \* task",
        "0 * task",
        FROM_A_SPILL,
        "spilled to disk, in bytes by stage",
    ),
    Sabotage(
        "two thirds are advised after a run that spilled",
        _SIZES,
        r"heap = self\.memory \* SHARES\[share\] // 4",
        "heap = self.memory * SHARES[share] // 6",
        FROM_A_SPILL,
        "spilled to disk, in bytes by stage",
    ),
    Sabotage(
        "there is one worker for all applications",
        "examples/platforms/elastic-standalone.yaml",
        r"maxReplicas: \d+",
        "maxReplicas: 1",
        EACH,
        "workers came, not 2",
    ),
    Sabotage(
        "workers follow the applications that wait, and not those at work",
        "charts/spark-common/templates/_worker.tpl",
        '"applications" "apps"',
        '"applications" "waitingApps"',
        EACH,
        "workers went before",
    ),
    Sabotage(
        "the second autoscaler follows other workers",
        _WORKERS,
        r'second = \{key: first\[key\] for key in \("apiVersion", "kind", "spec"\)\}',
        'second = {key: first[key] for key in ("apiVersion", "kind", "spec")}\n'
        '        second["spec"] = {**first["spec"], "scaleTargetRef": {"name": "others"}}',
        AUTOSCALER,
        "already managed by the ScaledObject",
    ),
]
