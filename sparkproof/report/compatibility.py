"""Which versions were proved to work together: a table of parts and Spark versions, from what finished runs proved."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkproof.build import versions
from sparkproof.build.versions import Spark
from sparkproof.core.evidence import Level
from sparkproof.run import finished
from sparkproof.run.finished import Finished
from sparkproof.run.ledger import Line
from sparkproof.run.outcome import Outcome

NOT_TRIED = "not tried"


@dataclass(frozen=True)
class Part:
    """A part of a platform, and its version beside a version of Spark; "" for a part of Spark or of the charts."""

    name: str
    version: Callable[[Spark], str] = lambda _spark: ""


# By the tag of the criteria that prove it.
PARTS: Mapping[str, Part] = {
    "connect": Part("Spark Connect", lambda spark: spark.connect),
    "submit": Part("spark-submit"),
    "standalone": Part("standalone cluster"),
    "autoscaling": Part("executors that scale"),
    "iceberg": Part("Iceberg", lambda spark: spark.line.iceberg),
    "gpu": Part("RAPIDS", lambda spark: spark.rapids.version if spark.rapids else "none"),
    "airflow": Part("Airflow", lambda _spark: versions.pins().parts["airflow"].values["version"]),
    "jupyter": Part("Jupyter"),
    "mlflow": Part("MLflow", lambda _spark: versions.pins().parts["mlflow"].values["version"]),
    "security": Part("accounts, secrets, policies"),
}


@dataclass(frozen=True)
class Proof:
    """One criterion's line, with the day of its run."""

    line: Line
    day: str


@dataclass(frozen=True)
class Matrix:
    """The newest line of each criterion, from some runs."""

    proofs: Sequence[Proof]

    @classmethod
    def of(cls, runs: Sequence[Finished]) -> "Matrix":
        """Return the matrix of these runs; where several have a criterion, the one that began last counts."""
        known: dict[str, Proof] = {}
        for run in sorted(runs, key=lambda each: str(each.started)):
            day = run.started.date().isoformat() if run.started else "an unknown day"
            known |= {line.id: Proof(line, day) for line in run.lines}
        return cls(list(known.values()))

    def cell(self, tag: str, version: str) -> str:
        """Return what is known of a part on a Spark version, in words."""
        own = [each for each in self.proofs if tag in each.line.tags and each.line.version == version]
        wrong = [each for each in own if Outcome(each.line.outcome).bad]
        if wrong:
            return f"**{len(wrong)} of {len(own)} not proved**, {_days(wrong)}"
        passed = [each for each in own if each.line.outcome == Outcome.PASSED]
        if passed:
            counts = Counter(each.line.level for each in passed)
            return f"{', '.join(f'{counts[level]} {level}' for level in Level if counts[level])}, {_days(passed)}"
        for outcome in (Outcome.UNSUPPORTED, Outcome.SKIPPED):
            if reasons := {each.line.reason for each in own if each.line.outcome == outcome}:
                return f"{outcome}: {min(reasons)}"
        return NOT_TRIED

    def markdown(self) -> str:
        """Return a table with a row for each part and a column for each Spark version."""
        sparks = [versions.spark(name) for name in versions.names()]
        rows = [["", *(f"Spark {spark.name}" for spark in sparks)], ["---"] * (len(sparks) + 1)]
        for tag, part in PARTS.items():
            named = [(part.version(spark), self.cell(tag, spark.name)) for spark in sparks]
            rows.append([part.name, *(f"{version}: {cell}" if version else cell for version, cell in named)])
        return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows)


def read(folders: Sequence[Path]) -> Matrix:
    """Return the matrix of the finished runs in these folders; raises UsageError for one that holds none."""
    return Matrix.of([finished.read(folder) for folder in folders])


def _days(proofs: Sequence[Proof]) -> str:
    days = sorted({each.day for each in proofs})
    return " to ".join(dict.fromkeys((days[0], days[-1])))
