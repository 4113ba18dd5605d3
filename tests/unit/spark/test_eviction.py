"""Evictions: one that a budget refuses, one that takes place, and a refusal for another reason, are told apart."""

from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import POD, Manifest
from sparkproof.spark.eviction import Eviction
from tests.support.recorded import RecordedKube, RecordedPlatform, pod

BY_BUDGET = (
    "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget spark-connect needs"
)
READY: dict[str, Any] = {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}


def evicted(kube: RecordedKube) -> Eviction:
    return Eviction.of(RecordedPlatform(kube).workloads, "connect")


def refusing(code: int, message: str) -> RecordedKube:
    def refuse(manifest: Manifest) -> Refused | None:
        return Refused("create Eviction spark-connect-0", code, message) if manifest["kind"] == "Eviction" else None

    return RecordedKube(pod("spark-connect-0", "connect"), refuse=refuse)


def test_a_refusal_by_the_budget_is_proved(record: Record) -> None:
    kube = refusing(429, f"{BY_BUDGET} 1 healthy pods and has 1 currently")
    evicted(kube).must_be_refused_by("spark-connect")
    assert record.level is Level.EXECUTED
    assert "spark-connect-0 was kept on its node: Cannot evict" in record.proofs[0].seen
    assert not record.unread
    assert kube.names("Pod") == ["spark-connect-0"]


@pytest.mark.parametrize(
    "message",
    [
        "Cannot evict pod. The disruption budget spark-connect is still being processed by the server.",
        "The disruption budget other needs 1 healthy pods",
        "too many requests",
    ],
)
def test_a_refusal_by_anything_else_is_seen(message: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match="was kept, but not by the disruption budget spark-connect: "):
        evicted(refusing(429, message)).must_be_refused_by("spark-connect")
    assert not record.proofs


def test_a_refusal_for_want_of_rights_is_no_answer_of_a_budget() -> None:
    with pytest.raises(Refused, match="pods/eviction is forbidden"):
        evicted(refusing(403, "pods/eviction is forbidden"))


def replaced() -> RecordedKube:
    kube = RecordedKube(pod("spark-connect-0", "connect", uid="first"))
    kube.on_delete = lambda _kind, _name: kube.add(pod("spark-connect-1", "connect", uid="second", **READY))
    return kube


def test_an_eviction_that_takes_place_is_proved_when_another_pod_is_ready(record: Record) -> None:
    kube = replaced()
    seen = evicted(kube)
    seen.must_have_taken_place()
    assert [kind for kind, _, _ in kube.deleted] == [POD.name]
    assert record.proofs[0].seen == "spark-connect-0 was evicted, and another one is ready"
    with pytest.raises(CheckFailed, match="spark-connect-0 was evicted, and the disruption budget spark-connect did"):
        seen.must_be_refused_by("spark-connect")


def test_an_eviction_that_did_not_take_place_is_seen_and_stays_unread_until_then(record: Record) -> None:
    seen = evicted(refusing(429, f"{BY_BUDGET} 1 healthy pods"))
    assert record.troubles == [seen.trouble]
    with pytest.raises(CheckFailed, match="spark-connect-0 was not evicted: Cannot evict"):
        seen.must_have_taken_place()


@pytest.mark.usefixtures("one_look")
def test_a_pod_that_nothing_follows_is_given_up() -> None:
    with pytest.raises(GaveUp, match="the connect pod that follows spark-connect-0 in team"):
        evicted(RecordedKube(pod("spark-connect-0", "connect", uid="first")))
