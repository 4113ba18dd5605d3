"""The drift of a release: each kind of change is named, and what the API server and controllers add is not."""

import copy
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from sparkproof import cli
from sparkproof.core.errors import CheckFailed, UsageError
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.objects import Manifest
from sparkproof.operations import by_hand
from sparkproof.operations.drift import Drift, rendered
from tests.support.recorded import NAMESPACE, RecordedKube

ROOT = Path(__file__).parents[3]
LABELS = {"app.kubernetes.io/instance": "spark"}


def made(kind: str, name: str, api: str = "v1", **content: Any) -> Manifest:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": LABELS}, **content}


FILES = [
    made("ConfigMap", "settings", data={"a": "1", "text": "x\ny\n"}),
    made("Secret", "token", data={"key": "b25l"}),
    made("Service", "connect", spec={"ports": [{"name": "grpc", "port": 15002}, {"name": "ui", "port": 4040}]}),
    made("Deployment", "client", "apps/v1", spec={"replicas": 1, "args": ["a", "b"]}),
    {**made("Pod", "test"), "metadata": {"name": "test", "annotations": {"helm.sh/hook": "test"}}},
]


def cluster(*others: Manifest, **changes: Manifest) -> RecordedKube:
    """A cluster on which these files are installed, but for the content of objects by name; None: not there."""
    objects = [copy.deepcopy({**each, **changes.get(each["metadata"]["name"], {})}) for each in FILES[:-1]]
    for each in (*objects, *others):
        each["metadata"] = {**each["metadata"], "namespace": NAMESPACE, "uid": "1", "resourceVersion": "7"}
    return RecordedKube(*objects, *others)


def drift(kube: RecordedKube, files: list[Manifest] = FILES) -> Drift:
    return Drift.of(kube, "spark", NAMESPACE, yaml.safe_dump_all(files))


def test_a_release_is_as_its_files_say_and_only_asked_about() -> None:
    kube = cluster()
    before = copy.deepcopy(kube.objects)
    found = drift(kube)
    found.must_be_none()
    assert found.page == "4 objects are as the files say, and there is no other."
    assert kube.objects == before
    assert {each["metadata"]["name"] for each in kube.dry} == {
        "drift-settings", "drift-token", "drift-connect", "drift-client"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"settings": {"data": {"a": "2", "text": "x\ny\n"}}}, "ConfigMap settings: data.a is 2, and 1 in its files"),
        ({"settings": {"data": {"text": "x\ny\n"}}}, "ConfigMap settings: data.a is missing, and 1 in its files"),
        (
            {"settings": {"data": {"a": "1", "text": "x\n"}}},
            "ConfigMap settings: data.text lacks the line y of its files",
        ),
        (
            {"settings": {"data": {"a": "1", "text": "x\ny\nz\n"}}},
            "ConfigMap settings: data.text has the line z, and its files do not",
        ),
        (
            {"settings": {"data": {"a": "1", "text": "y\nx\n"}}},
            "ConfigMap settings: data.text has its lines in another order than its files",
        ),
        (
            {"settings": {"data": {"a": "1", "b": "3", "text": "x\ny\n"}}},
            "ConfigMap settings: data.b is 3, and not in its files",
        ),
        ({"token": {"data": {"key": "dHdv"}}}, "Secret token: data.key is another one than in its files"),
        (
            {"connect": {"spec": {"ports": [{"name": "ui", "port": 4041}, {"name": "grpc", "port": 15002}]}}},
            "Service connect: spec.ports[ui].port is 4041, and 4040 in its files",
        ),
        (
            {"client": {"spec": {"replicas": 1, "args": ["a"]}}},
            "Deployment client: spec.args is ['a'], and ['a', 'b'] in its files",
        ),
        ({"client": {"spec": {"replicas": 0, "args": ["a", "b"]}}}, "Deployment client: spec.replicas is 0, and 1"),
        (
            {"client": {"metadata": {"name": "client", "labels": {**LABELS, "team": "b"}}}},
            "Deployment client: labels.team is b, and not in its files",
        ),
        (
            {"client": {"metadata": {"name": "client", "labels": {"app.kubernetes.io/instance": "other"}}}},
            "Deployment client: labels.app.kubernetes.io/instance is other, and spark in its files",
        ),
        (
            {"client": {"metadata": {"name": "client", "labels": LABELS, "annotations": {"owner": "b"}}}},
            "Deployment client: annotations.owner is b, and not in its files",
        ),
    ],
)
def test_each_change_is_named_and_nothing_else(changes: dict[str, Manifest], said: str, record: Record) -> None:
    found = drift(cluster(**changes))
    assert [each[: len(said)] for each in found.differences] == [said]
    found.must_be(said)
    found.must_name(said)
    assert [each.name for each in record.items] == ["objects", "all"]
    with pytest.raises(CheckFailed, match="not as its files say"):
        found.must_be_none()
    for wrong in ((), ("ConfigMap other: it is not there",), (said, "ConfigMap other: it is not there")):
        with pytest.raises(CheckFailed, match=f"was to be .*, and is {re.escape(said)}"):
            found.must_be(*wrong)
    with pytest.raises(CheckFailed, match=f"No difference is 'Pod'; they are {re.escape(said)}"):
        found.must_name("Pod")
    with pytest.raises(CheckFailed, match=r"they are none\.$"):
        drift(cluster()).must_name("Pod")


