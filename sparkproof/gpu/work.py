"""What a GPU did for a statement: the operators that RAPIDS executed, the CPU's answer, and what the hardware saw."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.gpu.picture import drawn
from sparkproof.gpu.samples import Sample, Sampler, busier
from sparkproof.gpu.support import rapids_label, switch_rapids
from sparkproof.iceberg.scan import Scan
from sparkproof.spark.history import Execution
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Session

_SCAN = ("BatchScan",)
# Long enough for NVML's average to be one over the statement alone, and for a median that means something.
_WATCHED_S = 3.0
# RAPIDS' own counters of a task's work, by the names that it registers with Spark.
_TIME, _MEMORY = "gpuTime", "gpuMaxDeviceMemoryBytes"
_MEMORY_PRESSURE = ("gpuRetryCount", "gpuSplitAndRetryCount", "gpuSpillToHostBytes", "gpuSpillToDiskBytes")


@dataclass(frozen=True)
class GpuWork:
    """A statement that executors with GPUs executed, again and again while their GPUs were looked at.

    `answer` and `execution` are of the last time, `comparison` and `on_cpu` of once before with RAPIDS off. `counters`
    are RAPIDS' own of the last time, as Spark shows them. `idle` are samples from before, `busy` those from meanwhile.
    """

    rapids: str
    answer: Answer
    execution: Execution
    counters: Mapping[str, Sequence[str]]
    comparison: Answer
    on_cpu: Execution
    idle: Sequence[Sample]
    busy: Sequence[Sample]

    @classmethod
    def run(cls, platform: Platform, session: Session, statement: str, *, rapids: bool = True) -> "GpuWork":
        """Have a statement executed, with RAPIDS on or off; raises SqlRefused, NoGpu."""
        with ExitStack() as opened:
            opened.callback(switch_rapids, session, on=None)
            switch_rapids(session, on=False)
            comparison = session.run(statement)
            switch_rapids(session, on=rapids)
            # What is done once, as to lay out the GPU's memory, is done before anybody looks.
            session.run(statement)
            samplers = [opened.enter_context(closing(Sampler.beside(place))) for place in platform.executor_places]
            idle = [sample for sampler in samplers for sample in sampler.rest()]
            for sampler in samplers:
                sampler.take()
            answer = _again_and_again(session, statement)
            busy = [sample for sampler in samplers for sample in sampler.take()]
        execution, on_cpu = (platform.history.execution(each.tag) for each in (answer, comparison))
        counters = platform.history.counters(answer.tag)
        return cls(rapids_label(session), answer, execution, counters, comparison, on_cpu, idle, busy)

    @property
    def operators(self) -> list[str]:
        """The names of the operators that ran on the GPU: RAPIDS puts "Gpu" before each, or before what it executes."""
        return _on_gpu(self.execution)

    @property
    def _left(self) -> list[str]:
        return [operator.name for operator in self.execution.operators if operator.name not in self.operators]

    @property
    def metrics(self) -> Mapping[str, Any]:
        """What the GPU, RAPIDS, Spark and Iceberg measured, in one."""
        return {
            "gpu": {"idle": _range(self.idle), "busy": _range(self.busy), "samples": [*map(asdict, self.busy)]},
            "rapids": {name: self.counters.get(name, []) for name in (_TIME, _MEMORY, *_MEMORY_PRESSURE)},
            "operators": {"on the GPU": self.operators, "on the CPU": self._left},
            "iceberg": asdict(Scan.of(self.execution)),
            "seconds": {"with RAPIDS": self.answer.seconds, "without": self.comparison.seconds},
        }

    def evidence(self) -> None:
        """Keep what a failed check was judged by."""
        evidence.attach("what GPU, RAPIDS and Iceberg measured", self.metrics)

    def must_be_accelerated(self, names: Collection[str] = _SCAN) -> None:
        """Check all three: such operators ran on the GPU, the CPU's answer is the same, the hardware was at work."""
        self._must_pass_all_three(names)
        self._prove(f"{self.rapids} executed {', '.join(self.operators)}")

    def must_have_left_to_cpu(self, name: str) -> None:
        """Check that an operator of this name ran on the CPU beside others on the GPU, and that the answer is right."""
        self._must_pass_all_three()
        if name not in self._left:
            raise CheckFailed(f"{self.rapids} left {', '.join(self._left) or 'nothing'} to the CPU, but no {name}.")
        self._prove(f"{self.rapids} left {name} to the CPU and executed {', '.join(self.operators)}")

    def must_have_left_the_gpu_alone(self) -> None:
        """Check that what shows a GPU at work does not show it, of a statement that was executed with RAPIDS off."""
        told = [
            _must_fail(lambda: self._must_have_run_on_gpu(_SCAN), "the plan"),
            _must_fail(self._must_have_counted_work, "a counter"),
            _must_fail(self._must_have_kept_the_gpu_busy, "the hardware"),
        ]
        evidence.prove(Level.EXECUTED, " ".join(told), final_plan=self.execution.plan, metrics=self.metrics)

    def must_have_survived_memory_pressure(self) -> None:
        """Check that tasks ran out of the GPU's memory, tried again or spilled, and that nothing was lost by that."""
        self._must_pass_all_three()
        pressure = {name: self.counters[name] for name in _MEMORY_PRESSURE if _some(self.counters.get(name, ()))}
        if not pressure:
            raise CheckFailed(f"No task ran out of the GPU's memory: {self.metrics['rapids']}.")
        self._prove(f"{self.rapids} had too little memory ({pressure}), and the answer is the CPU's")

    def must_tell_of_iceberg_and_gpu(self) -> None:
        """Check that one execution shows that a GPU computed and that Iceberg chose the files; keep both in one."""
        self._must_pass_all_three()
        scan = Scan.of(self.execution)
        if not scan.files or not scan.manifests:
            raise CheckFailed(f"Iceberg's metrics show no file that was read of a manifest: {asdict(scan)}.")
        self._prove(f"Iceberg chose {scan.files} files of {scan.manifests} manifests, which {self.rapids} read")

    def _must_pass_all_three(self, names: Collection[str] = _SCAN) -> None:
        """What each claim of a GPU stands on: the plan, the CPU's answer, the hardware."""
        self._must_have_run_on_gpu(names)
        self._must_equal_the_cpus()
        self._must_have_counted_work()
        self._must_have_kept_the_gpu_busy()

    def _must_have_run_on_gpu(self, names: Collection[str]) -> None:
        missing = [name for name in names if not any(name in operator for operator in self.operators)]
        if missing:
            told = ", ".join(self.operators) or "nothing"
            raise CheckFailed(f"{self.rapids} executed {told}, but no {', '.join(missing)}.")

    def _must_equal_the_cpus(self) -> None:
        if stray := _on_gpu(self.on_cpu):
            raise CheckFailed(f"With RAPIDS off, {', '.join(stray)} still ran on the GPU, so there is no comparison.")
        if not self.answer.holds(self.comparison.rows):
            raise CheckFailed(f"The GPU gave {list(self.answer.rows)}, the CPU {list(self.comparison.rows)}.")

    def _must_have_counted_work(self) -> None:
        # Its counter of memory says nothing of tasks that had what they needed: seen on an H200, for half of the work.
        if not _some(self.counters.get(_TIME, ())):
            raise CheckFailed(f"RAPIDS' counter {_TIME} shows no work: {self.counters.get(_TIME, 'it is not there')}.")

    def _must_have_kept_the_gpu_busy(self) -> None:
        if not busier(self.busy, self.idle):
            raise CheckFailed(f"The GPU shows no work: {_range(self.busy)}, and when idle {_range(self.idle)}.")

    def _prove(self, seen: str) -> None:
        evidence.prove(Level.ACCELERATED, seen, final_plan=self.execution.plan, metrics=self.metrics)
        evidence.attach("the GPU meanwhile", drawn(self.idle, self.busy), "image/svg+xml")


