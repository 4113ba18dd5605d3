"""Asks Spark for what takes days, in a session that nobody ends when Airflow cancels the task."""

import os

from airflow.sdk import dag, get_current_context, task
from pyspark.sql import SparkSession


@dag("endless-query-of-a-plain-session", schedule=None, is_paused_upon_creation=False)
def endless_query_of_a_plain_session():
    @task
    def ask() -> None:
        spark = SparkSession.builder.remote(os.environ["SPARK_CONNECT_URL"]).create()
        spark.addTag(get_current_context()["run_id"])
        spark.sql("SELECT max(id % 7) FROM range(0, 10000000000000, 1, 4)").collect()

    ask()


endless_query_of_a_plain_session()
