"""The kinds of a cluster are those that its API server serves now: not those of an earlier cluster at its address."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.objects import Kind
from tests.support import loopback
from tests.support.kubeconfigs import kubeconfig

_VERBS = ["list", "delete"]
_POD = {"name": "pods", "kind": "Pod", "namespaced": True, "verbs": _VERBS}
_EVICTION = {"name": "pods/eviction", "kind": "Eviction", "namespaced": True, "verbs": ["create"]}
_NODE = {"name": "nodes", "kind": "Node", "namespaced": False, "verbs": _VERBS}
_REVIEW = {"name": "reviews", "kind": "Review", "namespaced": False, "verbs": ["create"]}
_SCALED = {"name": "scaledobjects", "kind": "ScaledObject", "namespaced": True, "verbs": _VERBS}
_KEDA = {"groupVersion": "keda.sh/v1alpha1", "version": "v1alpha1"}

Answers = dict[str, Any]


@pytest.fixture
def answers() -> Answers:
    """What the API server answers, by path: Pods, Nodes, and a kind of which nothing can be listed."""
    return {
        "/version": {"gitVersion": "v1.36.3"},
        "/apis": {"groups": []},
        "/api/v1": {"resources": [_POD, _EVICTION, _NODE, _REVIEW]},
    }


@pytest.fixture
def config(answers: Answers, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of an API server on loopback that gives these answers."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = answers.get(self.path.rstrip("/"))
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps({"kind": "Answer", **(found or {})}).encode())

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with loopback.serving(loopback.on_any_port(Answer)) as address:
        yield kubeconfig(tmp_path / "config", address)


def add_keda(answers: Answers) -> None:
    answers["/apis"] = {"groups": [{"name": "keda.sh", "versions": [_KEDA], "preferredVersion": _KEDA}]}
    answers["/apis/keda.sh/v1alpha1"] = {"resources": [_SCALED]}


def remove_keda(answers: Answers) -> None:
    answers["/apis"] = {"groups": []}
    del answers["/apis/keda.sh/v1alpha1"]


def kinds(kube: Kube) -> list[str]:
    return [kind.name for kind in kube.kinds()]


@pytest.mark.parametrize(("namespaced", "names"), [(True, ["Pod"]), (False, ["Node"])])
def test_kinds_are_those_of_namespaces_or_those_of_the_cluster(
    config: Path, namespaced: bool, names: list[str]
) -> None:
    assert [kind.name for kind in Kube(config).kinds(namespaced=namespaced)] == names


def test_actions_have_subresources_and_no_lists_of_kinds(config: Path) -> None:
    assert Kube(config).actions() == [
        ("create", "pods/eviction"),
        ("create", "reviews"),
        ("delete", "nodes"),
        ("delete", "pods"),
        ("list", "nodes"),
        ("list", "pods"),
    ]


def test_a_cluster_at_the_address_of_another_has_its_own_kinds(config: Path, answers: Answers) -> None:
    add_keda(answers)
    assert kinds(Kube(config)) == ["Pod", "ScaledObject"]
    remove_keda(answers)
    assert kinds(Kube(config)) == ["Pod"]


def test_kinds_that_come_and_go_while_a_cluster_runs_are_seen(config: Path, answers: Answers) -> None:
    kube = Kube(config)
    assert kinds(kube) == ["Pod"]
    add_keda(answers)
    assert kinds(kube) == ["Pod", "ScaledObject"]
    assert ("list", "scaledobjects.keda.sh") in kube.actions()
    remove_keda(answers)
    assert kinds(kube) == ["Pod"]


def test_a_kind_of_an_earlier_cluster_at_the_address_is_unknown(config: Path, answers: Answers) -> None:
    scaled = Kind("ScaledObject", _KEDA["groupVersion"])
    add_keda(answers)
    Kube(config).kinds()
    remove_keda(answers)
    with pytest.raises(Refused, match="refused to say what a ScaledObject is"):
        Kube(config).list(scaled)


def test_a_kind_that_is_served_in_two_versions_is_one_kind_in_the_version_that_the_server_prefers(
    config: Path, answers: Answers
) -> None:
    newer = {"groupVersion": "keda.sh/v1", "version": "v1"}
    add_keda(answers)
    answers["/apis"]["groups"][0] |= {"versions": [newer, _KEDA], "preferredVersion": newer}
    answers["/apis/keda.sh/v1"] = {"resources": [_SCALED]}
    assert Kube(config).kinds() == [Kind("Pod"), Kind("ScaledObject", "keda.sh/v1")]
