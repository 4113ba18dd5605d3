"""The probe of the Connect server: it asks as a client would, and only the platform's own version is an answer.

grpc is in Spark's image and not here, so a stand-in passes on what the probe asks.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.support import programs


class RpcError(Exception):
    """A refusal as grpc raises it."""

    def code(self) -> Any:
        return SimpleNamespace(name="UNAUTHENTICATED")

    def details(self) -> str:
        return "no token"


class Server:
    """What stands for the server: its answer, or what it raises, and what it was asked."""

    def __init__(self, answer: bytes | Exception) -> None:
        self.answer = answer
        self.asked: dict[str, Any] = {}

    @contextmanager
    def channel(self, address: str) -> Iterator[Any]:
        def method(name: str) -> Callable[..., bytes]:
            def ask(question: bytes, **how: Any) -> bytes:
                self.asked = {"address": address, "method": name, "question": question, **how}
                if isinstance(self.answer, Exception):
                    raise self.answer
                return self.answer

            return ask

        yield SimpleNamespace(unary_unary=method)


def probe(monkeypatch: pytest.MonkeyPatch, answer: bytes | Exception, **variables: str) -> Server:
    """Run the probe against a server that answers so."""
    server, grpc = Server(answer), ModuleType("grpc")
    vars(grpc).update(RpcError=RpcError, insecure_channel=server.channel)
    monkeypatch.setitem(sys.modules, "grpc", grpc)
    monkeypatch.delenv("SPARK_CONNECT_AUTHENTICATE_TOKEN", raising=False)
    for name, value in {"SPARK_VERSION": "4.1.1", **variables}.items():
        monkeypatch.setenv(name, value)
    module = programs.program("spark/connect_answers.py")
    module.main("15002")
    return server


def test_the_platforms_own_version_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = probe(monkeypatch, b"\x0a\x054.1.1").asked
    assert (asked["address"], asked["method"]) == ("127.0.0.1:15002", "/spark.connect.SparkConnectService/AnalyzePlan")
    assert asked["question"].endswith(b"probeR\x00")
    assert (asked["metadata"], 0 < asked["timeout"] < 10) == ([], True)


def test_the_probe_has_the_servers_token(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = probe(monkeypatch, b"4.1.1", SPARK_CONNECT_AUTHENTICATE_TOKEN="of-the-server").asked
    assert asked["metadata"] == [("authorization", "Bearer of-the-server")]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"\x0a\x054.1.0", "Spark Connect is not 4.1.1"),
        (b"", "Spark Connect is not 4.1.1"),
        (RpcError(), "Spark Connect does not answer: UNAUTHENTICATED: no token"),
    ],
    ids=["another version", "nothing", "a refusal"],
)
def test_another_answer_and_a_refusal_are_none(
    monkeypatch: pytest.MonkeyPatch, answer: bytes | Exception, words: str
) -> None:
    with pytest.raises(SystemExit, match=words):
        probe(monkeypatch, answer)
