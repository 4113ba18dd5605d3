"""The small programs of Spark's image: what they ask, and the exit codes by which others understand them."""

import io
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from sparkproof.build.recipes import DOCKER
from tests.support import loopback, programs


def program(name: str) -> Any:
    return programs.program(f"spark/{name}.py")


class Interface:
    """A daemon's web interface that shows `shown`."""

    def __init__(self) -> None:
        self.shown: Any = {}
        interface = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200 if self.path == "/json/" else 404)
                self.end_headers()
                self.wfile.write(json.dumps(interface.shown).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = loopback.on_any_port(Handler)


@pytest.fixture
def interface() -> Iterator[Interface]:
    made = Interface()
    with loopback.serving(made.server):
        yield made


@pytest.mark.parametrize(
    ("daemon", "shown", "complaint"),
    [
        ("master", {"status": "ALIVE"}, None),
        ("master", {"status": "RECOVERING"}, "The master is RECOVERING."),
        ("master", {"status": "STANDBY"}, "The master is STANDBY."),
        ("worker", {"masterurl": "spark://10.0.0.1:7077"}, None),
        ("worker", {"masterurl": ""}, "The worker belongs to no master."),
    ],
)
def test_a_daemon_is_ready_when_it_is_of_use(
    interface: Interface, daemon: str, shown: dict[str, str], complaint: str | None
) -> None:
    answers = program("standalone_answers")
    answers.PORTS[daemon] = interface.server.server_port
    interface.shown = shown
    if complaint is None:
        answers.main(daemon)
    else:
        with pytest.raises(SystemExit, match=complaint):
            answers.main(daemon)


def test_a_daemon_that_does_not_answer_is_not_ready() -> None:
    answers = program("standalone_answers")
    answers.PORTS["master"] = 1
    with pytest.raises(SystemExit, match="The master does not answer"):
        answers.main("master", "localhost")


DRIVER_POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    a: b\nspec: {}\n"
REPLICA_SET = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "spark-submit-1", "uid": "u-1"}


@pytest.fixture
def submit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program, with a spark-submit that writes down its arguments and ends with $SUBMITTED."""
    (tmp_path / "bin").mkdir()
    spark_submit = tmp_path / "bin" / "spark-submit"
    spark_submit.write_text(
        f'#!/bin/bash\nprintf "%s\\n" "$@" > {tmp_path}/arguments\n'
        f'[[ $4 == *podTemplateFile=* ]] && cp "${{4#*=}}" {tmp_path}/template\nexit $SUBMITTED\n'
    )
    spark_submit.chmod(0o755)
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    monkeypatch.setenv("POD_NAME", "spark-submit-0")
    monkeypatch.setenv("SUBMITTED", "0")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/driver-pod.yaml").write_text(DRIVER_POD)
    module = program("k8s_submit")
    module.ACCOUNT = tmp_path
    for name in ("namespace", "token"):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(module.ssl, "create_default_context", lambda cafile: cafile)
    return module


def arguments(submit: Any) -> list[str]:
    return Path(submit.ACCOUNT, "arguments").read_text().splitlines()


def code(submit: Any, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        submit.main(list(words))
    return int(str(ended.value.code))


def drivers_pod(submit: Any, monkeypatch: pytest.MonkeyPatch, state: dict[str, Any]) -> list[str]:
    """Let the API server show the driver's container in this state; the URLs that are asked for."""
    asked: list[str] = []

    def urlopen(request: Any, **_: Any) -> io.BytesIO:
        asked.append(request.full_url)
        containers = [{"name": "sidecar", "state": {"running": {}}}, {"name": "driver", "state": state}]
        owners = [{**REPLICA_SET, "controller": True}]
        metadata = {"name": "spark-submit-0", "uid": "u-0", "ownerReferences": owners}
        return io.BytesIO(json.dumps({"metadata": metadata, "status": {"containerStatuses": containers}}).encode())

    monkeypatch.setattr(submit.urllib.request, "urlopen", urlopen)
    return asked


def test_in_client_mode_this_pod_owns_the_executors(submit: Any) -> None:
    assert code(submit, "local:///a.py", "--deploy-mode-like") == 0
    assert arguments(submit) == [
        "--conf",
        "spark.kubernetes.driver.pod.name=spark-submit-0",
        "local:///a.py",
        "--deploy-mode-like",
    ]


