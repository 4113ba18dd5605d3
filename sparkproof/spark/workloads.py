"""The workloads of a platform on its cluster: the pods of its components, its executors, and their readiness."""

import base64
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import Cause, CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.progress import Waiting
from sparkproof.core.spans import On
from sparkproof.core.wait import GaveUp, TooSlow, eventually
from sparkproof.kube import diagnosis, helm
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import COMPONENT, RELEASE, SPARK_APPLICATION, SPARK_ROLE
from sparkproof.kube.objects import (
    DEPLOYMENT,
    EVICTION,
    JOB,
    POD,
    SECRET,
    STATEFUL_SET,
    Kind,
    Manifest,
    has_ended,
    is_ready,
)
from sparkproof.kube.places import Pod

EXECUTORS = f"{SPARK_ROLE}=executor"
# The number of restarts by pod, by its unique id.
Starts = Mapping[str, int]


@dataclass(frozen=True)
class Workloads:
    """The workloads of the release of this name in a namespace."""

    kube: Kube
    namespace: str
    release: str

    def pod(self, component: str) -> Manifest:
        """Return the first pod of a component ("connect", "rest-catalog"); raises GaveUp with the causes."""
        found = self.pods_of(component)
        if not found:
            raise GaveUp(f"The platform in {self.namespace} has no {component} pod", self.why())
        return found[0]

    def pods_of(self, component: str) -> list[Manifest]:
        """Return the pods of a component that exist now."""
        return self.kube.list(POD, self.namespace, labels=f"{self._own},{COMPONENT}={component}")

    def of_kind(self, kind: Kind) -> list[Manifest]:
        """Return the objects of a kind that the release has."""
        return self.kube.list(kind, self.namespace, labels=self._own)

    def place(self, component: str) -> Pod:
        """Return the component's pod as a place where programs run, in its own container; raises GaveUp."""
        return replace(self.place_of(self.pod(component)), container=component)

    def place_of(self, pod: Manifest) -> Pod:
        """Return a pod as a place where programs run."""
        return Pod(self.kube, self.namespace, pod["metadata"]["name"])

    def variable(self, component: str, name: str) -> str:
        """Return an environment variable of the component's first container, read from its Secret if it has one."""
        found = next(each for each in self.pod(component)["spec"]["containers"][0]["env"] if each["name"] == name)
        if "value" in found:
            return str(found["value"])
        reference = found["valueFrom"]["secretKeyRef"]
        secret = self.kube.get(SECRET, reference["name"], self.namespace) or {}
        return base64.b64decode(secret["data"][reference["key"]]).decode()

    @property
    def is_standalone(self) -> bool:
        """True if the executors run in workers of a standalone cluster and not in pods of their own."""
        return bool(self.pods_of("master"))

    @property
    def executors(self) -> list[Manifest]:
        """The executor pods of the Connect server that exist now and have not ended."""
        own = f"{EXECUTORS},{SPARK_APPLICATION}={self.release}-connect"
        return [pod for pod in self.kube.list(POD, self.namespace, labels=own) if not has_ended(pod)]

    @property
    def staying(self) -> list[Manifest]:
        """The pods that are meant to stay.

        Pods of Jobs and tests end, and so do submitted drivers; they are left out, and so is a pod that is about to be
        removed. An executor ends when it is idle or replaced; until then it counts, since it may be the reason why a
        statement has no answer.
        """
        own = f"{self._own},{COMPONENT}!=test,{SPARK_ROLE}!=driver"
        found = self.kube.list(POD, self.namespace, labels=own)
        staying = (pod for pod in found if not _of_job(pod) and "deletionTimestamp" not in pod["metadata"])
        return [pod for pod in staying if not (has_ended(pod) and _is_executor(pod))]

    @property
    def broken(self) -> str | None:
        """The reason why one of the pods that are meant to stay can no longer become ready; None if all still may."""
        return first_broken(self.staying)

    @property
    def unready(self) -> list[str]:
        """The workloads that are not ready yet, by kind and name; a release that has none is not ready either."""
        found = [each for kind in (STATEFUL_SET, DEPLOYMENT, JOB) for each in self.of_kind(kind)]
        # What a CronJob makes is work of its own, and no part of the installation.
        workloads = [each for each in found if "ownerReferences" not in each["metadata"]]
        if not workloads:
            return [f"any workload of {self.release}"]
        return [f"{found['kind']} {found['metadata']['name']}" for found in workloads if not is_ready(found)]

    @property
    def waits(self) -> str:
        """What each pod that is not ready waits for, in words: a node, its image, a container."""
        events = self.kube.events(self.namespace)
        pods = [pod for pod in self.kube.list(POD, self.namespace, labels=self._own) if not has_ended(pod)]
        return "; ".join(filter(None, (diagnosis.state(pod, events) for pod in pods)))

    @property
    def remains(self) -> list[str]:
        """The objects of the release, of every kind, by kind and name ("Pod spark-0"), cluster-wide ones too."""
        own = [found for kind in self.kube.kinds() for found in self.of_kind(kind)]
        own += helm.cluster_wide(self.kube, {self.namespace}, self.release)
        return sorted(f"{found['kind']} {found['metadata']['name']}" for found in own)

    def why(self, component: str = "") -> list[Cause]:
        """Return the known causes of trouble in the namespace, those about the pods of `component` first."""
        of = [pod["metadata"]["name"] for pod in self.pods_of(component)] if component else []
        return diagnosis.why(self.kube, self.namespace, driver=f"{self.release}-connect-0", of=of)

    def must_be_ready(self) -> None:
        """Wait until all workloads are ready and all Jobs are done; raises GaveUp with the cause."""
        said = Waiting(f"waiting for the platform in {self.namespace}")

        def observe() -> list[str]:
            said.look(lambda: self.waits)
            return self.unready

        eventually(
            f"the readiness of the platform in {self.namespace}",
            observe,
            lambda unready: not unready,
            within_s=timeouts.POD_READY,
            on=On.PODS,
            unrecoverable=lambda _: self.broken,
            explain=self.why,
            show=lambda unready: f"{', '.join(unready)} not ready ({self.waits or 'no pod waits'})",
        )

    def restart(self, component: str, *, killed: bool = False) -> None:
        """End the pod of a component ("rest-catalog"), at once if `killed`, and wait until the next one is ready."""
        ended = self.pod(component)
        self.end(ended["metadata"]["name"], killed=killed)
        self.await_next(component, ended)

    def end(self, pod: str, *, killed: bool = False) -> None:
        """Delete a pod by its name: with its time to end, or at once if `killed`."""
        self.kube.delete(POD, pod, self.namespace, grace_s=0 if killed else None)

    def evict(self, pod: str, *, at_once: bool = False) -> None:
        """Ask the API server to evict a pod, by its name, as a drain does; raises Refused, with 429 by a budget."""
        asked: Manifest = {"metadata": {"name": pod, "namespace": self.namespace}}
        if at_once:
            asked["deleteOptions"] = {"gracePeriodSeconds": 0}
        self.kube.create({"apiVersion": EVICTION.api_version, "kind": EVICTION.name, **asked})

    def await_next(self, component: str, pod: Manifest) -> None:
        """Wait until the pod that takes the place of this one of a component is ready; raises GaveUp."""
        ended = pod["metadata"]
        eventually(
            f"the {component} pod that follows {ended['name']} in {self.namespace}",
            lambda: [pod for pod in self.pods_of(component) if pod["metadata"]["uid"] != ended["uid"]],
            lambda pods: bool(pods) and all(map(diagnosis.ready, pods)),
            within_s=timeouts.POD_READY,
            on=On.PODS,
            unrecoverable=first_broken,
            explain=lambda: self.why(component),
            show=lambda pods: {pod["metadata"]["name"]: pod["status"].get("phase") for pod in pods} or "no such pod",
        )

    def starts(self, component: str) -> Starts:
        """Return how often containers of the component were started again, by the pods that it has now."""
        return starts_of(self.pods_of(component))

    def must_restart(self, component: str, *, since: Starts) -> None:
        """Wait until a container of the component, after its program was killed, runs again and all is ready.

        `since` are the component's starts from before the kill: those that it had then do not count.
        """
        if not since:
            raise CheckFailed(f"No {component} ran before it was to restart, so a start now would show nothing.")
        eventually(
            f"the restart of the {component} in {self.namespace}",
            lambda: self.starts(component),
            lambda now: any(count > since.get(uid, -1) for uid, count in now.items()),
            within_s=timeouts.POD_READY,
            on=On.PODS,
            explain=lambda: self.why(component),
        )
        self.must_be_ready()

    def must_leave(self, expected: Sequence[str]) -> None:
        """Wait until nothing remains of the release but what is expected ("PersistentVolumeClaim spark-warehouse")."""
        eventually(
            f"the end of all of the platform in {self.namespace} but {', '.join(expected) or 'nothing'}",
            lambda: self.remains,
            lambda remains: remains == sorted(expected),
            within_s=timeouts.UNINSTALLED,
        )
        evidence.prove(Level.EXECUTED, f"What remains of the platform: {', '.join(expected) or 'nothing'}")

    @property
    def _own(self) -> str:
        return f"{RELEASE}={self.release}"


