"""Hands on a price that its team changes from time to time."""

from airflow.sdk import dag, task

PRICE = 3


@dag("price-list", schedule=None, is_paused_upon_creation=False)
def price_list():
    @task
    def price() -> int:
        return PRICE

    price()


price_list()
