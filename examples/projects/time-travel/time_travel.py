"""Counts the rows of an Iceberg table as of a snapshot; tracks the session's settings and the count."""

import sys

import mlflow
from pyspark.sql import SparkSession

table, snapshot = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
with mlflow.start_run():
    mlflow.log_params({row.key: row.value for row in spark.sql("SET").collect()})
    rows = spark.sql(f"SELECT count(*) FROM {table} VERSION AS OF {snapshot}").first()[0]
    mlflow.log_metric("rows", rows)
spark.stop()
