"""A counter that tells no number: what is changed of it, and that it is put right again."""

import sys
import urllib.request

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import DEPLOYMENT, Manifest
from sparkproof.operations import wrong_counter
from sparkproof.operations.broken_counter import TROUBLES, BrokenCounter
from tests.support import loopback, recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform

NAME = "spark-ingest-counter"
AS_IT_WAS = [
    {
        "name": "ingest-counter",
        "args": ["/opt/sparkproof/landing.py", "serve"],
        "env": [
            {"name": "BUCKET", "value": "lakehouse"},
            {"name": "AWS_ENDPOINT_URL_S3", "value": "http://store:7070"},
        ],
    }
]


def platform(containers: list[Manifest] | None = None) -> RecordedPlatform:
    counter = recorded.workload(DEPLOYMENT, NAME)
    counter["spec"]["template"] = {"spec": {"containers": containers or AS_IT_WAS}}
    return RecordedPlatform(RecordedKube(counter))


def now(own: RecordedPlatform) -> list[Manifest]:
    found = own.kube.get(DEPLOYMENT, NAME, NAMESPACE) or {}
    return list(found["spec"]["template"]["spec"]["containers"])


def test_a_counter_without_its_store_is_changed_there_alone_and_mended() -> None:
    own = platform()
    broken = BrokenCounter.begin(own, "cannot reach the object store")
    ((container,)) = now(own)
    assert container["args"] == AS_IT_WAS[0]["args"]
    assert container["env"] == [AS_IT_WAS[0]["env"][0], {"name": "AWS_ENDPOINT_URL_S3", "value": "http://127.0.0.1:9"}]
    broken.mend()
    assert now(own) == AS_IT_WAS
    own.kube.patch(DEPLOYMENT, NAME, {"spec": {"template": {"spec": {"containers": []}}}}, NAMESPACE)
    broken.mend()
    assert now(own) == [], "nobody mends what is as it was"


@pytest.mark.parametrize("trouble", sorted(TROUBLES))
def test_each_trouble_is_a_change(trouble: str) -> None:
    own = platform()
    BrokenCounter.begin(own, trouble)
    assert now(own) != AS_IT_WAS


def test_a_counter_that_is_not_there_or_not_changed_is_named() -> None:
    with pytest.raises(CheckFailed, match="There is no counter of objects in team"):
        BrokenCounter.begin(RecordedPlatform(), "answers with what is no JSON")
    with pytest.raises(CheckFailed, match="is not changed so that it cannot reach the object store"):
        BrokenCounter.begin(platform([{"name": "ingest-counter", "env": []}]), "cannot reach the object store")


@pytest.mark.parametrize(
    ("trouble", "text"),
    [
        ("answers with what is no JSON", "<html>2 objects</html>"),
        ("answers with words and no number", '{"objects": "many"}'),
    ],
)
def test_another_program_says_the_same_to_everybody(trouble: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    own = platform()
    BrokenCounter.begin(own, trouble)
    python, flag, program, said = now(own)[0]["args"]
    assert (python, flag, said) == ("python3", "-c", text)
    assert "class Handler" in program
    monkeypatch.setattr(sys, "argv", ["-c", said])
    with loopback.serving(loopback.on_any_port(wrong_counter.Handler)) as address:
        for path in ("/", "/health"):
            reply = urllib.request.urlopen(f"{address}{path}", timeout=10)
            assert (reply.status, reply.read().decode()) == (200, text)
