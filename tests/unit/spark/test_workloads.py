"""Workloads: what stays, what is not ready yet, what restarts, and what an uninstalled release leaves behind."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import CONFIG_MAP, DEPLOYMENT, JOB, POD, SECRET, STATEFUL_SET, Kind, Manifest
from sparkproof.spark.workloads import Workloads
from tests.support.recorded import NAME, NAMESPACE, RecordedKube, executor, manifest, pod, workload

READY = workload(STATEFUL_SET, "spark-connect")
VOLUME = Kind("PersistentVolumeClaim")


def workloads(*objects: Manifest, **kube: Any) -> Workloads:
    return Workloads(RecordedKube(*objects, **kube), NAMESPACE, NAME)


def recorded(own: Workloads) -> RecordedKube:
    assert isinstance(own.kube, RecordedKube)
    return own.kube


def crashing(name: str) -> Manifest:
    waiting = {"name": "connect", "restartCount": 5, "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
    return pod(name, "connect", ready=False, status={"containerStatuses": [waiting]})


def started(name: str, *, restarts: int, **rest: Any) -> Manifest:
    return pod(name, "connect", status={"containerStatuses": [{"name": "connect", "restartCount": restarts}]}, **rest)


def test_what_stays_is_neither_a_job_nor_a_test_nor_a_driver_nor_about_to_go() -> None:
    found = workloads(
        pod("spark-connect-0", "connect"),
        pod("spark-client-0", "client", phase="Failed"),
        executor("exec-0"),
        executor("exec-1", phase="Succeeded"),
        pod("test-0", "test"),
        pod("submitted", "submit", labels={SPARK_ROLE: "driver"}),
        pod("schema-x", "hive-schema", ownerReferences=[{"kind": "Job", "uid": "1"}]),
        pod("spark-old-0", "connect", deletionTimestamp="now"),
        {**pod("stranger", "connect"), "metadata": {"name": "stranger", "namespace": NAMESPACE, "labels": {}}},
    )
    names = [each["metadata"]["name"] for each in found.staying]
    assert names == ["spark-connect-0", "spark-client-0", "exec-0"]
    assert found.broken == "pod spark-client-0 has ended (Failed)"


def test_pods_and_executors_are_those_of_the_release_and_of_its_server() -> None:
    found = workloads(
        pod("spark-connect-0", "connect"),
        pod("other-connect-0", "connect", labels={"app.kubernetes.io/instance": "other"}),
        executor("exec-0"),
        executor("exec-of-an-application", labels={SPARK_APPLICATION: "word-count"}),
        executor("exec-of-another", labels={SPARK_APPLICATION: "other-connect"}),
    )
    assert [each["metadata"]["name"] for each in found.pods_of("connect")] == ["spark-connect-0"]
    assert [each["metadata"]["name"] for each in found.executors] == ["exec-0"]


@pytest.mark.parametrize(
    ("kind", "status", "unready"),
    [
        (STATEFUL_SET, {}, False),
        (STATEFUL_SET, {"readyReplicas": 0}, True),
        (STATEFUL_SET, {"updatedReplicas": 0}, True),
        (STATEFUL_SET, {"replicas": 2}, True),
        (STATEFUL_SET, {"observedGeneration": 0}, True),
        (DEPLOYMENT, {}, False),
        (DEPLOYMENT, {"readyReplicas": 0}, True),
        (JOB, {"succeeded": 1}, False),
        (JOB, {"succeeded": 0, "failed": 1}, True),
        (JOB, {}, True),
    ],
)
def test_a_workload_is_ready_when_all_pods_of_its_present_form_are(
    kind: Kind, status: dict[str, int], unready: bool
) -> None:
    assert workloads(workload(kind, "x", **status)).unready == ([f"{kind.name} x"] if unready else [])


def test_a_platform_that_is_ready_is_not_waited_for() -> None:
    workloads(READY, pod("spark-connect-0", "connect")).must_be_ready()


@pytest.mark.usefixtures("one_look")
def test_one_that_is_not_ready_is_given_up_with_what_it_lacks() -> None:
    unready = workload(DEPLOYMENT, "spark-client", readyReplicas=0)
    sentence = r"the readiness of the platform in team .*last seen: Deployment spark-client not ready \(no pod waits\)"
    with pytest.raises(GaveUp, match=sentence):
        workloads(READY, unready).must_be_ready()


NO_NODE = [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available"}]
WAITING = pod("spark-client-0", "client", phase="Pending", status={"conditions": NO_NODE})


@pytest.mark.usefixtures("one_look")
def test_one_that_is_not_ready_is_given_up_with_the_cause_and_says_meanwhile_what_it_waits_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    class Waiting:
        def __init__(self, what: str) -> None:
            self.what = what

        def look(self, describe: Callable[[], str]) -> None:
            said.append(f"{self.what}: {describe()}")

    monkeypatch.setattr("sparkproof.spark.workloads.Waiting", Waiting)
    unready = workload(DEPLOYMENT, "spark-client", readyReplicas=0)
    with pytest.raises(GaveUp, match=r"in team did not come .*: pod spark-client-0 finds no node: 0/1 nodes are"):
        workloads(READY, unready, WAITING).must_be_ready()
    assert said == ["waiting for the platform in team: spark-client-0 waits for a node"]


@pytest.mark.usefixtures("one_look")
def test_a_release_that_has_no_workload_is_not_ready() -> None:
    with pytest.raises(GaveUp, match="any workload of spark"):
        workloads(manifest(CONFIG_MAP, "conf")).must_be_ready()


def test_one_that_can_no_longer_become_ready_is_not_waited_for() -> None:
    with pytest.raises(GaveUp, match="container connect of pod spark-connect-0 has crashed 5 times"):
        workloads(workload(STATEFUL_SET, "spark-connect", readyReplicas=0), crashing("spark-connect-0")).must_be_ready()


@pytest.mark.parametrize(("killed", "grace_s"), [(True, 0), (False, None)])
def test_a_restart_waits_for_another_pod_that_is_ready(killed: bool, grace_s: int | None) -> None:
    own = workloads(pod("spark-connect-0", "connect"))
    recorded(own).on_delete = lambda _, name: recorded(own).add(pod(f"{name}-next", "connect"))
    own.restart("connect", killed=killed)
    assert recorded(own).deleted == [("Pod", "spark-connect-0", grace_s)]


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("following", "words"),
    [
        ([], "last seen: no such pod"),
        ([pod("spark-connect-1", "connect", ready=False)], "that follows spark-connect-0 in team did not come"),
        ([crashing("spark-connect-1")], "cannot come any more, container connect of pod spark-connect-1 has crashed"),
    ],
    ids=["none", "not ready", "crashing"],
)
def test_a_restart_that_brings_no_pod_that_is_ready_is_given_up(following: list[Manifest], words: str) -> None:
    own = workloads(pod("spark-connect-0", "connect"))
    recorded(own).on_delete = lambda *_: recorded(own).add(*following)
    with pytest.raises(GaveUp, match=words):
        own.restart("connect")


@pytest.mark.usefixtures("one_look")
def test_a_pod_that_was_to_go_and_stays_is_not_the_next_one() -> None:
    with pytest.raises(GaveUp, match="that follows spark-connect-0"):
        workloads(pod("spark-connect-0", "connect"), staying=["spark-connect-0"]).restart("connect")


def test_a_container_that_was_started_again_has_restarted() -> None:
    own = workloads(READY, started("spark-connect-0", restarts=1))
    since = own.starts("connect")
    recorded(own).add(restarted(recorded(own), 2))
    own.must_restart("connect", since=since)


def test_a_pod_that_follows_the_killed_one_has_started_too() -> None:
    own = workloads(READY, started("spark-connect-0", restarts=0))
    own.must_restart("connect", since={"another": 3})


def test_a_start_of_any_container_is_a_start() -> None:
    both = [{"name": name, "restartCount": count} for name, count in (("connect", 0), ("beside-it", 2))]
    own = workloads(pod("spark-connect-0", "connect", status={"containerStatuses": both}))
    assert [*own.starts("connect").values()] == [2]


def restarted(kube: RecordedKube, restarts: int) -> Manifest:
    """The driver's pod as it is after so many starts."""
    found = kube.get(POD, "spark-connect-0", NAMESPACE) or {}
    return {**found, "status": started("spark-connect-0", restarts=restarts)["status"]}


