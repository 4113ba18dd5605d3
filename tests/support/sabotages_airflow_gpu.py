"""Deliberate faults of runs of Airflow that query tables for a GPU, and that judge what they load."""

from tests.support.sabotages import Sabotage, in_a_dag

# Titles of the criteria.
QUERY = "A GPU would run a run's query on an Iceberg table: GPU-planning-orchestration on Spark 4.1.1"
TRAVEL = "A GPU would run a run's time travel: GPU-planning-orchestration on Spark 4.1.1"
COLUMNS = "A GPU would run a run's query on a table whose columns changed: GPU-planning-orchestration on Spark 4.1.1"
METRICS = (
    "One report shows RAPIDS' plan and Iceberg's metrics of a run's query: GPU-planning-orchestration on Spark 4.1.1"
)
LEFT = "What a GPU would not run of a run's query is reported, and the answer is right"
NOT_PUBLISHED = "Orders that break the data team's rules are not published"
ADDED = "Orders that keep the data team's rules are added"

_PROGRAM = "examples/applications/plan-for-gpu.py"
_PLATFORM = "examples/platforms/gpu-planning-orchestration.yaml"


def in_the_program(name: str, pattern: str, replacement: str, title: str, cause: str) -> Sabotage:
    """A change of the application that plans and answers a run's query."""
    return Sabotage(name, _PROGRAM, pattern, replacement, title, cause)


OF_GPU_RUNS = [
    Sabotage(
        "a platform that is to plan for GPUs has no RAPIDS",
        _PLATFORM,
        "enabled: true\n    mode",
        "enabled: false\n    mode",
        QUERY,
        "did not succeed",
    ),
    in_the_program("a run answers with one row", r"asked\.collect\(\)", "asked.limit(1).collect()", QUERY, " gave "),
    in_the_program(
        "a run forgets which snapshot it was asked for",
        r"asked = spark\.sql\(query\)",
        'asked = spark.sql(__import__("re").sub(r"VERSION AS OF \\\\d+", "", query))',
        TRAVEL,
        " gave ",
    ),
    in_the_program(
        "a run plans another query", r"(GpuPlan\()asked\._jdf", r"\1spark.range(1)._jdf", TRAVEL, "would not run"
    ),
    in_the_program(
        "a run takes a column for another",
        r"asked = spark\.sql\(query\)",
        'asked = spark.sql(query.replace("sum(price)", "sum(passengers)"))',
        COLUMNS,
        " gave ",
    ),
    Sabotage(
        "RAPIDS leaves scans to the CPU",
        _PLATFORM,
        "session: connect",
        '  sparkConf:\n    spark.rapids.sql.exec.BatchScanExec: "false"\nsession: connect',
        COLUMNS,
        "RAPIDS would not run BatchScan",
    ),
    in_the_program("a run prints no plan", r"print\(json.*\n", "\n", METRICS, "printed no plan"),
    in_the_program(
        "nobody knows which work was the query's",
        r"spark\.sparkContext\.addJobTag.*\n",
        "\n",
        METRICS,
        "the finished execution of planned-query",
    ),
    in_the_program(
        "a run plans what a GPU would run whole",
        r"(GpuPlan\()asked\._jdf",
        r"\1spark.range(1)._jdf",
        LEFT,
        "RAPIDS would not leave ObjectHashAggregate",
    ),
    in_the_program("a run counts twice", r"asked\.collect\(\)", "2 * asked.collect()", LEFT, " gave "),
    in_a_dag(
        "orders are published whatever their judgement is",
        "judged-load",
        r"load\(\) >> judge\(\) >> publish\(\)",
        "load() >> [judge(), publish()]",
        NOT_PUBLISHED,
        "publish of judged load was not stopped",
    ),
    in_a_dag("a rule is forgotten", "judged-load", r" +\{.*not_be_null.*\n", "", NOT_PUBLISHED, "is success"),
    in_a_dag("nothing keeps the rules", "judged-load", r'"min_value": 0', '"min_value": 50', ADDED, "breaks rules"),
    in_a_dag("a load replaces what was there", "judged-load", "INSERT INTO", "INSERT OVERWRITE", ADDED, " gave "),
]
