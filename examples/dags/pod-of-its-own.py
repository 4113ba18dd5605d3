"""Runs a program in a pod of its own, which asks for as little as a restricted namespace allows."""

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag


@dag("pod-of-its-own", schedule=None, is_paused_upon_creation=False, params={"namespace": ""})
def pod_of_its_own():
    KubernetesPodOperator(
        task_id="compute",
        # Without a namespace, the pod comes into that of Airflow's own pod.
        namespace="{{ params.namespace }}",
        image="{{ var.value.spark_image }}",
        cmds=["python3", "-c"],
        arguments=["import socket; print('six times seven is', 6 * 7, 'in', socket.gethostname())"],
        container_resources={"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        security_context={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        container_security_context={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
        automount_service_account_token=False,
    )


pod_of_its_own()
