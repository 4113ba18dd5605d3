"""Runs a program in a pod of its own that takes some minutes."""

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag


@dag("long-pod", schedule=None, is_paused_upon_creation=False)
def long_pod():
    KubernetesPodOperator(
        task_id="compute",
        image="{{ var.value.spark_image }}",
        cmds=["python3", "-c"],
        arguments=["import time; time.sleep(180)"],
        termination_grace_period=1,
        container_resources={"requests": {"cpu": "10m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        security_context={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        automount_service_account_token=False,
    )


long_pod()
