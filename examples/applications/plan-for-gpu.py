"""Has RAPIDS plan a query for a GPU and prints the plan; the executors answer the query, on a CPU.

Its arguments are the table that the answer is written into, the database of the query's tables, and the query.
"""

import json
import sys

from pyspark.sql import SparkSession

table, database, query = sys.argv[1:]
spark = SparkSession.builder.getOrCreate()
spark.sql(f"USE {database}")
asked = spark.sql(query)
state = spark._jsparkSession.sessionState()
rules = [state.columnarRules().apply(index).getClass().getName() for index in range(state.columnarRules().size())]
explanation = spark._jvm.com.nvidia.spark.rapids.ExplainPlan.explainPotentialGpuPlan(asked._jdf, "ALL")
forced = spark.conf.get("spark.rapids.shims-provider-override", "")
spark.sparkContext.addJobTag("planned-query")
answer = asked.collect()
spark.sparkContext.clearJobTags()
spark.sql(f"CREATE NAMESPACE IF NOT EXISTS {table.rpartition('.')[0]}")
spark.createDataFrame(answer, asked.schema).writeTo(table).using("iceberg").create()
# Last: a reader of the log may have its last lines alone.
print(json.dumps({"explanation": explanation, "rules": rules, "shim": forced}), flush=True)
spark.stop()
