"""Deliberate faults of what teams run on the platform: tracked projects, notebooks, recipes and who may use Airflow."""

from tests.support.sabotages import Sabotage

_USER_OF_MLFLOW = "sparkproof/mlflow/user.py"
_TRACKING = "sparkproof/mlflow/tracking.py"
_MISSING_TABLE = "examples/projects/missing-table/"
_SUM = "examples/projects/sum/"
_TRAVEL = "examples/projects/time-travel/time_travel.py"
_AIRFLOW = "sparkproof/airflow/orchestrator.py"
_NOTEBOOK = "sparkproof/jupyter/notebook.py"
_NOTEBOOK_USER = "sparkproof/jupyter/user.py"

# Titles of the criteria.
NO_FILE = "A run that fails stores no file"
COLLECTED = "A deleted run's files are gone after the next collection"
FAILS_OVER_CONNECT = "A run over Connect on a tracking platform that fails is tracked as failed on Spark 4.1.1"
SUBMITTED = "A run submitted on a tracking platform is tracked with its driver's settings on Spark 4.1.1"
SUBMITTED_FAILS = "A run submitted on a tracking platform that fails is tracked as failed on Spark 4.1.1"
EARLIER = "A run on an earlier state of a table is tracked with the rows of that state on Spark 4.1.1"
NO_SNAPSHOT = "A run on a snapshot that the table does not have is tracked as failed on Spark 4.1.1"
TRACKING_RECIPE = "A data scientist runs a project and looks at its run"
AIRFLOW_RECIPE = "A data engineer runs a DAG, finds its table, and submits an application"
GUESSED = "A token that Airflow did not give is refused"
WITHOUT_TOKEN = "A notebook user without a token is refused"
ANOTHER_TOKEN = "A notebook user with another token is refused"
NO_ACCOUNT = "A cell has no account on the cluster"

