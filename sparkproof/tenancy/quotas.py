"""The quota of a team as Kueue keeps it: a queue in its namespace, jobs that wait in it, borrow, and give way."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.resources import quantity
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.labels import OWNED, RUN
from sparkproof.kube.objects import (
    CLUSTER_QUEUE,
    JOB,
    NAMESPACE,
    POD,
    QUEUED_WORKLOAD,
    RESOURCE_FLAVOR,
    Kind,
    Manifest,
    Manifests,
    condition,
)
from sparkproof.tenancy.team import Team

# The label by which Kueue knows the queue of a job or pod, and the one of the namespaces that it manages.
QUEUE = "kueue.x-k8s.io/queue-name"
_MANAGED = {"kueue.x-k8s.io/managed-namespace": "true"}
# What keeps a pod from the scheduler until its queue lets it go.
_GATE = "kueue.x-k8s.io/admission"
# The label of a job's pods with its name.
_JOB = "batch.kubernetes.io/job-name"
# A job and an executor of examples/ ask for so many thousandths of a core.
_MILLI = 100


@dataclass
class TeamQueue:
    """The queue of a team: `count` jobs or executors of the usual size have room in its quota.

    Its quota has the `name`, cluster-wide; teams of one `cohort` lend each other what they do not use. Jobs run in
    pods of `image`.
    """

    team: Team
    image: str
    count: int
    name: str
    cohort: str
    jobs: list[str] = field(default_factory=list)

    @classmethod
    def create(cls, team: Team, count: int, *, run: str, image: str, cohort: str = "") -> "TeamQueue":
        """Give a team its quota and its queue, and wait until Kueue uses them; without `cohort`, nobody lends it."""
        own = cls(team, image, count, team.namespace, cohort or f"cohort-{uuid.uuid4().hex[:8]}")
        kube, labels = team.kube, {**OWNED, RUN: run}
        kube.patch(NAMESPACE, team.namespace, {"metadata": {"labels": _MANAGED}})
        for each in examples.quota():
            kube.apply(own._adapted(each, labels))
        eventually(
            f"the quota of {team.namespace} in Kueue",
            lambda: condition(kube.get(CLUSTER_QUEUE, own.name), "Active"),
            lambda found: found.get("status") == "True",
            within_s=timeouts.QUEUE,
        )
        return own

    def lend_to(self, team: Team, count: int, *, run: str) -> "TeamQueue":
        """Give another team a quota and a queue in the same cohort: each lends the other what it does not use."""
        return self.create(team, count, run=run, image=self.image, cohort=self.cohort)

    def remove(self) -> None:
        """End what uses the quota, and wait until the quota is gone."""
        kube, namespace = self.team.kube, self.team.namespace
        self.end(self.jobs)
        for pod in kube.list(POD, namespace, labels=QUEUE):
            kube.delete(POD, pod["metadata"]["name"], namespace, grace_s=0)
        kube.delete(CLUSTER_QUEUE, self.name)
        kube.must_be_gone(CLUSTER_QUEUE, self.name, within_s=timeouts.NAMESPACE_GONE)
        kube.delete(RESOURCE_FLAVOR, self.cohort)

    def start(self, count: int = 1, *, size: int = 1, queued: bool = True) -> Sequence[str]:
        """Start so many jobs, each in `size` pods, and return their names; they name the queue if `queued`."""
        names = [f"job-{len(self.jobs) + number}" for number in range(count)]
        for name in names:
            job = examples.queued_job()
            job["metadata"] |= {"name": name, "labels": {**OWNED, **(job["metadata"]["labels"] if queued else {})}}
            job["spec"] |= {"parallelism": size, "completions": size}
            job["spec"]["template"]["spec"]["containers"][0]["image"] = self.image
            self.jobs.append(name)
            self.team.apply(job)
        return names

    def end(self, jobs: Collection[str]) -> None:
        """End these jobs, and let their quota go."""
        for name in jobs:
            self.team.kube.delete(JOB, name, self.team.namespace)

    def must_run(self, jobs: Collection[str]) -> None:
        """Wait until all pods of these jobs are ready."""
        eventually(
            f"the start of {', '.join(jobs)} in {self.team.namespace}",
            self._running,
            lambda running: bool(jobs) and set(jobs) <= running,
            within_s=timeouts.POD_READY,
            on=On.PODS,
            explain=self._why,
        )
        evidence.prove(Level.EXECUTED, f"{', '.join(jobs)} of {self.team.namespace} run")

    def must_run_beside(self, jobs: Collection[str], waiting: Collection[str], reason: str) -> None:
        """Check that these jobs run, of which Kueue knows nothing, while others are `waiting` for this reason."""
        self.must_run(jobs)
        self.must_hold(waiting, reason)
        if known := sorted(set(jobs) & _owners(self._workloads(), JOB).keys()):
            raise CheckFailed(f"Kueue counts {', '.join(known)} of {self.team.namespace}, which name no queue.")
        evidence.prove(Level.EXECUTED, f"Kueue does not know {', '.join(jobs)}, which name no queue")

    def must_hold(self, jobs: Collection[str], reason: str) -> None:
        """Wait until Kueue says `reason` of each of these jobs, and check that they have no pods."""
        words = eventually(
            f"Kueue's word {reason!r} on {', '.join(jobs)} of {self.team.namespace}",
            lambda: {job: self.words(JOB).get(job, "") for job in jobs},
            lambda found: bool(found) and all(reason in word for word in found.values()),
            within_s=timeouts.QUEUE,
        )
        pods = self.team.kube.list(POD, self.team.namespace, labels=_JOB)
        if running := sorted({pod["metadata"]["labels"][_JOB] for pod in pods} & set(jobs)):
            raise CheckFailed(f"{', '.join(running)} should wait, as Kueue says, but has pods: {words}")
        evidence.prove(Level.EXECUTED, f"{', '.join(jobs)} of {self.team.namespace} waits", words=words)

    def must_borrow(self, count: int) -> None:
        """Wait until the team uses as much beyond its own quota as so many jobs need."""
        borrowed = eventually(
            f"what {self.team.namespace} borrows for {count} jobs",
            self._borrowed,
            lambda milli: milli == count * _MILLI,
            within_s=timeouts.QUEUE,
        )
        seen = f"{self.team.namespace} borrows {borrowed}m of cores, and has {self.count * _MILLI}m"
        evidence.prove(Level.EXECUTED, seen)

    def must_give_way(self, count: int, owner: "TeamQueue") -> None:
        """Wait until so many jobs have given way to jobs of `owner`, which gets back its own; check that others run.

        The word of Kueue on each of them names the job that it gave way to.
        """
        words = eventually(
            f"{count} jobs of {self.team.namespace} that give way",
            lambda: self.words(JOB, "Preempted", "True"),
            lambda found: len(found) == count and not found.keys() & self._running(),
            within_s=timeouts.QUEUE,
        )
        owner.must_have_taken_back(words)
        left = [job for job in self.jobs if job not in words]
        self.must_run(left)
        evidence.prove(Level.EXECUTED, f"{', '.join(words)} gave way, and {', '.join(left)} run on", words=words)

    def must_have_taken_back(self, words: Mapping[str, str]) -> None:
        """Check that Kueue's words on jobs or executors that gave way name jobs of this queue, which had lent to them.

        `words` are known by the names of those that gave way.
        """
        theirs = [self._uid(job) for job in self.jobs]
        for name, word in words.items():
            if not any(uid in word for uid in theirs):
                raise CheckFailed(f"{name} gave way, but not to a job of {self.team.namespace}: {word}")
            if "reclamation within the cohort" not in word:
                raise CheckFailed(f"{name} gave way, but not to give back what it borrowed: {word}")

    def words(self, kind: Kind, state: str = "QuotaReserved", status: str = "False") -> Mapping[str, str]:
        """Return Kueue's words on what waits for quota, by the names of these jobs or pods.

        Another condition of its workloads, in this status, gives the words on those that have it.
        """
        found = {name: condition(each, state) for name, each in _owners(self._workloads(), kind).items()}
        return {name: str(own["message"]) for name, own in found.items() if own.get("status") == status}

    def gated(self) -> Manifests:
        """Return the pods of the namespace that the queue keeps from the scheduler."""
        pods = self.team.kube.list(POD, self.team.namespace, labels=QUEUE)
        return [pod for pod in pods if any(gate["name"] == _GATE for gate in pod["spec"].get("schedulingGates") or ())]

    def must_refuse_pods(self, reason: str) -> None:
        """Check that the API server refuses a pod of the team, and that its words have this reason."""
        refused = self.team.refusal_of(a_pod(self.image))
        if refused is None:
            raise CheckFailed(f"The API server would have admitted a pod of {self.team.namespace} past the queue.")
        if reason not in refused.message:
            raise CheckFailed(f"The API server refused a pod, but not because of {reason}: {refused.message}")
        evidence.prove(Level.ADMITTED, f"The API server refused a pod: {refused.message}")

    def evidence(self) -> None:
        """Keep the quota and what Kueue says of all that uses it."""
        evidence.attach(f"quota {self.name}", self.team.kube.get(CLUSTER_QUEUE, self.name))
        evidence.attach(f"workloads in {self.team.namespace}", self._workloads())

    def _borrowed(self) -> int:
        """Return the thousandths of a core that the team uses beyond its quota."""
        found = self.team.kube.get(CLUSTER_QUEUE, self.name) or {}
        usage = [each for flavor in found.get("status", {}).get("flavorsUsage", ()) for each in flavor["resources"]]
        return sum(round(1000 * quantity(each.get("borrowed", "0"))) for each in usage if each["name"] == "cpu")

    def _running(self) -> set[str]:
        """Return the jobs of the namespace all of whose pods are ready."""
        jobs = self.team.kube.list(JOB, self.team.namespace)
        return {
            job["metadata"]["name"] for job in jobs if job.get("status", {}).get("ready") == job["spec"]["parallelism"]
        }

    def _uid(self, job: str) -> str:
        found = self.team.kube.get(JOB, job, self.team.namespace)
        return str(found["metadata"]["uid"]) if found else f"{job}, which is gone"

    def _workloads(self) -> Manifests:
        return self.team.kube.list(QUEUED_WORKLOAD, self.team.namespace)

    def _why(self) -> Sequence[Cause]:
        return diagnosis.why(self.team.kube, self.team.namespace)

    def _adapted(self, manifest: Manifest, labels: Mapping[str, str]) -> Manifest:
        """Return an object of the example for this team alone."""
        metadata = {"name": manifest["metadata"]["name"], "labels": dict(labels)}
        spec = manifest.get("spec", {})
        if manifest["kind"] == RESOURCE_FLAVOR.name:
            metadata["name"] = self.cohort
        elif manifest["kind"] == CLUSTER_QUEUE.name:
            metadata["name"] = self.name
            (group,) = spec["resourceGroups"]
            (flavor,) = group["flavors"]
            flavor["name"] = self.cohort
            flavor["resources"][group["coveredResources"].index("cpu")]["nominalQuota"] = f"{self.count * _MILLI}m"
            chosen = {"matchLabels": {"kubernetes.io/metadata.name": self.team.namespace}}
            spec = {**spec, "cohortName": self.cohort, "namespaceSelector": chosen}
        else:
            metadata["namespace"] = self.team.namespace
            spec = {**spec, "clusterQueue": self.name}
        return {**manifest, "metadata": metadata, "spec": spec}


def a_pod(image: str) -> Manifest:
    """Return a pod that does what a job of the usual size does."""
    spec = examples.queued_job()["spec"]["template"]["spec"]
    spec["containers"][0]["image"] = image
    return {"apiVersion": POD.api_version, "kind": POD.name, "metadata": {"name": "pod", "labels": OWNED}, "spec": spec}


def _owners(workloads: Manifests, kind: Kind) -> Mapping[str, Manifest]:
    """Return Kueue's workloads by the names of the jobs or pods that they stand for."""
    return {
        owner["name"]: each
        for each in workloads
        for owner in each["metadata"].get("ownerReferences", ())
        if owner["kind"] == kind.name
    }
