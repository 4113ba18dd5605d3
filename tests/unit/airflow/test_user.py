"""The program that acts as a user of Airflow, against a server on loopback that answers as Airflow does."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

import sparkproof.airflow
from tests.support import loopback

PROGRAM = Path(sparkproof.airflow.__file__).with_name("user.py")
RUN = "/api/v2/dags/load/dagRuns/r1"
FAILED = {"event": "Task failed", "error_detail": [{"exc_type": "ValueError", "exc_value": "2 orders"}]}
ANSWERS: dict[str, Any] = {
    RUN: [{"state": "running"}, {"state": "failed"}],
    f"{RUN}/taskInstances": [{"task_instances": [
        {"task_id": "check", "state": "failed", "try_number": 2, "start_date": "2026-11-27T20:00:00Z"},
        {"task_id": "publish", "state": "upstream_failed", "try_number": 0, "start_date": None},
    ]}],
    f"{RUN}/taskInstances/check/logs/1": [{"content": ["no event", {"event": "begin\n"}, FAILED]}],
    f"{RUN}/taskInstances/check/logs/2": [{"content": [FAILED]}],
    f"{RUN}/taskInstances/publish/xcomEntries/return_value": [{"value": 5}],
    "/api/v2/dags/load/dagRuns/hidden": [{"state": "failed"}],
    "/api/v2/dags/load/dagRuns/hidden/taskInstances": [{"task_instances": [{"task_id": "check", "try_number": 1}]}],
    "/api/v2/dags/load/dagRuns/hidden/taskInstances/check/logs/1": [403],
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[str]:
    left = {path: list(found) for path, found in ANSWERS.items()}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            proof = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            right = self.path == "/auth/token" and proof == {"username": "engineer", "password": "e"}
            self.say(201 if right else 401, {"access_token": "t"} if right else {"detail": "no"})

        def do_GET(self) -> None:
            found = left.get(self.path, [])
            if self.headers["Authorization"] != "Bearer t":
                self.say(401, {"detail": "Not authenticated"})
            elif found:
                body = found.pop(0) if len(found) > 1 else found[0]
                self.say(body if isinstance(body, int) else 200, body)
            else:
                self.say(404, {"detail": "nothing"})

        def say(self, status: int, body: Any) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            pass

    with loopback.serving(loopback.on_any_port(Handler)) as address:
        yield address


def ask(server: str, **request: Any) -> "subprocess.CompletedProcess[str]":
    asked = {"url": server, "name": "", "password": "", "token": "", **request}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.read_text()],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_is_followed_to_its_end_with_its_tasks(server: str) -> None:
    ended = ask(server, op="end", name="engineer", password="e", dag="load", run="r1", patience_s=20)
    assert json.loads(ended.stdout) == {
        "run": {"state": "failed"},
        "tasks": [
            {
                "id": "check",
                "state": "failed",
                "tries": 2,
                "value": None,
                "errors": ["ValueError: 2 orders"] * 2,
                "said": ["begin", "Task failed", "Task failed"],
            },
            {
                "id": "publish",
                "state": "upstream_failed",
                "tries": 0,
                "value": 5,
                "errors": [],
                "said": [],
            },
        ],
    }


def test_a_log_that_may_not_be_read_is_no_log_without_errors(server: str) -> None:
    refused = ask(server, op="end", name="engineer", password="e", dag="load", run="hidden", patience_s=20)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "Airflow did not answer" in refused.stderr and "403" in refused.stderr


def test_a_server_that_is_there_a_moment_later_is_asked_again() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()

    def answers() -> None:
        with socket.create_server(("127.0.0.1", port)) as late:
            caller, _ = late.accept()
            caller.recv(1000)
            caller.sendall(b"HTTP/1.0 200 OK\r\n\r\nlate")
            caller.close()

    server = threading.Timer(1.0, answers)
    server.start()
    found = ask(f"http://127.0.0.1:{port}", op="call", method="GET", path="/", body=None)
    server.join()
    assert json.loads(found.stdout) == {"status": 200, "text": "late"}


def test_a_refusal_is_returned_as_it_is(server: str) -> None:
    refused = ask(server, op="call", method="GET", path=RUN, body=None, token="guessed")
    assert json.loads(refused.stdout) == {"status": 401, "text": '{"detail": "Not authenticated"}'}


def test_a_user_who_gets_no_token_is_told(server: str) -> None:
    refused = ask(server, op="call", name="engineer", password="wrong", method="GET", path=RUN, body=None)
    assert refused.returncode
    assert "Airflow gave engineer no token" in refused.stderr