def test_a_comparison_that_changes_something_is_seen(record: Record) -> None:
    kube = cluster(settings={"data": {"a": "2", "text": "x\ny\n"}})
    found = drift(kube)
    found.must_have_changed_nothing(drift(kube))
    assert record.proofs[-1].seen == "A second comparison finds the same 1 differences"
    kube.add(
        made("ConfigMap", "drift-settings") | {"metadata": {"name": "drift", "namespace": NAMESPACE, "labels": LABELS}}
    )
    with pytest.raises(CheckFailed, match=r"gone is nothing, and new is ConfigMap drift is there, and in no file\."):
        found.must_have_changed_nothing(drift(kube))
    with pytest.raises(CheckFailed, match=r"gone is ConfigMap settings: data.a is 2, .*, and new is nothing\."):
        found.must_have_changed_nothing(drift(cluster()))
    with pytest.raises(CheckFailed, match="There was no difference that a comparison could have removed"):
        drift(cluster()).must_have_changed_nothing(drift(cluster()))
    assert len(record.proofs) == 1


@pytest.mark.parametrize(("objects", "code"), [(cluster(), 0), (cluster(token={"data": {}}), 1)], ids=["none", "one"])
def test_the_command_says_if_there_is_a_difference(
    objects: RecordedKube, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sparkproof.operations.drift.rendered", lambda *_: yaml.safe_dump_all(FILES))
    monkeypatch.setattr(cli, "_running", lambda *_: SimpleNamespace(kube=objects))
    before = copy.deepcopy(objects.objects)
    ended = CliRunner().invoke(cli.app, ["drift", "spark", "charts/spark-4.1", "--namespace", NAMESPACE])
    assert (ended.exit_code, objects.objects) == (code, before)
    assert ended.output.strip() == drift(objects).page


def test_a_secrets_content_is_never_shown() -> None:
    page = drift(cluster(token={"data": {"key": "dHdv", "other": "dGhyZWU="}})).page
    assert "dHdv" not in page
    assert "dGhyZWU" not in page
    assert "b25l" not in page


def test_what_is_missing_and_what_is_in_no_file_is_named() -> None:
    extra = made("ConfigMap", "by-hand", data={})
    kube = cluster(extra)
    del kube.objects["Service", NAMESPACE, "connect"]
    kube.add(made("Service", "of-others") | {"metadata": {"name": "of-others", "namespace": NAMESPACE}})
    drift(kube).must_be("Service connect: it is not there", "ConfigMap by-hand is there, and in no file")


@pytest.mark.parametrize(
    ("kind", "api"),
    [
        ("ConfigMap", "v1"),
        ("CronJob", "batch/v1"),
        ("Deployment", "apps/v1"),
        ("NetworkPolicy", "networking.k8s.io/v1"),
        ("RoleBinding", "rbac.authorization.k8s.io/v1"),
        ("Secret", "v1"),
        ("Service", "v1"),
        ("ServiceAccount", "v1"),
        ("StatefulSet", "apps/v1"),
    ],
)
def test_what_somebody_adds_of_each_kind_is_named_though_no_file_has_one(kind: str, api: str) -> None:
    drift(cluster(made(kind, "by-hand", api))).must_be(f"{kind} by-hand is there, and in no file")


def test_what_others_made_of_the_release_is_no_drift() -> None:
    owned = made("ConfigMap", "of-a-controller", data={})
    owned["metadata"] = {**owned["metadata"], "ownerReferences": [{"kind": "Pod", "name": "driver"}]}
    claim = made("PersistentVolumeClaim", "data-of-a-stateful-set", spec={})
    noted = {
        "name": "client",
        "labels": {**LABELS, "app.kubernetes.io/managed-by": "Helm"},
        "annotations": {"deployment.kubernetes.io/revision": "3", "meta.helm.sh/release-name": "spark"},
    }
    given = {"clusterIP": "10.0.0.7", "clusterIPs": ["10.0.0.7"], **FILES[2]["spec"]}
    drift(cluster(owned, claim, client={"metadata": noted}, connect={"spec": given})).must_be_none()


def test_a_number_of_pods_that_an_autoscaler_sets_is_no_drift() -> None:
    spec = {"scaleTargetRef": {"name": "client"}}
    scaler = made("ScaledObject", "client", "keda.sh/v1alpha1", spec=spec)
    kube = cluster(copy.deepcopy(scaler), client={"spec": {"replicas": 7, "args": ["a", "b"]}})
    drift(kube, [*FILES, scaler]).must_be_none()
    assert drift(kube).differences[0] == "Deployment client: spec.replicas is 7, and 1 in its files"


def test_a_proof_of_no_drift_says_what_was_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    proofs: list[tuple[Level, str]] = []
    monkeypatch.setattr("sparkproof.core.evidence.prove", lambda level, seen, **_: proofs.append((level, seen)))
    drift(cluster()).must_be_none()
    assert proofs == [(Level.EXECUTED, "4 objects are as the files say, and there is no other.")]


def test_files_are_rendered_as_helm_gets_them(tmp_path: Path) -> None:
    chart, dev = ROOT / "charts/spark-4.1", ROOT / "examples/environments/dev.yaml"
    text = rendered("lake", chart, "data", [dev])
    assert re.search(r"spark\.dynamicAllocation\.maxExecutors\W+2\b", text)
    with pytest.raises(UsageError, match=r"There is no file .*Chart"):
        rendered("lake", tmp_path, "data", [])
    with pytest.raises(UsageError, match=r"There is no file .*gone"):
        rendered("lake", chart, "data", [tmp_path / "gone.yaml"])
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("dynamicAllocation: {maxExecutors: many}\n")
    with pytest.raises(UsageError, match="helm does not render"):
        rendered("lake", chart, "data", [wrong])


def test_a_change_by_hand_that_cannot_be_made_is_refused() -> None:
    kube = cluster()
    changes = {
        "ConfigMap settings": '{"data": {"a": "9"}}',
        "ConfigMap more": "added",
        "Deployment client": "deleted",
    }
    rows = [{"object": title, "change": what} for title, what in changes.items()]
    by_hand.change_all(kube, "spark", NAMESPACE, rows)
    drift(kube).must_be(
        "ConfigMap settings: data.a is 9", "ConfigMap more is there", "Deployment client: it is not there"
    )
    for title, what, said in [
        ("ConfigMop settings", "deleted", "no object of a namespace"),
        ("ConfigMap settings", "delete", "is no change"),
        ("Secret more", "added", "Only a ConfigMap"),
    ]:
        with pytest.raises(UsageError, match=said):
            by_hand.change(kube, "spark", NAMESPACE, title, what)
    with pytest.raises(Exception, match="There is no ConfigMap gone"):
        by_hand.change(kube, "spark", NAMESPACE, "ConfigMap gone", "deleted")
