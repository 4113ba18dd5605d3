"""Programs of this machine are talked with like those in pods."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.kube.places import ThisMachine

ECHO = "import os, sys\nfor line in sys.stdin: print(os.environ['GREETING'], line, end='', flush=True)"


class Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api" else 404)
        self.end_headers()
        self.wfile.write(b'[{"id": "app-1"}]')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_a_program_answers_line_by_line_and_has_the_places_variables() -> None:
    streams = ThisMachine({"GREETING": "hello"}).exec(["python3", "-c", ECHO])
    for word in ("one", "two"):
        streams.write_line(word)
        assert streams.read_line(10) == f"hello {word}"
    assert streams.read_line(0.01) is None
    assert streams.open
    streams.close()
    assert not streams.open


def test_a_program_is_heard_to_its_end() -> None:
    streams = ThisMachine().exec(["sh", "-c", "echo out; echo trouble >&2; echo more"])
    assert streams.finish(10) == "out\nmore"
    assert streams.errors() == "trouble\n"
    assert streams.errors() == ""
    streams.close()


def test_a_program_that_has_ended_takes_no_line() -> None:
    streams = ThisMachine().exec(["sh", "-c", "echo no room >&2; exit 3"])
    assert streams.finish(10) == ""
    # Its output may end a moment before the kernel has closed its input.
    eventually("the end of the program", lambda: streams.open, lambda runs: not runs, within_s=10, every_s=0.01)
    with pytest.raises(SparkproofError, match="sh ended: no room"):
        streams.write_line("x")
    streams.close()


def test_a_missing_program_is_named() -> None:
    with pytest.raises(SparkproofError, match="nowhere/java cannot start on this machine"):
        ThisMachine().exec(["nowhere/java"])


def test_a_port_that_a_pod_always_has_is_another_one_here(port: int) -> None:
    assert ThisMachine(ports={4040: port}).get(4040, "/api") == [{"id": "app-1"}]


def test_what_does_not_answer_is_named(port: int) -> None:
    with pytest.raises(SparkproofError, match="/nothing does not answer: HTTP Error 404"):
        ThisMachine(ports={4040: port}).get(4040, "/nothing")
