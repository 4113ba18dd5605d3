"""Asks Spark for what takes days."""

from airflow.sdk import dag, task
from spark_tasks import spark_session


@dag("endless-query", schedule=None, is_paused_upon_creation=False)
def endless_query():
    @task
    def ask() -> None:
        with spark_session() as spark:
            spark.sql("SELECT max(id % 7) FROM range(0, 10000000000000, 1, 4)").collect()

    ask()


endless_query()
