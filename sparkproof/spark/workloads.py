"""What a release runs in its namespace: the pods of its components, its executors, and what does not stand yet."""

from dataclasses import dataclass

from sparkproof.core.errors import Cause
from sparkproof.core.wait import GaveUp
from sparkproof.kube import diagnosis
from sparkproof.kube.client import Kube
from sparkproof.kube.objects import DEPLOYMENT, JOB, POD, STATEFUL_SET, Kind, Manifest, has_ended
from sparkproof.kube.places import Pod

EXECUTORS = "spark-role=executor"


@dataclass(frozen=True)
class Workloads:
    """What the release of this name runs in a namespace."""

    kube: Kube
    namespace: str
    release: str

    def pod(self, component: str) -> Manifest:
        """The first pod of a component ("connect", "rest-catalog"); raises GaveUp with the causes where none is."""
        found = self.pods_of(component)
        if not found:
            raise GaveUp(f"The platform in {self.namespace} has no {component} pod", self.why())
        return found[0]

    def pods_of(self, component: str) -> list[Manifest]:
        """The pods of a component that exist now."""
        return self.kube.list(POD, self.namespace, labels=f"{self._own},app.kubernetes.io/component={component}")

    def of_kind(self, kind: Kind) -> list[Manifest]:
        """The objects of a kind that the release has."""
        return self.kube.list(kind, self.namespace, labels=self._own)

    def place(self, component: str) -> Pod:
        """Where a component runs; raises GaveUp where it does not."""
        return self.place_of(self.pod(component))

    def place_of(self, pod: Manifest) -> Pod:
        """The pod as a place where programs run."""
        return Pod(self.kube, self.namespace, pod["metadata"]["name"])

    @property
    def executors(self) -> list[Manifest]:
        """The executor pods of the Connect server that exist now and have not ended."""
        own = f"{EXECUTORS},spark-app-name={self.release}-connect"
        return [pod for pod in self.kube.list(POD, self.namespace, labels=own) if not has_ended(pod)]

    @property
    def staying(self) -> list[Manifest]:
        """The pods that are to stay: those of Jobs and tests end, and so do submitted drivers, and executors.

        An executor ends when it is idle or replaced; until then it may be what keeps a statement from its answer. A pod
        that an upgrade is about to remove is of no account either.
        """
        own = f"{self._own},app.kubernetes.io/component!=test,spark-role!=driver"
        found = self.kube.list(POD, self.namespace, labels=own)
        staying = (pod for pod in found if not _of_job(pod) and "deletionTimestamp" not in pod["metadata"])
        return [pod for pod in staying if not (has_ended(pod) and _is_executor(pod))]

    @property
    def broken(self) -> str | None:
        """Why the first of the pods that are to stay and cannot become ready cannot; None when all still may."""
        return first_broken(self.staying)

    @property
    def unready(self) -> list[str]:
        """The workloads that do not stand yet, by kind and name."""
        return [
            f"{kind.name} {found['metadata']['name']}"
            for kind in (STATEFUL_SET, DEPLOYMENT, JOB)
            for found in self.of_kind(kind)
            if not _stands(found)
        ]

    @property
    def remains(self) -> list[str]:
        """What there is of the release, of whatever kind, by kind and name, as "Pod spark-connect-0"."""
        return sorted(
            f"{kind.name} {found['metadata']['name']}" for kind in self.kube.kinds() for found in self.of_kind(kind)
        )

    def why(self) -> list[Cause]:
        """The known causes of trouble in the namespace."""
        return diagnosis.why(self.kube, self.namespace, driver=f"{self.release}-connect-0")

    @property
    def _own(self) -> str:
        return f"app.kubernetes.io/instance={self.release}"


def restarts(pod: Manifest) -> int:
    """How often containers of the pod were started anew."""
    return sum(container["restartCount"] for container in pod["status"].get("containerStatuses", []))


def first_broken(pods: list[Manifest]) -> str | None:
    """Why the first of these pods that cannot become ready any more cannot; None when all still may."""
    return next(filter(None, map(diagnosis.unrecoverable, pods)), None)


def _of_job(pod: Manifest) -> bool:
    return any(owner["kind"] == JOB.name for owner in pod["metadata"].get("ownerReferences", []))


def _is_executor(pod: Manifest) -> bool:
    return str(pod["metadata"]["labels"].get("spark-role", "")) == "executor"


def _stands(workload: Manifest) -> bool:
    """Whether a Job is done, or all pods of another workload are those of its present form, and ready."""
    spec, status = workload["spec"], workload.get("status", {})
    if workload["kind"] == JOB.name:
        return bool(status.get("succeeded"))
    counts = {status.get(count, 0) for count in ("replicas", "updatedReplicas", "readyReplicas")}
    return status.get("observedGeneration") == workload["metadata"]["generation"] and counts == {spec["replicas"]}
