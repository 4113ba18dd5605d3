"""Whole notebooks: one that ends early, prints something else or hides its failure is seen."""

import json

import pytest

from sparkproof.core import examples
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.jupyter import whole
from sparkproof.jupyter.whole import NotebookRun
from sparkproof.kube.objects import SECRET, Manifest
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, manifest, pod

SECRET_OF_USERS = manifest(SECRET, "jupyter", data={"token": "bGV0LW1lLWlu"})
RAN = NotebookRun("sum", "t-1", 0, 3, "the sum is 45\n")
FAILED = NotebookRun("sum", "t-1", 1, 3, "the sum is 45\n", "AnalysisException: UNRESOLVED_COLUMN", "papermill ended")


def platform_pod() -> Manifest:
    """JupyterLab's pod, whose users' token is in a Secret."""
    token = {"name": "JUPYTER_TOKEN", "valueFrom": {"secretKeyRef": {"name": "jupyter", "key": "token"}}}
    return pod("spark-jupyter-0", "jupyter", spec={"containers": [{"name": "jupyter", "env": [token]}]})


def test_a_notebook_that_ran_is_proved(record: Record) -> None:
    RAN.must_have_printed("the sum is 45")
    assert record.proofs[0].seen == "All 3 cells of sum ran, and printed the sum is 45"


@pytest.mark.parametrize(
    ("run", "words"),
    [
        (FAILED, "did not run to its end: The notebook sum failed: AnalysisException"),
        (NotebookRun("sum", "t-1", 2, 0, said="no such file"), "did not run to its end: .*no such file"),
        (NotebookRun("sum", "t-1", 0, 3, "the sum is 45", "ValueError: late"), "did not run to its end"),
        (NotebookRun("sum", "t-1", 0, 0, "the sum is 45"), "did not run to its end"),
        (NotebookRun("sum", "t-1", 0, 3, "the sum is 46"), "printed 'the sum is 46', not 'the sum is 45'"),
    ],
    ids=["it failed", "it did not begin", "an error that is hidden", "no cells", "another answer"],
)
def test_a_notebook_that_did_something_else_is_seen(run: NotebookRun, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        run.must_have_printed("the sum is 45")
    assert not record.proofs


def test_a_failure_is_proved_with_its_reason(record: Record) -> None:
    FAILED.must_have_failed("UNRESOLVED_COLUMN", "the sum is 45")
    assert len(record.proofs) == 1
    assert record.items[-1].content == b"AnalysisException: UNRESOLVED_COLUMN"
    for run in (
        RAN,
        NotebookRun("sum", "t-1", 0, 3, "the sum is 45", "UNRESOLVED_COLUMN"),
        NotebookRun("sum", "t-1", 1, 3),
    ):
        with pytest.raises(CheckFailed, match="did not fail because of 'UNRESOLVED_COLUMN'"):
            run.must_have_failed("UNRESOLVED_COLUMN", "the sum is 45")
    with pytest.raises(CheckFailed, match="not 'the sum is 45' alone"):
        NotebookRun("sum", "t-1", 1, 4, "the sum is 45\nnever", "UNRESOLVED_COLUMN").must_have_failed(
            "UNRESOLVED_COLUMN", "the sum is 45"
        )


def test_what_nobody_looked_at_is_known() -> None:
    assert RAN.trouble is None
    assert RAN.to_read == "The notebook sum printed 'the sum is 45'"
    assert FAILED.trouble == "The notebook sum failed: AnalysisException: UNRESOLVED_COLUMN"


@pytest.mark.usefixtures("record")
def test_a_notebook_is_run_with_parameters_and_a_tag_of_its_own() -> None:
    reply = {"exit_code": 0, "said": "", "printed": "x", "error": None, "cells": 4}
    streams = RecordedStreams(reply=lambda _: json.dumps(reply))
    kube = RecordedKube(platform_pod(), SECRET_OF_USERS, programs=lambda _pod, _argv: streams)
    run = whole.run(RecordedPlatform(kube), "time travel", trips=7)
    request = json.loads(streams.written[0])
    assert request["notebook"] == examples.notebook("time travel")
    assert request["parameters"] == {"trips": 7, "tag": run.tag}
    assert (run.cells, run.printed) == (4, "x")
