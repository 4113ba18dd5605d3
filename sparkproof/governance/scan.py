"""A scan of a catalog or a database for tables that break the rules of governance, as a data steward runs it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.iceberg import Table
from sparkproof.spark import script
from sparkproof.spark.platform import Platform

SCAN = script.FOLDER / "governance_scan.py"


@dataclass(frozen=True)
class CatalogScan(evidence.Brought):
    """The findings of a scan, in words ("no owner: governance.owner"), by the full name of the table."""

    scope: str
    findings: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, platform: Platform, scope: str) -> "CatalogScan":
        """Run scripts/governance_scan.py in the client pod; raises SparkproofError if it does not come to an end."""
        command = ["python3", "-c", SCAN.read_text(), scope, "--output", "json"]
        found = script.findings(platform, command, f"the scan of {scope}")
        return cls(scope, [(each["table"], f"{each['rule']}: {each['about']}") for each in found])

    @property
    def trouble(self) -> str | None:
        """The number of findings, and the first of them."""
        return f"The scan of {self.scope} has {len(self.findings)} findings" if self.findings else None

    @property
    def to_read(self) -> str | None:
        """A scan was made."""
        return f"{self.scope} was scanned"

    def must_be_clean(self) -> None:
        """Check that there are no findings."""
        evidence.look_at(self)
        if self.findings:
            raise CheckFailed(f"The scan of {self.scope} found {self._words}.")
        evidence.prove(Level.EXECUTED, f"The scan of {self.scope} found nothing")

    def must_be_just(self, table: Table, findings: Sequence[str]) -> None:
        """Check that the scan found this of the table, and nothing else."""
        evidence.look_at(self)
        if not findings or sorted(self.findings) != sorted((table.name, each) for each in findings):
            raise CheckFailed(f"The scan of {self.scope} had to find {list(findings)} of {table.name}: {self._words}.")
        evidence.prove(Level.EXECUTED, f"The scan of {self.scope} found just {self._words}")

    def must_name(self, table: Table, finding: str) -> None:
        """Check that the scan found this of the table, perhaps among findings of other tables."""
        evidence.look_at(self)
        if (table.name, finding) not in self.findings:
            raise CheckFailed(f"The scan of {self.scope} did not find {finding!r} of {table.name}: {self._words}.")
        evidence.prove(Level.EXECUTED, f"The scan of {self.scope} found {finding} of {table.name}")

    @property
    def _words(self) -> str:
        return "; ".join(f"{table}: {finding}" for table, finding in self.findings) or "nothing"
