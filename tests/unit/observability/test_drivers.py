"""Submitted drivers in a Prometheus: what has to be there of one, and what may not be."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import Cause, CheckFailed, Reason
from sparkproof.core.wait import GaveUp
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import POD, PROMETHEUS
from sparkproof.observability.drivers import DriverSeries
from sparkproof.observability.prometheus import Prometheus, Target
from sparkproof.spark.at_work import ApplicationAtWork
from tests.support import recorded
from tests.support.prometheus import target
from tests.support.recorded import NAMESPACE, RecordedKube, RecordedPlatform, RecordedStreams

NAME, DRIVER = "patient-sum-1", "patient-sum-1-driver"
OWN = {"job": "driver", "app_kubernetes_io_instance": "spark", "pod": DRIVER, "namespace": NAMESPACE}
OF_DRIVER = {"__name__": "metrics_spark_driver_BlockManager_memory_maxMem_MB_Value", **OWN}
OF_EXECUTOR = {"__name__": "metrics_executor_totalDuration_seconds_total", **OWN, "application_name": NAME}
OTHER = {"__name__": "up", "job": "connect"}


class Watched(RecordedKube):
    """An API server whose Prometheus has these series and reads these targets."""

    series: Sequence[Mapping[str, str]] = ()
    targets: Sequence[Any] = ()

    def proxy(self, _pod: str, _port: int, path: str, _namespace: str, query: Any = ()) -> Any:
        if path.endswith("targets"):
            return {"data": {"activeTargets": list(self.targets)}}
        asked = dict(query)["query"]
        found = [each for each in self.series if each["__name__"] in asked]
        for label, differs, value in re.findall(r'(\w+)(!?)="([^"]*)"', asked):
            found = [each for each in found if (each.get(label) == value) != bool(differs)]
        return {"data": {"result": [{"metric": each} for each in found if "up ==" in asked or "{" in asked]}}


def series(
    *found: Mapping[str, str], mode: str = "cluster", targets: Sequence[Any] = (), causes: Sequence[Cause] = ()
) -> DriverSeries:
    kube = Watched(recorded.manifest(PROMETHEUS, "one", "watching"))
    labels = {"operator.prometheus.io/name": "one"}
    kube.add(recorded.manifest(POD, "prometheus-one-0", "watching", labels=labels))
    if mode == "cluster":
        kube.add(recorded.pod(DRIVER, "driver", labels={SPARK_ROLE: "driver", SPARK_APPLICATION: NAME}))
    kube.series, kube.targets = found, targets
    application = ApplicationAtWork(RecordedPlatform(kube, causes=causes), NAME, mode, RecordedStreams())
    return DriverSeries.of(application)


def test_a_driver_and_its_executors_have_series_of_their_own(record: evidence.Record) -> None:
    series(OF_DRIVER, OF_EXECUTOR).must_be_read()
    assert record.proofs[0].seen == f"Prometheus has numbers of {DRIVER}, and of its executors, by the name {NAME}"
    (kept,) = record.items
    assert (kept.name, json.loads(kept.content)) == ("series", [OF_DRIVER, OF_EXECUTOR])


@pytest.mark.usefixtures("one_look")
def test_a_known_cause_of_missing_series_is_named() -> None:
    with pytest.raises(GaveUp, match=r"a Prometheus that has numbers of .* within 0 s: its driver has no metrics\n"):
        series(causes=[Cause(Reason.OTHER, "its driver has no metrics")]).must_be_read()


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    ("found", "missing"),
    [
        ([], "BlockManager_memory_maxMem_MB_Value with job driver"),
        ([OF_DRIVER], "metrics_executor_totalDuration_seconds_total with job driver"),
        ([OF_EXECUTOR], "no number"),
        ([{**OF_DRIVER, "job": "connect"}, OF_EXECUTOR], "'job': 'connect'"),
        ([{**OF_DRIVER, "app_kubernetes_io_instance": ""}, OF_EXECUTOR], "app_kubernetes_io_instance spark"),
        ([OF_DRIVER, {**OF_EXECUTOR, "application_name": "another"}], f"application_name {NAME}"),
    ],
    ids=["nothing", "no executor", "no driver", "another job", "no release", "another application"],
)
def test_what_is_missing_of_a_driver_is_named(
    found: Sequence[Mapping[str, str]], missing: str, record: evidence.Record
) -> None:
    with pytest.raises(GaveUp, match=r"a Prometheus that has numbers of the driver of patient-sum-1") as gave_up:
        series(*found).must_be_read()
    assert missing in series(*found).missing[0]
    assert gave_up.value
    assert not record.proofs


def test_a_driver_that_nobody_reads_is_proved_where_others_are_read(
    monkeypatch: pytest.MonkeyPatch, record: evidence.Record
) -> None:
    monkeypatch.setattr("sparkproof.core.timeouts.AT_REST", 0)
    series(OTHER, targets=[target("spark-connect-0", "/metrics/", namespace=NAMESPACE)]).must_not_be_read()
    assert record.proofs[0].seen == f"Prometheus reads 1 other targets, and nothing of {DRIVER}"


@pytest.mark.parametrize(
    ("found", "targets", "message"),
    [
        ([OTHER], [target(DRIVER, "/metrics/", namespace=NAMESPACE)], "reads patient-sum-1-driver at /metrics/"),
        ([OTHER, OF_DRIVER], [], "has numbers of patient-sum-1-driver"),
        ([OTHER, OF_EXECUTOR], [], "has numbers of patient-sum-1-driver"),
        ([], [], "reads nobody at all, so nothing is proved"),
    ],
    ids=["a target", "a number", "a number of an executor", "nobody is read"],
)
def test_a_driver_that_is_read_is_found(
    found: Any, targets: Any, message: str, monkeypatch: pytest.MonkeyPatch, record: evidence.Record
) -> None:
    monkeypatch.setattr("sparkproof.core.timeouts.AT_REST", 0)
    with pytest.raises(CheckFailed, match=message):
        series(*found, targets=targets).must_not_be_read()
    assert not record.proofs


def test_a_driver_that_is_read_later_is_found(monkeypatch: pytest.MonkeyPatch, record: evidence.Record) -> None:
    """Prometheus needs a while to find a pod."""
    monkeypatch.setattr("sparkproof.core.timeouts.AT_REST", 0.1)
    found = series(OTHER)
    looks = iter([[], [], [Target(DRIVER, 4040, "/metrics/")]])
    monkeypatch.setattr(Prometheus, "targets", lambda *_: next(looks, []))
    with pytest.raises(CheckFailed, match=f"reads {DRIVER} at /metrics/"):
        found.must_not_be_read()
    assert not record.proofs


@pytest.mark.usefixtures("one_look")
@pytest.mark.parametrize(
    "other",
    [{"executor_id": "driver"}, {"pod": "sum-2-driver"}, {"namespace": "another"}],
    ids=["the driver, as if it were an executor", "another driver's", "another team's"],
)
def test_numbers_of_others_are_none_of_the_drivers_executors(other: Mapping[str, str], record: evidence.Record) -> None:
    with pytest.raises(GaveUp, match=r"metrics_executor_totalDuration_seconds_total .*: no number"):
        series(OF_DRIVER, {**OF_EXECUTOR, **other}).must_be_read()
    assert not record.proofs


def test_an_application_without_a_driver_of_its_own_has_none_to_read() -> None:
    with pytest.raises(CheckFailed, match="has no driver in a pod of its own"):
        series(mode="client")
