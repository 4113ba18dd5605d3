"""Work of executors on what their team borrows, which its owner takes back meanwhile: who gave way, and who went on."""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from sparkproof.core import evidence
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.labels import EXECUTOR_ID
from sparkproof.kube.objects import POD, Manifest, condition
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import new_tag
from sparkproof.spark.work import ExecutorWatch, Work
from sparkproof.spark.workloads import EXECUTORS
from sparkproof.tenancy.quotas import TeamQueue

# What Kueue writes into the status of a pod before it ends it, with its reason.
_ENDED_BY_KUEUE = "TerminationTarget"


@dataclass(frozen=True)
class ReclaimedWork:
    """A finished piece of work, executors of which gave way to jobs of a team that had lent their quota.

    Executors are known by their ids: `ended` has Kueue's words on those that it ended, `done` has the number of tasks
    that each completed, `removed` has Spark's words on why those that Kueue ended are no longer there.
    """

    work: Work
    ended: Mapping[str, str]
    done: Mapping[str, int]
    removed: Mapping[str, str]

    @classmethod
    def during(cls, platform: Platform, owner: TeamQueue, *, executors: int, jobs: int) -> "ReclaimedWork":
        """Run work for so many executors; as soon as all are busy, start so many jobs of the owner.

        Raises GaveUp when executors do not come, or when Spark keeps one that Kueue ended.
        """
        history, tag, workloads = platform.history, new_tag(), platform.workloads
        counted, ended = ExecutorWatch(workloads), dict[str, str]()

        def note(_: str, pod: Manifest) -> None:
            if word := condition(pod, _ENDED_BY_KUEUE).get("message"):
                ended[pod["metadata"]["labels"][EXECUTOR_ID]] = word

        session = platform.open_session()
        with closing(workloads.kube.watch(POD, workloads.namespace, note, labels=EXECUTORS)):
            running = aside(Work.watched, session, counted, executors=executors, tag=tag)
            history.hosts_at_work(tag, executors, platform.why)
            owner.start(jobs)
            work = running.result()
        return cls(work, ended, history.workers(tag), {each: history.removal(each) for each in ended})

    def must_have_given_way(self, count: int, owner: TeamQueue) -> None:
        """Check that Kueue ended so many executors, and that it did so for jobs of the owner."""
        if len(self.ended) != count:
            raise CheckFailed(f"Kueue ended {len(self.ended)} executors, and not {count}: {dict(self.ended)}")
        owner.must_have_taken_back(self.ended)
        seen = f"Executors {', '.join(self.ended)} gave way; Spark says: {dict(self.removed)}"
        evidence.prove(Level.EXECUTED, seen, words=self.ended)

    def must_have_been_finished(self) -> None:
        """Check that executors to which nothing happened completed tasks, and that all tasks were completed."""
        others = {executor: count for executor, count in self.done.items() if executor not in self.ended}
        if not others or sum(self.done.values()) < self.work.tasks:
            raise CheckFailed(
                f"Of {self.work.tasks} tasks these are known to be completed, {dict(others)} of them by executors that "
                f"stayed: {dict(self.done)}"
            )
        evidence.prove(Level.EXECUTED, f"Those that stayed completed {dict(others)} of {self.work.tasks} tasks")
