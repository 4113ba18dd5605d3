"""Advice on sizes: what does not follow the use of pods, changes them, or is given where there is none, is seen."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import NODE, POD, SIZE_ADVICE, Manifest
from sparkproof.scaling.size_advice import SizeAdvice
from sparkproof.spark.work import Work
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, executor, manifest, pod

MIB = 2**20
# As the recommender 1.8.1 writes them.
NO_PODS = "No pods match this VPA object"
NO_SCALE = (
    "Cannot read targetRef. Reason: unhandled targetRef v1 / Pod / spark-connect-0, last error the server could not "
    "find the requested resource"
)
STATEFUL_SET = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "spark-connect", "controller": True}
DRIVER = {"apiVersion": "v1", "kind": "Pod", "name": "spark-connect-0", "controller": True}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SIZE_ADVICE", "EXECUTORS", "USE_ASKED"):
        monkeypatch.setattr(timeouts, name, 0.0)


class Cluster(RecordedKube):
    """A cluster whose recommender answers each request with this status."""

    status: Mapping[str, Any]

    def apply(self, given: Manifest, *, dry_run: bool = False) -> Manifest:
        own = given["kind"] == SIZE_ADVICE.name
        return super().apply({**given, "status": dict(self.status)} if own else given, dry_run=dry_run)


def advising(memory: str = str(1200 * MIB), cpu: str = "250m", container: str = "connect") -> Mapping[str, Any]:
    return recommending({"cpu": cpu, "memory": memory}, container)


def recommending(target: Mapping[str, str], container: str = "connect") -> Mapping[str, Any]:
    conditions = [{"type": "RecommendationProvided", "status": "True"}]
    return {
        "conditions": conditions,
        "recommendation": {"containerRecommendations": [{"containerName": container, "target": target}]},
    }


def refusing(**reasons: str) -> Mapping[str, Any]:
    said = [{"type": name, "status": "True", "message": message} for name, message in reasons.items()]
    return {"conditions": [*said, {"type": "RecommendationProvided", "status": "False"}]}


def summary(*used: int, container: str = "connect") -> Manifest:
    """What a kubelet counts of the pods with the unique ids u0, u1 ..., in MiB."""
    return {
        "pods": [
            {
                "podRef": {"uid": f"u{number}"},
                "containers": [{"name": container, "memory": {"workingSetBytes": each * MIB, "rssBytes": 1}}],
            }
            for number, each in enumerate(used)
        ]
    }


def server(uid: str = "u0", restarts: int = 0, memory: str = "1Gi") -> Manifest:
    return pod(
        "spark-connect-0",
        "connect",
        uid=uid,
        ownerReferences=[{"kind": "Other"}, STATEFUL_SET],
        spec={
            "nodeName": "node-1",
            "containers": [{"name": "connect", "resources": {"requests": {"memory": memory}}}],
        },
        status={"containerStatuses": [{"restartCount": restarts}]},
    )


def platform(
    *pods: Manifest, status: Mapping[str, Any] | None = None, used: tuple[int, ...] = (1000,), cores: str = "2"
) -> RecordedPlatform:
    node = manifest(NODE, "node-1", None, status={"allocatable": {"cpu": cores, "memory": "4Gi"}})
    kube = Cluster(*(pods or (server(),)), node, served={"node node-1": summary(*used)})
    kube.status = advising() if status is None else status
    return RecordedPlatform(kube)


def test_advice_is_asked_for_what_owns_the_pods_and_changes_nothing() -> None:
    own = platform()
    advice = SizeAdvice.ask(own, "Connect server")
    asked = own.kube.get(SIZE_ADVICE, advice.name, NAMESPACE) or {}
    owner = {key: STATEFUL_SET[key] for key in ("apiVersion", "kind", "name")}
    assert asked["spec"]["targetRef"] == owner
    assert asked["spec"]["updatePolicy"] == {"updateMode": "Off"}
    assert asked["metadata"]["labels"] == {"app.kubernetes.io/managed-by": "sparkproof"}
    assert SizeAdvice.ask(own, "Connect server").name != advice.name
    advice.remove()
    assert own.kube.get(SIZE_ADVICE, advice.name, NAMESPACE) is None


def test_pods_that_nobody_owns_have_nobody_to_ask_for() -> None:
    with pytest.raises(CheckFailed, match="Nothing in team owns the workers"):
        SizeAdvice.ask(platform(), "workers")


@pytest.mark.parametrize("advised", [1000 * MIB, 1200 * MIB, 1400 * MIB])
def test_advice_that_follows_what_was_used_is_proved(advised: int, record: Record) -> None:
    SizeAdvice.ask(platform(status=advising(str(advised))), "Connect server").must_follow_use(40)
    assert record.level is Level.EXECUTED
    assert "used 1000" in record.proofs[0].seen


def test_advice_far_beyond_what_was_used_is_seen(record: Record) -> None:
    with pytest.raises(CheckFailed, match="More than 40 % more memory is advised than was used: connect: 1401 MiB"):
        SizeAdvice.ask(platform(status=advising(str(1401 * MIB))), "Connect server").must_follow_use(40)
    assert record.proofs == []


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        (advising(str(999 * MIB)), "connect: 999 MiB, used 1000; no reason"),
        (advising(container="other"), "connect: 0 MiB, used 1000; other: 1200 MiB, used 0; no reason"),
        ({"conditions": []}, "connect: 0 MiB, used 1000; no reason"),
        (refusing(NoPodsMatched=NO_PODS), f"connect: 0 MiB, used 1000; {NO_PODS}"),
        (recommending({}), "connect: 0 MiB, used 1000; no reason"),
    ],
)
def test_advice_of_less_than_was_used_for_others_or_of_none_is_awaited_in_vain(
    status: Mapping[str, Any], seen: str
) -> None:
    with pytest.raises(GaveUp, match=rf"advice of no less memory than spark-connect-0 used .*last seen: {seen}\.$"):
        SizeAdvice.ask(platform(status=status), "Connect server").must_follow_use(40)


def test_advice_for_what_nobody_measured_is_awaited_in_vain() -> None:
    with pytest.raises(GaveUp, match="advice of no less memory"):
        SizeAdvice.ask(platform(used=()), "Connect server").must_follow_use(40)


def test_what_was_used_is_the_most_of_all_pods_while_the_work_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    own = platform(server(), {**server("u1"), "metadata": {**server("u1")["metadata"], "name": "spark-connect-1"}})
    done: list[int] = []
    monkeypatch.setattr(Work, "run", lambda _, *, executors: done.append(executors))
    own.kube._served["node node-1"] = summary(700, 900)
    advice = SizeAdvice.ask(own, "Connect server")
    advice.during_work(own, executors=6)
    assert (advice.used, done) == ({"connect": 900 * MIB}, [6])
    own.kube._served["node node-1"] = summary(800, 100)
    advice.must_follow_use(40)
    assert advice.used == {"connect": 900 * MIB}


def test_what_is_advised_is_there_on_a_node(record: Record) -> None:
    SizeAdvice.ask(platform(), "Connect server").must_fit_nodes()
    assert record.level is Level.EXECUTED
    for status, lacking in (
        (advising(cpu="2001m"), "less cpu than"),
        (advising(str(5000 * MIB)), "less memory than"),
        (advising(str(5000 * MIB), "724"), "less cpu and memory than"),
    ):
        with pytest.raises(CheckFailed, match=f"node-1 has {lacking} is advised for one pod"):
            SizeAdvice.ask(platform(status=status), "Connect server").must_fit_nodes()
    with pytest.raises(CheckFailed, match=f"Nothing is advised for spark-connect-0: {NO_PODS}"):
        SizeAdvice.ask(platform(status=refusing(NoPodsMatched=NO_PODS)), "Connect server").must_fit_nodes()
    assert len(record.proofs) == 1


def test_what_is_advised_may_be_all_that_a_node_has_and_need_not_be_of_each_resource(record: Record) -> None:
    for target, whole in (
        ({"cpu": "250m", "memory": "4Gi"}, {"cpu": 0.25, "memory": 4096 * MIB}),
        ({"cpu": "250m"}, {"cpu": 0.25, "memory": 0}),
        ({"memory": "4Gi"}, {"cpu": 0, "memory": 4096 * MIB}),
    ):
        own = platform(status=recommending(target), cores="250m")
        SizeAdvice.ask(own, "Connect server").must_fit_nodes()
        assert (record.items[-1].name, json.loads(record.items[-1].content)) == ("advised", whole)


def test_a_node_that_is_gone_has_room_for_nothing(record: Record) -> None:
    own = platform()
    own.kube.delete(NODE, "node-1")
    with pytest.raises(CheckFailed, match="node-1 has less cpu and memory than is advised for one pod"):
        SizeAdvice.ask(own, "Connect server").must_fit_nodes()
    assert record.proofs == []


def test_advice_for_no_pod_fits_nowhere(record: Record) -> None:
    advice = SizeAdvice.ask(platform(), "Connect server")
    advice.pods = []
    with pytest.raises(CheckFailed, match="There is no pod for which advice could be too large"):
        advice.must_fit_nodes()
    assert record.proofs == []


@pytest.mark.parametrize("now", [server("u9"), server(restarts=1)])
def test_a_pod_that_was_started_again_is_seen(now: Manifest, record: Record) -> None:
    own = platform()
    advice = SizeAdvice.ask(own, "Connect server")
    advice.must_have_changed_nothing()
    assert record.level is Level.EXECUTED
    own.kube.add(now)
    with pytest.raises(CheckFailed, match="spark-connect-0 was changed or started again"):
        advice.must_have_changed_nothing()


def test_a_pod_that_is_gone_or_has_another_size_is_seen() -> None:
    own = platform()
    advice = SizeAdvice.ask(own, "Connect server")
    own.kube.add(server(memory="2Gi"))
    with pytest.raises(CheckFailed, match=r"spark-connect-0 has another size .* '2Gi'"):
        advice.must_have_changed_nothing()
    own.kube.delete(POD, "spark-connect-0", NAMESPACE)
    with pytest.raises(CheckFailed, match="spark-connect-0 was changed or started again"):
        advice.must_have_changed_nothing()
    with pytest.raises(CheckFailed, match="There was no pod that advice could have changed"):
        SizeAdvice.ask_for_idle(own.kube, NAMESPACE).must_have_changed_nothing()


def test_executors_have_an_owner_for_which_nothing_is_advised(record: Record) -> None:
    both = refusing(ConfigUnsupported=NO_SCALE, NoPodsMatched=NO_PODS)
    own = platform(server(), executor(ownerReferences=[DRIVER]), status=both)
    advice = SizeAdvice.ask_for_executors(own)
    asked = own.kube.get(SIZE_ADVICE, advice.name, NAMESPACE) or {}
    assert asked["spec"]["targetRef"] == {"apiVersion": "v1", "kind": "Pod", "name": "spark-connect-0"}
    advice.must_be_none("unhandled targetRef v1 / Pod")
    assert record.level is Level.EXECUTED
    assert NO_SCALE in record.proofs[0].seen


def test_executors_that_do_not_come_are_awaited_in_vain() -> None:
    with pytest.raises(GaveUp, match="an executor to ask advice for"):
        SizeAdvice.ask_for_executors(platform())


def test_what_does_not_run_has_no_advice_for_just_that_reason(record: Record) -> None:
    own = platform(status=refusing(NoPodsMatched=NO_PODS))
    advice = SizeAdvice.ask_for_idle(own.kube, NAMESPACE)
    idle = own.kube.objects["Deployment", NAMESPACE, "idle"]
    assert idle["spec"]["replicas"] == 0
    advice.must_be_none(NO_PODS)
    assert record.proofs[0].seen == f"The recommender advises nothing: {NO_PODS}"


@pytest.mark.parametrize(
    ("status", "seen"),
    [
        ({}, "no reason; it advises nothing"),
        (advising(), f"no reason; it advises {{'connect': {{'cpu': 0.25, 'memory': {1200.0 * MIB}}}}}"),
        (refusing(ConfigUnsupported="team/idle does not exist", NoPodsMatched=NO_PODS), "team/idle does not exist"),
    ],
)
def test_another_reason_or_none_is_seen(status: Mapping[str, Any], seen: str) -> None:
    words = rf"the recommender's word 'No pods match' on advice .*last seen: {re.escape(seen)}\.$"
    with pytest.raises(GaveUp, match=words):
        SizeAdvice.ask_for_idle(platform(status=status).kube, NAMESPACE).must_be_none("No pods match")


@pytest.mark.parametrize(
    "also",
    [
        advising(),
        {"recommendation": advising()["recommendation"]},
        {"recommendation": advising()["recommendation"], "conditions": refusing()["conditions"]},
        {"conditions": advising()["conditions"]},
        {},
    ],
    ids=["advice", "advice without a word", "advice in spite of its word", "the word", "no word"],
)
def test_advice_beside_a_reason_for_none_is_seen(also: Mapping[str, Any]) -> None:
    conditions = [*refusing(NoPodsMatched=NO_PODS)["conditions"][:1], *also.get("conditions", ())]
    status = {**also, "conditions": conditions}
    with pytest.raises(CheckFailed, match="and advises all the same"):
        SizeAdvice.ask_for_idle(platform(status=status).kube, NAMESPACE).must_be_none("No pods match")


def test_what_was_asked_and_used_is_kept(record: Record) -> None:
    advice = SizeAdvice.ask(platform(), "Connect server")
    advice.evidence()
    assert [each.name for each in record.items] == ["advice on sizes", "most bytes of memory by container"]
    assert b"updateMode" in bytes(record.items[0].content)
