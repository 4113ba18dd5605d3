"""The connection: a kubeconfig, context or server that cannot be used is one sentence; and an API server's refusals."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from kubernetes.client import ApiException
from kubernetes.stream.ws_client import WSClient

from sparkproof.core.errors import SparkproofError, UsageError
from sparkproof.core.wait import GaveUp
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused, Unreachable, message_of
from sparkproof.kube.objects import EPHEMERAL_CONTAINERS, NAMESPACE, POD
from sparkproof.kube.streams import Channel
from tests.support import loopback
from tests.support.kubeconfigs import kubeconfig
from tests.support.recorded import RecordedKube, pod


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ({"message": "no"}, "no"),
        ({"message": "no", "details": None}, "no"),
        ({"message": "no, since x is missing", "details": {"causes": [{"message": "x is missing"}]}}, None),
        ({"message": "no.", "details": {"causes": [{"message": "the budget b needs 1"}]}}, "no. the budget b needs 1"),
    ],
    ids=["no details", "empty details", "a cause that is named", "a cause beside it"],
)
def test_a_refusal_has_the_causes_that_its_message_does_not_name(status: dict[str, object], words: str | None) -> None:
    refused = SimpleNamespace(body=json.dumps(status), reason="")
    assert message_of(refused) == (words or status["message"])


@contextmanager
def server(code: int, body: str) -> Iterator[str]:
    """An HTTP server on loopback that always gives this answer."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json" if body.startswith("{") else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Keep the test's output clean."""

    with loopback.serving(loopback.on_any_port(Answer)) as address:
        yield address


def test_an_unknown_context_names_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"Context 'stagin' is not in .*; it has staging, production\."):
        Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "stagin")


def test_the_command_for_people_can_be_typed_whatever_the_names(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "my config", "http://127.0.0.1:1")
    path.write_text(path.read_text().replace("name: staging", "name: my cluster"))
    assert Kube(path, "my cluster").kubectl == f"kubectl --kubeconfig '{path}' --context 'my cluster'"


@pytest.mark.parametrize("text", ["{not: [yaml", "just words", "", "apiVersion: v1\nkind: Config\n"])
def test_a_kubeconfig_that_does_not_parse_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").write_text(text)
    with pytest.raises(UsageError, match="kubeconfig") as raised:
        Kube(tmp_path / "config", "staging")
    assert "\n" not in str(raised.value)


def test_a_server_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unreachable, match=r"The API server at http://127.0.0.1:1 does not answer: .*refused") as raised:
        Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging").version()
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("code", "body", "said"),
    [
        (
            403,
            '{"kind": "Status", "message": "user u cannot do this", "code": 403}',
            "The API server refused to report its version (403): user u cannot do this",
        ),
        (401, '{"message": "Unauthorized"}', "refused to accept these credentials (401): log in again if they have"),
        (200, "<html>log in</html>", "is no API server; it says '<html>log in</html>'."),
        (200, '{"answer": 42}', "is no API server."),
    ],
    ids=["forbidden", "expired credentials", "a page", "another program"],
)
def test_what_another_answer_than_a_version_means_is_one_sentence(
    tmp_path: Path, code: int, body: str, said: str
) -> None:
    with server(code, body) as address, pytest.raises(SparkproofError) as wrong:
        Kube(kubeconfig(tmp_path / "config", address), "staging").version()
    assert said in str(wrong.value)
    assert "\n" not in str(wrong.value)


def test_changes_since_a_revision_are_asked_for_and_a_refusal_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def get(**what: object) -> SimpleNamespace:
        asked.append(what)
        if what["resource_version"] == "old":
            raise ApiException(status=410, reason="Gone")
        return SimpleNamespace(data=b'{"type": "ADDED", "object": {}}\n{"type": "ERROR", "object": {"code": 410}}\n')

    monkeypatch.setattr(Kube, "_resource", lambda *_: SimpleNamespace(get=get))
    kube = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")
    assert [each["type"] for each in kube.changes(POD, "team", since="12")] == ["ADDED", "ERROR"]
    assert asked[0].items() >= {"watch": True, "resource_version": "12", "namespace": "team"}.items()
    with pytest.raises(Refused, match="410") as refused:
        kube.changes(POD, "team", since="old")
    assert refused.value.code == 410


def test_a_container_is_added_to_a_pod_by_a_path_of_its_own_and_a_dry_run_says_that_it_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    part = SimpleNamespace(patch=lambda **what: asked.append(what))
    kube = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")
    pods = SimpleNamespace(subresources={"ephemeralcontainers": part})
    known = SimpleNamespace(resources=SimpleNamespace(get=lambda **_: pods))
    monkeypatch.setitem(vars(kube), "_dynamic", known)
    for dry_run in (False, True):
        kube.patch(EPHEMERAL_CONTAINERS, "spark-0", {"spec": {}}, "team", dry_run=dry_run)
    assert [(each["name"], each["namespace"], each.get("dry_run")) for each in asked] == [
        ("spark-0", "team", None),
        ("spark-0", "team", "All"),
    ]


@pytest.mark.parametrize(("code", "gone"), [(404, True), (403, False), (500, False)])
def test_an_object_is_gone_when_there_is_none_and_not_when_nobody_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, gone: bool
) -> None:
    own = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")

    def refuse(**_: object) -> None:
        raise ApiException(status=code, reason="no")

    monkeypatch.setattr(own, "_resource", lambda _: SimpleNamespace(get=refuse))
    if gone:
        assert own.get(POD, "spark-0", "team") is None
        return
    with pytest.raises(Refused):
        own.get(POD, "spark-0", "team")


