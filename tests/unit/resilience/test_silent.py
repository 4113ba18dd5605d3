"""Components of a recorded platform that give no answer: their programs are stopped, or a policy lets nobody in."""

from collections.abc import Callable, Sequence

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import COMPONENT, RELEASE
from sparkproof.kube.objects import ENDPOINT_SLICE, SERVICE, Manifest
from sparkproof.resilience.disturbance import Disturbance, disturbance
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams

Programs = Callable[[str, Sequence[str]], RecordedStreams]


def programs(said: list[str], *, stopped: str = "/proc/7/status", errors: str = "") -> Programs:
    """Note the pod and the signal of each program; "STOP" leaves these programs stopped."""

    def start(pod: str, argv: Sequence[str]) -> RecordedStreams:
        signal, whom = argv[-1].split()[1:3]
        # The kernel spares a container's first program.
        assert whom == "-1;"
        said.append(f"{pod} {signal}")
        return RecordedStreams(*([stopped] if signal == "-STOP" and stopped else []), errors=errors)

    return start


def hanging(component: str, *objects: Manifest, start: Programs) -> tuple[Disturbance, RecordedKube]:
    kube = RecordedKube(*objects, programs=start)
    return disturbance(Workloads(kube, NAMESPACE, "spark"), component, "hangs"), kube


def catalog(restarts: int = 0, *, uid: str = "uid-c", ready: bool = True) -> Manifest:
    """The pod of the REST catalog, whose container was started again so often."""
    status = {"containerStatuses": [{"name": "rest-catalog", "restartCount": restarts}]}
    return recorded.pod("spark-rest-catalog-0", "rest-catalog", uid=uid, ready=ready, status=status)


def test_a_hung_program_is_over_when_its_container_was_started_again() -> None:
    said: list[str] = []
    hung, kube = hanging("REST catalog", catalog(2), start=programs(said))
    hung.begin()
    assert said == ["spark-rest-catalog-0 -STOP"]
    assert not hung.is_over, "it is still stopped"
    kube.add(catalog(3, ready=False))
    assert not hung.is_over, "it is not ready yet"
    kube.add(catalog(3))
    assert hung.is_over
    hung.end()
    assert said == ["spark-rest-catalog-0 -STOP"], "what was replaced is left alone"


def test_a_hung_program_is_over_when_its_pod_was_replaced() -> None:
    hung, kube = hanging("REST catalog", catalog(), start=programs([]))
    hung.begin()
    kube.objects.clear()
    assert not hung.is_over, "there is no other one yet"
    kube.add(catalog(uid="uid-d"))
    assert hung.is_over


def test_a_program_that_hangs_still_is_continued_once() -> None:
    said: list[str] = []
    hung, _ = hanging("REST catalog", catalog(), start=programs(said))
    hung.begin()
    hung.end()
    hung.end()
    assert said == ["spark-rest-catalog-0 -STOP", "spark-rest-catalog-0 -CONT"]


def test_a_hung_executor_is_over_when_it_is_about_to_be_removed() -> None:
    said: list[str] = []
    own = [recorded.executor("exec-1"), recorded.executor("exec-2"), recorded.pod("spark-connect-0", "connect")]
    hung, kube = hanging("executor", *own, start=programs(said))
    hung.begin()
    assert said == ["exec-1 -STOP"]
    assert not hung.is_over
    kube.objects["Pod", NAMESPACE, "exec-1"]["metadata"]["deletionTimestamp"] = "now"
    assert hung.is_over
    hung.end()
    assert said == ["exec-1 -STOP"]


@pytest.mark.usefixtures("one_look")
def test_a_program_that_runs_on_does_not_hang() -> None:
    hung, _ = hanging("REST catalog", catalog(), start=programs([], stopped=""))
    with pytest.raises(GaveUp, match="the stop of spark-rest-catalog-0"):
        hung.begin()


def test_an_image_without_a_shell_is_named() -> None:
    store = recorded.pod("spark-object-store-0", "object-store")
    hung, _ = hanging("object store", store, start=programs([], stopped="", errors="failed to start exec"))
    with pytest.raises(SparkproofError, match="spark-object-store-0 took no signal: failed to start exec"):
        hung.begin()


def test_nothing_hangs_or_is_cut_off_where_nothing_is() -> None:
    own = Workloads(RecordedKube(), NAMESPACE, "spark")
    with pytest.raises(CheckFailed, match="There is no rest-catalog that could be stopped"):
        disturbance(own, "REST catalog", "hangs").begin()
    with pytest.raises(CheckFailed, match="There is no rest-catalog that could be cut off"):
        disturbance(own, "REST catalog", "is cut off").begin()


def cutting(monkeypatch: pytest.MonkeyPatch, reply: str) -> tuple[Disturbance, RecordedKube]:
    """The REST catalog is cut off, and a client pod that tries to reach it gets this reply."""
    service = recorded.manifest(SERVICE, "spark-rest-catalog")
    service["spec"] = {"clusterIP": "10.0.0.9", "ports": [{"port": 8181}]}
    labels = {"kubernetes.io/service-name": "spark-rest-catalog"}
    served = recorded.manifest(ENDPOINT_SLICE, "s", labels=labels, endpoints=[{"conditions": {"ready": True}}])
    client = recorded.pod("spark-client-0", "client")
    kube = RecordedKube(service, served, client, catalog(), programs=lambda _pod, _argv: RecordedStreams(reply))
    monkeypatch.setattr(Workloads, "await_next", lambda *_: None)
    return disturbance(Workloads(kube, NAMESPACE, "spark"), "REST catalog", "is cut off"), kube


def test_a_component_that_is_cut_off_has_a_new_pod_and_lets_nobody_in(
    monkeypatch: pytest.MonkeyPatch, record: Record
) -> None:
    cut, kube = cutting(monkeypatch, "TimeoutError")
    cut.begin()
    policy = kube.objects["NetworkPolicy", NAMESPACE, "sparkproof-cut-off"]["spec"]
    assert policy["podSelector"]["matchLabels"] == {RELEASE: "spark", COMPONENT: "rest-catalog"}
    assert policy["policyTypes"] == ["Ingress"]
    assert "ingress" not in policy
    assert kube.deleted == [("Pod", "spark-rest-catalog-0", 0)]
    assert "did not reach the service spark-rest-catalog" in record.proofs[0].seen
    assert not cut.is_over
    cut.end()
    assert cut.is_over
    assert kube.names("NetworkPolicy") == []


@pytest.mark.usefixtures("one_look")
def test_a_component_that_is_still_reached_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    cut, _ = cutting(monkeypatch, "reached")
    with pytest.raises(GaveUp, match="being cut off from the service spark-rest-catalog"):
        cut.begin()
