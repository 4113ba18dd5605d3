"""The first pods of a platform that is being installed."""

from collections.abc import Callable

import pytest

from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import COMPONENT
from sparkproof.kube.objects import DEPLOYMENT, STATEFUL_SET, Manifest
from sparkproof.spark.workloads import Workloads, await_pods
from tests.support.recorded import NAMESPACE, RecordedKube, pod, workload

READY = workload(STATEFUL_SET, "spark-connect")


@pytest.mark.parametrize(
    ("ready", "pods", "awaited"),
    [
        (True, [], False),
        (False, [pod("spark-client-0", "client")], False),
        (False, [], True),
        (False, [pod("spark-connect-0", "connect")], True),
    ],
    ids=["is ready", "has a pod", "has none", "another has one"],
)
def test_the_first_pod_of_each_workload_is_awaited(
    ready: bool, pods: list[Manifest], awaited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[bool] = []

    def look(_: str, observe: Callable[[], object], until: Callable[[object], bool], **__: object) -> None:
        looks.append(not until(observe()))
        raise GaveUp("the pods")

    monkeypatch.setattr("sparkproof.spark.workloads.eventually", look)
    client = workload(DEPLOYMENT, "spark-client", readyReplicas=int(ready))
    client["metadata"]["labels"][COMPONENT] = "client"
    await_pods(Workloads(RecordedKube(READY, client, *pods), NAMESPACE, "spark"))
    assert looks == [awaited]
