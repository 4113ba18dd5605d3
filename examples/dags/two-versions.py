"""Asks the platform's own Spark and, by a pod of its own, that of another platform, which may have another version.

A client has to be of its server's version, so the pod has the image of the other platform.
"""

import pyspark
from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag, get_current_context, task
from spark_tasks import spark_session

PROGRAM = """
import socket, sys
import pyspark
from pyspark.sql import SparkSession

url, run, query = sys.argv[1:]
spark = SparkSession.builder.remote(url).create()
spark.addTag(run)
try:
    answer = spark.sql(query).first()[0]
except Exception as refused:
    # A trace would take all the room that there is for a pod's last words.
    sys.exit(str(refused).strip().splitlines()[0])
print("Spark", spark.version, "answered", answer, "to a client of", pyspark.__version__, "in", socket.gethostname())
spark.stop()
"""


@dag(
    "two-versions",
    schedule=None,
    is_paused_upon_creation=False,
    params={"image": "", "url": "", "query": "SELECT sum(id) FROM range(0, 1000, 1, 4)"},
)
def two_versions():
    @task
    def ask_here() -> str:
        with spark_session() as spark:
            answer = spark.sql(get_current_context()["params"]["query"]).first()[0]
            return f"Spark {spark.version} answered {answer} to a client of {pyspark.__version__}"

    ask_here()
    KubernetesPodOperator(
        task_id="ask_there",
        image="{{ params.image }}",
        cmds=["python3", "-c", PROGRAM],
        arguments=["{{ params.url }}", "{{ run_id }}", "{{ params.query }}"],
        # What the program said last is the reason of a failure.
        termination_message_policy="FallbackToLogsOnError",
        container_resources={"requests": {"cpu": "50m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
        security_context={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        automount_service_account_token=False,
    )


two_versions()