def _again_and_again(session: Session, statement: str) -> Answer:
    answers: list[Answer] = []
    eventually(
        f"{_WATCHED_S:g} seconds of {statement!r}",
        lambda: answers.__iadd__([session.run(statement)]),
        lambda had: sum(answer.seconds for answer in had) >= _WATCHED_S,
        within_s=timeouts.WATCHED,
        every_s=0,
    )
    return answers[-1]


def _on_gpu(execution: Execution) -> list[str]:
    return [operator.name for operator in execution.operators if "Gpu" in operator.name]


def _must_fail(check: Callable[[], None], what: str) -> str:
    try:
        check()
    except CheckFailed as seen:
        return f"With RAPIDS off, {what} says: {seen}"
    raise CheckFailed(f"With RAPIDS off, {what} still shows a GPU at work.")


def _some(shown: Collection[str]) -> bool:
    """Whether a counter is above zero, whatever its form: "00:00:00.024", "192.87MB (202240000 bytes)", "3"."""
    return any(re.search("[1-9]", value) for value in shown)


def _range(samples: Sequence[Sample]) -> str:
    used, room = ([getattr(sample, name) for sample in samples] for name in ("utilisation", "memory"))
    if not samples:
        return "no sample"
    return f"{min(used)} to {max(used)} % in use, {min(room) >> 20} to {max(room) >> 20} MiB taken"
