"""The work that a run has on Spark, and the session that its task opened there."""

from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.spark import leftovers
from sparkproof.spark.history import DriverRest
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Client


@dataclass(frozen=True)
class SparkWork:
    """The work on Spark of the run with this id; its jobs carry the id as a tag."""

    history: DriverRest
    run: str

    @classmethod
    def of(cls, platform: Platform, run: str) -> "SparkWork":
        """Return the work of a run on the platform."""
        return cls(platform.history, run)

    @classmethod
    def begun(cls, platform: Platform, run: str) -> "SparkWork":
        """Return the work of a run on the platform as soon as there is some; raises GaveUp."""
        work = cls.of(platform, run)
        work.must_begin()
        return work

    def must_begin(self) -> None:
        """Wait until the run is at work on Spark."""
        eventually(
            f"the work of {self.run} on Spark",
            lambda: self.history.running(self.run),
            bool,
            within_s=timeouts.DAG_RUN,
        )

    def must_end_soon(self) -> None:
        """Wait until the run, which was at work, has no running job on Spark any more."""
        left = self._must_have_worked()
        eventually(
            f"the end of the work of {self.run} on Spark",
            lambda: self.history.running(self.run),
            lambda running: not running,
            within_s=timeouts.WORK_GONE,
        )
        evidence.prove(Level.EXECUTED, f"No job of {self.run} runs on Spark any more, of {left}")

    def must_have_ended(self) -> None:
        """Check that the run was at work, and that no job of it runs now."""
        left = self._must_have_worked()
        if running := self.history.running(self.run):
            raise CheckFailed(f"The jobs {running} of {self.run} still run on Spark.")
        evidence.prove(Level.EXECUTED, f"No job of {self.run} runs on Spark, of {left}")

    def must_have_closed_its_session(self, client: Client) -> None:
        """Check that the server has closed the run's session: nobody may go on in it."""
        leftovers.must_be_closed(self.history, client, self.run)

    def must_have_left_its_session(self, client: Client) -> None:
        """Check that the run's session is still open: somebody may go on in it."""
        leftovers.must_be_open(self.history, client, self.run)

    def _must_have_worked(self) -> str:
        if not (jobs := self.history.jobs(self.run)):
            raise CheckFailed(f"Spark knows no job of {self.run}, so it has no work that could end.")
        return f"{len(jobs)} jobs"
