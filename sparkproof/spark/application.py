"""Applications: example programs that a team submits to its platform, with their exit codes and results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row, Session

# The folder in which the charts mount the programs of `submit.applications`.
_FOLDER = "/opt/spark/applications"
_LAST_WORDS = 2000


@dataclass(frozen=True)
class Application(evidence.Brought):
    """A submitted application that has ended: the submission's exit code and output, and the table that it writes."""

    name: str
    mode: str
    table: str
    exit_code: int
    output: str

    @classmethod
    def submit(cls, platform: Platform, name: str, mode: str, table: str) -> "Application":
        """Submit the example `name` from the submitting pod, in "client" or "cluster" mode, and wait for its end."""
        workloads = platform.workloads
        program = "/opt/spark/bin/spark-submit" if workloads.is_standalone else "/opt/sparkproof/k8s_submit.py"
        file = f"local://{_FOLDER}/{examples.application(name)}"
        channel = workloads.place("submit").exec([program, "--deploy-mode", mode, file, table])
        try:
            exit_code = eventually(
                f"the end of the {name} application in {mode} mode",
                lambda: channel.wait(timeouts.POLL),
                lambda code: code is not None,
                within_s=timeouts.APPLICATION,
                on=On.SPARK,
                explain=platform.why,
                every_s=0,
            )
        finally:
            output = channel.output()
            evidence.attach(f"output of the submission of {name}", output)
            channel.close()
        assert exit_code is not None
        return cls(name, mode, table, exit_code, output)

    @property
    def trouble(self) -> str | None:
        """The exit code of a submission that failed, and what it said last."""
        if not self.exit_code:
            return None
        said = (self.output.strip().splitlines() or ["it said nothing"])[-1]
        return f"The {self.name} application ended with {self.exit_code}: {said}"

    def must_succeed(self) -> None:
        """Check that the submission ended with exit code 0."""
        self.must_end_with(0)

    def must_end_with(self, exit_code: int) -> None:
        """Check that the submission ended with this exit code."""
        evidence.look_at(self)
        if self.exit_code != exit_code:
            last = self.output.strip()[-_LAST_WORDS:]
            raise CheckFailed(f"The {self.name} application ended with {self.exit_code}, not {exit_code}: {last}")
        evidence.prove(Level.EXECUTED, f"The {self.name} application in {self.mode} mode ended with {exit_code}")

    def must_have_written(self, session: Session, rows: Sequence[Row]) -> None:
        """Check that a user finds just these rows in the application's table."""
        session.sql(f"SELECT * FROM {self.table}").must_hold(rows)


def counted(table: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return the rows (word, count) of a step's table with the columns "word" and "times"."""
    return [(line["word"], int(line["times"])) for line in table]
