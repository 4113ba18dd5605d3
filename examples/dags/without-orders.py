"""Finds no orders, and ends with an error."""

from airflow.sdk import dag, task


@dag("without-orders", schedule=None, is_paused_upon_creation=False)
def without_orders():
    @task
    def count() -> None:
        raise ValueError("There are no orders.")

    count()


without_orders()
