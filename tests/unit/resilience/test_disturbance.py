"""Disturbances of a recorded platform: each takes effect, is seen to be over, and is undone."""

from collections.abc import Callable, Sequence

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import DEPLOYMENT, ROLE_BINDING, STATEFUL_SET, Kind, Manifest
from sparkproof.resilience.disturbance import COMPONENTS, DISTURBANCES, disturbance
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedStreams

STOPPED = "/proc/7/status"


def programs(output: str = STOPPED, *codes: int) -> tuple[Callable[..., RecordedStreams], list[str]]:
    """Programs that print this and end with these codes, one after another, the last again; and what was run."""
    run: list[str] = []

    def start(_pod: str, argv: Sequence[str]) -> RecordedStreams:
        run.append(argv[-1])
        return RecordedStreams(output, exit_code=codes[min(len(run), len(codes)) - 1] if codes else 0)

    return start, run


def restarted(count: int) -> Manifest:
    return {"containerStatuses": [{"name": "connect", "restartCount": count}]}


def workloads(*objects: Manifest, run: Callable[..., RecordedStreams] | None = None) -> tuple[Workloads, RecordedKube]:
    kube = RecordedKube(*objects, programs=run)
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


def test_a_hung_component_goes_on_when_that_is_undone() -> None:
    run, scripts = programs()
    own, _ = workloads(recorded.pod("spark-connect-0", "connect", status=restarted(0)), run=run)
    hung = disturbance(own, "Connect server", "hangs")
    hung.begin()
    assert scripts[0].startswith("kill -STOP -1")
    assert not hung.is_over
    hung.end()
    hung.end()
    assert scripts[1:] == ["kill -CONT -1"]


def test_a_hung_component_is_over_when_its_container_was_started_again() -> None:
    run, scripts = programs()
    own, kube = workloads(recorded.pod("spark-connect-0", "connect", status=restarted(0)), run=run)
    hung = disturbance(own, "Connect server", "hangs")
    hung.begin()
    found = kube.objects["Pod", NAMESPACE, "spark-connect-0"]
    found["status"] |= restarted(1)
    assert hung.is_over
    found["status"]["conditions"] = [{"type": "Ready", "status": "False"}]
    assert not hung.is_over
    hung.end()
    assert len(scripts) == 1, "the new container has nothing that was stopped"


@pytest.mark.parametrize(("output", "code"), [("", 1), ("", 0), ("kill: not permitted", 1)])
def test_a_component_that_goes_on_does_not_hang(output: str, code: int) -> None:
    run, _ = programs(output, code)
    own, _ = workloads(recorded.pod("spark-connect-0", "connect"), run=run)
    with pytest.raises(CheckFailed, match="No program of the connect could be stopped"):
        disturbance(own, "Connect server", "hangs").begin()


def test_who_is_cut_off_reaches_all_but_one() -> None:
    run, scripts = programs("", 0, 124)
    own, kube = workloads(recorded.pod("spark-rest-catalog-0", "rest-catalog"), run=run)
    cut = disturbance(own, "REST catalog", "is cut off from its database")
    cut.begin()
    assert scripts[0].endswith("bash -c '</dev/tcp/spark-postgres/5432'")
    policy = kube.objects["NetworkPolicy", NAMESPACE, "cut-off-rest-catalog"]
    assert policy["spec"]["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "rest-catalog"
    assert policy["spec"]["egress"][0]["to"][0]["podSelector"]["matchExpressions"][0]["values"] == ["postgres"]
    assert policy["metadata"]["labels"]["app.kubernetes.io/managed-by"] == "sparkproof"
    assert not cut.is_over
    cut.end()
    assert kube.names("NetworkPolicy") == []
    cut.end()


def test_who_never_reached_it_is_not_cut_off() -> None:
    run, _ = programs("", 124)
    own, kube = workloads(recorded.pod("spark-rest-catalog-0", "rest-catalog"), run=run)
    with pytest.raises(CheckFailed, match="did not reach spark-postgres before"):
        disturbance(own, "REST catalog", "is cut off from its database").begin()
    assert kube.names("NetworkPolicy") == []


@pytest.mark.usefixtures("one_look")
def test_a_policy_that_nobody_enforces_cuts_nobody_off() -> None:
    run, _ = programs("", 0)
    own, _ = workloads(recorded.pod("spark-rest-catalog-0", "rest-catalog"), run=run)
    with pytest.raises(GaveUp, match="the rest-catalog being cut off from spark-postgres"):
        disturbance(own, "REST catalog", "is cut off from its database").begin()


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


def test_a_component_without_quota_gets_no_pod_until_that_is_undone() -> None:
    own, kube = workloads(recorded.pod("spark-connect-0", "connect"), recorded.workload(STATEFUL_SET, "spark-connect"))
    without = disturbance(own, "Connect server", "is killed and the quota has no room for another")
    without.begin()
    assert kube.objects["ResourceQuota", NAMESPACE, "team"]["spec"]["hard"] == {"pods": "0"}
    assert kube.deleted == [("Pod", "spark-connect-0", 0)]
    assert not without.is_over
    without.end()
    assert kube.names("ResourceQuota") == []
    kube.add(recorded.pod("spark-connect-0", "connect"))
    assert without.is_over


BINDING = recorded.manifest(
    ROLE_BINDING, "spark-connect", subjects=[{"kind": "ServiceAccount", "name": "spark-connect"}]
)


def test_an_account_that_loses_its_rights_loses_its_executors_and_gets_the_rights_back() -> None:
    own, kube = workloads(BINDING, recorded.executor("exec-1"))
    without = disturbance(own, "Connect server", "loses its rights")
    without.begin()
    assert kube.objects["RoleBinding", NAMESPACE, "spark-connect"]["subjects"] == []
    assert kube.deleted == [("Pod", "exec-1", 0)]
    assert not without.is_over
    without.end()
    without.end()
    assert kube.objects["RoleBinding", NAMESPACE, "spark-connect"]["subjects"] == BINDING["subjects"]


@pytest.mark.usefixtures("one_look")
def test_an_account_that_keeps_its_rights_has_lost_none() -> None:
    own, kube = workloads(BINDING, recorded.executor("exec-1"))
    kube._rights = {("system:serviceaccount:team:spark-connect", "create", "pods")}
    with pytest.raises(GaveUp, match="the end of the rights of the connect"):
        disturbance(own, "Connect server", "loses its rights").begin()
    with pytest.raises(CheckFailed, match="Nothing binds rights to the postgres"):
        disturbance(own, "database", "loses its rights").begin()


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
