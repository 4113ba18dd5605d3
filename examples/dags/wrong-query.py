"""Asks for a column that no table has; tries it twice."""

from datetime import timedelta

from airflow.sdk import dag, task
from spark_tasks import spark_session


@dag("wrong-query", schedule=None, is_paused_upon_creation=False)
def wrong_query():
    @task(retries=1, retry_delay=timedelta(seconds=1))
    def ask() -> int:
        with spark_session() as spark:
            return int(spark.sql("SELECT sum(amont) FROM range(10)").first()[0])

    ask()


wrong_query()
