"""The command of the ingest: how it ends, whom the counter keeps waiting, and how long it waits for the store."""

import socket
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support import loopback, programs


class Refused(Exception):
    """What Spark raises that refuses."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the object store was called with; Spark and the store are stand-ins."""
    options: dict[str, Any] = {}

    class Store:
        def __init__(self, **given: Any) -> None:
            options.update(given)

    modules: dict[str, dict[str, Any]] = {
        "pyarrow": {},
        "pyarrow.fs": {"S3FileSystem": Store, "AwsStandardS3RetryStrategy": SimpleNamespace},
        "pyspark": {},
        "pyspark.errors": {"PySparkException": Refused},
        "pyspark.sql": {"SparkSession": SimpleNamespace(builder=SimpleNamespace(getOrCreate=lambda: "spark"))},
    }
    for name, content in modules.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
    place = {"BUCKET": "lakehouse", "LANDING": "landing", "DONE": "landed", "TABLE": "lake.shop.orders"}
    for name, value in {**place, "AWS_ENDPOINT_URL_S3": "https://store:7070", "LANDING_KEY": "key"}.items():
        monkeypatch.setenv(name, value)
    return options


@pytest.fixture
def program(asked: dict[str, Any]) -> Any:
    assert not asked
    return programs.program("spark/landing.py")


def test_an_ingest_says_what_it_did(
    program: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def ingest(_: Any, folder: str, done: str, load: Callable[[Any], int]) -> str:
        return f"{folder} to {done}: {load('the objects')}"

    monkeypatch.setattr(program, "ingest", ingest)
    monkeypatch.setattr(program, "load", lambda *given: given)
    program.main("ingest")
    told = "lakehouse/landing to lakehouse/landed: ('spark', 'lake.shop.orders', 'the objects')\n"
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("kind", ["Unknown", "PySparkException"])
def test_an_ingest_that_could_not_load_fails_with_the_reason(
    program: Any, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ingest(*_: Any) -> str:
        raise {"Unknown": program.Unknown, "PySparkException": Refused}[kind]("no bucket\nJVM stacktrace:\n at java")

    monkeypatch.setattr(program, "ingest", ingest)
    with pytest.raises(SystemExit) as left:
        program.main("ingest")
    # A text as its code is printed, and the status is 1.
    assert isinstance(left.value.code, str)
    assert "no bucket" in left.value.code
    assert kind == "Unknown" or "at java" not in left.value.code


def test_a_silent_store_is_given_up_within_half_a_minute(program: Any, asked: dict[str, Any]) -> None:
    program.store_of_environment()
    assert asked["endpoint_override"] == "https://store:7070"
    longest_s = asked["connect_timeout"] + asked["request_timeout"]
    assert longest_s * asked["retry_strategy"].max_attempts < 30


@contextmanager
def serving(program: Any, count: Callable[[], int]) -> Iterator[Any]:
    server = program.server(program.Counter(count, "key"), 0)
    with loopback.serving(server):
        yield server


def test_whoever_asks_a_slow_store_keeps_nobody_else_waiting(program: Any) -> None:
    asked, answered = threading.Event(), threading.Event()

    def count() -> int:
        asked.set()
        return int(answered.wait(30))

    with serving(program, count) as server:
        place = f"127.0.0.1:{server.server_address[1]}"
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=30) as slow:
            slow.sendall(b"GET / HTTP/1.1\r\nHost: counter\r\nAuthorization: Bearer key\r\n\r\n")
            assert asked.wait(30)
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://{place}/health", timeout=5) as answer:
                assert answer.status == 200
            answered.set()
            assert slow.recv(1000).startswith(b"HTTP/1.1 200")


def test_whoever_says_nothing_is_sent_away_in_time(program: Any) -> None:
    with serving(program, lambda: 1) as server:
        assert 0 < server.RequestHandlerClass.timeout <= 60
        server.RequestHandlerClass.timeout = 0.1
        with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as silent:
            assert silent.recv(1) == b""


def test_a_counter_is_served_at_its_port(program: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Any] = []

    def server(counter: Any, port: int) -> Any:
        return SimpleNamespace(serve_forever=lambda: served.append((counter.answer("/", "Bearer key"), port)))

    monkeypatch.setattr(program, "server", server)
    monkeypatch.setattr(program, "landed", lambda _, folder: [folder] * 2)
    program.main("serve")
    assert served == [((200, {"objects": 2, "asked": 1}), 8080)]
