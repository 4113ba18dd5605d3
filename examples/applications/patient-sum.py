"""Sums numbers that come slowly, for the better part of a minute on one worker, and writes the sum into a table.

Its arguments are the table and, if each number is to take another time, the seconds that it takes.
"""

import sys
import time

from pyspark.sql import SparkSession

TASKS = 12
SECONDS = int(sys.argv[2]) if len(sys.argv) > 2 else 6


def slowly(number: int) -> int:
    """Return the number, after a while."""
    time.sleep(SECONDS)
    return number


table = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
total = spark.sparkContext.parallelize(range(TASKS), TASKS).map(slowly).sum()
spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {table.rpartition('.')[0]}")
spark.createDataFrame([(total,)], "total bigint").writeTo(table).using("iceberg").create()
spark.stop()
