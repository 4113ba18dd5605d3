"""A user who asks the platform one question in one session all the time, whatever becomes of the control plane."""

import json
from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.iceberg import Table
from sparkproof.kube.places import Pod, last_words, run_to_end
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Session
from sparkproof.spark.trips import Generated

_PROGRAM = Path(__file__).with_name("one_question.py")
_END = "import os, signal, sys; os.kill(int(sys.argv[1]), signal.SIGKILL)"


@dataclass(frozen=True)
class Asked:
    """One question, with the moments at which it was asked and answered; `error` is "" for an answer with `rows`."""

    began: float
    ended: float
    rows: list[list[int]]
    error: str


@dataclass(frozen=True)
class SteadyUser:
    """A process in the client's pod that asks `sql`, to which `expected` is the right answer, and notes all in a file.

    The process needs nobody who holds its streams, which end with the API server.
    """

    platform: Platform
    table: Table
    sql: str
    expected: list[list[int]]
    pid: int
    file: str

    @classmethod
    def start(cls, platform: Platform, session: Session, trips: Generated) -> "SteadyUser":
        """Ask for the number of trips in a table of these, and for the sum of their numbers, which are known."""
        table = Table.create_from(session, platform.catalogs.unused_table("trips", "rest"), trips.query)
        sql = f"SELECT count(*), sum(trip) FROM {table.name}"
        streams = platform.workloads.place("client").exec(["python3", "-c", _PROGRAM.read_text(), sql])
        said = streams.finish(timeouts.TOOL)
        if not said.strip():
            raise SparkproofError(f"Nobody could be started who asks all the time: {last_words(streams)}")
        return cls(platform, table, sql, [[len(trips), sum(range(trips.first, trips.last))]], **json.loads(said))

    def await_answer(self, since: float = 0.0) -> list[Asked]:
        """Wait for the answer to a question that was asked after a moment; return all answers. Raises GaveUp."""
        return eventually(
            "an answer to somebody who asks all the time",
            lambda: self.answers,
            lambda found: any(each.began > since for each in found),
            within_s=timeouts.SQL,
            explain=self.platform.why,
            show=lambda found: f"{len(found)} answers: {self._noted[-300:]}",
        )

    @property
    def answers(self) -> list[Asked]:
        """The answers until now, oldest first."""
        # A line may be under way, and others are what the client's libraries write.
        lines = [line for line in self._noted.splitlines() if line.startswith('{"began"') and line.endswith("}")]
        return [Asked(**json.loads(line)) for line in lines]

    def end(self) -> None:
        """End the process, and drop the table; a process that has ended is fine."""
        self._client.exec(["python3", "-c", _END, str(self.pid)]).finish(timeouts.TOOL)
        self.table.seen_by(self.platform.open_session()).drop()

    def must_have_been_answered(self, lost_at: float, back_at: float) -> None:
        """Check that each question since the loss was answered rightly, some meanwhile and one asked afterwards."""
        answers = self.await_answer(max(back_at, clock.now()))
        since = [each for each in answers if each.ended >= lost_at]
        evidence.attach("questions since the loss of the control plane", [vars(each) for each in since])
        if wrong := [each for each in since if each.error or each.rows != self.expected]:
            raise CheckFailed(
                f"{len(wrong)} of {len(since)} questions since the loss were not answered rightly: {self.sql!r} gave "
                f"{wrong[0].error or wrong[0].rows}, not {self.expected}."
            )
        meanwhile = [each for each in since if each.began >= lost_at and each.ended <= back_at]
        if not meanwhile:
            raise CheckFailed(
                "No question was asked and answered while the control plane was away: nothing was tested."
            )
        evidence.prove(
            Level.EXECUTED,
            f"One session asked on: all {len(since)} questions since the loss were answered with {self.expected}, "
            f"{len(meanwhile)} of them while there was no control plane",
        )

    @property
    def _client(self) -> Pod:
        return self.platform.workloads.place("client")

    @property
    def _noted(self) -> str:
        return run_to_end(self._client, ["cat", self.file], "what somebody noted who asks", timeouts.TOOL)[1]
