"""Finds orders, and counts them."""

from airflow.sdk import dag, task


@dag("with-orders", schedule=None, is_paused_upon_creation=False)
def with_orders():
    @task
    def count() -> int:
        return 3

    count()


with_orders()
