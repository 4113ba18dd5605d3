"""A reader with a driver of its own, who counts what is in a table all the time, whatever happens to its writer."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from sparkproof.core import evidence, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.iceberg.killed import KilledCommit
from sparkproof.iceberg.storage import location
from sparkproof.iceberg.table import Table
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Client, Row, Session

# How a reader can read a table, in words: the last counts whatever files lie there, as a program does that knows no
# tables.
TABLE, FILES = "the table", "its files"
WAYS = (TABLE, FILES)


@dataclass
class Reader:
    """A reader who asks one query after another, until `stop`; `counts` are what was read, the oldest first.

    `refused` are Spark's words to a query that failed: a file that is only half written cannot be read.
    """

    session: Session
    platform: Platform
    query: str
    counts: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _counting: "Future[None] | None" = field(default=None, repr=False)

    @classmethod
    def start(cls, table: Table, platform: Platform, way: str) -> "Reader":
        """Count in one of WAYS, with a driver of the submitting pod, and wait for the first count; raises GaveUp."""
        source = table.name if way == TABLE else f"parquet.`file:{location(table)}/data`"
        # Each column is read: a number of rows alone would be told by the table's metadata.
        # A client of the reader's own: the platform's are closed when its driver comes back.
        client = Client(platform.workloads.place("submit"), "local[1]", lambda: None, platform.why, names_url=True)
        reader = cls(Session.open(client), platform, f"SELECT count(fare), sum(trip), max(zone) FROM {source}")
        reader._counting = aside(reader._count)
        reader._await_count("the reader's first count")
        return reader

    def _count(self) -> None:
        while not self._stop.is_set():
            answer = self.session.sql(self.query)
            evidence.look_at(answer)
            if answer.refusal is None:
                self.counts.append(int(answer.rows[0][0]))
            else:
                self.refused.append(answer.refusal)

    def count_again(self) -> None:
        """Wait for two more counts: the second of them begins after now; raises GaveUp."""
        for _ in range(2):
            self._await_count("another count of the reader")

    def _await_count(self, what: str) -> None:
        known = len(self.counts)
        eventually(
            what,
            lambda: len(self.counts),
            lambda count: count > known,
            within_s=timeouts.SQL,
            unrecoverable=lambda _: self._broken(),
            explain=self.platform.why,
            show=lambda _: self.refused[-1] if self.refused else "nothing",
        )

    def _broken(self) -> str | None:
        return str(self._counting.exception()) if self._counting is not None and self._counting.done() else None

    def killed_mid_commit(self, table: Table, commits: Sequence[Sequence[Row]]) -> KilledCommit:
        """Have the platform's driver killed in the middle of a commit, where this reader counts; the first is whole."""
        before = self.counts[-1]
        table.append(commits[0])
        self.count_again()
        killed = KilledCommit.kill_mid_commit(table, commits[1:], self.platform, self.count_again)
        return replace(killed, counts=(before, *killed.counts))

    def finish(self) -> None:
        """Count again and end; raises what went wrong meanwhile."""
        self.count_again()
        self.stop()

    def stop(self) -> None:
        """Let the reader end."""
        self._stop.set()
        if self._counting is not None:
            counting, self._counting = self._counting, None
            counting.result(timeouts.SQL)
            self.session.client.close()

    def must_have_seen_whole_commits(self, commit: KilledCommit) -> None:
        """Check that each count is one of before or after a whole commit, the first and the last of these too."""
        self._must_have_read(commit)
        if torn := [count for count in self.counts if count not in commit.counts]:
            raise CheckFailed(
                f"The reader counted {torn[0]} trips, and after whole commits there are {self._of(commit)}."
            )
        if self.counts[-1] != commit.counts[-1]:
            raise CheckFailed(f"The reader counted {self.counts[-1]} trips at last, not {commit.counts[-1]}.")
        evidence.prove(
            Level.EXECUTED,
            f"The reader counted {len(self.counts)} times while the writer was killed, and saw whole commits alone",
            counts=self._seen(),
        )

    def must_have_seen_more(self, commit: KilledCommit) -> None:
        """Check that the reader saw trips at last that no commit has brought into the table."""
        self._must_have_read(commit)
        if self.counts[-1] <= commit.counts[-1]:
            raise CheckFailed(
                f"The reader counted {self.counts[-1]} trips at last, and {commit.counts[-1]} are committed."
            )
        evidence.prove(
            Level.EXECUTED,
            f"The reader counted {self.counts[-1]} trips at last, of which {commit.counts[-1]} are committed",
            counts=self._seen(),
        )

    def _must_have_read(self, commit: KilledCommit) -> None:
        if not self.counts or self.counts[0] != commit.counts[0]:
            began = self.counts[0] if self.counts else "nothing"
            raise CheckFailed(f"The reader saw {began} first and not {commit.counts[0]} trips, so it came too late.")

    @staticmethod
    def _of(commit: KilledCommit) -> str:
        return " or ".join(map(str, commit.counts))

    def _seen(self) -> Sequence[Mapping[str, int]]:
        """Return the counts in their order, each with how often it was read in a row."""
        runs: list[dict[str, int]] = []
        for count in self.counts:
            if runs and runs[-1]["trips"] == count:
                runs[-1]["times"] += 1
            else:
                runs.append({"trips": count, "times": 1})
        return runs
