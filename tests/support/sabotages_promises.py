"""Deliberate faults in what the project's pages promise, and the criterion that must fail for each of them."""

from tests.support.sabotages import Sabotage, in_a_chart

COMBINED = "Presets combine in any order"
TOLD = "Programs are told what they need, and no secret is shown"
MISSPELT = "A misspelt setting is refused"
UNREAD = "A value that nothing reads is found"
BACKED_UP = "The backup preset takes backups four times a day and keeps those of a week"
EXPIRED = "Snapshots that are older than the table's retention expire"
MOVED = "Columns in another order keep their values"
WIDENED = "A widened column keeps its values and takes larger ones"
COPIED = "A copy that is only planned is not made"
KEPT = "Tables that their owner keeps are there when the platform is installed again"
GONE = "Nothing is left of a lakehouse platform that was uninstalled"
MASTER = "A stranger does not reach the master of a platform with the restricted preset"
COUNTER = "A stranger does not reach the counter of landed objects"
AIRFLOWS = "The secrets of a platform with Airflow appear nowhere else"
INGESTS = "The secrets of a platform with an ingest appear nowhere else"
_POLICIES, _KEDA = "network-policy", "keda"


def of_backups(name: str, pattern: str, replacement: str) -> Sabotage:
    """A change of how often backups are taken, or of how many are kept."""
    return Sabotage(
        name, "charts/spark-4.1/values.yaml", pattern, replacement, BACKED_UP, "is not as the preset has to make it"
    )


