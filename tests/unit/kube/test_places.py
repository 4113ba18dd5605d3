"""Programs of this machine are talked with like those in pods."""

import http.server
from collections.abc import Iterator, Sequence

import pytest

from sparkproof.core.errors import SparkproofError
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp, eventually
from sparkproof.kube import places
from sparkproof.kube.places import Pod, ThisMachine
from tests.support import loopback
from tests.support.recorded import RecordedKube, RecordedPlace, RecordedStreams

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
    server = loopback.on_any_port(Answers)
    with loopback.serving(server):
        yield server.server_port


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


@pytest.mark.parametrize("program", ["echo half; sleep 60", "echo half; exec >&-; sleep 60"], ids=["", "silent"])
def test_what_a_program_has_printed_before_its_end_is_not_all_that_it_prints(program: str) -> None:
    streams = ThisMachine().exec(["sh", "-c", program])
    with pytest.raises(SparkproofError, match=r"sh had not ended after 0\.3 s"):
        streams.finish(0.3)
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


def test_the_proxy_of_the_environment_is_not_asked_for_this_machine(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert ThisMachine().get(port, "/api") == [{"id": "app-1"}]


def test_a_request_goes_through_standard_input_and_its_program_ends() -> None:
    started: list[Sequence[str]] = []

    def program(argv: Sequence[str]) -> RecordedStreams:
        started.append(argv)
        return RecordedStreams(reply=lambda line: '{"rows": 2}' if "s3cret" in line else None)

    place = RecordedPlace(program)
    assert places.one_reply(place, ["python3"], {"password": "s3cret"}, "an answer", 1) == {"rows": 2}
    assert (started, place.started[0].closed) == ([["python3"]], True)
    silent = RecordedPlace(lambda _: RecordedStreams(errors="no module", ended=True))
    with pytest.raises(GaveUp, match="an answer cannot come any more, no module"):
        places.one_reply(silent, ["python3"], {}, "an answer", 1)
    assert silent.started[0].closed


class InContainers(RecordedKube):
    """A cluster that notes the containers in which programs start, and whose programs print a line."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__()
        self.containers: list[str | None] = []
        self.program = RecordedStreams("half of it", exit_code=exit_code)

    def exec(self, *_: object, container: str | None = None) -> RecordedStreams:
        self.containers.append(container)
        return self.program


def test_what_a_program_printed_is_kept_even_if_it_does_not_end(record: Record) -> None:
    kube = InContainers(exit_code=3)
    assert places.run_to_end(Pod(kube, "team", "a", "backup"), ["sh"], "its end", 1) == (3, "half of it")
    assert (kube.containers, record.items) == (["backup"], [])
    kube = InContainers(exit_code=None)
    with pytest.raises(GaveUp, match="its end did not come"):
        places.run_to_end(Pod(kube, "team", "a"), ["sh"], "its end", 0, attach="output of the backup")
    assert [(item.name, item.content) for item in record.items] == [("output of the backup", b"half of it")]
    assert kube.program.closed
