"""Loads orders, some without an amount if `without_amount` says so, and adds to a table only what keeps its rules."""

from airflow.sdk import dag, get_current_context, task, teardown
from quality import must_keep
from spark_tasks import spark_session

RULES = {
    "name": "loaded orders",
    "expectations": [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "amount"}},
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 0}},
    ],
}


@dag(
    "judged-load",
    schedule=None,
    is_paused_upon_creation=False,
    params={"table": "lake.orders.judged", "without_amount": 0},
)
def judged_load():
    @task
    def load() -> None:
        params = get_current_context()["params"]
        with spark_session() as spark:
            spark.sql(
                f"CREATE OR REPLACE TABLE {params['table']}_loaded USING iceberg AS "
                f"SELECT id, IF(id < {int(params['without_amount'])}, NULL, id * 10) AS amount FROM range(0, 5)"
            )

    @task
    def judge() -> None:
        with spark_session() as spark:
            must_keep(spark.table(f"{get_current_context()['params']['table']}_loaded"), RULES, ["id"], name="the load")

    @task
    def publish() -> None:
        table = get_current_context()["params"]["table"]
        with spark_session() as spark:
            spark.sql(f"CREATE TABLE IF NOT EXISTS {table} (id bigint, amount bigint) USING iceberg")
            spark.sql(f"INSERT INTO {table} SELECT * FROM {table}_loaded")

    # What runs at the end in any case; another task that succeeds here would make the run one that has succeeded.
    @teardown
    def clear() -> None:
        with spark_session() as spark:
            spark.sql(f"DROP TABLE IF EXISTS {get_current_context()['params']['table']}_loaded PURGE")

    load() >> judge() >> publish() >> clear()


judged_load()