def test_lines_that_come_with_the_end_of_a_process_are_read() -> None:
    ended = WSClient.__new__(WSClient)
    vars(ended).update(_connected=False, _channels={1: "first\nsecond\n"}, _closed_channels=set(), newline="\n")
    vars(ended).update(binary=False)
    channel = Channel(ended)
    assert [channel.read_line(0.1) for _ in range(3)] == ["first", "second", None]


@pytest.mark.parametrize("open_still", [True, False])
def test_what_a_process_has_printed_before_its_end_is_not_all_that_it_prints(open_still: bool) -> None:
    socket = SimpleNamespace(run_forever=lambda **_: None, read_channel=lambda _: "half", is_open=lambda: open_still)
    if not open_still:
        assert Channel(socket).finish(3) == "half"
        return
    with pytest.raises(SparkproofError, match="had not ended after 3 s"):
        Channel(socket).finish(3)


def test_what_is_gone_is_gone_and_what_is_still_there_is_named() -> None:
    kube: Kube = RecordedKube(pod("spark-0", "connect"))
    for kind, name, namespace in ((POD, "spark-1", "team"), (POD, "spark-0", "another"), (NAMESPACE, "team", None)):
        kube.must_be_gone(kind, name, namespace, within_s=0)
    with pytest.raises(
        GaveUp,
        match=r"the end of Pod spark-0 did not come within 0 s; last seen: asked to end: nobody .*; finalizers: none",
    ):
        kube.must_be_gone(POD, "spark-0", "team", within_s=0)
    kube = RecordedKube(pod("spark-0", deletionTimestamp="2026-11-27T08:00:00Z", finalizers=["a/b", "c/d"]))
    with pytest.raises(GaveUp, match=r"last seen: asked to end: 2026-11-27T08:00:00Z; finalizers: a/b, c/d[.]$"):
        kube.must_be_gone(POD, "spark-0", "team", within_s=0)


@pytest.mark.parametrize(("namespace", "kind"), [("team", "LocalSubjectAccessReview"), ("", "SubjectAccessReview")])
@pytest.mark.parametrize("status", [{"allowed": True}, {"allowed": False}, {}], ids=["yes", "no", "no word"])
def test_rights_are_asked_with_the_groups_of_who_has_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, namespace: str, kind: str, status: dict[str, bool]
) -> None:
    asked: list[dict[str, Any]] = []

    def create(*, body: dict[str, Any], **where: object) -> SimpleNamespace:
        asked.append(body)
        assert where["namespace"] == (namespace or None)
        return SimpleNamespace(to_dict=lambda: {"status": status})

    own = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")
    monkeypatch.setattr(own, "_resource", lambda _: SimpleNamespace(create=create))
    assert own.can_i("u", "get", "pods/log", namespace, groups=["g"]) is status.get("allowed", False)
    assert asked[0]["kind"] == kind
    wanted = {"namespace": namespace, "verb": "get", "group": "", "resource": "pods", "subresource": "log"}
    assert asked[0]["spec"] == {"user": "u", "groups": ["g"], "resourceAttributes": wanted}


@pytest.mark.parametrize(("code", "empty"), [(404, True), (400, True), (403, False), (500, False)])
def test_a_log_that_nobody_may_read_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, empty: bool
) -> None:
    own = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")

    def refuse(*_: object) -> bytes:
        raise ApiException(status=code, reason="no")

    monkeypatch.setattr(own, "_text", refuse)
    if empty:
        assert own.logs("a", "team") == ""
        return
    with pytest.raises(Refused, match=str(code)):
        own.logs("a", "team")


def test_all_objects_are_listed_and_not_the_first_page_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a number of objects gets no more, and a word by which to ask for the others."""
    every = [{"metadata": {"name": f"exec-{number}"}} for number in range(1200)]
    asked: list[dict[str, Any]] = []

    def get(**what: Any) -> SimpleNamespace:
        asked.append(what)
        begin = int(what.get("_continue") or 0)
        end = begin + int(what.get("limit") or len(every))
        metadata = {"continue": str(end)} if end < len(every) else {}
        return SimpleNamespace(data=json.dumps({"metadata": metadata, "items": every[begin:end]}))

    own = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")
    monkeypatch.setattr(own, "_resource", lambda _: SimpleNamespace(get=get))
    found = own.list(POD, "team", labels="role=executor")
    assert len(found) == len(every)
    assert found[0] == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "exec-0"}}
    assert {(each["namespace"], each["label_selector"]) for each in asked} == {("team", "role=executor")}


@pytest.mark.parametrize(
    ("grace_s", "given"), [(None, {}), (0, {"gracePeriodSeconds": 0}), (5, {"gracePeriodSeconds": 5})]
)
def test_an_object_has_just_the_time_to_end_that_it_is_given(
    grace_s: int | None, given: dict[str, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No time is none: a program with a second to end may hand its work over."""
    asked: list[dict[str, Any]] = []
    own = Kube(kubeconfig(tmp_path / "config", "http://127.0.0.1:1"), "staging")
    monkeypatch.setattr(own, "_resource", lambda _: SimpleNamespace(delete=lambda **what: asked.append(what)))
    own.delete(POD, "exec-1", "team", grace_s=grace_s)
    kept = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
    assert asked[0]["body"] == kept | given
    assert (asked[0]["name"], asked[0]["namespace"]) == ("exec-1", "team")
