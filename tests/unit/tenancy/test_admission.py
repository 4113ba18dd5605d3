"""Admission: one refusal among many answers is seen, and so is a refusal of something else, or for something else."""

from typing import Any

import pytest
import yaml

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.dry_run import DryRun
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import Manifest
from sparkproof.tenancy.admission import Admission
from sparkproof.tenancy.team import Team
from tests.support.recorded import NAMESPACE, RecordedKube

TEMPLATE = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "c", "image": "spark"}]}}
OBJECTS: list[dict[str, Any]] = [
    {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "driver", "namespace": NAMESPACE}},
    {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "connect"}, "spec": {"template": TEMPLATE}},
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "conf"},
        "data": {"executor-pod.yaml": yaml.safe_dump({"spec": {"containers": [{"name": "c"}]}}), "x.conf": "a=b"},
    },
    {"apiVersion": "monitoring.coreos.com/v1", "kind": "PodMonitor", "metadata": {"name": "m"}},
]
RENDERED = yaml.safe_dump_all([*OBJECTS, None])


def refusing(kind: str, words: str, code: int = 403) -> RecordedKube:
    """An API server that refuses objects of a kind, and serves no monitors."""

    def refuse(manifest: Manifest) -> Refused | None:
        if manifest["kind"] == "PodMonitor":
            return Refused("apply it", 404, "no matches for kind PodMonitor")
        return Refused("apply it", code, words) if manifest["kind"] == kind else None

    return RecordedKube(refuse=refuse)


def admission(kube: RecordedKube, *renderings: str) -> Admission:
    return Admission.of(Team(kube, NAMESPACE), renderings or (RENDERED, RENDERED))


def test_all_that_is_rendered_is_asked_for_once_and_so_is_each_pod_that_would_come_of_it(record: Record) -> None:
    kube = refusing("nothing", "")
    found = admission(kube)
    found.must_be_complete()
    assert list(found.answers) == [
        "ServiceAccount driver", "StatefulSet connect", "Pod connect", "ConfigMap conf", "Pod conf-executor-pod",
    ]  # fmt: skip
    assert b"StatefulSet connect" in record.items[0].content
    assert kube.names("ServiceAccount") == ["driver"]
    assert [each["spec"]["containers"][0]["image"] for each in kube.dry if each["kind"] == "Pod"] == [
        "spark",
        "spark:any",
    ]
    assert {each["metadata"]["namespace"] for each in kube.dry} == {NAMESPACE}
    assert len(kube.dry) == 5
    assert record.level is Level.ADMITTED
    assert (
        "admitted 5 objects; not asked for, as it does not serve them: PodMonitor (monitoring.coreos.com/v1)"
        in record.proofs[0].seen
    )


def test_a_server_that_serves_all_kinds_was_asked_for_all(record: Record) -> None:
    admission(RecordedKube()).must_be_complete()
    assert record.proofs[0].seen == "The API server admitted 6 objects"


@pytest.mark.parametrize("api", ["v1", "apps/v1", "networking.k8s.io/v1"])
def test_a_server_without_a_kind_of_kubernetes_itself_has_not_admitted_every_object(api: str, record: Record) -> None:
    kube = RecordedKube(
        refuse=lambda each: Refused("apply it", 404, "no matches") if each["apiVersion"] == api else None
    )
    unknown = yaml.safe_dump({"apiVersion": api, "kind": "Thing", "metadata": {"name": "t"}})
    other = yaml.safe_dump({"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "o"}})
    with pytest.raises(CheckFailed, match=f"does not serve kinds of Kubernetes itself: Thing \\({api}\\)."):
        admission(kube, unknown, other).must_be_complete()
    assert not record.proofs


def test_one_refusal_is_enough(record: Record) -> None:
    with pytest.raises(CheckFailed, match="refused 1 of 5 objects: StatefulSet connect: too big"):
        admission(refusing("StatefulSet", "too big")).must_be_complete()
    assert not record.proofs


def test_a_refusal_is_not_forgotten_when_an_object_of_the_same_name_is_admitted(record: Record) -> None:
    small = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": []}}
    kube = RecordedKube(refuse=lambda asked: Refused("apply it", 403, "too big") if "big" in asked else None)
    for renderings in ([small, {**small, "big": True}], [{**small, "big": True}, small]):
        with pytest.raises(CheckFailed, match="refused 1 of 1 objects: Pod p: too big"):
            admission(kube, *map(yaml.safe_dump, renderings)).must_be_complete()
    assert not record.proofs


def test_a_chart_that_renders_nothing_proves_nothing(record: Record) -> None:
    for nothing in ("", yaml.safe_dump(OBJECTS[-1])):
        with pytest.raises(CheckFailed, match="rendered no object at all"):
            admission(refusing("nothing", ""), nothing).must_be_complete()
    assert not record.proofs


def test_pods_that_are_refused_for_the_reason_and_nothing_else_are_proved(record: Record) -> None:
    admission(refusing("Pod", "exceeded quota: team")).must_have_refused("Pod", "exceeded quota")
    assert record.level is Level.ADMITTED
    assert record.proofs[0].seen == "The API server refused 2 of Pod"
    assert b"exceeded quota: team" in record.items[0].content


@pytest.mark.parametrize(
    ("kind", "reason", "words"),
    [
        ("nothing", "", "'Pod connect': None"),
        ("Pod", "no such account", "'Pod connect': 'no such account'"),
        ("StatefulSet", "exceeded quota", "'StatefulSet connect': 'exceeded quota'"),
    ],
    ids=["admitted", "for something else", "something else"],
)
def test_another_refusal_than_the_one_that_is_expected_is_seen(
    kind: str, reason: str, words: str, record: Record
) -> None:
    with pytest.raises(CheckFailed, match=words):
        admission(refusing(kind, reason)).must_have_refused("Pod", "exceeded quota")
    assert not record.proofs


def test_without_any_pod_none_was_refused() -> None:
    with pytest.raises(CheckFailed, match="none was"):
        admission(refusing("Pod", "exceeded quota"), yaml.safe_dump(OBJECTS[0])).must_have_refused(
            "Pod", "exceeded quota"
        )


def test_one_object_is_refused_for_all_the_reasons(record: Record) -> None:
    refusal = Refused("apply it", 403, "violates PodSecurity restricted: runAsNonRoot != true")
    DryRun(refusal).must_be_refused("PodSecurity", "runAsNonRoot")
    assert record.level is Level.ADMITTED
    with pytest.raises(CheckFailed, match="but not because of hostPath: violates PodSecurity"):
        DryRun(refusal).must_be_refused("PodSecurity", "hostPath")
    with pytest.raises(CheckFailed, match="would have admitted it, and had to refuse it because of PodSecurity"):
        DryRun(None).must_be_refused("PodSecurity")
    with pytest.raises(CheckFailed, match="No reason was named, so any refusal would do"):
        DryRun(refusal).must_be_refused()
    assert len(record.proofs) == 1


def test_a_server_that_cannot_judge_has_not_refused(record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"did not judge it \(500\): PodSecurity webhook"):
        DryRun(Refused("apply it", 500, "PodSecurity webhook: no route")).must_be_refused("PodSecurity")
    assert not record.proofs


def test_one_object_is_admitted(record: Record) -> None:
    DryRun(None).must_be_admitted()
    assert record.level is Level.ADMITTED
    for code, words in ((403, "exceeded quota"), (422, "invalid")):
        with pytest.raises(CheckFailed, match=f"refused it: {words}"):
            DryRun(Refused("apply it", code, words)).must_be_admitted()
    assert len(record.proofs) == 1
