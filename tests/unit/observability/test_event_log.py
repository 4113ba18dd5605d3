"""The queue of a recorded platform's event log, which is made short for a driver that starts again."""

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.kube.objects import CONFIG_MAP
from sparkproof.observability.event_log import EventLogQueue
from sparkproof.spark.workloads import Workloads
from tests.support import recorded
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform


def kube(settings: str) -> RecordedKube:
    return RecordedKube(recorded.manifest(CONFIG_MAP, "spark-connect", data={"spark-defaults.conf": settings}))


def test_the_driver_starts_again_with_room_for_one_event(monkeypatch: pytest.MonkeyPatch) -> None:
    own, seen = kube("spark.eventLog.enabled=true\nspark.master=k8s"), list[str]()

    def restart(_: Workloads, component: str, *, killed: bool) -> None:
        data = own.objects["ConfigMap", NAMESPACE, "spark-connect"]["data"]
        seen.extend([f"{component} {killed}", *data["spark-defaults.conf"].splitlines()])

    monkeypatch.setattr(Workloads, "restart", restart)
    EventLogQueue.of(RecordedPlatform(own)).shorten()
    assert seen == [
        "connect True",
        "spark.eventLog.enabled=true",
        "spark.master=k8s",
        "spark.scheduler.listenerbus.eventqueue.eventLog.capacity=1",
    ]


def test_a_platform_without_event_logs_has_no_queue() -> None:
    for own in (kube("spark.eventLog.enabled=false"), RecordedKube()):
        with pytest.raises(CheckFailed, match="in team writes no event log"):
            EventLogQueue.of(RecordedPlatform(own)).shorten()
