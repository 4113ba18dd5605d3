"""The agreement of a cluster's Spark Operator with a namespace that it serves: the label, the account and its role."""

from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import NAMESPACE, ROLE_BINDING

OPERATOR = "spark-operator"
ACCOUNT = "spark-operator-controller"
# The ClusterRole with what the operator does to the applications of a namespace; it is bound in those that it serves.
ROLE = "spark-operator-serves"
SERVED = {"sparkproof.dev/spark-operator": "serves"}


def serve(kube: Kube, namespace: str) -> None:
    """Have the operator run the SparkApplications of this namespace, and give it the rights for that."""
    kube.patch(NAMESPACE, namespace, {"metadata": {"labels": SERVED}})
    api = ROLE_BINDING.api_version.partition("/")[0]
    kube.apply(
        {
            "apiVersion": ROLE_BINDING.api_version,
            "kind": ROLE_BINDING.name,
            "metadata": {"name": OPERATOR, "namespace": namespace, "labels": OWNED},
            "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": ROLE},
            "subjects": [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": OPERATOR}],
        }
    )
