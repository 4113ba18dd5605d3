"""Airflow: the runs of DAGs as its users start and see them, and the work that they do on Spark."""
