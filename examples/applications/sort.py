"""Sorts rows on two executors, and writes their number and a sum that only their order gives into a table.

Each of two tasks holds its half in memory, some 500 MiB, unless its executor is too small: then it spills to disk.
"""

import sys

from pyspark.sql import SparkSession

ROWS = 3_800_000

table = sys.argv[1]
spark = SparkSession.builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()
spark.conf.set("spark.sql.adaptive.enabled", "false")
spark.range(0, ROWS, 1, 2).selectExpr("id", "md5(string(id)) AS word").createOrReplaceTempView("words")
ordered = "SELECT id, word, row_number() OVER (PARTITION BY id % 2 ORDER BY word) AS place FROM words"
checked = spark.sql(f"SELECT count(*) AS rows, bit_xor(xxhash64(word, place)) AS checksum FROM ({ordered})")
spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {table.rpartition('.')[0]}")
checked.writeTo(table).using("iceberg").create()
spark.stop()
