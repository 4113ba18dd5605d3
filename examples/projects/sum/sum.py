"""Sums numbers on Spark; tracks the session's settings, the sum, and the sum as a file."""

import sys

import mlflow
from pyspark.sql import SparkSession

rows = int(sys.argv[1])
# A setting of this session alone, which has to be tracked with the platform's.
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", "7").getOrCreate()
with mlflow.start_run():
    mlflow.log_params({row.key: row.value for row in spark.sql("SET").collect()})
    total = spark.range(rows).selectExpr("sum(id)").first()[0]
    mlflow.log_metric("sum", total)
    mlflow.log_text(str(total), "sum.txt")
spark.stop()
