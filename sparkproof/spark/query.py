"""A running query that may wait for executors that cannot come."""

from collections.abc import Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import GaveUp, TooSlow, eventually
from sparkproof.kube.objects import POD
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import Started
from sparkproof.spark.workloads import EXECUTORS, Workloads


@dataclass(frozen=True)
class Query:
    """A running query that asks for executors and may not get them.

    `total` is the right answer. `old` are the sentences of causes that were known before it started, since others use
    the platform too.
    """

    workloads: Workloads
    started: Started
    total: int
    old: frozenset[str]

    @classmethod
    def start(cls, platform: Platform, *, executors: int) -> "Query":
        """Start a query with as many tasks as `executors` executors can run at once; do not wait for them."""
        session = platform.open_session()
        cores = int(session.run("SET spark.executor.cores").rows[0][1])
        tasks = executors * cores
        old = frozenset(cause.sentence for cause in session.client.explain())
        started = session.start(f"SELECT sum(id) FROM range(0, {tasks}, 1, {tasks})")
        return cls(platform.workloads, started, sum(range(tasks)), old)

    def end(self) -> None:
        """Cancel the query and remove its executors, which the driver would keep for some time."""
        self.started.cancel()
        eventually(
            f"the end of the executors in {self.workloads.namespace}",
            self._delete_executors,
            lambda left: not left,
            within_s=timeouts.EXECUTORS_GONE,
        )
        self.started.session.close()

    def must_be_answered(self) -> None:
        """Wait for the answer, and check that it is right; raises GaveUp when none comes."""
        self.started.answer(within_s=timeouts.PLACEMENT).must_hold([(self.total,)])

    def must_wait_because(self, reason: str) -> None:
        """Check that the query times out and that `reason` is among the causes that the timeout reports."""
        eventually(
            f"the cause {reason!r}",
            lambda: self._new(self.started.session.client.explain()),
            lambda sentences: any(reason in sentence for sentence in sentences),
            within_s=timeouts.PLACEMENT,
        )
        try:
            answer = self.started.answer(within_s=timeouts.PATIENCE)
        except (GaveUp, TooSlow) as given_up:
            cause = next((sentence for sentence in self._new(given_up.causes) if reason in sentence), None)
            if cause is None:
                raise
            evidence.prove(Level.SIMULATED, f"The query times out with the cause: {cause}", message=str(given_up))
        else:
            evidence.look_at(answer)
            raise CheckFailed(f"The query did not wait; it gave {answer.refusal or list(answer.rows)}.")

    def _new(self, causes: Sequence[Cause]) -> list[str]:
        return [cause.sentence for cause in causes if cause.sentence not in self.old]

    def _delete_executors(self) -> list[str]:
        names = [
            pod["metadata"]["name"] for pod in self.workloads.kube.list(POD, self.workloads.namespace, labels=EXECUTORS)
        ]
        for name in names:
            self.workloads.kube.delete(POD, name, self.workloads.namespace, grace_s=0)
        return names
