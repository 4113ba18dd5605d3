"""The report of lost runs: what was silent for too long is named, and ended only where that is asked for."""

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from tests.support import programs


def program() -> Any:
    return programs.program("mlflow/lost_runs.py")


def run(name: str, started_s_ago: float, *told_s_ago: float) -> dict[str, Any]:
    """A run that started so many seconds ago, and told metrics since."""
    now = time.time()
    metrics = [{"key": "system/cpu", "value": 1, "timestamp": int((now - ago) * 1000)} for ago in told_s_ago]
    return {"info": {"run_id": name, "start_time": int((now - started_s_ago) * 1000)}, "data": {"metrics": metrics}}


class Server:
    """A tracking server with an experiment for each list of running runs, one on a page."""

    def __init__(self, *experiments: list[dict[str, Any]]) -> None:
        self.updates: list[dict[str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = server.answer(self.path.removeprefix("/api/2.0/mlflow/"), asked, experiments)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def answer(self, path: str, asked: dict[str, Any], experiments: tuple[list[dict[str, Any]], ...]) -> dict[str, Any]:
        page = int(asked.get("page_token", 0))
        if path == "experiments/search":
            more = {"next_page_token": str(page + 1)} if page + 1 < len(experiments) else {}
            return {"experiments": [{"experiment_id": str(page)}], **more}
        if path == "runs/search":
            assert asked["filter"] == "attributes.status = 'RUNNING'"
            found = experiments[int(asked["experiment_ids"][0])]
            more = {"next_page_token": str(page + 1)} if page + 1 < len(found) else {}
            return {"runs": found[page : page + 1], **more}
        self.updates.append(asked)
        return {}


@pytest.fixture
def ended() -> Iterator[list[Server]]:
    servers: list[Server] = []
    yield servers
    for server in servers:
        server.http.shutdown()
        server.http.server_close()


def report(server: Server, *arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        program().main(["--server", server.url, *arguments])
    return int(str(left.value.code))


def test_runs_that_were_silent_for_too_long_are_named(ended: list[Server], capsys: pytest.CaptureFixture[str]) -> None:
    ended.append(Server([run("new", 5), run("silent", 90), run("alive", 900, 400, 5)], [run("gone", 900, 300, 200)]))
    assert report(ended[0]) == 1
    named = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert named == ["silent", "gone"]
    assert ended[0].updates == []


def test_lost_runs_are_ended_when_they_were_last_heard_of(ended: list[Server]) -> None:
    ended.append(Server([run("gone", 900, 300, 200)]))
    assert report(ended[0], "--end") == 1
    (update,) = ended[0].updates
    assert (update["run_id"], update["status"]) == ("gone", "KILLED")
    assert abs(update["end_time"] / 1000 - (time.time() - 200)) < 5


def test_nothing_is_said_where_no_run_is_lost(ended: list[Server], capsys: pytest.CaptureFixture[str]) -> None:
    ended.append(Server([run("silent", 90)], []))
    assert report(ended[0], "--after", "120", "--end") == 0
    assert capsys.readouterr().out == ""
    assert ended[0].updates == []
