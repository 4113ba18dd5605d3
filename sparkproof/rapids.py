"""What RAPIDS plans for the GPU: each operator of a statement's plan, where it would run, and why not on the GPU."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sparkproof import evidence
from sparkproof.cluster import images
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.spark.session import Session

# "*Exec <FilterExec> will run on GPU", "!Exec <GenerateExec> cannot run on GPU because ...": one line an operator, as
# NVIDIA's tuning guide shows it; lines on expressions and partitionings lie below their operator's.
_OPERATOR = re.compile(r"^\s*(?P<mark>[*!@#])Exec <(?P<name>\w+?)(?:Exec)?> (?P<words>.*)$", re.M)
_ON_GPU = "*"


@dataclass(frozen=True)
class Lack:
    """Why RAPIDS does not run on a version of Spark, and whether its vendor says so or only a jar is missing here."""

    reason: str
    by_vendor: bool


def lack_on(spark_version: str) -> Lack | None:
    """What keeps RAPIDS from this version of Spark, unless somebody forces it; None where it is supported."""
    line = images.spark_line(spark_version).get("gpu")
    if line is None:
        told = f"no RAPIDS jar for Spark {spark_version} is published where the images' parts were pinned"
        return Lack(f"{told}: pin one in docker/versions.toml", by_vendor=False)
    if spark_version in line["unsupported"]:
        return Lack(f"RAPIDS {line['rapids']} has no shim for Spark {spark_version}", by_vendor=True)
    return None


@dataclass(frozen=True)
class Operator:
    """An operator of a plan ("HashAggregate", "BatchScan"), whether it would run on the GPU, and RAPIDS's words."""

    name: str
    on_gpu: bool
    words: str


@dataclass(frozen=True)
class Plan:
    """What RAPIDS would do with one statement; `explanation` is its own text."""

    statement: str
    explanation: str

    @classmethod
    def of(cls, session: Session, statement: str) -> "Plan":
        """The plan of a statement in a session that has RAPIDS, a GPU or not; nothing is executed."""
        return cls(statement, session.explain(statement))

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
        evidence.prove(Level.PLANNED, f"RAPIDS would run {self._told()}", what_RAPIDS_plans=self.explanation)

    def must_stay_on_cpu(self, name: str, reason: str) -> None:
        """Check that this operator would run on the CPU and that RAPIDS's words say why."""
        left = [each for each in self.operators if each.name == name and not each.on_gpu]
        if not left:
            raise CheckFailed(f"RAPIDS would not leave {name} to the CPU: {self._told()}")
        if reason not in self.explanation:
            raise CheckFailed(f"RAPIDS leaves {name} to the CPU, but not because of {reason!r}: {left[0].words}")
        evidence.prove(Level.PLANNED, f"RAPIDS leaves {name} to the CPU: {reason}", what_RAPIDS_plans=self.explanation)

    def must_lack(self, function: str) -> None:
        """Check that RAPIDS reports that it has nothing for this expression ("SoundEx")."""
        lack = re.compile(rf"GPU does not currently support the operator class \S+\.{function}$", re.M)
        if not lack.search(self.explanation):
            raise CheckFailed(f"RAPIDS does not report that it lacks {function}: {self._told()}")
        evidence.prove(Level.PLANNED, f"RAPIDS reports that it lacks {function}", what_RAPIDS_plans=self.explanation)

    def _told(self) -> str:
        return (
            ", ".join(f"{each.name} on the {'GPU' if each.on_gpu else 'CPU'}" for each in self.operators) or "nothing"
        )
