"""What RAPIDS plans for the GPU: each operator of a statement's plan, where it would run, and why not on the GPU."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.gpu.support import rapids_label
from sparkproof.spark.session import Session

# "*Exec <FilterExec> will run on GPU", "!Exec <GenerateExec> cannot run on GPU because ...": one line an operator, as
# NVIDIA's tuning guide shows it; lines on expressions and partitionings lie below their operator's.
_OPERATOR = re.compile(r"^\s*(?P<mark>[*!@#])Exec <(?P<name>\w+?)(?:Exec)?> (?P<words>.*)$", re.M)
_ON_GPU = "*"
_PACKAGE = "com.nvidia.spark.rapids"


@dataclass(frozen=True)
class Operator:
    """An operator of a plan ("HashAggregate", "BatchScan"), whether it would run on the GPU, and RAPIDS's words."""

    name: str
    on_gpu: bool
    words: str


@dataclass(frozen=True)
class Plan:
    """What RAPIDS, as `rapids` names it, would do with one statement; `explanation` is its own text.

    `rules` are the classes by which the session plans; RAPIDS, where it is part of the platform, is among them.
    """

    rapids: str
    statement: str
    explanation: str
    rules: Sequence[str]

    @classmethod
    def of(cls, session: Session, statement: str) -> "Plan":
        """The plan of a statement in a session that has RAPIDS, a GPU or not; nothing is executed."""
        return cls(rapids_label(session), statement, *session.explain(statement))

    @property
    def operators(self) -> list[Operator]:
        """All operators, from the plan's root down."""
        found = _OPERATOR.finditer(self.explanation)
        return [Operator(each["name"], each["mark"] == _ON_GPU, each["words"]) for each in found]

    def must_run_on_gpu(self, names: Iterable[str], *, on_cpu: Collection[str] = ()) -> None:
        """Check that these operators are there and all operators but `on_cpu` would run on the GPU."""
        missing = sorted(set(names) - {each.name for each in self.operators if each.on_gpu})
        if missing:
            raise CheckFailed(f"RAPIDS would not run {', '.join(missing)} on the GPU: {self._told()}")
        stray = [
            f"{each.name} ({each.words})" for each in self.operators if not each.on_gpu and each.name not in on_cpu
        ]
        if stray:
            raise CheckFailed(f"RAPIDS would leave to the CPU what it should not: {'; '.join(stray)}")
        self._prove(f"{self.rapids} would run {self._told()}")

    def must_stay_on_cpu(self, name: str, reason: str) -> None:
        """Check that this operator would run on the CPU and that RAPIDS's words say why."""
        left = [each for each in self.operators if each.name == name and not each.on_gpu]
        if not left:
            raise CheckFailed(f"RAPIDS would not leave {name} to the CPU: {self._told()}")
        if reason not in self.explanation:
            raise CheckFailed(f"RAPIDS leaves {name} to the CPU, but not because of {reason!r}: {left[0].words}")
        self._prove(f"{self.rapids} leaves {name} to the CPU: {reason}")

    def must_lack(self, function: str) -> None:
        """Check that RAPIDS reports that it has nothing for this expression ("SoundEx")."""
        lack = re.compile(rf"GPU does not currently support the operator class \S+\.{function}$", re.M)
        if not lack.search(self.explanation):
            raise CheckFailed(f"RAPIDS does not report that it lacks {function}: {self._told()}")
        self._prove(f"{self.rapids} reports that it lacks {function}")

    def must_bridge(self, expression: str, reason: str) -> None:
        """Check that the CPU would compute this expression ("Upper") for the GPU, and that RAPIDS's words say why."""
        found = re.search(
            rf"^\s*\^Expression <{expression}> .* via CPU bridge because (?P<words>.*)$", self.explanation, re.M
        )
        if not found:
            raise CheckFailed(f"RAPIDS would not have the CPU compute {expression}: {self._told()}")
        if reason not in found["words"]:
            raise CheckFailed(
                f"RAPIDS has the CPU compute {expression}, but not because of {reason!r}: {found['words']}"
            )
        self._prove(f"{self.rapids} would have the CPU compute {expression}: {reason}")

    def must_be_forced(self) -> None:
        """Check that the report names the shim that RAPIDS was forced to use."""
        if "forced" not in self.rapids:
            raise CheckFailed(f"The report would call it {self.rapids}, as if its vendor supported this.")
        self._prove(f"The report calls it {self.rapids}")

    def _prove(self, seen: str) -> None:
        if not any(_PACKAGE in rule for rule in self.rules):
            raise CheckFailed("RAPIDS has no part in how this platform's Spark plans, whatever it would do with it.")
        evidence.prove(Level.PLANNED, seen, what_RAPIDS_plans=self.explanation)

    def _told(self) -> str:
        return (
            ", ".join(f"{each.name} on the {'GPU' if each.on_gpu else 'CPU'}" for each in self.operators) or "nothing"
        )
