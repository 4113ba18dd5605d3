"""Loads orders, some without an amount if `without_amount` says so, checks them, and publishes what is right."""

from airflow.sdk import dag, get_current_context, task, teardown
from spark_tasks import spark_session


@dag(
    "checked-load",
    schedule=None,
    is_paused_upon_creation=False,
    params={"table": "lake.orders.checked", "without_amount": 0},
)
def checked_load():
    @task
    def load() -> None:
        params = get_current_context()["params"]
        with spark_session() as spark:
            spark.sql(
                f"CREATE OR REPLACE TABLE {params['table']}_loaded USING iceberg AS "
                f"SELECT id, IF(id < {int(params['without_amount'])}, NULL, id * 10) AS amount FROM range(0, 5)"
            )

    @task
    def check() -> None:
        with spark_session() as spark:
            loaded = spark.table(f"{get_current_context()['params']['table']}_loaded")
            if bad := loaded.where("amount IS NULL").count():
                raise ValueError(f"{bad} of the orders have no amount.")

    @task
    def publish() -> None:
        table = get_current_context()["params"]["table"]
        with spark_session() as spark:
            spark.sql(f"CREATE OR REPLACE TABLE {table} USING iceberg AS SELECT * FROM {table}_loaded")

    # What runs at the end in any case; another task that succeeds here would make the run one that has succeeded.
    @teardown
    def clear() -> None:
        with spark_session() as spark:
            spark.sql(f"DROP TABLE IF EXISTS {get_current_context()['params']['table']}_loaded PURGE")

    load() >> check() >> publish() >> clear()


checked_load()
