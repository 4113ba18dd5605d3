"""Work on borrowed quota: executors that nobody took back, or for others, and tasks that nobody did, are seen."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.spark.session import Answer
from sparkproof.spark.work import Work
from sparkproof.tenancy import reclaimed_work
from sparkproof.tenancy.quotas import TeamQueue
from sparkproof.tenancy.reclaimed_work import ReclaimedWork
from sparkproof.tenancy.team import Team
from tests.support.recorded import (
    NAMESPACE,
    RecordedDriver,
    RecordedKube,
    RecordedPlatform,
    executor,
    job,
    stage,
    task,
)

WORD = (
    "Preempted to accommodate a workload (UID: w, JobUID: uid-of-job-0) due to reclamation within the cohort; "
    "preemptor path: /cohort/other; preemptee path: /cohort/team"
)
WHY = "The executor was ended: decommission"
WORK = Work(Answer("SELECT sum(id)", "tag", 24.0, ("sum(id)",), ((153,),)), 18, (0, 3, 1))
RECLAIMED = ReclaimedWork(WORK, {"2": WORD, "3": WORD}, {"1": 14, "2": 2, "3": 2}, {"2": WHY, "3": WHY})


class Owner(TeamQueue):
    """A queue to whose jobs a pod of the team gives way as soon as they start."""

    def start(self, count: int = 1, **_: object) -> Sequence[str]:
        self.jobs += [f"job-{number}" for number in range(count)]
        condition = {"type": "TerminationTarget", "status": "True", "reason": "WorkloadEvicted", "message": WORD}
        ended = executor("exec-2", labels={"spark-exec-id": "2"}, status={"conditions": [condition]})
        self.team.kube.add(ended)  # type: ignore[attr-defined]
        return self.jobs

    def _uid(self, job: str) -> str:
        return f"uid-of-{job}"


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> RecordedPlatform:
    """A platform with two executors at work, of which the driver says that the second was removed."""
    monkeypatch.setattr(timeouts, "EXECUTORS", 0.1)
    monkeypatch.setattr(timeouts, "EXECUTORS_GONE", 0.1)
    monkeypatch.setattr(reclaimed_work, "new_tag", lambda: "tag")
    monkeypatch.setattr(Work, "watched", classmethod(lambda *_, **__: WORK))
    kube = RecordedKube(
        *(executor(f"exec-{each}", ip=f"10.0.0.{each}", labels={"spark-exec-id": each}) for each in "12")
    )
    busy = [task(each, host=f"10.0.0.{each}", status="RUNNING") for each in "12"]
    driver = RecordedDriver(
        jobs=[job("tag", 1, 2)],
        stages=[stage(1, status="ACTIVE"), stage(2)],
        executors=[{"id": "2", "isActive": False, "removeReason": WHY, "totalCores": 1}],
        tasks={1: busy, 2: [task("1"), task("1"), task("2")]},
    )
    return RecordedPlatform(kube, driver)


def owner(platform: RecordedPlatform) -> Owner:
    return Owner(Team(platform.kube, NAMESPACE), "spark", 2, "other", "cohort")


def test_jobs_start_when_executors_work_and_those_that_kueue_ends_are_noted(platform: RecordedPlatform) -> None:
    other = owner(platform)
    reclaimed = ReclaimedWork.during(platform, other, executors=2, jobs=2)
    assert other.jobs == ["job-0", "job-1"], "each is small enough for what one executor leaves"
    assert reclaimed == ReclaimedWork(WORK, {"2": WORD}, {"1": 2, "2": 1}, {"2": WHY})


def test_jobs_do_not_start_before_all_executors_work(platform: RecordedPlatform) -> None:
    other = owner(platform)
    with pytest.raises(GaveUp, match="3 executors at work for tag"):
        ReclaimedWork.during(platform, other, executors=3, jobs=2)
    assert other.jobs == []


def test_executors_gave_way_to_the_owners_jobs(platform: RecordedPlatform, record: Record) -> None:
    other = owner(platform)
    other.start(1)
    RECLAIMED.must_have_given_way(2, other)
    assert record.proofs[-1].level is Level.EXECUTED
    assert record.proofs[-1].seen.startswith("Executors 2, 3 gave way; Spark says: {'2': 'The executor was ended")
    assert json.loads(record.items[-1].content) == {"2": WORD, "3": WORD}
    for fewer in ({"2": WORD}, {}):
        with pytest.raises(CheckFailed, match=f"Kueue ended {len(fewer)} executors, and not 2"):
            replace(RECLAIMED, ended=fewer).must_have_given_way(2, other)
    with pytest.raises(CheckFailed, match="3 gave way, but not to a job of team"):
        replace(RECLAIMED, ended={"2": WORD, "3": WORD.replace("job-0", "job-9")}).must_have_given_way(2, other)


def test_the_executor_that_stays_does_the_rest(record: Record) -> None:
    RECLAIMED.must_have_been_finished()
    assert record.proofs[-1].seen == "Those that stayed completed {'1': 14} of 18 tasks"
    for done in ({"2": 9, "3": 9}, {"1": 13, "2": 2, "3": 2}, {}):
        with pytest.raises(CheckFailed, match="Of 18 tasks these are known to be completed"):
            replace(RECLAIMED, done=done).must_have_been_finished()