def test_in_client_mode_spark_submits_exit_code_is_the_applications(
    submit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUBMITTED", "7")
    assert code(submit, "--deploy-mode", "client", "local:///a.py") == 7


@pytest.mark.parametrize("exit_code", [0, 7])
def test_in_cluster_mode_the_exit_code_is_that_of_the_drivers_container(
    submit: Any, monkeypatch: pytest.MonkeyPatch, exit_code: int
) -> None:
    asked = drivers_pod(submit, monkeypatch, {"terminated": {"exitCode": exit_code}})
    assert code(submit, "--deploy-mode", "cluster", "local:///a.py") == exit_code
    named = arguments(submit)[1].removeprefix("spark.kubernetes.driver.pod.name=")
    assert named.startswith("driver-")
    pods = "https://kubernetes.default.svc/api/v1/namespaces/namespace/pods"
    assert asked == [f"{pods}/spark-submit-0", f"{pods}/{named}"]


def test_a_drivers_pod_has_the_owner_of_the_pod_that_submits_it(submit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    drivers_pod(submit, monkeypatch, {"terminated": {"exitCode": 0}})
    code(submit, "--deploy-mode", "cluster", "local:///a.py")
    made = yaml.safe_load(Path(submit.ACCOUNT, "template").read_text())
    given = yaml.safe_load(DRIVER_POD)
    assert made == {**given, "metadata": {**given["metadata"], "ownerReferences": [REPLICA_SET]}}
    assert not Path(arguments(submit)[3].partition("podTemplateFile=")[2]).exists()


def test_a_pod_that_nobody_owns_owns_the_drivers_pod(submit: Any) -> None:
    alone = {"metadata": {"name": "spark-test", "uid": "u-2"}}
    made = yaml.safe_load(submit.owned(DRIVER_POD, alone))
    owner = {"apiVersion": "v1", "kind": "Pod", "name": "spark-test", "uid": "u-2"}
    assert made["metadata"]["ownerReferences"] == [owner]


def test_a_submission_that_is_refused_is_not_asked_for(submit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = drivers_pod(submit, monkeypatch, {})
    monkeypatch.setenv("SUBMITTED", "1")
    assert code(submit, "--deploy-mode=cluster", "local:///a.py") == 1
    assert [url.rpartition("/")[2] for url in asked] == ["spark-submit-0"]


def test_a_driver_that_nobody_waits_for_was_submitted_well(submit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    drivers_pod(submit, monkeypatch, {"running": {}})
    assert code(submit, "--deploy-mode", "cluster", "local:///a.py") == 0


def test_a_worker_is_told_to_go_and_awaited_until_its_executors_have_ended(
    interface: Interface, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: told.append((pid, number)))
    source = (DOCKER / "spark" / "decommission.py").read_text()
    port = interface.server.server_port
    interface.shown = {"executors": [{}]}
    namespace: dict[str, Any] = {"__name__": "decommission"}
    waiting = threading.Thread(target=exec, args=(source.replace("8081", str(port)), namespace), daemon=True)
    waiting.start()
    waiting.join(1.5)
    assert waiting.is_alive()
    assert told == [(1, signal.SIGPWR)]
    interface.shown = {"executors": []}
    waiting.join(10)
    assert not waiting.is_alive()


@pytest.mark.parametrize("variables", [{}, {"SPARK_EXECUTOR_ID": "7"}], ids=["a worker", "an executor"])
def test_who_does_not_say_is_still_at_work(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    monkeypatch.setattr(os, "environ", variables)
    functions, _, _ = (DOCKER / "spark" / "decommission.py").read_text().partition("# The container's first process")
    namespace: dict[str, Any] = {"__name__": "decommission"}
    exec(functions.replace("8081", "1"), namespace)
    assert namespace["busy"]() is True


def test_a_metastore_refuses_a_schema_that_is_not_its_own() -> None:
    settings = ElementTree.parse(DOCKER / "spark" / "hive-site.xml")
    found = {each.findtext("name"): each.findtext("value") for each in settings.iter("property")}
    wanted = {
        # The schema is made beforehand, with the tables of locks; a metastore that makes it lets two writers commit.
        "datanucleus.schema.autoCreateAll": "false",
        "hive.metastore.schema.verification": "true",
        "javax.jdo.option.ConnectionPassword": "${env.METASTORE_DATABASE_PASSWORD}",
    }
    assert {name: found.get(name) for name in wanted} == wanted


REPLY_OF_STATUS = b"\x80\x01\x00\x02\x00\x00\x00\x09getStatus\x00\x00\x00\x00"


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        (REPLY_OF_STATUS + b"\x08\x00\x00\x00\x00\x00\x02\x00", None),
        # An exception that the call declares, one that it does not, and another program's words.
        (REPLY_OF_STATUS + b"\x0c\x00\x01\x00\x00", "The metastore refuses"),
        (REPLY_OF_STATUS.replace(b"\x02", b"\x03", 1), "The metastore refuses"),
        (b"HTTP/1.1 400 Bad Request\r\n", "The metastore refuses"),
        (b"", "The metastore refuses"),
    ],
)
def test_a_metastore_answers_or_says_why_not(
    monkeypatch: pytest.MonkeyPatch, reply: bytes, complaint: str | None
) -> None:
    asks = program("metastore_answers")
    asked = []

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        asked.append(connection.recv(4096))
        connection.sendall(reply)
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(asks, "PORT", server.getsockname()[1])
        threading.Thread(target=answer, args=[server], daemon=True).start()
        if complaint is None:
            asks.main("getStatus")
        else:
            with pytest.raises(SystemExit, match=complaint):
                asks.main("getStatus")
    assert asked == [b"\x80\x01\x00\x01\x00\x00\x00\x09getStatus\x00\x00\x00\x00\x00"]


def test_a_metastore_that_is_not_there_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asks = program("metastore_answers")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(asks, "PORT", server.getsockname()[1])
    with pytest.raises(SystemExit, match="does not answer"):
        asks.main("getStatus")
