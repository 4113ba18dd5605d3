"""The number of failed tasks of a DAG, as a Prometheus reads it of Airflow."""

from collections.abc import Callable
from dataclasses import dataclass

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually

# How Airflow names what it counts, in Prometheus' form.
FAILURES, SUCCESSES = "airflow_ti_failures", "airflow_ti_successes"
Count = Callable[[str, str], float]


@dataclass(frozen=True)
class Counted:
    """How many tasks of a DAG failed, and how many succeeded, before a run; `count` reads the numbers of now."""

    dag: str
    failures: float
    successes: float
    count: Count

    @classmethod
    def now(cls, dag: str, count: Count) -> "Counted":
        """Read the numbers of the DAG that a criterion names in words; what was never counted is 0."""
        name = examples.path("dags", dag).stem
        return cls(dag, count(FAILURES, name), count(SUCCESSES, name), count)

    def must_have_grown(self, failures: int, successes: int) -> None:
        """Wait until so many more tasks of the DAG are counted as failed and as successful, and no others."""
        found = eventually(
            f"{failures} more failures and {successes} more successes of {self.dag} in Airflow's metrics",
            lambda: Counted.now(self.dag, self.count),
            lambda now: now.failures + now.successes - self.failures - self.successes >= failures + successes,
            within_s=timeouts.METRICS,
        )
        more = (found.failures - self.failures, found.successes - self.successes)
        if more != (failures, successes):
            raise CheckFailed(
                f"Airflow counted {more[0]:g} more failures and {more[1]:g} more successes of {self.dag}; expected "
                f"{failures} and {successes}."
            )
        evidence.prove(
            Level.EXECUTED,
            f"Airflow's metrics have {failures} more failures and {successes} more successes of {self.dag}",
            failures=found.failures,
            successes=found.successes,
        )
