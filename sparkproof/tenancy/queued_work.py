"""Work whose executors wait for their team's quota: which worked meanwhile, and which came when quota was free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube.labels import EXECUTOR_ID
from sparkproof.kube.objects import POD
from sparkproof.spark.platform import Platform
from sparkproof.spark.session import new_tag
from sparkproof.spark.work import ExecutorWatch, Work
from sparkproof.tenancy.quotas import TeamQueue


@dataclass(frozen=True)
class QueuedWork:
    """A finished piece of work, some of whose executors waited for quota until jobs of the team had ended.

    Executors are known by their ids: `waited` has Kueue's words on those that waited while those of `meanwhile` were
    at work, `then` are those at work after the jobs' end, and `done` has the number of tasks that each completed.
    """

    work: Work
    waited: Mapping[str, str]
    meanwhile: Sequence[str]
    then: Sequence[str]
    done: Mapping[str, int]

    @classmethod
    def during(cls, platform: Platform, queue: TeamQueue, jobs: Sequence[str], *, executors: int) -> "QueuedWork":
        """Run work for so many executors; end the jobs as soon as executors wait, and see who comes. Raises GaveUp."""
        history, tag = platform.history, new_tag()
        watch, session = ExecutorWatch(platform.workloads), platform.open_session()
        running = aside(Work.watched, session, watch, executors=executors, tag=tag)
        history.hosts_at_work(tag, 1, platform.why)
        waited = eventually(
            f"Kueue's word on executors that wait in {queue.team.namespace}",
            lambda: _waiting(queue),
            lambda words: bool(words) and all(words.values()),
            within_s=timeouts.QUEUE,
            explain=platform.why,
        )
        hosts = history.hosts_at_work(tag, 1, platform.why)
        meanwhile = [history.executor_at(host) for host in hosts]
        queue.end(jobs)
        then = [history.executor_at(host) for host in history.hosts_at_work(tag, len(hosts) + 1, platform.why)]
        return cls(running.result(), waited, meanwhile, then, history.workers(tag))

    def must_have_waited(self, reason: str) -> None:
        """Check that Kueue gave this reason for each executor that waited."""
        others = {executor: word for executor, word in self.waited.items() if reason not in word}
        if others or not self.waited:
            raise CheckFailed(f"No executor waited because of {reason}, or others waited for more: {others or 'none'}")
        evidence.prove(Level.EXECUTED, f"{len(self.waited)} executors waited", words=self.waited)

    def must_have_worked_meanwhile(self, count: int) -> None:
        """Check that so many executors, none of which waited, were at work while others waited."""
        if len(self.meanwhile) != count or set(self.meanwhile) & self.waited.keys():
            raise CheckFailed(
                f"{list(self.meanwhile)} were at work, and not {count} others, while {list(self.waited)} waited."
            )
        evidence.prove(Level.EXECUTED, f"{list(self.meanwhile)} worked while {list(self.waited)} waited")

    def must_have_come(self) -> None:
        """Check that an executor that had waited took part when quota was free."""
        came = [executor for executor in self.then if executor in self.waited and self.done.get(executor)]
        if not came:
            raise CheckFailed(
                f"{list(self.then)} were at work when quota was free, none of which had waited with "
                f"{list(self.waited)} and completed a task: {dict(self.done)}"
            )
        evidence.prove(Level.EXECUTED, f"{', '.join(came)} came when quota was free: {dict(self.done)}")

    def must_have_kept_to(self, count: int) -> None:
        """Check that just so many executors completed all tasks of the work."""
        if len(self.done) != count or sum(self.done.values()) < self.work.tasks:
            raise CheckFailed(f"Not {count} executors did the {self.work.tasks} tasks: {dict(self.done)}")
        evidence.prove(Level.EXECUTED, f"{count} executors did all tasks: {dict(self.done)}")


def _waiting(queue: TeamQueue) -> Mapping[str, str]:
    """Return Kueue's words on the executors that wait, by their ids; "" on one that it does not speak of yet."""
    words = queue.words(POD)
    pods = [pod["metadata"] for pod in queue.gated() if EXECUTOR_ID in pod["metadata"].get("labels", {})]
    return {pod["labels"][EXECUTOR_ID]: words.get(pod["name"], "") for pod in pods}
