"""Runs a program in a pod of its own that says nothing of what it may do to its node."""

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import dag


@dag("pod-without-restrictions", schedule=None, is_paused_upon_creation=False)
def pod_without_restrictions():
    KubernetesPodOperator(
        task_id="compute",
        image="{{ var.value.spark_image }}",
        cmds=["python3", "-c"],
        arguments=["print('six times seven is', 6 * 7)"],
    )


pod_without_restrictions()
