"""The labels that mark Sparkproof's objects on a cluster, and those of the charts and of Spark that it reads."""

OWNED = {"app.kubernetes.io/managed-by": "sparkproof"}
RUN = "sparkproof.dev/run"
# The run id of what outlives its run.
KEPT = "kept"
# The id of the run that kept it.
KEPT_BY = "sparkproof.dev/kept-by"
# Marks the sign of life of a run that joins kept platforms.
USES_KEPT = "sparkproof.dev/uses-kept"
SHARED = "sparkproof.dev/shared"
NODE_TYPE = "sparkproof.dev/node-type"
# Marks the node of an embedded cluster, which nobody else uses.
EMBEDDED = "sparkproof.dev/embedded"
# Names what enforces network policies on a node.
POLICY_ENGINE_LABEL = "sparkproof.dev/network-policy-engine"
COMPONENT = "app.kubernetes.io/component"
RELEASE = "app.kubernetes.io/instance"
# Spark's own labels: https://spark.apache.org/docs/latest/running-on-kubernetes.html
SPARK_ROLE = "spark-role"
SPARK_APPLICATION = "spark-app-name"
EXECUTOR_ID = "spark-exec-id"
POD_SECURITY = "pod-security.kubernetes.io"
