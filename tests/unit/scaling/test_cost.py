"""What spot executors save: the hours are those of the History Server, and lost work is seen."""

import json
import re
from typing import Any

import pytest

from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level, Record
from sparkproof.kube.labels import SPARK_APPLICATION, SPARK_ROLE
from sparkproof.scaling import cost
from sparkproof.scaling.cost import Cost, Interrupted
from sparkproof.spark.application import Application
from sparkproof.spark.history import APPLICATIONS, UI_PORT
from tests.support.recorded import RecordedKube, RecordedPlatform, pod

STAYED = Application("sum", "client", "lake.s.stayed", 0, "", "sum-1")
TAKEN_BACK = Application("sum", "client", "lake.s.back", 0, "", "sum-2")


def at(minute: int) -> str:
    return f"2026-11-27T10:{minute:02}:00.000GMT"


def lived(*minutes: int) -> list[dict[str, Any]]:
    """Executors of one core that lived so long, and the driver."""
    driver = {"id": "driver", "addTime": at(0), "totalCores": 0}
    return [
        driver,
        *(
            {"id": str(number), "addTime": at(0), "removeTime": at(each), "totalCores": 1}
            for number, each in enumerate(minutes)
        ),
    ]


def platform(stayed: list[dict[str, Any]], taken_back: list[dict[str, Any]]) -> RecordedPlatform:
    """A platform whose History Server shows both applications, with these executors."""
    attempts = [{"completed": True, "startTime": at(0), "endTime": at(59)}]
    known = [{"id": f"app-{name}", "name": name, "attempts": attempts} for name in ("sum-1", "sum-2")]
    pages: dict[str, Any] = {"": known}
    for each, executors in zip(known, (stayed, taken_back), strict=True):
        pages |= {f"/{each['id']}": each, f"/{each['id']}/allexecutors": executors}
    served = {f"spark-history-server-0:18080{APPLICATIONS}{path}": page for path, page in pages.items()}
    return RecordedPlatform(RecordedKube(pod("spark-history-server-0", "history-server"), served=served))


def test_the_hours_are_those_of_all_executors() -> None:
    found = Cost.of(platform(lived(30, 30), lived(1)), STAYED, node="on-demand")
    assert found.currency == "USD"
    assert found.executors == pytest.approx(0.384 / 8)


def test_the_calculators_sentence_is_the_error() -> None:
    with pytest.raises(SparkproofError, match="no node 'gold'; it has on-demand, spot"):
        Cost.of(platform(lived(30), lived(30)), STAYED, node="gold")


def test_a_saving_stands_beside_the_claim(record: Record) -> None:
    cost.must_save(platform(lived(20, 20), lived(20, 20, 10)), STAYED, TAKEN_BACK, percent=40)
    assert record.level is Level.EXECUTED
    assert re.search(r"saved 50 % of 0\.032000 USD; 50 to 70 % are claimed", record.proofs[-1].seen)
    assert record.items[-1].name == "hours"
    assert record.measured == [("saved by executors on spot nodes", 50.0, "%", "50 to 70 % claimed")]

    cost.must_save(platform(lived(20, 20), lived(20)), STAYED, TAKEN_BACK, percent=40)
    assert "saved 80 % of 0.032000 USD" in record.proofs[-1].seen


def test_what_was_to_be_saved_is_enough_and_less_is_not(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    def costing(on_spot: float) -> RecordedPlatform:
        own = {cost.ON_DEMAND: Cost("USD", 100.0, 2.0), cost.SPOT: Cost("USD", on_spot, 3.0)}
        monkeypatch.setattr(Cost, "of", lambda *_, node: own[node])
        return RecordedPlatform()

    cost.must_save(costing(60.0), STAYED, TAKEN_BACK, percent=40)
    assert [(each.name, json.loads(each.content)) for each in record.items] == [
        ("hours", {"on-demand": 2.0, "spot": 3.0})
    ]
    with pytest.raises(CheckFailed, match=r"saved 39 % of 100.*; 50 to 70 % are claimed, and at least 40 % were to be"):
        cost.must_save(costing(61.0), STAYED, TAKEN_BACK, percent=40)
    assert len(record.proofs) == 1


@pytest.mark.parametrize(
    ("stayed", "taken_back", "words"),
    [
        (lived(10), lived(10, 10, 10), r"saved -20 % of"),
        (lived(), lived(10), "sum-1 had no executors"),
        (lived(10), lived(), "sum-2 had no executors"),
    ],
    ids=["lost work costs more than it saves", "nobody worked on-demand", "nobody worked on spot nodes"],
)
def test_what_saves_nothing_fails(stayed: list[dict[str, Any]], taken_back: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        cost.must_save(platform(stayed, taken_back), STAYED, TAKEN_BACK, percent=40)


@pytest.mark.parametrize(
    ("interrupted", "words"),
    [
        (Interrupted(TAKEN_BACK, ("exec-1",), 1), "1 tasks were lost with 1 executors: exec-1"),
        (Interrupted(TAKEN_BACK, ("exec-1", "exec-2"), 0), "0 tasks were lost with 2 executors"),
    ],
    ids=["too few", "no work"],
)
def test_executors_that_lost_nothing_show_nothing(interrupted: Interrupted, words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        interrupted.must_have_been_made_good(2)


def test_lost_tasks_were_done_again(record: Record) -> None:
    Interrupted(TAKEN_BACK, ("exec-1", "exec-2"), 3).must_have_been_made_good(2)
    assert record.proofs[-1].seen == "3 tasks, lost with exec-1, exec-2, were done again"


def test_only_executors_of_the_application_that_work_are_taken_back() -> None:
    executors = [
        pod(f"exec-{n}", labels={SPARK_ROLE: "executor", SPARK_APPLICATION: name}, status={"podIP": f"10.0.0.{n}"})
        for n, name in ((1, "sum-2"), (2, "sum-2"), (3, "sum-2"), (4, "another"))
    ]
    at_work = [
        {"id": "driver", "hostPort": "10.0.0.9:1", "activeTasks": 1},
        *({"id": str(n), "hostPort": f"10.0.0.{n}:1", "activeTasks": int(n != 3)} for n in (1, 2, 3, 4)),
    ]
    served = {
        f"spark-submit-0:{UI_PORT}{APPLICATIONS}": [{"id": "a", "name": "another"}, {"id": "b", "name": "sum-2"}],
        f"spark-submit-0:{UI_PORT}{APPLICATIONS}/b/executors": at_work,
    }
    kube = RecordedKube(pod("spark-submit-0", "submit"), *executors, served=served)
    assert cost._busy(RecordedPlatform(kube), "sum-2", but=["exec-1"]) == ["exec-2"]
