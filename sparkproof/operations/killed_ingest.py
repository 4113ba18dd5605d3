"""Ingests of landed objects that are killed: after their commit, or while Spark is in the middle of it."""

from dataclasses import dataclass
from pathlib import Path

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.iceberg.mid_commit import MidCommit, killer, next_line
from sparkproof.operations.landing import Landing, Objects, has_ended, name_of, succeeded
from sparkproof.spark.workloads import Starts

_MID_INGEST = Path(__file__).with_name("mid_ingest.py")


@dataclass(frozen=True)
class KilledIngest:
    """A job that was killed after its commit, by its name, when so many objects were `moved` and so many `left`."""

    landing: Landing
    job: str
    moved: int
    left: int

    @classmethod
    def after_commit(cls, landing: Landing, objects: Objects) -> "KilledIngest":
        """Land objects, and kill the job that they start when it has moved the first of them, which follows its commit.

        A program in the job's container watches, stops and kills.
        """
        landing.land(objects)
        pod = landing.running_pod()
        program = ["python3", "-c", _MID_INGEST.read_text(), landing.folder("DONE"), landing.folder("LANDING")]
        channel = landing.platform.workloads.place_of(pod).exec(program)
        line = next_line(channel, "the first object that the job moves", timeouts.INGEST)
        moved, left = map(int, line.split())
        channel.write_line("kill")
        return cls(landing, pod["metadata"]["labels"]["job-name"], moved, left)

    def must_be_finished_by_another(self) -> None:
        """Check that the job failed midway, that another one moved the rest, and that each row was committed once.

        Objects may have landed after the job began: another one commits the rows of these.
        """
        if not (self.moved and self.left):
            raise CheckFailed(f"{self.moved} objects were moved and {self.left} left at the kill; it was to be midway.")
        _must_be_followed(self.landing, self.job)
        added = [int(each.summary.get("added-records", 0)) for each in self.landing.table.snapshots]
        if sum(added) != len(self.landing.rows):
            raise CheckFailed(f"{len(self.landing.rows)} rows landed, and the commits of the table added {added}.")
        evidence.prove(
            Level.EXECUTED,
            f"{self.job} was killed after its commit, and another job moved the {self.left} objects that it left; the "
            f"commits of both added {added} rows",
        )


@dataclass(frozen=True)
class KilledMidCommit:
    """A job that was killed, by its name, while Spark stood still in its commit, of which these files were written.

    `completed` are the commits between the landing and that moment; `since` are the driver's starts from before.
    """

    landing: Landing
    job: str
    completed: int
    written: tuple[str, ...]
    since: Starts

    @classmethod
    def kill(cls, landing: Landing, objects: Objects, *, with_spark: bool) -> "KilledMidCommit":
        """Land objects, and kill the job that they start while Spark stands still in the middle of its commit.

        Spark goes on then, or is killed too.
        """
        own = landing.platform.workloads
        since = own.starts("connect")
        watch = MidCommit.watch(landing.table, landing.platform)
        landing.land(objects)
        completed, written = watch.caught(timeouts.INGEST)
        try:
            pod = landing.running_pod()
            job = pod["metadata"]["labels"]["job-name"]
            killer(own.place_of(pod)).write_line("kill")
            eventually(
                f"the end of {job}, which was killed",
                lambda: [name_of(each) for each in landing.jobs if has_ended(each)],
                lambda ended: job in ended,
                within_s=timeouts.INGEST,
                on=On.PODS,
            )
        finally:
            (watch.kill if with_spark else watch.let_go)()
        return cls(landing, job, completed, tuple(written), since)

    def must_be_made_good(self) -> None:
        """Check that the job failed in its first commit, that another one succeeded, and that there is one commit."""
        if self.completed or not self.written:
            raise CheckFailed(f"{self.job} had {self.completed} commits at its kill, and {self.written} of the next.")
        _must_be_followed(self.landing, self.job)
        commits = self.landing.table.snapshots
        if len(commits) != 1:
            raise CheckFailed(f"The table has {len(commits)} commits, not one: {[each.summary for each in commits]}")
        evidence.prove(
            Level.EXECUTED,
            f"{self.job} was killed while Spark committed; another job left the table with one commit",
            files=self.written,
        )


def _must_be_followed(landing: Landing, job: str) -> None:
    """Check that the job failed, and that another one succeeded."""
    ended = {name_of(each): succeeded(each) for each in landing.jobs if has_ended(each)}
    if ended.get(job) is not False or not any(ended.values()):
        raise CheckFailed(f"{job} had to fail, and another job to succeed after it: {ended}")