@pytest.mark.usefixtures("one_look")
def test_a_container_that_was_not_started_again_or_is_not_ready_has_not() -> None:
    own = workloads(READY, started("spark-connect-0", restarts=1))
    with pytest.raises(GaveUp, match=r"the restart of the connect in team did not .* last seen: {'uid-\d+': 1}"):
        own.must_restart("connect", since=own.starts("connect"))
    unready = workloads(
        workload(STATEFUL_SET, "spark-connect", readyReplicas=0), started("spark-connect-0", restarts=1)
    )
    with pytest.raises(GaveUp, match="the readiness of the platform"):
        unready.must_restart("connect", since={"another": 0})
    with pytest.raises(GaveUp, match=r"the restart of the connect .*: pod spark-client-0 finds no node: 0/1 nodes are"):
        workloads(READY, WAITING).must_restart("connect", since={"another": 0})
    with pytest.raises(GaveUp, match="the restart of the connect"):
        workloads(READY).must_restart("connect", since={"another": 0})


@pytest.mark.usefixtures("one_look")
def test_the_cause_is_looked_for_among_the_pods_of_the_component_first() -> None:
    runs = {"name": "await-schema", "ready": False, "state": {"running": {}}}
    metastore = pod("spark-metastore-0", "hive-metastore", ready=False, status={"initContainerStatuses": [runs]})
    own = workloads(READY, WAITING, metastore)
    for component, words in (("hive-metastore", "spark-metastore-0 still runs"), ("client", "spark-client-0 finds")):
        with pytest.raises(GaveUp, match=f"the {component} pod that follows one in team did not .* s: pod {words}"):
            own.await_next(component, pod("one", component))
    with pytest.raises(GaveUp, match=r"the restart of the hive-metastore .* s: pod spark-metastore-0 still runs"):
        own.must_restart("hive-metastore", since={own.pod("hive-metastore")["metadata"]["uid"]: 0})


