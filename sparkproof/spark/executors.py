"""Executors at work: a query that keeps several busy, how many there were of them at once, and what one's end cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import GaveUp, eventually
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import POD, Manifest, has_ended
from sparkproof.spark.session import Answer, Session, Started
from sparkproof.spark.workloads import EXECUTORS

A_QUERY_FOR_EXECUTORS = "SELECT sum(id) FROM range(0, 100, 1, 2)"
_TASKS_PER_EXECUTOR = 6
_TASK_MS = 2000


class ExecutorWatch:
    """Counts a namespace's executors from first to last by watching the API server."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._present: set[str] = set()
        self.course: list[int] = []
        self._watch = kube.watch(POD, namespace, self._count, labels=EXECUTORS)

    def _count(self, event: str, pod: Manifest) -> None:
        name = pod["metadata"]["name"]
        if event == "DELETED" or has_ended(pod):
            self._present.discard(name)
        else:
            self._present.add(name)
        if not self.course or self.course[-1] != len(self._present):
            self.course.append(len(self._present))

    def close(self) -> None:
        """End the count; raises SparkproofError when the watch may have missed an executor."""
        self._watch.close()


@dataclass(frozen=True)
class Work:
    """A finished piece of work: its answer, the right value, and the numbers of executors there were, in order."""

    answer: Answer
    value: int
    course: tuple[int, ...]

    @classmethod
    def run(cls, session: Session, watch: ExecutorWatch, *, executors: int, tag: str = "") -> "Work":
        """Run tasks that sleep, enough to keep `executors` executors of one core busy for 12 s, and sum their ids.

        Its jobs carry `tag`, or one of their own.
        """
        tasks = executors * _TASKS_PER_EXECUTOR
        slept = (
            f"SELECT id, reflect('java.lang.Thread', 'sleep', {_TASK_MS}L) AS slept FROM range(0, {tasks}, 1, {tasks})"
        )
        try:
            # The condition always holds; it keeps the optimizer from dropping a column that nobody reads.
            answer = session.sql(f"SELECT sum(id) FROM ({slept}) WHERE coalesce(slept, '') <> 'never'", tag)
        finally:
            watch.close()
        return cls(answer, sum(range(tasks)), tuple(watch.course))

    @property
    def most(self) -> int:
        """The largest number of executors at once."""
        return max(self.course, default=0)

    def must_be_right(self) -> None:
        """Check that the sum is the right one."""
        self.answer.must_succeed()
        if self.answer.rows[0][0] != self.value:
            raise CheckFailed(f"The work gave {self.answer.rows[0][0]}, not {self.value}.")
        evidence.prove(Level.EXECUTED, f"The work gave {self.value} after {self.answer.seconds:.1f} s")

    def must_have_had_at_least(self, count: int) -> None:
        """Check that this many executors existed at once."""
        if self.most < count:
            raise CheckFailed(f"At most {self.most} executors existed at once; the work was for {count}.")
        evidence.prove(Level.EXECUTED, f"{self.most} executors existed at once", executors_over_time=self.course)

    def must_have_had_at_most(self, count: int) -> None:
        """Check that the number of executors reached `count` and never passed it."""
        if self.most != count:
            raise CheckFailed(f"{self.most} executors existed at once; there was room for {count}.")
        evidence.prove(Level.EXECUTED, f"Never more than {count} executors existed", executors_over_time=self.course)


@dataclass(frozen=True)
class ExecutorLoss:
    """Work during which `pod` went with an executor in it.

    `lost` are tasks that did not end well, `done` the tasks that each executor completed.
    """

    work: Work
    pod: str
    lost: int
    done: Mapping[str, int]

    def must_have_lost_nothing(self) -> None:
        """Check that every task that was started ended well: the executor finished its own before it went."""
        if self.lost:
            raise CheckFailed(f"{self.lost} tasks were lost when {self.pod} went; completed were {dict(self.done)}.")
        evidence.prove(Level.EXECUTED, f"No task was lost when {self.pod} went; completed were {dict(self.done)}")

    def must_have_been_made_good(self) -> None:
        """Check that tasks were lost with the executor, and done again by others."""
        if not self.lost:
            raise CheckFailed(f"{self.pod} had no tasks that were lost with it, so nothing had to be done again.")
        evidence.prove(Level.EXECUTED, f"{self.lost} tasks lost with {self.pod} were done again: {dict(self.done)}")


@dataclass(frozen=True)
class FairSharing:
    """A short query that was answered while longer work ran: how many of the work's tasks still waited just then."""

    work: Work
    short: Answer
    waiting: int

    def must_have_been_answered_first(self) -> None:
        """Check that tasks of the work waited while the short query was served."""
        self.work.must_be_right()
        self.short.must_succeed()
        if not self.waiting:
            raise CheckFailed("The short query was answered when no task of the work was waiting any more.")
        told = f"The short query was answered after {self.short.seconds:.1f} s, with {self.waiting} tasks waiting"
        evidence.prove(Level.EXECUTED, told)


@dataclass(frozen=True)
class Query:
    """A query under way, which asks for executors whether or not it gets them.

    `old` are the sentences in which trouble was told before it started, of a platform that others use too.
    """

    kube: Kube
    namespace: str
    started: Started
    old: frozenset[str]

    @classmethod
    def start(cls, session: Session, kube: Kube, namespace: str, *, executors: int) -> "Query":
        """Start a query of as many tasks as this many executors run at once."""
        cores = int(session.run("SET spark.executor.cores").rows[0][1])
        tasks = executors * cores
        old = frozenset(cause.sentence for cause in session.client.explain())
        return cls(kube, namespace, session.start(f"SELECT sum(id) FROM range(0, {tasks}, 1, {tasks})"), old)

    def end(self) -> None:
        """Cancel the query and remove its executors, which the driver would keep for a while."""
        self.started.cancel()
        eventually(
            f"the end of the executors in {self.namespace}",
            self._delete_executors,
            lambda left: not left,
            within_s=timeouts.EXECUTORS_GONE,
        )
        self.started.session.close()

    def must_wait_because(self, reason: str) -> None:
        """Check that the query gets no answer and that who gives up on it is told `reason`."""
        eventually(
            f"the cause {reason!r}",
            lambda: self._new(self.started.session.client.explain()),
            lambda told: any(reason in sentence for sentence in told),
            within_s=timeouts.PLACEMENT,
        )
        try:
            answer = self.started.answer(within_s=timeouts.PATIENCE)
        except GaveUp as given_up:
            told = next((sentence for sentence in self._new(given_up.causes) if reason in sentence), None)
            if told is None:
                raise
            evidence.prove(Level.SIMULATED, f"Whoever gives up on the query is told: {told}", told=str(given_up))
        else:
            raise CheckFailed(f"The query did not wait; it gave {answer.refusal or list(answer.rows)}.")

    def _new(self, causes: Sequence[Cause]) -> list[str]:
        return [cause.sentence for cause in causes if cause.sentence not in self.old]

    def _delete_executors(self) -> list[str]:
        names = [pod["metadata"]["name"] for pod in self.kube.list(POD, self.namespace, labels=EXECUTORS)]
        for name in names:
            self.kube.delete(POD, name, self.namespace, grace_s=0)
        return names
