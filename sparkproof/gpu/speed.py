"""How many times as fast a GPU answers a statement as the cores of the same executors."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.gpu.support import switch_rapids
from sparkproof.gpu.work import missing_on_gpu, must_equal_the_cpus, on_gpu
from sparkproof.spark.history import Execution, must_be_executors
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Session

_RUNS = 3


@dataclass(frozen=True)
class Timed:
    """A statement that was executed several times: its last answer and plan, and the median of its seconds.

    `workers` are the numbers of the last execution's tasks by executor.
    """

    answer: Answer
    execution: Execution
    workers: Mapping[str, int]
    seconds: float

    @classmethod
    def of(cls, platform: Platform, session: Session, statement: str, *, rapids: bool) -> "Timed":
        """Execute the statement with RAPIDS on or off; raises SqlRefused.

        The first execution generates code, and allocates the GPU's memory, so it is not timed.
        """
        switch_rapids(session, on=rapids)
        session.run(statement)
        answers = [session.run(statement) for _ in range(_RUNS)]
        median = statistics.median(answer.seconds for answer in answers)
        history, tag = platform.history, answers[-1].tag
        return cls(answers[-1], history.execution(tag), history.workers(tag), median)


@dataclass(frozen=True)
class Speed:
    """A statement by a GPU, and by the CPU of the same executors."""

    by_gpu: Timed
    by_cpu: Timed

    @classmethod
    def measure(cls, platform: Platform, session: Session, statement: str) -> "Speed":
        """Execute the statement several times with RAPIDS on and off; raises SqlRefused."""
        try:
            by_gpu, by_cpu = (Timed.of(platform, session, statement, rapids=rapids) for rapids in (True, False))
        finally:
            switch_rapids(session, on=None)
        return cls(by_gpu, by_cpu)

    @property
    def times(self) -> float:
        """The CPU's time over the GPU's."""
        return self.by_cpu.seconds / self.by_gpu.seconds

    @property
    def shown(self) -> str:
        """Both times, in words."""
        return f"CPU {self.by_cpu.seconds:.2f} s, GPU {self.by_gpu.seconds:.2f} s, medians of {_RUNS}"

    def must_be_at_least(self, times: float, operators: Sequence[str]) -> None:
        """Check that the GPU, which ran these operators, gave the CPU's answer, and was so many times as fast.

        Executors did the work both times.
        """
        for timed in (self.by_gpu, self.by_cpu):
            must_be_executors(timed.workers)
        if missing := missing_on_gpu(self.by_gpu.execution, operators):
            ran = ", ".join(on_gpu(self.by_gpu.execution)) or "nothing"
            raise CheckFailed(f"The GPU ran {ran}, but no {', '.join(missing)}.")
        must_equal_the_cpus(self.by_gpu.answer, self.by_cpu.answer, self.by_cpu.execution)
        if self.times < times:
            raise CheckFailed(f"The GPU is {self.times:.1f} times as fast, not {times:g} times: {self.shown}")
        evidence.measured("the time of the cores over the GPU's", self.times, "x", f"at least {times:g} x")
        evidence.prove(
            Level.ACCELERATED,
            f"The GPU is {self.times:.1f} times as fast: {self.shown}",
            final_plan=self.by_gpu.execution.plan,
        )
