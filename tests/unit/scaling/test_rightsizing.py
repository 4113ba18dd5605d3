"""Rightsizing: the advice follows from the measured run; work that stayed in memory and work that spilled differ."""

from typing import Any

import pytest

from sparkproof.core import timeouts
from sparkproof.core.errors import Cause, CheckFailed, Reason, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.core.wait import GaveUp
from sparkproof.scaling.rightsizing import Advice, Spill, must_advise_executors
from sparkproof.spark.application import Application
from sparkproof.spark.history import APPLICATIONS
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, pod, stage

MIB = 1 << 20


def sort(exit_code: int = 0) -> Application:
    return Application("sort", "client", "lake.s.sorted", exit_code, "no heap\n", "sort-1")


def platform(*spilled: int, peak: int = 600, status: str = "SUCCESS") -> RecordedPlatform:
    """A platform whose History Server shows `sort-1`, with stages of one task that spilled so many bytes each."""
    metrics = {"peakExecutionMemory": peak * MIB, "memoryBytesSpilled": 0, "inputMetrics": {"bytesRead": 0}}
    stages = [
        {
            "stageId": number,
            "numTasks": 1,
            "memoryBytesSpilled": size,
            "tasks": {"0": {"status": status, "taskMetrics": metrics}},
        }
        for number, size in enumerate(spilled)
    ]
    pages: dict[str, Any] = {
        "": [{"id": "app-1", "name": "sort-1", "attempts": [{"completed": True}]}],
        "/app-1/stages?details=true": stages,
        "/app-1/allexecutors": [{"id": "1"}],
    }
    served = {f"spark-history-server-0:18080{APPLICATIONS}{path}": page for path, page in pages.items()}
    return RecordedPlatform(RecordedKube(pod("spark-history-server-0", "history-server"), served=served))


def test_the_advice_is_the_calculators() -> None:
    advice = Advice.by(platform(0), sort())
    assert advice.settings("the advised memory") == {
        "spark.executor.memory": "1400m",
        "spark.executor.memoryOverhead": "384m",
    }
    assert advice.settings("three quarters of the advised memory")["spark.executor.memory"] == "1050m"
    assert Advice.by(platform(0, peak=300), sort()).memory == 850


def test_a_run_that_failed_is_no_measure() -> None:
    with pytest.raises(CheckFailed, match="ended with 1, not 0"):
        Advice.by(platform(0), sort(exit_code=1))


def test_the_calculators_refusal_is_passed_on() -> None:
    with pytest.raises(SparkproofError, match="has no task that succeeded"):
        Advice.by(platform(0, status="FAILED"), sort())


def test_work_that_stayed_in_memory_is_proved(record: Record) -> None:
    Spill.of(platform(0, 0), sort()).must_be_none()
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match=r"by stage: \{0: 0, 1: 7\}"):
        Spill.of(platform(0, 7), sort()).must_be_none()
    with pytest.raises(CheckFailed, match="spilled to disk"):
        Spill.of(platform(), sort()).must_be_none()
    assert len(record.proofs) == 1


def test_work_that_was_spilled_is_proved(record: Record) -> None:
    Spill.of(platform(0, 7), sort()).must_be_some()
    assert record.level is Level.EXECUTED
    with pytest.raises(CheckFailed, match="less memory would have been enough"):
        Spill.of(platform(0, 0), sort()).must_be_some()
    assert len(record.proofs) == 1


class BusyDriver(RecordedDriver):
    """A driver that has completed tasks itself."""

    def get(self, port: int, path: str) -> Any:
        found = super().get(port, path)
        if path.endswith("/allexecutors"):
            found[-1]["completedTasks"] = 3
        return found


def running(*completed: int, status: str = "SUCCESS") -> RecordedPlatform:
    """A platform whose driver runs, with executors that completed so many tasks, the largest of 600 MiB.

    Beside them is one of which no tasks are counted yet.
    """
    metrics = {"peakExecutionMemory": 600 * MIB, "memoryBytesSpilled": 0, "inputMetrics": {"bytesRead": 0}}
    own = {**stage(1), "numTasks": 1, "tasks": {"0": {"status": status, "taskMetrics": metrics}}}
    executors = [{"id": str(number), "completedTasks": count} for number, count in enumerate(completed)]
    driver = BusyDriver(stages=[own], executors=[*executors, {"id": "new"}])
    return RecordedPlatform(driver=driver, causes=[Cause(Reason.QUOTA, "exceeded quota: team")])


def test_a_running_drivers_executors_get_advice_from_their_tasks(record: Record) -> None:
    must_advise_executors(running(0, 1))
    assert record.level is Level.EXECUTED
    assert record.proofs[0].seen.startswith("The calculator advises a heap of 1400 MiB: 1 tasks at once, of which the")


def test_executors_that_did_nothing_or_failed_get_none(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeouts, "EXECUTORS", 0.0)
    for platform_now, seen in ((running(), "'new': 0, 'driver': 3"), (running(0), "'0': 0, 'new': 0, 'driver': 3")):
        words = rf"tasks that executors have completed .*: exceeded quota: team\nlast seen: {{{seen}}}$"
        with pytest.raises(GaveUp, match=words):
            must_advise_executors(platform_now)
    with pytest.raises(CheckFailed, match=r"advises nothing for the executors: .* no task that succeeded"):
        must_advise_executors(running(1, status="FAILED"))
    assert record.proofs == []
