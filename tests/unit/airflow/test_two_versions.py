"""A run that asks two platforms: how the other one is found, and which Spark gave which answer, by its executors."""

from typing import Any

import pytest

from sparkproof.airflow.orchestrator import Airflow
from sparkproof.airflow.runs import DagRun, Task
from sparkproof.airflow.two_versions import AskedTwo
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import EVENT
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, job, manifest, pod, stage, task

HERE = "Spark 4.1.1 answered 7 to a client of 4.1.1"
THERE = "Spark 4.1.0 answered 7 to a client of 4.1.0 in ask-there-x1"
PLAN = {"id": 7, "status": "COMPLETED", "successJobIds": [1], "planDescription": "p", "nodes": [], "duration": 1}


def spark(*, tag: str = "r1", executor: str = "1") -> RecordedDriver:
    """A driver whose one job has this tag, and ran on this executor."""
    return RecordedDriver(jobs=[job(tag, 4)], stages=[stage(4)], tasks={4: [task(executor)]}, executions=[PLAN])


def asked(
    here: str = HERE, there: str = THERE, *, own: RecordedDriver | None = None, other: RecordedDriver | None = None
) -> AskedTwo:
    """A run whose first task handed this on, and whose pod printed this."""
    event = manifest(EVENT, "e1", involvedObject={"kind": "Pod", "name": "ask-there-x1"}, lastTimestamp="2026-11-28")
    tasks = [Task("ask_here", "success", 1, here, []), Task("ask_there", "success", 1, None, [], [f"[base] {there}"])]
    run = DagRun("two versions", "r1", "success", {each.id: each for each in tasks}, "")
    platform = RecordedPlatform(RecordedKube(event), driver=own or spark())
    return AskedTwo(platform, RecordedPlatform(driver=other or spark()), run)


def test_the_pod_has_the_image_and_the_address_of_the_other_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = []

    class Server:
        def run(self, *named: str, **parameters: Any) -> DagRun:
            given.append((named, parameters))
            return DagRun("two versions", "r1", "success", {}, "")

    here = RecordedPlatform()
    env = [{"name": "SPARK_REMOTE", "value": "sc://spark-connect:15002/;token=x"}]
    client = pod("client-0", "client", spec={"containers": [{"name": "client", "image": "spark:4.1.0-a", "env": env}]})
    there = RecordedPlatform(RecordedKube(client))
    monkeypatch.setattr(Airflow, "of", lambda platform: Server() if platform is here else None)
    found = AskedTwo.of(here, there, "SELECT 7")
    url = "sc://spark-connect.team.svc:15002/;user_id=airflow"
    assert given == [(("two versions", ""), {"image": "spark:4.1.0-a", "url": url, "query": "SELECT 7"})]
    assert (found.here, found.there, found.run.id) == (here, there, "r1")


def test_each_version_gave_its_answer_by_its_executors(record: Record) -> None:
    asked().must_be_answered_here("4.1.1", "7")
    asked().must_be_answered_there("4.1.0", "7")
    assert [each.seen for each in record.proofs] == [
        "ask_here of two versions handed on 'Spark 4.1.1 answered 7 to a client of 4.1.1'",
        "Tasks completed by executor: {'1': 1}",
        "ask_there of two versions printed 'Spark 4.1.0 answered 7 to a client of 4.1.0 in' in its own pod "
        "ask-there-x1",
        "Tasks completed by executor: {'1': 1}",
    ]


@pytest.mark.parametrize(
    "text",
    [
        HERE.replace("Spark 4.1.1", "Spark 4.1.0"),
        HERE.replace("answered 7", "answered 8"),
        HERE.replace("client of 4.1.1", "client of 4.1.0"),
    ],
)
def test_another_version_client_or_answer_of_airflows_platform_are_seen(text: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=f"handed on '{text}'; expected '{HERE}'"):
        asked(here=text).must_be_answered_here("4.1.1", "7")
    assert not record.proofs


@pytest.mark.parametrize(
    "text",
    [THERE.replace("Spark 4.1.0", "Spark 4.1.1"), THERE.replace("client of 4.1.0", "client of 4.1.1"), "nothing"],
)
def test_another_version_and_another_client_of_the_other_platform_are_seen(text: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=r"did not print 'Spark 4\.1\.0 answered 7 to a client of 4\.1\.0 in'"):
        asked(there=text).must_be_answered_there("4.1.0", "7")
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
def test_an_answer_without_work_of_its_platform_is_seen() -> None:
    with pytest.raises(GaveUp, match="the finished execution of r1"):
        asked(own=spark(tag="r2")).must_be_answered_here("4.1.1", "7")
    with pytest.raises(GaveUp, match="the finished execution of r1"):
        asked(other=spark(tag="r2")).must_be_answered_there("4.1.0", "7")
    with pytest.raises(CheckFailed, match="Executors did not do the work"):
        asked(own=spark(executor="driver")).must_be_answered_here("4.1.1", "7")
    with pytest.raises(CheckFailed, match="Executors did not do the work"):
        asked(other=spark(executor="driver")).must_be_answered_there("4.1.0", "7")
