"""Deliberate faults of applications that the Spark Operator runs, and the criterion that must fail for each."""

from tests.support.sabotages import Sabotage

WORKS = "A SparkApplication does its work as the platform's own applications do on Spark 4.1.1"
FOUND = "Everybody finds what a SparkApplication writes into the rest catalog"
FAILS = "A SparkApplication whose program fails has failed, and its driver keeps Spark's words"
REFUSED = "A SparkApplication that cannot be submitted fails with Spark's own words"
APART = "The operator leaves alone the SparkApplications of a team that it does not serve, and tables do not mix"


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
]
