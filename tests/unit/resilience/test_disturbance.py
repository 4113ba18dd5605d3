"""Disturbances of a recorded platform: each takes effect, is seen to be over, and is undone."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import DEPLOYMENT, STATEFUL_SET, Kind, Manifest
from sparkproof.resilience.disturbance import COMPONENTS, DISTURBANCES, WithoutWorkers, disturbance
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube


def workloads(*objects: Manifest) -> tuple[Workloads, RecordedKube]:
    kube = RecordedKube(*objects)
    return Workloads(kube, NAMESPACE, "spark"), kube


def test_a_killed_pod_is_over_when_another_one_is_ready() -> None:
    own, kube = workloads(recorded.pod("spark-postgres-0", "postgres"))
    killed = disturbance(own, "database", "is killed")
    killed.begin()
    assert kube.deleted == [("Pod", "spark-postgres-0", 0)]
    assert not killed.is_over
    kube.add(recorded.pod("spark-postgres-0", "postgres", ready=False))
    assert not killed.is_over
    kube.add(recorded.pod("spark-postgres-0", "postgres"))
    assert killed.is_over
    killed.end()
    assert kube.names("Pod") == ["spark-postgres-0"]


@pytest.mark.usefixtures("one_look")
def test_a_pod_that_stays_is_not_killed() -> None:
    own, kube = workloads(recorded.pod("spark-postgres-0", "postgres"))
    kube._staying = ["spark-postgres-0"]
    with pytest.raises(GaveUp, match="the end of spark-postgres-0"):
        disturbance(own, "database", "is killed").begin()


def test_a_killed_executor_is_over_when_it_is_gone() -> None:
    own, _ = workloads(recorded.executor("exec-1"), recorded.pod("spark-connect-0", "connect"))
    killed = disturbance(own, "executor", "is killed")
    killed.begin()
    assert killed.is_over


def test_nothing_is_killed_where_nothing_is() -> None:
    own, _ = workloads()
    with pytest.raises(CheckFailed, match="There is no postgres that could be killed"):
        disturbance(own, "database", "is killed").begin()


@pytest.mark.parametrize("kind", [DEPLOYMENT, STATEFUL_SET])
def test_a_component_that_was_scaled_to_zero_gets_its_pods_back(kind: Kind) -> None:
    own, kube = workloads(recorded.workload(kind, "spark-postgres", of=2))
    zero = disturbance(own, "database", "is scaled to zero")
    zero.begin()
    found = kube.objects[kind.name, NAMESPACE, "spark-postgres"]
    assert found["spec"]["replicas"] == 0
    assert not zero.is_over
    zero.end()
    assert found["spec"]["replicas"] == 2
    found["spec"]["replicas"] = 1
    zero.end()
    assert found["spec"]["replicas"] == 1, "what is undone is left alone"


@pytest.mark.usefixtures("one_look")
def test_a_component_whose_pods_stay_is_not_at_zero() -> None:
    own, kube = workloads(
        recorded.workload(STATEFUL_SET, "spark-postgres"), recorded.pod("spark-postgres-0", "postgres")
    )
    zero = disturbance(own, "database", "is scaled to zero")
    with pytest.raises(GaveUp, match="the end of the postgres"):
        zero.begin()
    assert zero.is_over
    zero.end()
    assert kube.objects["StatefulSet", NAMESPACE, "spark-postgres"]["spec"]["replicas"] == 1


def test_a_driver_starts_again_when_the_workers_are_gone_and_they_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    own, kube = workloads(recorded.workload(STATEFUL_SET, "spark-worker", of=2))
    worker, seen = kube.objects["StatefulSet", NAMESPACE, "spark-worker"], list[str]()

    def restart(_: Workloads, component: str, *, killed: bool) -> None:
        seen.append(f"{component} {killed} beside {worker['spec']['replicas']} workers")

    monkeypatch.setattr(Workloads, "restart", restart)
    without = WithoutWorkers(own)
    without.begin()
    assert seen == ["connect True beside 0 workers"]
    without.end()
    assert worker["spec"]["replicas"] == 2


def test_what_is_not_there_cannot_be_scaled() -> None:
    own, _ = workloads()
    with pytest.raises(CheckFailed, match="There is no spark-postgres that could be scaled"):
        disturbance(own, "database", "is scaled to zero").begin()


def test_every_disturbance_can_be_made_and_undone_before_it_began() -> None:
    own, kube = workloads(recorded.workload(STATEFUL_SET, "spark-postgres"))
    for component in COMPONENTS:
        for does in DISTURBANCES:
            disturbance(own, component, does).end()
    assert kube.names("StatefulSet") == ["spark-postgres"]
