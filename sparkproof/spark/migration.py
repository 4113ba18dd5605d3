"""The check of a team's SQL job before the move from Spark 3.5 to 4.1: which statements will answer differently."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark import script
from sparkproof.spark.platform import Platform

CHECK = script.FOLDER / "migration_check.py"


@dataclass(frozen=True)
class JobCheck(evidence.Brought):
    """The findings of a check, each as (line, rule), in the order of the file."""

    findings: Sequence[tuple[int, str]]

    @classmethod
    def of(cls, platform: Platform, job: str) -> "JobCheck":
        """Run scripts/migration_check.py on a job in the client pod; raises SparkproofError if it ends otherwise."""
        program = ["sh", "-c", 'printf %s "$1" > /tmp/job.sql && python3 -c "$2" /tmp/job.sql --output json', "sh"]
        what = "the check of a job for the move to Spark 4.1"
        found = script.findings(platform, [*program, job, CHECK.read_text()], what)
        return cls([(each["line"], each["rule"]) for each in found])

    @property
    def trouble(self) -> str | None:
        """The number of findings."""
        return f"The check of the job has {len(self.findings)} findings" if self.findings else None

    @property
    def to_read(self) -> str | None:
        """A job was checked."""
        return "A job was checked"

    def must_be_clean(self) -> None:
        """Check that no statement will answer differently."""
        evidence.look_at(self)
        if self.findings:
            raise CheckFailed(f"Statements of the job will answer differently: {self._words}.")
        evidence.prove(Level.EXECUTED, "Every statement of the job answers the same under the rules of 3.5 and of 4.1")

    def must_name(self, wanted: Iterable[Mapping[str, str]]) -> None:
        """Check that each row ({"line": "2", "rule": "spark.sql.ansi.enabled"}) is found, and nothing else."""
        evidence.look_at(self)
        rows = [(int(row["line"]), row["rule"]) for row in wanted]
        if not rows or rows != list(self.findings):
            raise CheckFailed(f"The check had to name {rows}; it named {self._words or 'nothing'}.")
        evidence.prove(Level.EXECUTED, f"The check names {self._words}")

    @property
    def _words(self) -> str:
        about = (
            f"line {line}" if line else "the server, which still follows the old rules" for line, _ in self.findings
        )
        return "; ".join(f"{what}: {rule}" for what, (_, rule) in zip(about, self.findings, strict=True))
