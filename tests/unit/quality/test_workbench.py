"""The workbench: JupyterLab's pod is asked to judge a table, and its answer becomes a verdict."""

import json
from typing import Any

import pytest

from sparkproof.core import examples
from sparkproof.jupyter.notebook import Notebooks
from sparkproof.quality.verdict import Rule, Verdict
from sparkproof.quality.workbench import Workbench
from tests.support.recorded import RecordedPlace, RecordedStreams

pytestmark = pytest.mark.usefixtures("record")
RULE: dict[str, Any] = {
    "rule": "in_set", "on": "status", "outcome": "broken", "unexpected": 1, "keys": [{"id": 7}], "observed": None,
    "error": None,
}  # fmt: skip


def workbench(streams: RecordedStreams) -> Workbench:
    return Workbench(Notebooks(RecordedPlace(lambda _: streams), "http://spark-jupyter.team.svc:8888", "let-me-in"))


def replying(reply: dict[str, Any]) -> RecordedStreams:
    return RecordedStreams(reply=lambda _: json.dumps(reply))


def test_a_table_is_judged_under_a_tag_of_its_own() -> None:
    streams = replying({"exit_code": 3, "verdict": {"rules": [RULE]}, "said": "it breaks one"})
    verdict = workbench(streams).judge("lake.s.orders", "orders")
    request = json.loads(streams.written[0])
    assert request["suite"] == examples.suite("orders")
    assert request["arguments"] == ["lake.s.orders", "--key", "id", "--tag", verdict.tag]
    assert verdict == Verdict("lake.s.orders", verdict.tag, 3, [Rule(**RULE)], "it breaks one")
    assert verdict.rules[0].numbers == [7]


def test_what_is_asked_for_besides_is_told() -> None:
    streams = replying({"exit_code": 1, "verdict": None, "said": "no such table"})
    verdict = workbench(streams).judge("lake.s.orders", "orders", snapshot=12, persist=True, pages=True)
    asked = json.loads(streams.written[0])["arguments"]
    assert asked[5:] == ["--snapshot", "12", "--persist", "--docs", verdict.folder]
    assert verdict.folder.startswith("/home/jupyter/verdicts-")
    assert verdict.rules == []


@pytest.mark.parametrize(("token", "given"), [(None, "let-me-in"), ("", "")])
def test_the_page_is_asked_for_with_a_token(token: str | None, given: str) -> None:
    streams = replying({"status": 200, "text": "<html>"})
    page = workbench(streams).page(Verdict("lake.s.orders", "t-1", 3, [], "", "/home/jupyter/v"), token=token)
    request = json.loads(streams.written[0])
    assert (request["op"], request["token"], request["folder"]) == ("page", given, "/home/jupyter/v")
    assert (page.status, page.text) == (200, "<html>")
