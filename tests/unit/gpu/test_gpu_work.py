"""Three proofs stand behind "RAPIDS executed it"; each of them fails alone when what it looks at is missing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level, Record
from sparkproof.gpu.samples import Sample
from sparkproof.gpu.work import GpuWork, must_equal_the_cpus, must_have_executed
from sparkproof.spark.history import Execution, Operator
from sparkproof.spark.session import Answer
from tests.support.recorded import RecordedDriver, RecordedPlatform, job, stage, task

ICEBERG = {
    "number of result data files": "8", "number of scanned data manifests": "2",
    "number of skipped data manifests": "0", "total planning duration (ms)": "12 ms",
}  # fmt: skip
ON_GPU = Execution(
    "GpuColumnarToRow ...",
    tuple(
        Operator(name, metrics)
        for name, metrics in {
            "AdaptiveSparkPlan": {}, "GpuHashAggregate": {}, "GpuColumnarExchange": {}, "ObjectHashAggregate": {},
            "GpuBatchScan lake.s.trips": ICEBERG,
        }.items()
    ),
    120,
)  # fmt: skip
ON_CPU = Execution(
    "HashAggregate ...", (Operator("HashAggregate", {}), Operator("BatchScan lake.s.trips", ICEBERG)), 300
)


def samples(*utilisations: int) -> list[Sample]:
    return [Sample(number / 10, 0, percent, 3 << 30) for number, percent in enumerate(utilisations)]


def answer(*rows: Any) -> Answer:
    return Answer("SELECT zone, count(*) FROM trips GROUP BY zone", "tag", 0.2, ("zone", "count"), rows)


WORK = GpuWork(
    rapids="RAPIDS",
    answer=answer(("Soho", 2), ("Ealing", 1)),
    execution=ON_GPU,
    counters={"gpuTime": ["00:00:00.000", "00:00:00.024"], "gpuMaxDeviceMemoryBytes": ["1.50MB (1572864 bytes)"]},
    workers={"1": 8},
    comparison=answer(("Ealing", 1), ("Soho", 2)),
    on_cpu=ON_CPU,
    idle=samples(*[0] * 10),
    busy=samples(0, 4, 9, 9, 8, 9),
)


@pytest.fixture(autouse=True)
def record() -> Record:
    return evidence.begin()


def test_all_three_proofs_together_are_an_accelerated_result(record: Record) -> None:
    WORK.must_be_accelerated(("BatchScan", "HashAggregate"))
    assert record.level is Level.ACCELERATED
    assert {item.name: item.media_type for item in record.items} == {
        "final plan": "text/plain", "metrics": "application/json", "GPU samples": "image/svg+xml",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (replace(WORK, execution=ON_CPU), "RAPIDS executed nothing, but no BatchScan"),
        (replace(WORK, comparison=answer(("Ealing", 1), ("Soho", 3))), "The GPU gave"),
        (replace(WORK, on_cpu=ON_GPU), "so there is no comparison"),
        (
            replace(WORK, counters={**WORK.counters, "gpuTime": ["00:00:00.000"]}),
            r"gpuTime shows no work: \['00:00:00.000'\]",
        ),
        (replace(WORK, counters={}), "counter gpuTime shows no work: it is missing"),
        (replace(WORK, workers={"1": 7, "driver": 1}), "Executors did not do the work; .*'driver': 1"),
        (replace(WORK, workers={}), "tasks were completed by nobody"),
        (replace(WORK, busy=samples(*[0] * 30)), "The GPU shows no work"),
        (replace(WORK, idle=samples(*[9] * 10)), "The GPU shows no work"),
        (replace(WORK, idle=samples(0, 0, 4), busy=samples(0, 0, 0, 0, 9, 9)), "The GPU shows no work"),
    ],
    ids=[
        "CPU plan",
        "other rows",
        "no comparison",
        "no GPU time",
        "no counter",
        "the driver in part",
        "nobody",
        "constant",
        "always busy",
        "less than an idle moment",
    ],
)
def test_each_proof_fails_alone(broken: GpuWork, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        broken.must_be_accelerated()
    assert not record.proofs


def test_the_gpus_answer_is_compared_with_one_that_the_cpu_gave() -> None:
    one, same, other = answer(("Soho", 2)), answer(("Soho", 2)), answer(("Soho", 3))
    must_equal_the_cpus(one, same, ON_CPU)
    with pytest.raises(CheckFailed, match=r"The GPU gave \[\('Soho', 2\)\], the CPU \[\('Soho', 3\)\]\."):
        must_equal_the_cpus(one, other, ON_CPU)
    with pytest.raises(CheckFailed, match="still ran on the GPU, so there is no comparison"):
        must_equal_the_cpus(one, same, ON_GPU)


def test_an_operator_that_was_asked_for_by_name_must_be_among_them() -> None:
    with pytest.raises(CheckFailed, match="but no Window"):
        WORK.must_be_accelerated(("BatchScan", "Window"))


def test_with_rapids_off_neither_the_plan_nor_the_hardware_shows_a_gpu(record: Record) -> None:
    replace(WORK, execution=ON_CPU, busy=samples(*[0] * 30), counters={}).must_not_have_used_gpu()
    assert record.level is Level.EXECUTED
    assert {each.name for each in record.items} == {"final plan", "metrics"}


@pytest.mark.parametrize(
    ("unaware", "what"),
    [
        (replace(WORK, counters={}, busy=samples(*[0] * 30)), "the plan"),
        (replace(WORK, execution=ON_CPU, busy=samples(*[0] * 30)), "a counter"),
        (replace(WORK, execution=ON_CPU, counters={}), "the hardware"),
    ],
    ids=["the plan", "a counter", "the hardware"],
)
def test_a_control_that_shows_a_gpu_after_all_is_refused(unaware: GpuWork, what: str) -> None:
    with pytest.raises(CheckFailed, match=f"{what} still shows a GPU at work"):
        unaware.must_not_have_used_gpu()


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (
            lambda work: work.must_have_left_to_cpu("Generate"),
            "left AdaptiveSparkPlan, ObjectHashAggregate to the CPU, but no Generate",
        ),
        (lambda work: work.must_have_survived_memory_pressure(), "No task ran out of GPU memory"),
        (
            lambda work: replace(work, execution=_without_files()).must_show_iceberg_and_gpu(),
            "no file or no manifest that was read",
        ),
    ],
    ids=["fallback", "pressure", "Iceberg"],
)
def test_what_else_is_claimed_of_it_can_fail_too(check: Callable[[GpuWork], None], words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        check(WORK)


def test_work_that_left_nothing_to_the_cpu_says_so() -> None:
    alone = replace(ON_GPU, operators=tuple(each for each in ON_GPU.operators if each.name.startswith("Gpu")))
    with pytest.raises(CheckFailed, match="RAPIDS left nothing to the CPU, but no Generate"):
        replace(WORK, execution=alone).must_have_left_to_cpu("Generate")


def test_what_else_is_claimed_of_it_holds_when_it_is_seen(record: Record) -> None:
    WORK.must_have_left_to_cpu("ObjectHashAggregate")
    replace(WORK, counters={**WORK.counters, "gpuRetryCount": ["3"]}).must_have_survived_memory_pressure()
    WORK.must_show_iceberg_and_gpu()
    assert record.level is Level.ACCELERATED
    assert "Iceberg chose 8 files from 2 manifests, and RAPIDS read them" in [proof.seen for proof in record.proofs]


def _without_files() -> Execution:
    read_nothing = {**ICEBERG, "number of result data files": "0"}
    return replace(ON_GPU, operators=(Operator("GpuBatchScan lake.s.trips", read_nothing),))


def driver(*operators: str, time: str = "00:00:00.024", workers: Sequence[str] = ("1",)) -> RecordedPlatform:
    """A platform whose driver knows of the work "run-1" these operators, its time on the GPU, and who did its tasks."""
    nodes = [{"nodeName": name, "metrics": []} for name in operators]
    execution = {"id": 3, "status": "COMPLETED", "successJobIds": [1], "planDescription": "== Plan ==", "duration": 5}
    counted: Any = [{"name": "gpuTime", "value": time}] if time else []
    stages = [{**stage(7), "accumulatorUpdates": counted}]
    return RecordedPlatform(
        driver=RecordedDriver(
            [job("run-1", 7)],
            stages,
            {7: [task(each) for each in workers]},
            executions=[{**execution, "nodes": nodes}],
        )
    )


def test_work_of_one_time_is_proved_by_its_plan_and_rapids_counter(record: Record) -> None:
    must_have_executed(driver("GpuRange", "GpuHashAggregate"), "run-1", ["Range", "HashAggregate"])
    assert record.proofs[0].seen == "RAPIDS executed GpuRange, GpuHashAggregate"
    assert record.items[-1].name == "final plan"


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (driver("Range", "HashAggregate"), "executed nothing of run-1, without Range"),
        (driver("GpuRange", "HashAggregate"), "executed GpuRange of run-1, without HashAggregate"),
        (driver("GpuRange", "GpuHashAggregate", time="00:00:00.000"), r"any time.* gpuTime is \['00:00:00.000'\]"),
        (driver("GpuRange", "GpuHashAggregate", time=""), "its counter gpuTime is missing"),
        (driver("GpuRange", "GpuHashAggregate", workers=["1", "driver"]), "Executors did not do the work; .*'driver'"),
        (driver("GpuRange", "GpuHashAggregate", workers=[]), "completed by nobody"),
    ],
    ids=["the CPU", "the CPU in part", "no time", "no counter", "the driver in part", "nobody"],
)
def test_work_of_one_time_that_the_cpu_did_is_seen(platform: RecordedPlatform, words: str, record: Record) -> None:
    with pytest.raises(CheckFailed, match=words):
        must_have_executed(platform, "run-1", ["Range", "HashAggregate"])
    assert not record.proofs