def scale(workloads: Workloads, component: str, count: int) -> int:
    """Have so many pods of a component; return the number that it was to have before. Raises CheckFailed."""
    name = f"{workloads.release}-{component}"
    for kind in (STATEFUL_SET, DEPLOYMENT):
        if found := workloads.kube.get(kind, name, workloads.namespace):
            workloads.kube.patch(kind, name, {"spec": {"replicas": count}}, workloads.namespace)
            return int(found["spec"]["replicas"])
    raise CheckFailed(f"There is no {name} that could be scaled.")


def starts_of(pods: list[Manifest]) -> Starts:
    """Return how often containers of these pods were started again, by pod."""
    return {pod["metadata"]["uid"]: _restarts(pod) for pod in pods}


def await_pods(workloads: Workloads) -> None:
    """Wait a moment for the first pod of each workload; what keeps it from one, `must_be_ready` tells."""

    def absent() -> list[str]:
        found = [each for kind in (STATEFUL_SET, DEPLOYMENT) for each in workloads.of_kind(kind)]
        components = {each["metadata"]["labels"][COMPONENT] for each in found if not is_ready(each)}
        there = {pod["metadata"]["labels"].get(COMPONENT) for pod in workloads.of_kind(POD)} if components else set()
        return sorted(components - there)

    with suppress(GaveUp, TooSlow):
        eventually(
            f"the pods of the platform in {workloads.namespace}",
            absent,
            lambda components: not components,
            within_s=timeouts.TOOL,
            on=On.PODS,
        )


def first_broken(pods: list[Manifest]) -> str | None:
    """Return why the first broken one of these pods can no longer become ready; None if all still may."""
    return next(filter(None, map(diagnosis.unrecoverable, pods)), None)


def _restarts(pod: Manifest) -> int:
    """Return how often containers of the pod were started again."""
    return sum(container["restartCount"] for container in pod["status"].get("containerStatuses", []))


def _of_job(pod: Manifest) -> bool:
    return any(owner["kind"] == JOB.name for owner in pod["metadata"].get("ownerReferences", []))


def _is_executor(pod: Manifest) -> bool:
    return str(pod["metadata"]["labels"].get(SPARK_ROLE, "")) == "executor"
