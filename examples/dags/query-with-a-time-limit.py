"""Asks Spark for what takes days, and gives it twenty seconds."""

from datetime import timedelta

from airflow.sdk import dag, task
from spark_tasks import spark_session


@dag("query-with-a-time-limit", schedule=None, is_paused_upon_creation=False)
def query_with_a_time_limit():
    @task(execution_timeout=timedelta(seconds=20))
    def ask() -> None:
        with spark_session() as spark:
            spark.sql("SELECT max(id % 7) FROM range(0, 10000000000000, 1, 4)").collect()

    ask()


query_with_a_time_limit()
