"""A notebook's cell: another answer, an error and a closed door are told apart, and no token is shown."""

import base64
import json

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.jupyter.notebook import CellRun, Notebooks
from sparkproof.kube.objects import SECRET
from tests.support.recorded import RecordedKube, RecordedPlace, RecordedPlatform, RecordedStreams, manifest, pod


def test_the_expected_print_is_proved(record: Record) -> None:
    CellRun("42\n").must_have_printed("42")
    assert record.level is Level.EXECUTED


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        (CellRun("43\n"), "printed '43', not '42'"),
        (CellRun(""), "printed '', not '42'"),
        (CellRun("42\n42\n"), r"printed '42\\n42', not '42'"),
        (CellRun("42\n", error="ValueError: late"), "did not run: ValueError: late"),
        (CellRun(refused=403), "did not run: Jupyter refused it with status 403"),
    ],
    ids=["another", "nothing", "more", "an error after it", "refused"],
)
def test_a_cell_that_did_something_else_is_seen(cell: CellRun, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        cell.must_have_printed("42")
    assert not record.proofs


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_door_is_proved(status: int, record: Record) -> None:
    CellRun(refused=status).must_be_refused()
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen == f"Jupyter refused the user with status {status}"


@pytest.mark.parametrize(
    "cell",
    [CellRun("42"), CellRun(error="NameError: x"), CellRun(refused=404), CellRun(refused=500)],
    ids=["it ran", "it ran into an error", "no such page", "a broken server"],
)
def test_what_kept_nobody_out_is_seen(cell: CellRun, record: Record) -> None:
    with pytest.raises(CheckFailed, match="did not refuse the user: CellRun"):
        cell.must_be_refused()
    assert not record.proofs


def notebooks(streams: RecordedStreams) -> Notebooks:
    return Notebooks(RecordedPlace(lambda _: streams), "http://spark-jupyter.team.svc:8888", "let-me-in")


@pytest.mark.parametrize(("token", "given"), [(None, "let-me-in"), ("another", "another"), ("", "")])
def test_a_user_has_the_platforms_token_or_another(token: str | None, given: str) -> None:
    streams = RecordedStreams(reply=lambda _: json.dumps({"printed": "42\n", "error": None}))
    own = notebooks(streams)
    assert own.run("print(42)", token=token) == CellRun("42\n")
    assert json.loads(streams.written[0]) == {"url": own.url, "token": given, "cell": "print(42)"}
    assert streams.closed
    assert "let-me-in" not in repr(own)


def test_a_program_that_ends_without_a_reply_is_told_with_its_last_words() -> None:
    streams = RecordedStreams(errors="ConnectionRefusedError: 8888\n", ended=True)
    with pytest.raises(GaveUp, match="the notebook's reply cannot come any more, ConnectionRefusedError: 8888"):
        notebooks(streams).run("print(42)")
    assert streams.closed


@pytest.mark.usefixtures("one_look")
def test_a_reply_that_does_not_come_is_given_up() -> None:
    streams = RecordedStreams()
    with pytest.raises(GaveUp, match="the notebook's reply did not come"):
        notebooks(streams).run("print(42)")
    assert streams.closed


def test_the_token_is_the_one_of_the_platforms_pod() -> None:
    reference = {"secretKeyRef": {"name": "jupyter", "key": "token"}}
    env = [{"name": "JUPYTER_TOKEN", "valueFrom": reference}]
    kube = RecordedKube(
        pod("spark-jupyter-0", "jupyter", spec={"containers": [{"name": "jupyter", "env": env}]}),
        manifest(SECRET, "jupyter", data={"token": base64.b64encode(b"let-me-in").decode()}),
    )
    own = Notebooks.of(RecordedPlatform(kube))
    assert (own.url, own.token) == ("http://spark-jupyter.team.svc:8888", "let-me-in")
