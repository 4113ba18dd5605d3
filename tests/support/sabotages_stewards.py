"""Deliberate faults of what data stewards and auditors rely on: scans, erasure, trails, and the search for secrets."""

# Longer than 300 lines: one row for each sabotage.

from tests.support.sabotages import Sabotage

_SCAN = "scripts/governance_scan.py"
_ERASURE = "sparkproof/governance/erasure.py"
_TRAIL = "sparkproof/governance/trail.py"
_CUSTOMERS = "sparkproof/governance/customers.py"
_HISTORY = "sparkproof/spark/history.py"
_SECRETS = "sparkproof/tenancy/secret_scan.py"
_CHART = "charts/spark-common/templates/"

# Titles of the criteria.
CLEAN = "A scan of a governed database of the {} catalog finds nothing"
NAMES = "A scan names a table {}"
UNOWNED = "A scan of a database of the {} catalog names a table without an owner"
HIDDEN = "A column whose class Spark does not show is taken as classified"
AGAIN = "A renamed column has to be classified again"
NOT_OVER = "Rows that are not over their retention are not named"
DELETED = "A scan names a table whose expired rows were deleted and are still in its files"
ERASED = "An erased customer of a table of the {} catalog is in no file any more"
BEFORE = "A customer who was deleted before is erased"
FORGETS = "A customer whose erasure forgets {} is still in the object store"
OVER = "What is over its retention is erased, and the scan finds nothing then"
FOUND = "The users who added and deleted a customer are found"
ENDED = "The users are found in the event log when the driver has ended"
TOKEN = "The token of a platform's users appears nowhere else"
TRACKING = "The secrets of a platform with a tracking server appear nowhere else"
NOTEBOOKS = "The secrets of a platform with JupyterLab appear nowhere else"
SHOWN = "A secret in {} is found"

_KINDS = ("hadoop", "hive", "jdbc")
# What breaks one rule, the rule's name in the scan, and the line that looks for it.
_RULES = {
    "with an unclassified column": ("unclassified column", r"if column not in known:", "if column in CLASSES:"),
    "with a class that nobody knows": (
        "unknown class",
        r"elif known\[column\] not in CLASSES and",
        "elif known[column] in CLASSES and",
    ),
    "without a retention": ("no retention", r"if retention == FOREVER:", "if retention in (FOREVER, ''):"),
    "with a retention by a column it lacks": ("no retention", r"if column not in columns:", "if not column:"),
    "with rows that are over their retention": ("expired rows", r"    if rows:\n", "    if rows < 0:\n"),
}
_REACHES = {
    "the data files": (r'rewrite=forget != "the data files"', "rewrite=True"),
    "the branches": (r'if forget != "the branches":', "if True:"),
    "the tags": (r'if forget != "the tags":', "if True:"),
    "the earlier snapshots": (r'if forget != "the earlier snapshots":', "if True:"),
    "the files of failed jobs": (r'if forget != "the files of failed jobs":', "if True:"),
}

