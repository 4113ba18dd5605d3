"""Does its work, finds the result wanting, and ends with exit code 7."""

import sys

from pyspark.sql import SparkSession

spark = SparkSession.builder.getOrCreate()
rows = spark.range(100).count()
spark.stop()
sys.exit(7 if rows == 100 else 0)
