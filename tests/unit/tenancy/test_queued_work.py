"""Work with a quota: executors that worked past it, waited for nothing, or did not come when it was free, are seen."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.kube.objects import JOB, POD, QUEUED_WORKLOAD, Manifest
from sparkproof.spark.session import Answer
from sparkproof.spark.work import Work
from sparkproof.tenancy import queued_work
from sparkproof.tenancy.queued_work import QueuedWork
from sparkproof.tenancy.quotas import QUEUE, TeamQueue
from sparkproof.tenancy.team import Team
from tests.support.recorded import (
    NAMESPACE,
    RecordedDriver,
    RecordedKube,
    RecordedPlatform,
    executor,
    job,
    manifest,
    stage,
    task,
)

LATER = (
    "couldn't assign flavors to pod set main: insufficient unused quota for cpu in flavor any-node, 100m more needed"
)
WORK = Work(Answer("SELECT sum(id)", "tag", 14.2, ("sum(id)",), ((435,),)), 30, (0, 1, 2, 1))
QUEUED = QueuedWork(WORK, {"2": LATER, "3": LATER}, ["1"], ["1", "2"], {"1": 20, "2": 11})


def test_executors_waited_for_the_reason_that_is_named(record: Record) -> None:
    QUEUED.must_have_waited("insufficient unused quota for cpu")
    assert (record.level, record.proofs[-1].seen) == (Level.EXECUTED, "2 executors waited")
    assert json.loads(record.items[-1].content) == {"2": LATER, "3": LATER}
    with pytest.raises(CheckFailed, match=r"others waited for more: \{'2': "):
        QUEUED.must_have_waited("maximum capacity")
    with pytest.raises(CheckFailed, match="No executor waited because of unused"):
        replace(QUEUED, waited={}).must_have_waited("unused")


def test_those_within_the_quota_worked_meanwhile(record: Record) -> None:
    QUEUED.must_have_worked_meanwhile(1)
    assert record.level is Level.EXECUTED
    for wrong in (["1", "4"], [], ["2"]):
        with pytest.raises(CheckFailed, match="and not 1 others, while"):
            replace(QUEUED, meanwhile=wrong).must_have_worked_meanwhile(1)


def test_one_that_waited_took_part_when_quota_was_free(record: Record) -> None:
    QUEUED.must_have_come()
    assert record.proofs[-1].seen.startswith("2 came when quota was free")
    for wrong in ({"then": ["1", "4"]}, {"done": {"1": 31}}):
        with pytest.raises(CheckFailed, match="none of which had waited"):
            replace(QUEUED, **wrong).must_have_come()


@pytest.mark.parametrize("done", [{"1": 20, "2": 5, "3": 6}, {"1": 31}, {"1": 20, "2": 9}])
def test_more_or_fewer_executors_than_the_quota_has_room_for_and_lost_tasks_are_seen(
    done: dict[str, int], record: Record
) -> None:
    QUEUED.must_have_kept_to(2)
    replace(QUEUED, done={"1": 20, "2": 10}).must_have_kept_to(2)
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="Not 2 executors did the 30 tasks"):
        replace(QUEUED, done=done).must_have_kept_to(2)


def queued_executor(number: int, *, waits: bool, ip: str) -> Manifest:
    gates = [{"name": "kueue.x-k8s.io/admission"}] if waits else []
    labels = {QUEUE: "team", "spark-exec-id": str(number)}
    return executor(f"exec-{number}", ip=ip, labels=labels, spec={"schedulingGates": gates})


class Freed(RecordedDriver):
    """A driver at which the executor that waited is at work once the job has ended."""

    kube: RecordedKube

    def get(self, port: int, path: str) -> Any:
        busy = ["10.0.0.1"] if self.kube.names("Job") else ["10.0.0.1", "10.0.0.2"]
        self.tasks = {1: [task("1", host=host, status="RUNNING") for host in busy], 2: [task("1"), task("2")]}
        return super().get(port, path)


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> RecordedPlatform:
    """A platform with an executor at work, one that waits, a job that holds its quota, and the driver's word on all."""
    monkeypatch.setattr(timeouts, "QUEUE", 0.1)
    monkeypatch.setattr(timeouts, "EXECUTORS", 0.1)
    monkeypatch.setattr(queued_work, "new_tag", lambda: "tag")
    monkeypatch.setattr(Work, "watched", classmethod(lambda *_, **__: WORK))
    owners = {"ownerReferences": [{"kind": POD.name, "name": "exec-2"}]}
    status = {"conditions": [{"type": "QuotaReserved", "status": "False", "message": LATER}]}
    kube = RecordedKube(
        queued_executor(1, waits=False, ip="10.0.0.1"),
        queued_executor(2, waits=True, ip="10.0.0.2"),
        manifest(JOB, "job-0"),
        {**manifest(QUEUED_WORKLOAD, "pod-exec-2", metadata=owners), "status": status},
    )
    driver = Freed(
        jobs=[job("tag", 1, 2)],
        stages=[stage(1, status="ACTIVE"), stage(2)],
        executors=[
            {"id": number, "hostPort": f"10.0.0.{number}:7079", "isActive": True, "totalCores": 1} for number in "12"
        ],
    )
    driver.kube = kube
    return RecordedPlatform(kube, driver)


def a_queue(platform: RecordedPlatform) -> TeamQueue:
    return TeamQueue(Team(platform.kube, NAMESPACE), "spark", 2, "team", "cohort", ["job-0"])


def test_the_job_ends_when_executors_wait_and_those_that_come_are_noted(platform: RecordedPlatform) -> None:
    queued = QueuedWork.during(platform, a_queue(platform), ["job-0"], executors=5)
    assert queued == QueuedWork(WORK, {"2": LATER}, ["1"], ["1", "2"], {"1": 1, "2": 1})
    assert platform.kube.names("Job") == []


def test_an_executor_of_which_kueue_says_nothing_is_awaited(platform: RecordedPlatform) -> None:
    platform.kube.delete(QUEUED_WORKLOAD, "pod-exec-2", NAMESPACE)
    with pytest.raises(GaveUp, match="Kueue's word on executors that wait in team"):
        QueuedWork.during(platform, a_queue(platform), ["job-0"], executors=5)
    platform.kube.delete(POD, "exec-2", NAMESPACE)
    with pytest.raises(GaveUp, match="Kueue's word on executors that wait in team"):
        QueuedWork.during(platform, a_queue(platform), ["job-0"], executors=5)
