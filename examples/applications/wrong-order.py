"""Finds, on the executors, an order without an amount, and ends with Spark's own error."""

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
spark.sql("SELECT IF(id = 7, raise_error('Order 7 has no amount.'), id) FROM range(0, 10, 1, 2)").collect()
