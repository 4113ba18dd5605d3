"""Sums numbers on a GPU; tracks the session's settings and the sum. Spark knows the query by the run's id."""

import sys

import mlflow
from pyspark.sql import SparkSession

rows = int(sys.argv[1])
spark = SparkSession.builder.getOrCreate()
with mlflow.start_run() as run:
    mlflow.log_params({row.key: row.value for row in spark.sql("SET").collect()})
    spark.addTag(run.info.run_id)
    total = spark.range(rows).selectExpr("sum(id)").first()[0]
    mlflow.log_metric("sum", total)
spark.stop()
