"""Work that keeps several executors busy: its answer, the number of executors, and the cost of losing one."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from sparkproof.core import evidence
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.kube.objects import POD, Manifest, has_ended
from sparkproof.spark.executors import A_QUERY_FOR_EXECUTORS
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Answer, Session, new_tag
from sparkproof.spark.workloads import EXECUTORS, Workloads

_TASKS_PER_EXECUTOR = 6
_TASK_MS = 2000
# What Spark says of an executor that was asked to go and went when it was done.
_HANDED_OVER = "decommission"


class Ending(Enum):
    """The ways to end a pod: by its deletion or by an eviction, as a drain does it, at once or with its time to end."""

    KILLED = auto()
    DELETED = auto()
    EVICTED = auto()
    EVICTED_AT_ONCE = auto()


class ExecutorWatch:
    """Counts the executors of a namespace by a watch of the API server; `course` has their numbers in order."""

    def __init__(self, workloads: Workloads) -> None:
        self._present: set[str] = set()
        self.course: list[int] = []
        self._watch = workloads.kube.watch(POD, workloads.namespace, self._count, labels=EXECUTORS)

    def _count(self, event: str, pod: Manifest) -> None:
        name = pod["metadata"]["name"]
        if event == "DELETED" or has_ended(pod):
            self._present.discard(name)
        else:
            self._present.add(name)
        if not self.course or self.course[-1] != len(self._present):
            self.course.append(len(self._present))

    def close(self) -> None:
        """End the watch; raises SparkproofError when it may have missed an executor."""
        self._watch.close()


def sleeping(tasks: int, task_ms: int) -> str:
    """Return the query for tasks that sleep, so that they take time and no CPU; its value is the sum of their ids."""
    slept = f"SELECT id, reflect('java.lang.Thread', 'sleep', {task_ms}L) AS slept FROM range(0, {tasks}, 1, {tasks})"
    # The condition is always true; without it the optimizer would drop the column, which nothing reads.
    return f"SELECT sum(id) FROM ({slept}) WHERE coalesce(slept, '') <> 'never'"


@dataclass(frozen=True)
class Work:
    """A finished piece of work: its answer, its number of tasks, and the numbers of executors over time."""

    answer: Answer
    tasks: int
    course: tuple[int, ...]

    @classmethod
    def run(cls, platform: Platform, *, executors: int) -> "Work":
        """Run tasks that sleep, enough to keep `executors` executors of one core busy for 12 s, and sum their ids."""
        watch = ExecutorWatch(platform.workloads)
        return cls.watched(platform.open_session(), watch, executors=executors, tag=new_tag())

    @classmethod
    def watched(cls, session: Session, watch: ExecutorWatch, *, executors: int, tag: str) -> "Work":
        """Run the same tasks in a session while `watch` counts; the jobs carry `tag`. Ends the watch."""
        tasks = executors * _TASKS_PER_EXECUTOR
        try:
            answer = session.sql(sleeping(tasks, _TASK_MS), tag)
        finally:
            watch.close()
        return cls(answer, tasks, tuple(watch.course))

    @property
    def value(self) -> int:
        """The correct answer: the sum of the tasks' ids."""
        return sum(range(self.tasks))

    @property
    def most(self) -> int:
        """The largest number of executors at once."""
        return max(self.course, default=0)

    def must_be_right(self) -> None:
        """Check that the sum is correct."""
        self.answer.must_succeed()
        if self.answer.rows != ((self.value,),):
            given = self.answer.rows[0][0] if len(self.answer.rows) == 1 else f"{len(self.answer.rows)} rows"
            raise CheckFailed(f"The work gave {given}, not {self.value}.")
        evidence.prove(Level.EXECUTED, f"The work gave {self.value} after {self.answer.seconds:.1f} s")

    def must_have_had_at_least(self, count: int) -> None:
        """Check that at least `count` executors existed at once."""
        if self.most < count:
            raise CheckFailed(f"At most {self.most} executors existed at once; the work was for {count}.")
        evidence.prove(Level.EXECUTED, f"{self.most} executors existed at once", executors_over_time=self.course)

    def must_have_had_at_most(self, count: int) -> None:
        """Check that the largest number of executors at once was `count`."""
        if self.most != count:
            raise CheckFailed(f"{self.most} executors existed at once; exactly {count} were expected.")
        evidence.prove(Level.EXECUTED, f"Never more than {count} executors existed", executors_over_time=self.course)


