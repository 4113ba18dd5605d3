"""Submits a program of the platform's applications, which writes its result into a table."""

from airflow.sdk import dag, get_current_context, task
from spark_tasks import submit_application


@dag(
    "submitted-application",
    schedule=None,
    is_paused_upon_creation=False,
    params={"program": "word-count.py", "mode": "cluster", "table": "lake.words.counted", "arguments": []},
)
def submitted_application():
    @task
    def submit() -> None:
        params = get_current_context()["params"]
        submit_application(params["program"], params["table"], *params["arguments"], mode=params["mode"])

    submit()


submitted_application()
