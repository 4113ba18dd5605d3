"""What a GPU did for a statement: the operators of the final plan that RAPIDS executed."""

from dataclasses import dataclass

from sparkproof import evidence
from sparkproof.errors import CheckFailed
from sparkproof.evidence import Level
from sparkproof.spark.history import Execution


@dataclass(frozen=True)
class GpuWork:
    """The GPU's part in one execution."""

    execution: Execution

    @property
    def operators(self) -> list[str]:
        """The names of the operators that ran on the GPU; RAPIDS prefixes each with "Gpu"."""
        return [operator.name for operator in self.execution.operators if operator.name.startswith("Gpu")]

    def must_have_read_iceberg(self) -> None:
        """Check that RAPIDS executed the scan of the Iceberg table."""
        if not any(name.startswith("GpuBatchScan") for name in self.operators):
            raise CheckFailed(f"RAPIDS executed {self.operators or 'nothing'}; the table was not scanned on the GPU.")
        evidence.prove(Level.EXECUTED, f"RAPIDS executed {', '.join(self.operators)}", plan=self.execution.plan)