def test_a_start_of_what_never_ran_shows_nothing() -> None:
    with pytest.raises(CheckFailed, match="No connect ran before it was to restart"):
        workloads(READY, started("spark-connect-0", restarts=1)).must_restart("connect", since={})


def role(own: str, *, namespace: str = NAMESPACE, name: str = NAME, by: str = "Helm") -> Manifest:
    """A cluster-wide object that helm made for a release of a namespace."""
    made_for = {"meta.helm.sh/release-namespace": namespace, "meta.helm.sh/release-name": name}
    kind, labels = Kind("ClusterRole", "rbac.authorization.k8s.io/v1"), {"app.kubernetes.io/managed-by": by}
    return manifest(kind, own, None, labels=labels, metadata={"annotations": made_for})


KEPT = manifest(VOLUME, "spark-warehouse")


def test_what_an_uninstalled_release_keeps_is_proved(record: Record) -> None:
    foreign = manifest(CONFIG_MAP, "of-another")
    foreign["metadata"]["labels"] = {"app.kubernetes.io/instance": "other"}
    workloads(KEPT, foreign).must_leave(["PersistentVolumeClaim spark-warehouse"])
    # Those of a release of this name in another namespace, and of another release here, are none of its own.
    others = [role("a", namespace="other"), role("b", name="second"), role("c", by="somebody")]
    workloads(foreign, *others).must_leave([])
    assert record.level is Level.EXECUTED
    assert record.proofs[1].seen == "What remains of the platform: nothing"


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("left", "expected", "seen"),
    [
        ([KEPT, role("spark")], ["PersistentVolumeClaim spark-warehouse"], "'ClusterRole spark'"),
        ([KEPT, manifest(CONFIG_MAP, "conf")], ["PersistentVolumeClaim spark-warehouse"], "'ConfigMap conf'"),
        ([KEPT], [], "'PersistentVolumeClaim spark-warehouse'"),
        ([], ["PersistentVolumeClaim spark-warehouse"], r"\[\]"),
        ([manifest(SECRET, "spark-warehouse")], ["PersistentVolumeClaim spark-warehouse"], "'Secret spark-warehouse'"),
    ],
    ids=["cluster-wide", "something besides", "something at all", "what was to stay is gone", "of another kind"],
)
def test_something_else_that_remains_is_seen(
    left: list[Manifest], expected: list[str], seen: str, record: Record
) -> None:
    but = ", ".join(expected) or "nothing"
    with pytest.raises(GaveUp, match=f"the end of all of the platform in team but {but} did not .*last seen: .*{seen}"):
        workloads(*left).must_leave(expected)
    assert not record.proofs


def test_its_end_is_awaited(monkeypatch: pytest.MonkeyPatch, record: Record) -> None:
    monkeypatch.setattr(timeouts, "UNINSTALLED", 30.0)
    looks = iter([["Pod spark-connect-0"], []])
    monkeypatch.setattr(Workloads, "remains", property(lambda _: next(looks)))
    workloads().must_leave([])
    assert record.proofs


def test_a_variable_is_read_from_where_the_pod_has_it() -> None:
    env = [
        {"name": "SPARK_REMOTE", "value": "sc://spark"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "connect-token", "key": "token"}}},
    ]
    own = workloads(
        pod("spark-client-0", "client", spec={"containers": [{"name": "client", "env": env}]}),
        manifest(SECRET, "connect-token", data={"token": base64.b64encode(b"abc").decode()}),
    )
    assert [own.variable("client", name) for name in ("SPARK_REMOTE", "TOKEN")] == ["sc://spark", "abc"]
