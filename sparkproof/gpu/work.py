"""A GPU's work for a statement: the operators that RAPIDS executed, the CPU's answer, and samples of the hardware."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import Any

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.gpu.picture import draw
from sparkproof.gpu.samples import Sample, Sampler, is_busier
from sparkproof.gpu.support import rapids_label, switch_rapids
from sparkproof.iceberg.scan import Scan
from sparkproof.spark.history import Execution, must_be_executors
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Session

_SCAN = ("BatchScan",)
# Long enough for NVML's average to cover the statement alone, and for a meaningful mean.
_WATCHED_S = 3.0
# RAPIDS' own counters of a task's work, by the names that RAPIDS registers with Spark.
_TIME, _MEMORY = "gpuTime", "gpuMaxDeviceMemoryBytes"
_MEMORY_PRESSURE = ("gpuRetryCount", "gpuSplitAndRetryCount", "gpuSpillToHostBytes", "gpuSpillToDiskBytes")


@dataclass(frozen=True)
class GpuWork:
    """A statement that executors with GPUs executed repeatedly while their GPUs were sampled.

    `answer` and `execution` are of the last repetition. `comparison` and `on_cpu` are of a run before it with RAPIDS
    off. `counters` are RAPIDS' own counters of the last repetition, as Spark shows them. `workers` are the numbers of
    its tasks by executor. `idle` are samples from before the work, `busy` are samples during the work.
    """

    rapids: str
    answer: Answer
    execution: Execution
    counters: Mapping[str, Sequence[str]]
    workers: Mapping[str, int]
    comparison: Answer
    on_cpu: Execution
    idle: Sequence[Sample]
    busy: Sequence[Sample]

    @classmethod
    def run(cls, platform: Platform, session: Session, statement: str, *, rapids: bool = True) -> "GpuWork":
        """Execute a statement, with RAPIDS on or off; raise SqlRefused or NoGpu."""
        with ExitStack() as opened:
            opened.callback(switch_rapids, session, on=None)
            switch_rapids(session, on=False)
            comparison = session.run(statement)
            switch_rapids(session, on=rapids)
            # The first execution includes one-time work, such as allocating GPU memory, so it is not sampled.
            session.run(statement)
            samplers = [opened.enter_context(closing(Sampler.beside(place))) for place in platform.executor_places]
            idle = [sample for sampler in samplers for sample in sampler.take_idle()]
            for sampler in samplers:
                sampler.take()
            answer = _repeat(session, statement)
            busy = [sample for sampler in samplers for sample in sampler.take()]
        history = platform.history
        execution, on_cpu = (history.execution(each.tag) for each in (answer, comparison))
        counters, workers = history.counters(answer.tag), history.workers(answer.tag)
        return cls(rapids_label(session), answer, execution, counters, workers, comparison, on_cpu, idle, busy)

    @property
    def operators(self) -> list[str]:
        """The names of the operators that ran on the GPU."""
        return on_gpu(self.execution)

    @property
    def _operators_on_cpu(self) -> list[str]:
        return [operator.name for operator in self.execution.operators if operator.name not in self.operators]

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The measurements of the GPU, RAPIDS, Spark and Iceberg together."""
        return {
            "gpu": {"idle": _range(self.idle), "busy": _range(self.busy), "samples": [*map(asdict, self.busy)]},
            "rapids": {name: self.counters.get(name, []) for name in (_TIME, _MEMORY, *_MEMORY_PRESSURE)},
            "operators": {"on the GPU": self.operators, "on the CPU": self._operators_on_cpu},
            "tasks by executor": dict(self.workers),
            "iceberg": asdict(Scan.of(self.execution)),
            "seconds": {"with RAPIDS": self.answer.seconds, "without": self.comparison.seconds},
        }

    def evidence(self) -> None:
        """Attach the measurements as evidence."""
        evidence.attach("measurements of GPU, RAPIDS and Iceberg", self.metrics)

    def must_be_accelerated(self, names: Collection[str] = _SCAN) -> None:
        """Check that these operators ran on the GPU, that the CPU gives the same answer, and that the GPU was busy."""
        self._must_pass_all_three(names)
        self._prove(f"{self.rapids} executed {', '.join(self.operators)}")

    def must_have_left_to_cpu(self, name: str) -> None:
        """Check that this operator ran on the CPU while others ran on the GPU, and that the answer is right."""
        self._must_pass_all_three()
        if name not in self._operators_on_cpu:
            raise CheckFailed(
                f"{self.rapids} left {', '.join(self._operators_on_cpu) or 'nothing'} to the CPU, but no {name}."
            )
        self._prove(f"{self.rapids} left {name} to the CPU and executed {', '.join(self.operators)}")

    def must_not_have_used_gpu(self) -> None:
        """Check that each of the three proofs of a GPU's work fails for a statement that ran with RAPIDS off."""
        refuted = [
            _must_fail(lambda: self._must_have_run_on_gpu(_SCAN), "the plan"),
            _must_fail(self._must_have_counted_work, "a counter"),
            _must_fail(self._must_have_used_hardware, "the hardware"),
        ]
        evidence.prove(Level.EXECUTED, " ".join(refuted), final_plan=self.execution.plan, metrics=self.metrics)

    def must_have_survived_memory_pressure(self) -> None:
        """Check that tasks ran out of GPU memory, were retried or spilled, and that the answer is still right."""
        self._must_pass_all_three()
        pressure = {name: self.counters[name] for name in _MEMORY_PRESSURE if _some(self.counters.get(name, ()))}
        if not pressure:
            raise CheckFailed(f"No task ran out of GPU memory: {self.metrics['rapids']}.")
        self._prove(f"{self.rapids} had too little GPU memory ({pressure}), and the answer equals the CPU's")

    def must_show_iceberg_and_gpu(self) -> None:
        """Check that one execution shows the GPU's work and the files that Iceberg chose; record both together."""
        self._must_pass_all_three()
        scan = Scan.of(self.execution).must_have_chosen()
        self._prove(f"Iceberg chose {scan.files} files from {scan.manifests} manifests, and {self.rapids} read them")

    def _must_pass_all_three(self, names: Collection[str] = _SCAN) -> None:
        """Check the three proofs of executors' work on GPUs: the executed plan, the CPU's answer, and the hardware."""
        must_be_executors(self.workers)
        self._must_have_run_on_gpu(names)
        must_equal_the_cpus(self.answer, self.comparison, self.on_cpu)
        self._must_have_counted_work()
        self._must_have_used_hardware()

    def _must_have_run_on_gpu(self, names: Collection[str]) -> None:
        if missing := missing_on_gpu(self.execution, names):
            executed = ", ".join(self.operators) or "nothing"
            raise CheckFailed(f"{self.rapids} executed {executed}, but no {', '.join(missing)}.")

    def _must_have_counted_work(self) -> None:
        # The memory counter is not checked: on an H200 it said nothing about half of the work, which had enough memory.
        if not _some(self.counters.get(_TIME, ())):
            raise CheckFailed(f"RAPIDS' counter {_TIME} shows no work: {self.counters.get(_TIME, 'it is missing')}.")

    def _must_have_used_hardware(self) -> None:
        if not is_busier(self.busy, self.idle):
            raise CheckFailed(f"The GPU shows no work: {_range(self.busy)}; when idle {_range(self.idle)}.")

    def _prove(self, seen: str) -> None:
        evidence.prove(Level.ACCELERATED, seen, final_plan=self.execution.plan, metrics=self.metrics)
        evidence.attach("GPU samples", draw(self.idle, self.busy), "image/svg+xml")


