"""The counter of landed objects: whose questions are counted, and that it has to answer."""

import json

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.operations.counter import Counter
from tests.support.recorded import RecordedKube, RecordedPlatform, RecordedStreams, pod


def counter(*others: int, body: str = "") -> Counter:
    """A counter that was asked seven times, and between our questions so often by others, who then ask no more."""
    left, total = list(others), 7

    def program(*_: object) -> RecordedStreams:
        nonlocal total
        total += 1 + (left.pop(0) if left else 0)
        return RecordedStreams(body or json.dumps({"status": 200, "body": {"objects": 2, "asked": total}}))

    kube = RecordedKube(pod("spark-ingest-counter-0", "ingest-counter"), programs=program)
    return Counter.of(RecordedPlatform(kube))


@pytest.mark.usefixtures("one_look")
def test_questions_of_keda_are_awaited_and_our_own_do_not_count(record: Record) -> None:
    counter(0, 3).await_asking(3)
    assert record.items[0].content == b"3"
    with pytest.raises(GaveUp, match="3 questions of KEDA to the counter did not come"):
        counter(0, 2).await_asking(3)


def test_our_own_questions_end_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "INGEST", 1.0)
    monkeypatch.setattr(timeouts, "POLL", 0.05)
    with pytest.raises(GaveUp, match="2 questions of KEDA"):
        counter().await_asking(2)


def test_a_counter_that_does_not_answer_or_count_is_told() -> None:
    with pytest.raises(SparkproofError, match="The counter does not answer"):
        counter(body="<html>").ask("with the key")
    with pytest.raises(CheckFailed, match="does not say how often it was asked"):
        counter(body='{"status": 401, "body": {"reason": "no key"}}').await_asking(1)