@dataclass(frozen=True)
class ExecutorLoss(evidence.Brought):
    """Work during which `pod` was removed with an executor in it.

    `lost` is the number of tasks that failed or were killed, or whose output was lost after they were completed; `done`
    has the number that each executor completed. `reason` is the driver's word for why the executor is no longer there.
    """

    work: Work
    pod: str
    lost: int
    done: Mapping[str, int]
    reason: str = ""

    @property
    def trouble(self) -> str | None:
        """The number of tasks that were lost with the executor."""
        return f"{self.lost} tasks were lost with {self.pod}" if self.lost else None

    @classmethod
    def during_work(cls, platform: Platform, ending: Ending) -> "ExecutorLoss":
        """Run work for two executors to its end; as soon as both are busy, the pod of the first is ended in this way.

        One that is the only executor could hand over to nobody. In a standalone cluster, the pod is that of the
        executor's worker.
        """
        workloads, history, tag = platform.workloads, platform.history, new_tag()
        watch, session = ExecutorWatch(workloads), platform.open_session()
        running = aside(Work.watched, session, watch, executors=2, tag=tag)
        host = history.hosts_at_work(tag, 2, platform.why)[0]
        executor = history.executor_at(host)
        pod = next((pod["metadata"]["name"] for pod in workloads.staying if pod["status"].get("podIP") == host), "")
        if not pod:
            raise CheckFailed(f"The executor at work is at {host}, which is the address of none of the pods.")
        _end(workloads, pod, ending)
        work = running.result()
        return cls(work, pod, history.lost_tasks(tag), history.workers(tag), history.removal(executor))

    def must_have_lost_nothing(self) -> None:
        """Check that no task was lost: the executor finished its own tasks before it ended."""
        evidence.look_at(self)
        if sum(self.done.values()) < self.work.tasks:
            raise CheckFailed(
                f"Of {self.work.tasks} tasks only these are known to be completed: {dict(self.done)}. "
                "So nothing shows that none was lost."
            )
        if self.lost:
            raise CheckFailed(f"{self.lost} tasks were lost when {self.pod} went; completed were {dict(self.done)}.")
        evidence.prove(Level.EXECUTED, f"No task was lost when {self.pod} went; completed were {dict(self.done)}")

    def must_have_been_made_good(self) -> None:
        """Check that tasks were lost with the executor, and that others did them again."""
        evidence.look_at(self)
        if not self.lost:
            raise CheckFailed(f"{self.pod} lost no tasks, so nothing had to be done again.")
        if sum(self.done.values()) < self.work.tasks:
            raise CheckFailed(
                f"{self.lost} tasks were lost with {self.pod}, and of {self.work.tasks} tasks only these were "
                f"completed in the end: {dict(self.done)}."
            )
        evidence.prove(Level.EXECUTED, f"{self.lost} tasks lost with {self.pod} were done again: {dict(self.done)}")

    def must_have_been_handed_over(self) -> None:
        """Check that the driver knew that the executor had to go, and that nothing was lost with it."""
        if _HANDED_OVER not in self.reason:
            raise CheckFailed(f"{self.pod} handed nothing over; Spark removed its executor because: {self.reason}")
        self.must_have_lost_nothing()
        evidence.prove(Level.EXECUTED, f"{self.pod} handed over; Spark removed its executor because: {self.reason}")

    def must_have_handed_nothing_over(self) -> None:
        """Check that the driver learned of the executor's end only when it was gone."""
        if not self.reason or _HANDED_OVER in self.reason:
            raise CheckFailed(f"{self.pod} should have handed nothing over; Spark removed it because: {self.reason!r}")
        evidence.prove(Level.EXECUTED, f"{self.pod} handed nothing over; Spark removed it because: {self.reason}")


def _end(workloads: Workloads, pod: str, ending: Ending) -> None:
    if ending in (Ending.EVICTED, Ending.EVICTED_AT_ONCE):
        workloads.evict(pod, at_once=ending is Ending.EVICTED_AT_ONCE)
    else:
        workloads.end(pod, killed=ending is Ending.KILLED)


@dataclass(frozen=True)
class FairSharing:
    """A short query during longer work; `waiting` is the number of the work's tasks that waited at its answer."""

    work: Work
    short: Answer
    waiting: int

    @classmethod
    def during_work(cls, platform: Platform, *, executors: int) -> "FairSharing":
        """Run work for this many executors and, as soon as all of them are busy, another user's short query."""
        history, tag = platform.history, new_tag()
        watch = ExecutorWatch(platform.workloads)
        # The other user has a session already: on a slow machine, opening one takes as long as the work.
        other = platform.open_session_apart()
        running = aside(Work.watched, platform.open_session(), watch, executors=executors, tag=tag)
        history.hosts_at_work(tag, executors, platform.why)
        # The work's last stage comes later; its tasks wait for a moment in any case, so they do not count.
        stages = history.stages_at_work(tag)
        short = other.sql(A_QUERY_FOR_EXECUTORS)
        waiting = history.waiting_tasks(tag, stages)
        work = running.result()
        other.client.close()
        return cls(work, short, waiting)

    def must_have_been_answered_first(self) -> None:
        """Check that tasks of the work still waited when the short query was answered."""
        self.work.must_be_right()
        self.short.must_succeed()
        if not self.waiting:
            raise CheckFailed("The short query was answered when no task of the work was waiting any more.")
        seen = f"The short query was answered after {self.short.seconds:.1f} s, with {self.waiting} tasks waiting"
        evidence.prove(Level.EXECUTED, seen)
