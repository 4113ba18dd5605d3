"""Asks Spark a query on the tables of a database, and hands its rows on as texts."""

from airflow.sdk import dag, get_current_context, task
from spark_tasks import spark_session


@dag("query-of-trips", schedule=None, is_paused_upon_creation=False, params={"database": "", "query": "SELECT 1"})
def query_of_trips():
    @task
    def ask() -> list[list[str]]:
        params = get_current_context()["params"]
        with spark_session() as spark:
            spark.sql(f"USE {params['database']}")
            return [[str(value) for value in row] for row in spark.sql(params["query"]).collect()]

    ask()


query_of_trips()
