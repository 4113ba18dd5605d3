"""Writes orders in two parts. Its first try asks Spark for what takes days between them, and is to be ended there."""

from datetime import timedelta

from airflow.sdk import dag, get_current_context, task
from spark_tasks import spark_session


@dag("orders-in-two-parts", schedule=None, is_paused_upon_creation=False, params={"table": "lake.orders.parts"})
def orders_in_two_parts():
    @task(retries=1, retry_delay=timedelta(seconds=1))
    def write() -> None:
        context = get_current_context()
        table = context["params"]["table"]
        with spark_session() as spark:
            # Each try begins anew: what an earlier one left is replaced.
            spark.sql(f"CREATE OR REPLACE TABLE {table} USING iceberg AS SELECT id, id * 10 AS amount FROM range(0, 2)")
            if context["ti"].try_number == 1:
                spark.sql("SELECT max(id % 7) FROM range(0, 10000000000000, 1, 1)").collect()
            spark.sql(f"INSERT INTO {table} SELECT id, id * 10 FROM range(2, 4)")

    write()


orders_in_two_parts()