OF_PROMISES = [
    of_backups("backups are taken once a day", r'schedule: "17 \*/6', 'schedule: "17 6'),
    of_backups("one backup is kept", "keep: 28", "keep: 1"),
    in_a_chart(
        "a platform with two presets has another label each time",
        "names",
        r'"helm\.sh/chart" \(',
        '"example/any" (randAlpha 8)\n  "helm.sh/chart" (',
        COMBINED,
        "renders otherwise in another order",
    ),
    Sabotage(
        "the second rendering is of another release",
        "sparkproof/charts/renderings.py",
        r"again = texts\(\[one\.case for one in self\.made\]\)",
        'again = texts([Case(o.case.chart, o.case.version, o.case.presets, release="b") for o in self.made])',
        "Every preset renders the same twice",
        "renders to another text the second time",
    ),
    in_a_chart(
        "a store that is there already is looked for at another port",
        "object-store",
        r'default "" \$store\.endpoint',
        'default "" $store.endpoint | replace ":9000" ""',
        TOLD,
        "broken is the promise that each program is told where the others are",
    ),
    in_a_chart(
        "a database that is there already is looked for at the port of the release's own",
        "postgres",
        r"ternary 5432 \.root\.Values\.postgres\.port \.root\.Values\.postgres\.enabled",
        "5432",
        TOLD,
        "broken is the promise that each container runs the program of its name",
    ),
    Sabotage(
        "settings are misspelt as others that there are",
        "sparkproof/charts/cases.py",
        r'f"\{keys\[-1\]\}x"',
        'keys[-1] + "x" * (keys[-1] != "resources")',
        MISSPELT,
        "resources",
    ),
    Sabotage(
        "a refusal is looked through for another setting",
        "sparkproof/charts/cases.py",
        r"return next\(\(path for path in paths if not has_key\(self\.chart\.values, path\)\), \(\)\)",
        'return next(((*path[:-1], "y") for path in paths if not has_key(self.chart.values, path)), ())',
        MISSPELT,
        "does not name the unknown setting",
    ),
    in_a_chart(
        "a template reads the value that nobody is to read",
        "names",
        r'"helm\.sh/chart" \(',
        '"example/read" (default "x" .root.Values.nobodyReadsThis)\n  "helm.sh/chart" (',
        UNREAD,
        "All of nobodyReadsThis is said to be exercised",
    ),
    Sabotage(
        "the charts get no value that nobody reads",
        "sparkproof/charts/chart.py",
        r"for copy in copies:\n        values, schema",
        "for copy in copies[:0]:\n        values, schema",
        UNREAD,
        "All of nobodyReadsThis is said to be exercised",
    ),
    Sabotage(
        "snapshots that are to expire are the last two",
        "sparkproof/iceberg/maintenance.py",
        r'return _call\(table, "expire_snapshots"\)',
        'return _call(table, "expire_snapshots", retain_last=2)',
        EXPIRED,
        "expected 1",
    ),
    Sabotage(
        "a table has a retention of a day",
        "features/iceberg/maintenance.feature",
        r"'history\.expire\.max-snapshot-age-ms' = '1'",
        "'history.expire.max-snapshot-age-ms' = '86400000'",
        EXPIRED,
        "expected 1",
    ),
    *(
        Sabotage(
            f"a table is written anew when {what}",
            "sparkproof/iceberg/table.py",
            r'        return self\.session\.sql\(f"ALTER TABLE \{self\.name\} \{change\}"\)',
            '        answer = self.session.sql(f"ALTER TABLE {self.name} {change}")\n'
            '        self.session.run(f"INSERT OVERWRITE {self.name} SELECT * FROM {self.name}")\n'
            "        self.commits += 1\n"
            "        return answer",
            criterion,
            "were removed by",
        )
        for what, criterion in (("a column moves", MOVED), ("a column is widened", WIDENED))
    ),
    Sabotage(
        "a statement is executed to be planned",
        "sparkproof/spark/repl.py",
        r'CommandExecutionMode"\)\.SKIP\(\)',
        'CommandExecutionMode").ALL()',
        COPIED,
        "was not refused",
        "rapids",
    ),
    Sabotage(
        "a planned copy is looked for under the name of its source",
        "features/gpu/planned_writes.feature",
        r'runs "SELECT \* FROM copied"',
        'runs "SELECT * FROM trips"',
        COPIED,
        "was not refused",
        "rapids",
    ),
    Sabotage(
        "the tables that are to stay go with the release",
        "examples/values/keeps-its-tables.yaml",
        r"keep: true",
        "keep: false",
        KEPT,
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
    in_a_chart(
        "no volume stays when its release goes",
        "objects",
        r'"helm\.sh/resource-policy" "keep"',
        '"helm.sh/resource-policy" "none"',
        KEPT,
        "TABLE_OR_VIEW_NOT_FOUND",
    ),
    in_a_chart(
        "volumes stay though nobody asked for it",
        "objects",
        r'(ternary \(dict "helm\.sh/resource-policy" "keep"\)) nil \$volume\.keep',
        r"\1 nil true",
        GONE,
        "the end of all of the platform",
    ),
    Sabotage(
        "helm's uninstallation leaves the pods of all components",
        "sparkproof/kube/helm.py",
        r'\["uninstall", release, ',
        '["uninstall", release, "--cascade=orphan", ',
        GONE,
        "the end of all of the platform",
    ),
    Sabotage(
        "Airflow logs the passwords of its users",
        "docker/airflow/airflow_starts.py",
        r'    os\.execvp\("airflow", ',
        '    print(passwords, flush=True)\n    os.execvp("airflow", ',
        AIRFLOWS,
        "can be read in other places",
    ),
    Sabotage(
        "a pod of a task shows Airflow's secret",
        "charts/spark-common/templates/_airflow.tpl",
        r"    args: \[api-server\]\n",
        '    command: [sh, -c, "/opt/sparkproof/airflow_starts.py api-server; true", $(AIRFLOW_SECRET)]\n',
        AIRFLOWS,
        "in the programs of",
    ),
    Sabotage(
        "the counter of objects logs its key",
        "docker/spark/landing.py",
        r'    if verb == "serve":\n',
        '    if verb == "serve":\n        print(os.environ["LANDING_KEY"], flush=True)\n',
        INGESTS,
        "can be read in other places",
        _KEDA,
    ),
    in_a_chart(
        "the counter of objects gets its key as an argument",
        "ingest",
        r"args: \[/opt/sparkproof/landing\.py, serve\]",
        'args: [sh, -c, "/opt/sparkproof/landing.py serve; true", $(LANDING_KEY)]',
        INGESTS,
        "in the programs of",
    ),
    Sabotage(
        "the restricted preset of a standalone platform lets strangers in",
        "charts/spark-standalone/presets/restricted-values.yaml",
        r"networkPolicy:\n  enabled: true\n",
        "",
        MASTER,
        "being cut off from the service spark-master",
        _POLICIES,
    ),
    in_a_chart(
        "the network keeps the submitting pod from the master",
        "network",
        r"(master:\n  connect: .*\n)  submit: \[7077\]\n",
        r"\1",
        MASTER,
        "a connection from the pod spark-submit",
    ),
    Sabotage(
        "the restricted preset lets strangers count",
        "charts/spark-4.1/presets/restricted-values.yaml",
        r"networkPolicy:\n  enabled: true\n",
        "",
        COUNTER,
        "being cut off from the service spark-ingest-counter",
        _POLICIES,
    ),
    Sabotage(
        "whoever is in any namespace is taken for KEDA",
        "charts/spark-common/templates/_network.tpl",
        r"- namespaceSelector:\n    matchLabels:\n      kubernetes.*kedaNamespace .*\}\}\n",
        "- namespaceSelector: {}\n",
        COUNTER,
        "being cut off from the service spark-ingest-counter",
        _POLICIES,
    ),
]