OF_STEWARDS = [
    *[
        Sabotage(
            f"a governed table of the {kind} catalog has no retention",
            _CUSTOMERS,
            r'    "governance\.retention": "365 days",\n',
            "",
            CLEAN.format(kind),
            "no retention: governance.retention",
        )
        for kind in _KINDS
    ],
    *[
        Sabotage(
            f"a scan of the {kind} catalog takes today's rows for expired ones",
            _SCAN,
            r"\(current_timestamp\(\) - INTERVAL",
            "(current_timestamp() + INTERVAL",
            CLEAN.format(kind),
            "expired rows: 3",
        )
        for kind in _KINDS
    ],
    *[
        Sabotage(
            f"a scan passes over a table {of}",
            _SCAN,
            pattern,
            replacement,
            NAMES.format(of),
            f"had to find ['{rule}",
        )
        for of, (rule, pattern, replacement) in _RULES.items()
    ],
    *[
        Sabotage(
            f"a scan calls what is wrong with a table {of} something else",
            _SCAN,
            rf'"rule": "{rule}", "about": (?!retention)',
            '"rule": "fault", "about": ',
            NAMES.format(of),
            f"had to find ['{rule}",
        )
        for of, (rule, _, _) in _RULES.items()
        if of != "without a retention"
    ],
    Sabotage(
        "a scan says of a retention that is missing that it is empty",
        _SCAN,
        r'"about": retention or "governance\.retention"',
        '"about": retention',
        NAMES.format("without a retention"),
        "had to find ['no retention: governance.retention']",
    ),
    *[
        Sabotage(
            f"whoever scans the {kind} catalog looks into another database",
            "sparkproof/governance/scan.py",
            r"SCAN\.read_text\(\), scope, ",
            'SCAN.read_text(), f"{scope}_of_others", ',
            UNOWNED.format(kind),
            "of_others",
        )
        for kind in _KINDS
    ],
    Sabotage(
        "the hadoop catalog's tables are all owned",
        _SCAN,
        r'if not properties\.get\("owner", ""\)\.strip\(\):',
        'if not properties.get("owner", "").strip() and not name.startswith("hadoop"):',
        UNOWNED.format("hadoop"),
        "had to find ['no owner: governance.owner']",
    ),
    Sabotage(
        "a class that Spark does not show is none",
        _SCAN,
        r" and not \(known\[column\] == REDACTED and HIDDEN\.search\(column\)\)",
        "",
        HIDDEN,
        "unknown class: token",
    ),
    Sabotage(
        "no column's name hides its class",
        _SCAN,
        r"secret\|password\|token\|access",
        "secret|password|access",
        HIDDEN,
        "unknown class: token",
    ),
    Sabotage(
        "a class goes with the column that is renamed",
        _SCAN,
        r"for column in known\.keys\(\) - set\(columns\):",
        "for column in set(columns) - set(columns):",
        AGAIN,
        "had to find",
    ),
    Sabotage(
        "a renamed column keeps its name",
        "features/governance/scan.feature",
        r"RENAME COLUMN email TO address",
        "RENAME COLUMN email TO mail",
        AGAIN,
        "unclassified column: mail",
    ),
    Sabotage(
        "a retention is a day shorter than it says",
        _SCAN,
        r"INTERVAL \{retention\.split\(\)\[0\]\} DAYS",
        "INTERVAL {int(retention.split()[0]) - 2} DAYS",
        NOT_OVER,
        "expired rows: 1",
    ),
    Sabotage(
        "the customer of 364 days ago is older",
        _CUSTOMERS,
        r"INTERVAL \{days_ago\} DAYS",
        "INTERVAL {2 * days_ago} DAYS",
        NOT_OVER,
        "expired rows: 1",
    ),
    Sabotage(
        "the customer who is to be deleted stays",
        _CUSTOMERS,
        r"self\.table\.session\.run\(f\"DELETE FROM",
        'self.table.session.run(f"SELECT * FROM',
        DELETED,
        "expired rows: 1",
    ),
    *[
        Sabotage(
            f"an erasure from the {kind} catalog rewrites no data file",
            _ERASURE,
            r'rewrite=forget != "the data files"',
            "rewrite=False",
            ERASED.format(kind),
            "is still in",
        )
        for kind in ("hive", "jdbc")
    ],
    *[
        Sabotage(
            f"an erasure from the {kind} catalog leaves what no snapshot has",
            _ERASURE,
            r"        unused\.remove\(table, store\)\n",
            "        pass\n",
            ERASED.format(kind),
            "left-by-a-failed-job.parquet",
        )
        for kind in ("hive", "jdbc")
    ],
    Sabotage(
        "an erasure rewrites only files of which rows are deleted now",
        "sparkproof/iceberg/maintenance.py",
        r'"delete-file-threshold": "1"',
        '"delete-file-threshold": "1000"',
        BEFORE,
        "is still in",
    ),
    Sabotage(
        "an erasure keeps the earlier snapshots",
        _ERASURE,
        r"        maintenance\.expire_all_but_latest\(table\)\.must_succeed\(\)\n",
        "        pass\n",
        BEFORE,
        "is still in",
    ),
    *[
        Sabotage(
            f"an erasure that is to forget {reach} remembers them",
            _ERASURE,
            pattern,
            replacement,
            FORGETS.format(reach),
            "is in none of the data files",
        )
        for reach, (pattern, replacement) in _REACHES.items()
    ],
    *[
        Sabotage(
            f"what an erasure that forgets {reach} leaves is not read",
            _ERASURE,
            r"files = store\.search\(folder, text\)",
            'files = store.search(folder, f"{text}.nobody")',
            FORGETS.format(reach),
            "is in none of the data files",
        )
        for reach in _REACHES
    ],
    Sabotage(
        "what is over half of its retention is erased",
        _ERASURE,
        r"INTERVAL \{days\} DAYS",
        "INTERVAL 0 DAYS",
        OVER,
        "other.org",
    ),
    Sabotage(
        "what is over twice its retention is erased",
        _ERASURE,
        r"INTERVAL \{days\} DAYS",
        "INTERVAL {2 * int(days)} DAYS",
        OVER,
        "expired rows: 1",
    ),
    Sabotage(
        "a trail has nobody's name",
        _HISTORY,
        r"if words in plan and _WRITES\.search\(plan\):",
        "if words not in plan and _WRITES.search(plan):",
        FOUND,
        "by nobody",
    ),
    Sabotage(
        "both changes are one engineer's",
        "steps/governance_steps.py",
        r"Session\.open\(context\.session\.client, user\)\)\.delete\(\)",
        'Session.open(context.session.client, "ada")).delete()',
        FOUND,
        "delete by ada",
    ),
    Sabotage(
        "a change is looked for a minute later",
        _TRAIL,
        r"spark\.writers_at\(moment, words\)",
        "spark.writers_at(moment + 60_000, words)",
        ENDED,
        "by nobody",
    ),
    Sabotage(
        "a change names another application",
        _TRAIL,
        r'_APPLICATION = "spark\.app\.id"',
        '_APPLICATION = "operation"',
        ENDED,
        "does not end as it should",
    ),
    Sabotage(
        "the client logs where its server is, and with which token",
        f"{_CHART}_client.tpl",
        r"args: \[sleep, infinity\]",
        'args: [sh, -c, "echo $SPARK_REMOTE; exec sleep infinity"]',
        TOKEN,
        "in the log of client",
    ),
    Sabotage(
        "the client gets its token as an argument",
        f"{_CHART}_client.tpl",
        r"args: \[sleep, infinity\]",
        'args: [sh, -c, "sleep infinity; exit 1", $(SPARK_CONNECT_TOKEN)]',
        TOKEN,
        "in the programs of client",
    ),
    Sabotage(
        "MLflow's migration logs the password of its database",
        f"{_CHART}_mlflow.tpl",
        r"command: \[mlflow, db, upgrade, (\{\{.*?\}\})\]",
        r"""command: [sh, -c, 'echo "$PGPASSWORD"; exec mlflow db upgrade "$0"', \1]""",
        TRACKING,
        "/migrate",
    ),
    Sabotage(
        "MLflow gets the password of its database as an argument",
        f"{_CHART}_mlflow.tpl",
        r"(    image: mlflow\n)(    env:\n      - name: MLFLOW_BACKEND)",
        r'\1    args: [sh, -c, "mlflow server --host 0.0.0.0 --port 5000; exit 1", $(PGPASSWORD)]\n\2',
        TRACKING,
        "in the programs of",
    ),
    Sabotage(
        "JupyterLab logs the token of its users",
        f"{_CHART}_jupyter.tpl",
        r"(    image: jupyter\n)",
        r"""\1    args: [sh, -c, 'echo "$JUPYTER_TOKEN"; exec jupyter lab']\n""",
        NOTEBOOKS,
        "in the log of",
    ),
    Sabotage(
        "JupyterLab gets the token of its users as an argument",
        f"{_CHART}_jupyter.tpl",
        r"(    image: jupyter\n)",
        r'\1    args: [jupyter, lab, "--IdentityProvider.token=$(JUPYTER_TOKEN)"]\n',
        NOTEBOOKS,
        "in the programs of",
    ),
    Sabotage(
        "the search passes over ConfigMaps",
        _SECRETS,
        r"for kind in kube\.kinds\(\):",
        "for kind in [each for each in kube.kinds() if each.name != 'ConfigMap']:",
        "A secret in a configuration is found",
        "found was nothing",
    ),
    Sabotage(
        "a careless program writes something else",
        _SECRETS,
        r"team\.remember\(place, next\(iter\(dict\(_values\(team\)\)\.values\(\)\)\)\)",
        'team.remember(place, "nothing that is secret")',
        "A secret in a configuration is found",
        "found was nothing",
    ),
    Sabotage(
        "only values of more than a hundred characters are secrets",
        _SECRETS,
        r"_MIN_LENGTH = 8",
        "_MIN_LENGTH = 100",
        SHOWN.format("an argument"),
        "found was nothing",
    ),
    Sabotage(
        "only values of more than a hundred characters are searched for in variables",
        _SECRETS,
        r"_MIN_LENGTH = 8",
        "_MIN_LENGTH = 100",
        SHOWN.format("a variable"),
        "found was nothing",
    ),
]
