"""Applications: example programs that a team submits to its platform, with their exit codes and results."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import cells, evidence, examples, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.process import last_words, telling_line
from sparkproof.core.spans import On
from sparkproof.kube.places import run_to_end
from sparkproof.spark.history_server import HistoryServer
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Row, Session
from sparkproof.spark.standalone import StandaloneCluster
from sparkproof.spark.workloads import Workloads

# The folder in which the charts mount the programs of `submit.applications`.
_FOLDER = "/opt/spark/applications"


@dataclass(frozen=True)
class Application(evidence.Brought):
    """A submitted application that has ended: the submission's exit code and output, and the table that it writes.

    `submitted_as` is the name by which the platform's Spark knows it, which no other application has.
    """

    name: str
    mode: str
    table: str
    exit_code: int
    output: str
    submitted_as: str = ""

    @classmethod
    def submit(
        cls,
        platform: Platform,
        name: str,
        mode: str,
        table: str,
        settings: Mapping[str, str] | None = None,
        *,
        known_as: str = "",
    ) -> "Application":
        """Submit the example `name` from the submitting pod, in "client" or "cluster" mode, and wait for its end.

        `settings` are Spark's, for this application alone. Who has to find it while it runs gives a name of `new_name`.
        """
        workloads, submitted_as = platform.workloads, known_as or cls.new_name(name)
        exit_code, output = run_to_end(
            workloads.place("submit"),
            command(workloads, name, mode, submitted_as, table, settings or {}),
            f"the end of the {name} application in {mode} mode",
            timeouts.APPLICATION,
            on=On.SPARK,
            explain=platform.why,
            attach=f"output of the submission of {name}",
        )
        return cls(name, mode, table, exit_code, output, submitted_as)

    @staticmethod
    def new_name(name: str) -> str:
        """Return a name for a submission of the example `name` that no other has."""
        return f"{examples.file_name(name)}-{uuid.uuid4().hex[:8]}"

    @property
    def trouble(self) -> str | None:
        """The exit code of a submission that failed, and what it said last."""
        if not self.exit_code:
            return None
        said = telling_line(self.output)
        return f"The {self.name} application ended with {self.exit_code}: {said or 'it said nothing'}"

    def must_succeed(self) -> None:
        """Check that the submission ended with exit code 0."""
        self.must_end_with(0)

    def must_end_with(self, exit_code: int) -> None:
        """Check that the submission ended with this exit code."""
        evidence.look_at(self)
        if self.exit_code != exit_code:
            ended = f"The {self.name} application ended with {self.exit_code}, not {exit_code}"
            raise CheckFailed(f"{ended}: {last_words(self.output)}")
        evidence.prove(Level.EXECUTED, f"The {self.name} application in {self.mode} mode ended with {exit_code}")

    def must_have_run_on_executors(self, platform: Platform) -> None:
        """Check that the platform's own Spark knows the application, and that executors did its work.

        The History Server shows who did its tasks. On a standalone cluster the master has finished the application: the
        tasks of one that is registered there are given to executors of workers only.
        """
        if platform.workloads.is_standalone:
            StandaloneCluster.of(platform).must_have_run(self.submitted_as)
        else:
            HistoryServer.of(platform).must_have_run_on_executors(self.submitted_as)

    def must_have_written(self, session: Session, rows: Sequence[Row]) -> None:
        """Check that a user finds just these rows in the application's table."""
        session.sql(f"SELECT * FROM {self.table}").must_hold(rows)

    def must_have_written_the_same(self, session: Session, other: "Application") -> None:
        """Check that a user finds in the application's table what another one has written into its own."""
        self.must_have_written(session, session.run(f"SELECT * FROM {other.table}").rows)


def counted(table: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return the rows (word, count) of a step's table with the columns "word" and "times"."""
    return [(line["word"], cells.read(line, "times", int)) for line in table]


def command(
    workloads: Workloads, name: str, mode: str, submitted_as: str, table: str, settings: Mapping[str, str] = {}
) -> list[str]:
    """Return the command that submits an example from the submitting pod, in "client" or "cluster" mode."""
    program = "/opt/spark/bin/spark-submit" if workloads.is_standalone else "/opt/sparkproof/k8s_submit.py"
    own = [word for setting, value in settings.items() for word in ("--conf", f"{setting}={value}")]
    file = f"local://{_FOLDER}/{examples.application(name)}"
    return [program, "--deploy-mode", mode, "--name", submitted_as, *own, file, table]
