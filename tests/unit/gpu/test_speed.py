"""The speed of a GPU: one that is too slow, that did not do the work, or that gave another answer, is seen."""

from dataclasses import replace

import pytest

from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.gpu.speed import Speed, Timed
from sparkproof.spark.history import DriverRest, Execution, Operator
from tests.support.recorded import RecordedDriver, RecordedKube, RecordedPlatform, session
from tests.unit.gpu.test_gpu_work import ON_CPU, ON_GPU, answer

ROWS = answer(("Soho", 2), ("Ealing", 1))
SPEED = Speed(Timed(ROWS, ON_GPU, {"1": 4}, 0.5), Timed(ROWS, ON_CPU, {"1": 4}, 1.5))


def test_a_gpu_that_is_fast_enough_is_accelerated(record: Record) -> None:
    SPEED.must_be_at_least(3, ["BatchScan", "HashAggregate"])
    (proof,) = record.proofs
    assert proof.level is Level.ACCELERATED
    assert proof.seen == "The GPU is 3.0 times as fast: CPU 1.50 s, GPU 0.50 s, medians of 3"
    assert [item.name for item in record.items] == ["final plan"]
    assert record.measured == [("the time of the cores over the GPU's", 3.0, "x", "at least 3 x")]


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (
            {"by_cpu": replace(SPEED.by_cpu, seconds=0.99)},
            r"is 2\.0 times as fast, not 2 times: CPU 0\.99 s, GPU 0\.50 s",
        ),
        ({"by_gpu": replace(SPEED.by_gpu, execution=ON_CPU)}, "The GPU ran nothing, but no BatchScan, HashAggregate"),
        (
            {"by_gpu": replace(SPEED.by_gpu, execution=Execution("", (Operator("GpuBatchScan", {}),), 1))},
            r"The GPU ran GpuBatchScan, but no HashAggregate\.",
        ),
        (
            {"by_cpu": replace(SPEED.by_cpu, execution=ON_GPU)},
            "GpuHashAggregate, .* still ran on the GPU, so there is no",
        ),
        (
            {"by_cpu": replace(SPEED.by_cpu, answer=answer(("Soho", 3)))},
            r"The GPU gave \[\('Soho', 2\), .*the CPU \[\('Soho', 3",
        ),
        (
            {"by_gpu": replace(SPEED.by_gpu, workers={"1": 3, "driver": 1})},
            "Executors did not do the work; .*'driver': 1",
        ),
        ({"by_cpu": replace(SPEED.by_cpu, workers={})}, "tasks were completed by nobody"),
    ],
    ids=["too slow", "CPU plan", "a part of the work", "no comparison", "other rows", "the driver", "nobody"],
)
def test_each_proof_fails_alone(broken: dict[str, Timed], words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        replace(SPEED, **broken).must_be_at_least(2, ["BatchScan", "HashAggregate"])
    assert not record.proofs


def test_each_way_is_asked_once_before_it_is_timed_and_the_switch_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answers(statement: str) -> tuple[tuple[int]]:
        asked.append(statement)
        return ((7,),)

    monkeypatch.setattr(DriverRest, "execution", lambda *_: ON_CPU)
    monkeypatch.setattr(DriverRest, "workers", lambda _, tag: {tag: 1})
    platform = RecordedPlatform(RecordedKube(), RecordedDriver())
    speed = Speed.measure(platform, session(answers=answers), "SELECT 7")
    switch = "spark.rapids.sql.enabled"
    assert asked == [
        "open",
        f"SET {switch} = true", *["SELECT 7"] * 4,
        f"SET {switch} = false", *["SELECT 7"] * 4,
        f"RESET {switch}",
    ]  # fmt: skip
    assert all(timed.workers == {timed.answer.tag: 1} for timed in (speed.by_gpu, speed.by_cpu))
    assert (speed.by_gpu.answer.rows, speed.by_gpu.execution, speed.times) == (((7,),), ON_CPU, 1.0)
