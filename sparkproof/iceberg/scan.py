"""The files and manifests that a query on an Iceberg table read and skipped, from Spark's metrics."""

import re
from dataclasses import asdict, dataclass

from sparkproof.core import evidence
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.spark.history import Execution


@dataclass(frozen=True)
class Scan:
    """Files and manifests that one query read and skipped; `planning_ms` is the time that choosing them took."""

    files: int
    files_skipped: int
    manifests: int
    manifests_skipped: int
    planning_ms: int

    @classmethod
    def of(cls, execution: Execution) -> "Scan":
        """Return the sum of an execution's scans; raise CheckFailed if it scanned no Iceberg table."""
        metrics = [one.metrics for one in execution.operators if "number of result data files" in one.metrics]
        if not metrics:
            raise CheckFailed(f"The query scanned no Iceberg table: {[one.name for one in execution.operators]}.")

        def total(name: str) -> int:
            return sum(_number(shown.get(name, "0")) for shown in metrics)

        return cls(
            total("number of result data files"),
            total("number of skipped data files"),
            total("number of scanned data manifests"),
            total("number of skipped data manifests"),
            total("total planning duration (ms)"),
        )

    def must_have_chosen(self) -> "Scan":
        """Check that some file and some manifest were read; return the scan."""
        if not self.files or not self.manifests:
            raise CheckFailed(f"Iceberg's metrics show no file or no manifest that was read: {asdict(self)}.")
        return self

    def must_have_read(self, files: int, *, skipped: int) -> None:
        """Check how many files were read, and how many were skipped because they cannot match the query."""
        if (self.files, self.files_skipped) != (files, skipped):
            raise CheckFailed(
                f"{self.files} files were read and {self.files_skipped} skipped; expected {files}, {skipped}."
            )
        evidence.prove(Level.EXECUTED, f"{files} files were read and {skipped} skipped", scan_metrics=asdict(self))


def _number(shown: str) -> int:
    """Return the number at the start of a value of Spark's interface ("1,024", "12 ms")."""
    found = re.match(r"[\d,]+", shown)
    return int(found[0].replace(",", "")) if found else 0
