"""Works on Spark for some seconds; tracks them first, and the number of statements last."""

import sys
import time

import mlflow
from pyspark.sql import SparkSession

seconds = int(sys.argv[1])
spark = SparkSession.builder.getOrCreate()
with mlflow.start_run():
    end, statements = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        spark.range(1).count()
        statements += 1
        time.sleep(1)
    mlflow.log_metric("statements", statements)
spark.stop()
