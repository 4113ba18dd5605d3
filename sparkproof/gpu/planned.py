"""RAPIDS' plan of a statement: each operator, whether it would run on the GPU, and the reason if not."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.gpu.support import rapids_label
from sparkproof.spark.session import Session

# "*Exec <FilterExec> will run on GPU", "!Exec <GenerateExec> cannot run on GPU because ...": one line per operator, as
# in NVIDIA's tuning guide; lines on expressions and partitionings follow the line of their operator.
_OPERATOR = re.compile(r"^\s*(?P<mark>[*!@#])Exec <(?P<name>\w+?)(?:Exec)?> (?P<message>.*)$", re.M)
# The lines of each operator, up to the next one: its own reasons and those of its expressions and partitionings.
_LINES = re.compile(r"^\s*[*!@#]Exec <(?P<name>\w+?)(?:Exec)?> .*$(?:\n(?!\s*[*!@#]Exec ).*)*", re.M)
_ON_GPU = "*"
_PACKAGE = "com.nvidia.spark.rapids"


@dataclass(frozen=True)
class PlannedOperator:
    """An operator of a plan ("HashAggregate", "BatchScan"); `on_gpu` if it would run there; RAPIDS' message."""

    name: str
    on_gpu: bool
    message: str


@dataclass(frozen=True)
class RapidsPlan:
    """RAPIDS' plan of one statement; `rapids` is its label in reports, `explanation` its own text.

    `rules` are the planner classes of the session; RAPIDS is one of them if it is part of the platform.
    """

    rapids: str
    statement: str
    explanation: str
    rules: Sequence[str]

    @classmethod
    def of(cls, session: Session, statement: str) -> "RapidsPlan":
        """Plan a statement in a session with RAPIDS, with or without a GPU; nothing is executed."""
        return cls(rapids_label(session), statement, *session.explain(statement))

    @property
    def operators(self) -> list[PlannedOperator]:
        """All operators, the root of the plan first."""
        found = _OPERATOR.finditer(self.explanation)
        return [PlannedOperator(each["name"], each["mark"] == _ON_GPU, each["message"]) for each in found]

    def must_run_on_gpu(self, names: Iterable[str], *, on_cpu: Collection[str] = ()) -> None:
        """Check that the plan has these operators, and that all operators but `on_cpu` would run on the GPU."""
        missing = sorted(set(names) - {each.name for each in self.operators if each.on_gpu})
        if missing:
            raise CheckFailed(f"RAPIDS would not run {', '.join(missing)} on the GPU: {self._summary()}")
        stray = [
            f"{each.name} ({each.message})" for each in self.operators if not each.on_gpu and each.name not in on_cpu
        ]
        if stray:
            raise CheckFailed(f"RAPIDS would leave these operators to the CPU: {'; '.join(stray)}")
        self._prove(f"{self.rapids} would run {self._summary()}")

    def must_stay_on_cpu(self, name: str, reason: str) -> None:
        """Check that this operator would run on the CPU and that RAPIDS' message has the reason."""
        left = [each for each in self.operators if each.name == name and not each.on_gpu]
        if not left:
            raise CheckFailed(f"RAPIDS would not leave {name} to the CPU: {self._summary()}")
        if not any(reason in said for said in self._said_of(name)):
            raise CheckFailed(f"RAPIDS leaves {name} to the CPU, but not because of {reason!r}: {left[0].message}")
        self._prove(f"{self.rapids} leaves {name} to the CPU: {reason}")

    def must_lack(self, function: str) -> None:
        """Check that RAPIDS reports this expression ("SoundEx") as not supported."""
        lack = re.compile(rf"GPU does not currently support the operator class \S+\.{function}$", re.M)
        if not lack.search(self.explanation):
            raise CheckFailed(f"RAPIDS does not report {function} as not supported: {self._summary()}")
        self._prove(f"{self.rapids} reports {function} as not supported")

    def must_bridge(self, expression: str, reason: str) -> None:
        """Check that the CPU would compute this expression ("Upper") for the GPU, and that RAPIDS gives this reason."""
        found = re.search(
            rf"^\s*\^Expression <{expression}> .* via CPU bridge because (?P<message>.*)$", self.explanation, re.M
        )
        if not found:
            raise CheckFailed(f"RAPIDS would not have the CPU compute {expression}: {self._summary()}")
        if reason not in found["message"]:
            raise CheckFailed(
                f"RAPIDS has the CPU compute {expression}, but not because of {reason!r}: {found['message']}"
            )
        self._prove(f"{self.rapids} would have the CPU compute {expression}: {reason}")

    def must_be_forced(self) -> None:
        """Check that the report names the shim that RAPIDS is forced to use."""
        if "forced" not in self.rapids:
            raise CheckFailed(f"The report names it {self.rapids}, as if the vendor supported this version of Spark.")
        self._prove(f"The report names it {self.rapids}")

    def _prove(self, seen: str) -> None:
        if not any(_PACKAGE in rule for rule in self.rules):
            raise CheckFailed("RAPIDS is not among the planner classes of this platform's Spark.")
        evidence.prove(Level.PLANNED, seen, what_RAPIDS_plans=self.explanation)

    def _said_of(self, name: str) -> list[str]:
        """Return what RAPIDS says of each operator of this name that is left to the CPU, and of what belongs to it."""
        found = (each for each in _LINES.finditer(self.explanation) if each["name"] == name)
        return [each[0] for each in found if not each[0].lstrip().startswith(_ON_GPU)]

    def _summary(self) -> str:
        return (
            ", ".join(f"{each.name} on the {'GPU' if each.on_gpu else 'CPU'}" for each in self.operators) or "nothing"
        )
