"""Writes orders in two parts, and adds them to what an earlier try left: the first part is there twice."""

from datetime import timedelta

from airflow.sdk import dag, get_current_context, task
from spark_tasks import spark_session


@dag("orders-added-again", schedule=None, is_paused_upon_creation=False, params={"table": "lake.orders.added"})
def orders_added_again():
    @task(retries=1, retry_delay=timedelta(seconds=1))
    def write() -> None:
        context = get_current_context()
        table = context["params"]["table"]
        with spark_session() as spark:
            spark.sql(f"CREATE TABLE IF NOT EXISTS {table} (id bigint, amount bigint) USING iceberg")
            spark.sql(f"INSERT INTO {table} SELECT id, id * 10 FROM range(0, 2)")
            if context["ti"].try_number == 1:
                spark.sql("SELECT max(id % 7) FROM range(0, 10000000000000, 1, 1)").collect()
            spark.sql(f"INSERT INTO {table} SELECT id, id * 10 FROM range(2, 4)")

    write()


orders_added_again()
