"""Deliberate faults of applications that the Spark Operator runs, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

WORKS = "A SparkApplication does its work as the platform's own applications do on Spark 4.1.1"
FOUND = "Everybody finds what a SparkApplication writes into the rest catalog"
FAILS = "A SparkApplication whose program fails has failed, and its driver keeps Spark's words"
REFUSED = "A SparkApplication that cannot be submitted fails with Spark's own words"
NO_RIGHTS = "A SparkApplication can do no more than the account that it names"
OTHERS_ACCOUNT = "A SparkApplication that names an account of another team starts no pod"
OTHERS_SECRET = "A SparkApplication that names a Secret of another team does not begin"
OWN_SECRET = "A SparkApplication gets a Secret of its own namespace that it names"
ELSEWHERE = "The house's rules refuse a SparkApplication that is to run in another team's namespace"
WHERE_IT_IS = "The house's rules let a SparkApplication pass that runs where it is"
APART = "The operator leaves alone the SparkApplications of a team that it does not serve, and tables do not mix"

_EXAMPLES, _STEPS = "examples/spark-applications", "steps/spark_operator_steps.py"
_RULES = "examples/admission/house-rules.yaml"
# What a SparkApplication says of its driver, as the script that completes it takes it over.
_OF_DRIVER = r", \*\*\(own\.get\(role\) or \{\}\)"
_GIVEN_OTHERS = r"account\.give_own\(context\.other_team"
_GIVEN_OWN = "account.give_own(installed(context.platform).team"


def with_setting(name: str, setting: str, value: str, title: str, cause: str) -> Sabotage:
    """A setting of Spark that the word count asks for."""
    example = "examples/spark-applications/word-count.yaml"
    return Sabotage(name, example, r"(  restartPolicy:\n)", rf"  sparkConf:\n    {setting}: {value}\n\1", title, cause)


OF_THE_SPARK_OPERATOR = [
    with_setting(
        "executors of a SparkApplication run as another account",
        "spark.kubernetes.authenticate.executor.serviceAccountName",
        "default",
        WORKS,
        "ran as default of",
    ),
    Sabotage(
        "the Spark Operator may start no driver",
        "sparkproof/embedded/spark_operator.py",
        r'"resources": \["pods"\], "verbs": \["create", "delete"\]',
        '"resources": ["pods"], "verbs": ["delete"]',
        WORKS,
        "forbidden",
    ),
    Sabotage(
        "a SparkApplication gets none of the platform's Secrets",
        "scripts/spark_application.py",
        r"\{\*\*first, \"name\"",
        '{**first, "env": [], "name"',
        FOUND,
        "ended with 1, not 0",
    ),
    with_setting(
        "a SparkApplication asks another catalog",
        "spark.sql.catalog.rest.uri",
        "http://nobody.invalid:8181",
        FOUND,
        "ended with 1, not 0",
    ),
    Sabotage(
        "the operator does not find the container of a driver",
        "scripts/spark_application.py",
        r'f"spark-kubernetes-\{role\}"',
        "role",
        FAILS,
        "driver container status missing",
    ),
    Sabotage(
        "the program of a SparkApplication finds no wrong order",
        "examples/applications/wrong-order.py",
        r"id = 7",
        "id = 70",
        FAILS,
        "ended with 0, not 1",
    ),
    Sabotage(
        "the memory of a driver can be understood",
        "examples/spark-applications/lots-of-memory.yaml",
        r"memory: lots",
        "memory: 640m",
        REFUSED,
        "is COMPLETED, and its status says nothing",
    ),
    Sabotage(
        "what a SparkApplication says of its driver is lost",
        "scripts/spark_application.py",
        r", \*\*\(own\.get\(role\) or \{\}\)",
        "",
        REFUSED,
        "is COMPLETED, and its status says nothing",
    ),
    Sabotage(
        "the operator serves the second team too",
        "steps/spark_operator_steps.py",
        r"(    context\.unserved = )",
        r"    spark_operator.serve(context.second.workloads.kube, context.second.workloads.namespace)\n\1",
        APART,
        "The operator serves word-count-",
    ),
    Sabotage(
        "the application's table is looked for on its own platform",
        "steps/spark_operator_steps.py",
        r"Table\(context\.second\.open_session",
        "Table(context.platform.open_session",
        APART,
        "was not refused",
    ),
    Sabotage(
        "a SparkApplication names the account of drivers",
        f"{_EXAMPLES}/as-an-executor.yaml",
        r"spark-executor",
        "spark-driver",
        NO_RIGHTS,
        "ended with 0, not 1",
    ),
    Sabotage(
        "the account that a SparkApplication names is lost",
        "scripts/spark_application.py",
        _OF_DRIVER,
        "",
        NO_RIGHTS,
        "ended with 0, not 1",
    ),
    Sabotage(
        "a SparkApplication names an account of its own team",
        f"{_EXAMPLES}/as-an-account-of-another-team.yaml",
        r"treasurer",
        "spark-driver",
        OTHERS_ACCOUNT,
        "is COMPLETED, and its status says nothing",
    ),
    Sabotage(
        "the team has an account of the name that only another is to have",
        _STEPS,
        _GIVEN_OTHERS,
        _GIVEN_OWN,
        OTHERS_ACCOUNT,
        "its status says driver container failed",
    ),
    Sabotage(
        "a SparkApplication names a Secret of its own team",
        f"{_EXAMPLES}/with-a-secret-of-another-team.yaml",
        r"name: treasure\n        key: gold",
        r"name: postgres\n        key: rest",
        OTHERS_SECRET,
        "but has begun",
    ),
    Sabotage(
        "the team has a Secret of the name that only another is to have",
        _STEPS,
        _GIVEN_OTHERS,
        _GIVEN_OWN,
        OTHERS_SECRET,
        "but has begun",
    ),
    Sabotage(
        "a SparkApplication names no Secret",
        f"{_EXAMPLES}/with-a-secret-of-its-team.yaml",
        r"    envSecretKeyRefs:\n(.*\n){3}",
        "    memory: 640m\n",
        OWN_SECRET,
        "had not postgres/rest",
    ),
    Sabotage(
        "the Secret that a SparkApplication names is lost",
        "scripts/spark_application.py",
        _OF_DRIVER,
        "",
        OWN_SECRET,
        "had not postgres/rest",
    ),
    Sabotage(
        "the house's rules do not see SparkApplications",
        _RULES,
        r"resources: \[sparkapplications\]",
        "resources: [sparkconnects]",
        ELSEWHERE,
        "would have admitted it",
    ),
    Sabotage(
        "the house's rules look for another setting of a SparkApplication",
        _RULES,
        r"\[\?'spark\.kubernetes\.namespace'\]",
        "[?'spark.namespace']",
        ELSEWHERE,
        "would have admitted it",
    ),
    Sabotage(
        "the house's rules refuse a SparkApplication that names no namespace",
        _RULES,
        r"\.orValue\(request\.namespace\)",
        ".orValue('')",
        WHERE_IT_IS,
        "A SparkApplication runs in its own namespace",
    ),
    Sabotage(
        "a SparkApplication that is to run where it is names another namespace",
        f"{_EXAMPLES}/runs-where-it-is.yaml",
        r'spark\.sql\.shuffle\.partitions: "2"',
        "spark.kubernetes.namespace: the-treasury",
        WHERE_IT_IS,
        "A SparkApplication runs in its own namespace",
    ),
]
