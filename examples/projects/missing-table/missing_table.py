"""Tracks the session's settings, and fails at a table that is not there before it tracks a result."""

import mlflow
from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
with mlflow.start_run():
    mlflow.log_params({row.key: row.value for row in spark.sql("SET").collect()})
    total = spark.sql("SELECT sum(id) FROM a_table_that_is_not_there").first()[0]
    mlflow.log_metric("sum", total)
    mlflow.log_text(str(total), "sum.txt")
spark.stop()
