"""A namespace that the Spark Operator serves: it says so, and the operator has its rights there alone."""

from sparkproof.kube import spark_operator
from sparkproof.kube.objects import NAMESPACE, ROLE_BINDING
from sparkproof.kube.spark_operator import ACCOUNT, OPERATOR, ROLE, SERVED
from tests.support.recorded import RecordedKube, manifest


def test_a_namespace_that_is_served_says_so_and_binds_the_operators_role() -> None:
    kube = RecordedKube(manifest(NAMESPACE, "team", None), manifest(NAMESPACE, "other", None))
    spark_operator.serve(kube, "team")
    labels = {each["metadata"]["name"]: each["metadata"]["labels"] for each in kube.list(NAMESPACE)}
    assert labels["team"].items() >= SERVED.items()
    assert not labels["other"].keys() & SERVED.keys()
    (binding,) = kube.list(ROLE_BINDING)
    assert binding["metadata"]["namespace"] == "team"
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": ROLE}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": ACCOUNT, "namespace": OPERATOR}]
