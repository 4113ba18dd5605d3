"""Counts words on the executors and writes the counts into the table that the first argument names."""

import sys
from operator import add

from pyspark.sql import SparkSession

TEXT = ["to be or not to be", "that is the question"]

table = sys.argv[1]
spark = SparkSession.builder.getOrCreate()
words = spark.sparkContext.parallelize(TEXT, 2).flatMap(str.split).map(lambda word: (word, 1))
counts = words.reduceByKey(add, 2).toDF("word string, times bigint")
spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {table.rpartition('.')[0]}")
counts.writeTo(table).using("iceberg").create()
spark.stop()