OF_WORKLOADS = [
    Sabotage(
        "a made-up name is told by another header",
        _USER_OF_MLFLOW,
        r'\{"Host": host\}',
        '{"X-Host": host}',
        "A name that only begins like the server's is refused",
        "did not refuse",
    ),
    Sabotage(
        "a project stores its file before it has the sum",
        f"{_MISSING_TABLE}missing_table.py",
        r"(    )(total = spark)",
        r'\1mlflow.log_text("0", "sum.txt")\n\1\2',
        NO_FILE,
        "was not refused; it gave",
    ),
    Sabotage(
        "a project that was to fail finds a table",
        f"{_MISSING_TABLE}missing_table.py",
        "a_table_that_is_not_there",
        "range(3)",
        NO_FILE,
        "tracked as FINISHED, not FAILED",
    ),
    Sabotage(
        "a run is marked and not deleted",
        _TRACKING,
        r'"/runs/delete", \{"run_id": run\.id\}',
        '"/runs/set-tag", {"run_id": run.id, "key": "deleted", "value": "yes"}',
        COLLECTED,
        "was not collected",
    ),
    Sabotage(
        "whoever was silent for a moment is lost",
        _TRACKING,
        r'report, status = self\._report_lost\("--after", str\(_SILENT_S\)\)',
        'report, status = self._report_lost("--after", "0")',
        "A run that still works is not lost",
        "works, is tracked as RUNNING, and the report of lost runs is",
    ),
    Sabotage(
        "a project fails for want of another thing",
        f"{_MISSING_TABLE}missing_table.py",
        "a_table_that_is_not_there",
        "range('many')",
        FAILS_OVER_CONNECT,
        "did not fail because of",
    ),
    Sabotage(
        "an application does not have the id of its run",
        f"{_SUM}MLproject",
        r"k8s_submit\.py --name \$MLFLOW_RUN_ID",
        "k8s_submit.py --name sum",
        SUBMITTED,
        "history",
    ),
    Sabotage(
        "a submitted project sums one more", f"{_SUM}sum.py", r"range\(rows\)", "range(rows + 1)", SUBMITTED, "metrics"
    ),
    Sabotage(
        "the end of a submitted project is forgotten",
        f"{_MISSING_TABLE}MLproject",
        r"(k8s_submit\.py --name \$MLFLOW_RUN_ID missing_table\.py \{rows\})",
        r"\1 || true",
        SUBMITTED_FAILS,
        "not FAILED",
    ),
    Sabotage(
        "a submitted project fails for want of another thing",
        f"{_MISSING_TABLE}missing_table.py",
        "a_table_that_is_not_there",
        "range('many')",
        SUBMITTED_FAILS,
        "did not fail because of",
    ),
    Sabotage("a project reads its table as it is now", _TRAVEL, r" VERSION AS OF \{snapshot\}", "", EARLIER, "metrics"),
    Sabotage(
        "a project tracks what no session has",
        _TRAVEL,
        r"row\.key: row\.value for",
        "row.key: row.value.upper() for",
        EARLIER,
        "does not track the settings",
    ),
    Sabotage(
        "a project forgets the snapshot that it was asked for",
        _TRAVEL,
        r" VERSION AS OF \{snapshot\}",
        "",
        NO_SNAPSHOT,
        "tracked as FINISHED, not FAILED",
    ),
    Sabotage(
        "a project asks another table for a snapshot",
        _TRAVEL,
        r"FROM \{table\}",
        "FROM {table}x",
        NO_SNAPSHOT,
        "did not fail because of",
    ),
    Sabotage(
        "the recipe of tracking asks for fewer rows",
        "docs/recipes/tracking.md",
        "-P rows=1000",
        "-P rows=999",
        TRACKING_RECIPE,
        "499500.0",
    ),
    Sabotage(
        "a command of the recipe of tracking is misspelt",
        "docs/recipes/tracking.md",
        "mlflow run . --env-manager local",
        "mlflow run . --env-manager locale",
        TRACKING_RECIPE,
        "locale",
    ),
    Sabotage(
        "the recipe of orchestration shows another table",
        "docs/recipes/orchestration.md",
        r'\.table\("lake\.demo\.sums"\)',
        ".range(3)",
        AIRFLOW_RECIPE,
        "166833",
    ),
    Sabotage(
        "the recipe of orchestration submits a program that fails",
        "docs/recipes/orchestration.md",
        r'(\\"program\\": \\")word-count',
        r"\1failing",
        AIRFLOW_RECIPE,
        "The submission is a",
    ),
    Sabotage(
        "a guessed token is that of an engineer who looks",
        _AIRFLOW,
        r'("a stranger\'s list of runs", "GET", path, \*\*)_bringing\(token\)',
        r"\1self._as(ENGINEER)",
        GUESSED,
        "did not refuse",
    ),
    Sabotage(
        "a guessed token is not sent",
        _AIRFLOW,
        r'("a stranger\'s list of runs", "GET", path, \*\*_bringing\()token',
        r'\1""',
        GUESSED,
        "401",
    ),
    Sabotage(
        "who has no token looks as an engineer",
        _AIRFLOW,
        r'("a stranger\'s list of runs", "GET", path, \*\*)_bringing\(token\)',
        r"\1self._as(ENGINEER)",
        "Nobody without a token is told anything",
        "did not refuse",
    ),
    Sabotage(
        "a guessed token is not sent to start a run",
        _AIRFLOW,
        r"(_new_run\(\), \{\}, _bringing\()token",
        r'\1""',
        "A token that Airflow did not give starts no run",
        "401",
    ),
    Sabotage(
        "who has no token asks with that of the pod",
        _NOTEBOOK_USER,
        r"if token else \{\}",
        'if token else {"Authorization": "token " + __import__("os").environ["JUPYTER_TOKEN"]}',
        WITHOUT_TOKEN,
        "did not refuse the user",
    ),
    Sabotage(
        "who has no token is given the platform's",
        _NOTEBOOK,
        r"self\.token if token is None else token",
        "token or self.token",
        WITHOUT_TOKEN,
        "did not refuse the user",
    ),
    Sabotage(
        "whoever has any token is given the platform's",
        _NOTEBOOK,
        r"self\.token if token is None else token",
        "self.token",
        ANOTHER_TOKEN,
        "did not refuse the user",
    ),
    Sabotage(
        "a user who is refused is taken for one who was silent",
        _NOTEBOOK_USER,
        r'\{"refused": started\.status_code\}',
        '{"printed": "", "error": None}',
        ANOTHER_TOKEN,
        "did not refuse the user",
    ),
    Sabotage(
        "notebooks have a token for the API server",
        "charts/spark-common/templates/_jupyter.tpl",
        r"(\ncontainers:\n  - name: jupyter\n)",
        r"\nautomountServiceAccountToken: true\1",
        NO_ACCOUNT,
        "'True'",
    ),
    Sabotage(
        "a cell looks for its account where something is",
        "features/jupyter/notebooks.feature",
        r"/var/run/secrets/kubernetes\.io",
        "/var/run",
        NO_ACCOUNT,
        "'True'",
    ),
    Sabotage(
        "a query like the notebook's is asked of the driver alone",
        "features/jupyter/whole_notebooks.feature",
        r'(plans "SELECT id % 7 AS remainder, )sum\(id\)',
        r"\1mode(id)",
        "A query like the notebook's is planned for a GPU where there is none, in a driver of its own",
        "would not run",
    ),
]
