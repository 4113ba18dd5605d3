"""A statement on GPUs, as it is executed: what is asked, when hardware is sampled, and whose numbers are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from sparkproof.gpu import work
from sparkproof.gpu.samples import Sample, Sampler
from sparkproof.gpu.work import GpuWork
from sparkproof.kube.places import Place
from sparkproof.spark.history import DriverRest, Execution
from tests.support.recorded import RecordedPlatform, Reply, session

STATEMENT = "SELECT count(*) FROM trips"
SWITCH = "spark.rapids.sql.enabled"


@dataclass
class RecordedSampler:
    """A sampler whose samples tell what was said before they were taken."""

    said: list[str]
    closed: list[bool] = field(default_factory=list)

    def take_idle(self) -> list[Sample]:
        self.said.append("idle")
        return [Sample(0, 0, 0, 1)]

    def take(self) -> list[Sample]:
        self.said.append("taken")
        return [Sample(float(self.said.count("taken")), 0, 50, 1)]

    def close(self) -> None:
        self.closed.append(True)


@pytest.mark.parametrize("rapids", [True, False])
def test_only_the_repetitions_are_sampled_and_every_number_is_of_its_own_statement(
    rapids: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    sampler = RecordedSampler(said)

    def answers(statement: str) -> Reply:
        said.append(statement)
        return [("set", "<undefined>")] if statement.startswith("SET `") else [(7,)]

    def beside(place: Place) -> RecordedSampler:
        said.append(f"beside {place.name}")
        return sampler

    def execution(_: DriverRest, tag: str) -> Execution:
        return Execution(tag, (), 1)

    def counters(_: DriverRest, tag: str) -> Mapping[str, Sequence[str]]:
        return {"gpuTime": [tag]}

    monkeypatch.setattr(work, "_WATCHED_S", 0.0)
    monkeypatch.setattr(Sampler, "beside", beside)
    monkeypatch.setattr(RecordedPlatform, "executor_places", property(lambda platform: [platform.driver]))
    monkeypatch.setattr(DriverRest, "execution", execution)
    monkeypatch.setattr(DriverRest, "counters", counters)
    monkeypatch.setattr(DriverRest, "workers", lambda _, tag: {tag: 1})

    done = GpuWork.run(RecordedPlatform(), session(answers=answers), STATEMENT, rapids=rapids)

    switched = [f"SET {SWITCH} = false", STATEMENT, f"SET {SWITCH} = {str(rapids).lower()}", STATEMENT]
    assert said[:9] == ["open", *switched, "beside driver", "idle", "taken", STATEMENT]
    assert said[9:] == ["taken", f"RESET {SWITCH}", "SET `spark.rapids.shims-provider-override`"]
    assert [each.at_s for each in done.busy] == [2.0]
    assert done.comparison.tag != done.answer.tag
    assert (done.execution.plan, done.on_cpu.plan) == (done.answer.tag, done.comparison.tag)
    assert (done.counters, done.workers) == ({"gpuTime": [done.answer.tag]}, {done.answer.tag: 1})
    assert sampler.closed == [True]