def must_have_executed(platform: Platform, tag: str, names: Collection[str]) -> None:
    """Check that executors ran these operators of the work of `tag` by RAPIDS, which counted its time on the GPU.

    For work that its user did once, so that there is nothing to sample and no run on the CPU to compare with.
    """
    history = platform.history
    execution, counters = history.execution(tag), history.counters(tag)
    must_be_executors(history.workers(tag))
    operators, missing = on_gpu(execution), missing_on_gpu(execution, names)
    if missing or not _some(counters.get(_TIME, ())):
        lacks = ", ".join(missing) or "any time"
        raise CheckFailed(
            f"RAPIDS executed {', '.join(operators) or 'nothing'} of {tag}, without {lacks}; its counter {_TIME} is "
            f"{counters.get(_TIME, 'missing')}."
        )
    evidence.prove(Level.EXECUTED, f"RAPIDS executed {', '.join(operators)}", final_plan=execution.plan)


def _repeat(session: Session, statement: str) -> Answer:
    answers: list[Answer] = []
    eventually(
        f"{_WATCHED_S:g} seconds of {statement!r}",
        lambda: answers.__iadd__([session.run(statement)]),
        lambda given: sum(answer.seconds for answer in given) >= _WATCHED_S,
        within_s=timeouts.WATCHED,
        every_s=0,
    )
    return answers[-1]


def must_equal_the_cpus(answer: Answer, comparison: Answer, on_cpu: Execution) -> None:
    """Check that the `comparison`, whose plan is `on_cpu`, is the CPU's, and that the GPU's answer has its rows."""
    if stray := on_gpu(on_cpu):
        raise CheckFailed(f"With RAPIDS off, {', '.join(stray)} still ran on the GPU, so there is no comparison.")
    if not answer.holds(comparison.rows):
        raise CheckFailed(f"The GPU gave {list(answer.rows)}, the CPU {list(comparison.rows)}.")


def missing_on_gpu(execution: Execution, names: Collection[str]) -> list[str]:
    """Return those of these names that no operator has that ran on the GPU."""
    return [name for name in names if not any(name in operator for operator in on_gpu(execution))]


def on_gpu(execution: Execution) -> list[str]:
    """Return the names of the operators of a plan that ran on the GPU; RAPIDS adds "Gpu" to these names."""
    return [operator.name for operator in execution.operators if "Gpu" in operator.name]


def _must_fail(check: Callable[[], None], what: str) -> str:
    try:
        check()
    except CheckFailed as seen:
        return f"With RAPIDS off, {what} says: {seen}"
    raise CheckFailed(f"With RAPIDS off, {what} still shows a GPU at work.")


def _some(shown: Collection[str]) -> bool:
    """Return True if a counter is above zero; its forms are "00:00:00.024", "192.87MB (202240000 bytes)", "3"."""
    return any(re.search("[1-9]", value) for value in shown)


def _range(samples: Sequence[Sample]) -> str:
    used, taken = ([getattr(sample, name) for sample in samples] for name in ("utilisation", "memory"))
    if not samples:
        return "no sample"
    return f"{min(used)} to {max(used)} % in use, {min(taken) >> 20} to {max(taken) >> 20} MiB taken"
