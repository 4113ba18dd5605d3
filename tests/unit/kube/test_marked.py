"""What a run brings into a namespace of others carries its labels; what others have there stays."""

from pathlib import Path

import pytest

from sparkproof.core import wait
from sparkproof.core.errors import SparkproofError
from sparkproof.kube import marked
from sparkproof.kube.labels import RELEASE, RUN
from sparkproof.kube.marked import MarkedKube
from sparkproof.kube.objects import CONFIG_MAP, LEASE, POD, SECRET, STATEFUL_SET, Manifest
from tests.support.recorded import RecordedKube, manifest

OWN = {RUN: "r1"}


class Marked(MarkedKube, RecordedKube):
    """A recorded API server whose objects come with the labels of a run."""

    def __init__(self, *objects: Manifest) -> None:
        RecordedKube.__init__(self, *objects)
        self._labels = OWN

    def apart(self) -> "Marked":
        return self


def config(name: str, **labels: str) -> Manifest:
    return manifest(CONFIG_MAP, name, "given", labels=labels)


def test_what_is_applied_and_created_carries_the_labels_beside_its_own() -> None:
    kube = Marked()
    kube.apply(config("a", own="yes"))
    kube.create(config("b"))
    labels = [found["metadata"]["labels"] for found in kube.list(CONFIG_MAP)]
    assert [(each[RUN], each.get("own")) for each in labels] == [("r1", "yes"), ("r1", None)]
    kube.apply(config("a"))
    assert kube.names(CONFIG_MAP.name) == ["a", "b"]


@pytest.mark.parametrize("theirs", [{}, {RUN: "r2"}])
@pytest.mark.parametrize("dry_run", [True, False])
def test_what_others_have_is_not_changed(theirs: dict[str, str], *, dry_run: bool) -> None:
    metadata = {"name": "a", "namespace": "given", "labels": theirs}
    kube = Marked({**config("a"), "metadata": metadata, "data": {"x": "1"}})
    with pytest.raises(SparkproofError, match="ConfigMap a in given exists already and is not of this run"):
        kube.apply(config("a"), dry_run=dry_run)
    assert kube.list(CONFIG_MAP)[0]["data"] == {"x": "1"}
    assert kube.dry == []


def test_another_connection_marks_as_well(tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    cluster = '{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}'
    context = '{"name": "c", "context": {"cluster": "c", "user": "u"}}'
    kubeconfig.write_text(
        f'{{"clusters": [{cluster}], "contexts": [{context}], "users": [{{"name": "u", "user": {{}}}}],'
        ' "current-context": "c"}'
    )
    assert MarkedKube(kubeconfig, "c", OWN).apart()._labels == OWN


def test_what_carries_all_of_the_labels_goes_controllers_first_and_the_rest_stays() -> None:
    both = {**OWN, RELEASE: "lakehouse"}
    kube = RecordedKube(
        manifest(POD, "p", "given", labels=both),
        manifest(SECRET, "s", "given", labels=both),
        manifest(STATEFUL_SET, "w", "given", labels=both),
        manifest(LEASE, "alive", "given", labels=both),
        manifest(SECRET, "run's", "given", labels=OWN),
        manifest(SECRET, "elsewhere", "other", labels=both),
        manifest(SECRET, "theirs", "given"),
    )
    assert marked.remove(kube, "given", both) == ["StatefulSet w", "Pod p", "Secret s"]
    assert kube.deleted == [("StatefulSet", "w", 0), ("Pod", "p", 0), ("Secret", "s", None)]
    assert kube.names("Secret") == ["elsewhere", "run's", "theirs"]
    assert kube.names("Lease") == ["alive"]


def test_what_does_not_go_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sparkproof.core.timeouts.NAMESPACE_GONE", 0.05)
    kube = RecordedKube(manifest(SECRET, "s", "given", labels=OWN), staying=["s"])
    with pytest.raises(wait.GaveUp, match=r"the end of what carries sparkproof\.dev/run=r1 in given"):
        marked.remove(kube, "given", OWN)


def test_a_pod_that_comes_while_its_controller_goes_is_removed_as_well() -> None:
    kube = RecordedKube(manifest(STATEFUL_SET, "w", "given", labels=OWN))
    kube.on_delete = lambda kind, _: kube.add(manifest(POD, "late", "given", labels=OWN)) if kind != "Pod" else None
    assert marked.remove(kube, "given", OWN) == ["StatefulSet w", "Pod late"]
    assert kube.names("Pod") == []
