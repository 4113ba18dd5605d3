"""A request says which objects are meant, where they are, and for how long its answer is waited for."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from urllib3.exceptions import HTTPError

from sparkproof.core import timeouts
from sparkproof.kube import client
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import CONFIG_MAP, POD, Manifest
from tests.support import loopback
from tests.support.kubeconfigs import kubeconfig

CONFIG: Manifest = {
    "apiVersion": "v1",
    "kind": CONFIG_MAP.name,
    "metadata": {"name": "a", "namespace": "team"},
}


class Noting:
    """A kind of object whose requests are noted."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __getattr__(self, verb: str) -> Callable[..., Any]:
        def ask(**what: Any) -> SimpleNamespace:
            self.asked.append({"verb": verb, **what})
            return SimpleNamespace(data=b'{"items": []}', to_dict=lambda: {"status": {"allowed": True}})

        return ask


@pytest.fixture
def kube(tmp_path: Path) -> Kube:
    return Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "production")


@pytest.fixture
def noted(kube: Kube, monkeypatch: pytest.MonkeyPatch) -> Noting:
    noting = Noting()
    monkeypatch.setattr(kube, "_resource", lambda _: noting)
    return noting


def test_another_connection_is_to_the_context_that_was_named(kube: Kube) -> None:
    assert (kube.apart().kubeconfig, kube.apart().context) == (kube.kubeconfig, "production")


def test_no_answer_is_waited_for_without_an_end(kube: Kube, noted: Noting) -> None:
    kube.get(POD, "spark-0", "team")
    kube.list(POD, "team")
    kube.apply(CONFIG)
    kube.create(CONFIG)
    kube.patch(POD, "spark-0", {}, "team")
    kube.delete(POD, "spark-0", "team")
    kube.may_i("get", "pods")
    kube.changes(POD, "team", since="12")
    assert [each["verb"] for each in noted.asked] == [
        *("get", "get", "server_side_apply", "create", "patch", "delete", "create", "get")
    ]
    assert {each["_request_timeout"] for each in noted.asked} == {(timeouts.CONNECTED, timeouts.API_CALL)}


@pytest.mark.parametrize(("dry_run", "said"), [(True, "All"), (False, None)])
def test_what_is_applied_in_a_dry_run_is_not_kept(dry_run: bool, said: str | None, kube: Kube, noted: Noting) -> None:
    kube.apply(CONFIG, dry_run=dry_run)
    (asked,) = noted.asked
    assert (asked["name"], asked["namespace"], asked.get("dry_run")) == ("a", "team", said)


def test_own_rights_are_asked_for_in_the_namespace_that_is_named(kube: Kube, noted: Noting) -> None:
    kube.may_i("list", "deployments.apps", "team")
    asked = noted.asked[0]["body"]
    where = {"namespace": "team", "verb": "list", "group": "apps", "resource": "deployments", "subresource": ""}
    assert (asked["kind"], asked["spec"]["resourceAttributes"]) == ("SelfSubjectAccessReview", where)


def test_a_log_is_that_of_the_container_that_is_named_before_its_restart_or_now(
    kube: Kube, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    def text(path: str, query: Any) -> bytes:
        asked.append((path, dict(query)))
        return b"\xff said"

    monkeypatch.setattr(kube, "_text", text)
    assert kube.logs("spark-0", "team", container="connect", lines=7, previous=True) == "\N{REPLACEMENT CHARACTER} said"
    kube.logs("spark-0", "team")
    path = "/api/v1/namespaces/team/pods/spark-0/log"
    assert asked[0] == (path, {"tailLines": 7, "previous": True, "container": "connect"})
    assert asked[1] == (path, {"tailLines": 500, "previous": False})


@pytest.mark.parametrize("container", ["connect", None])
def test_a_program_starts_in_the_container_that_is_named(
    container: str | None, kube: Kube, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(client, "websocket_call", lambda _configuration, _method, url, **_: asked.append(url))
    kube.exec("spark-0", "team", ["sh", "-c", "a & b"], container=container)
    (url,) = asked
    said = parse_qs(urlsplit(url).query)
    assert urlsplit(url).path == "/api/v1/namespaces/team/pods/spark-0/exec"
    assert (said["command"], said.get("container")) == (["sh", "-c", "a & b"], [container] if container else None)


def test_a_watch_sees_the_objects_of_a_namespace_with_the_labels(
    kube: Kube, noted: Noting, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[Any, ...]] = []
    monkeypatch.setattr(client, "Watch", lambda *what: started.append(what))
    kube.watch(POD, "team", print, labels="spark-role=executor")
    assert started == [(noted, "team", "spark-role=executor", print)]


@pytest.mark.parametrize(("method", "times"), [("GET", 4), ("DELETE", 4), ("POST", 1), ("PATCH", 1)])
def test_only_what_may_be_asked_twice_is_sent_again_when_its_answer_breaks_off(
    method: str, times: int, tmp_path: Path
) -> None:
    sent: list[str] = []

    class Silent(BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            sent.append(self.rfile.readline().decode().partition(" ")[0])
            self.close_connection = True

    with loopback.serving(loopback.on_any_port(Silent)) as address:
        api = Kube(kubeconfig(tmp_path / "config", address), "staging")._api
        with pytest.raises(HTTPError):
            api.call_api(method, f"{address}/api", {"Content-Type": "application/json"}, {})
    assert sent == [method] * times
