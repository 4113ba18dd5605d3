"""Writes sums of made-up orders to a table, and hands their total to the next task."""

from airflow.sdk import dag, get_current_context, task
from spark_tasks import spark_session


@dag("daily-sums", schedule=None, is_paused_upon_creation=False, params={"table": "lake.orders.sums"})
def daily_sums():
    @task
    def write() -> int:
        table = get_current_context()["params"]["table"]
        with spark_session() as spark:
            spark.sql(
                f"CREATE OR REPLACE TABLE {table} USING iceberg AS "
                "SELECT id % 3 AS day, sum(id) AS total FROM range(0, 1000, 1, 4) GROUP BY 1"
            )
            # A number of NumPy's would reach the next task as a dictionary.
            return int(spark.sql(f"SELECT sum(total) FROM {table}").first()[0])

    @task
    def report(total: int) -> int:
        print(f"All orders together: {total}")
        return total

    report(write())


daily_sums()
