"""The sizes that the VerticalPodAutoscaler advises for pods that were measured, and its reasons to advise none."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sparkproof.core import evidence, examples, timeouts
from sparkproof.core.aside import aside
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.resources import quantity
from sparkproof.core.wait import eventually
from sparkproof.kube import nodes
from sparkproof.kube.client import Kube
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import NODE, POD, SIZE_ADVICE, Manifest, Manifests, condition
from sparkproof.spark.platform import Platform
from sparkproof.spark.work import Work

# The components of a platform for which criteria ask for advice, in users' words.
SIZED: Mapping[str, str] = {"Connect server": "connect", "workers": "worker"}
# The conditions by which the recommender says why it advises nothing; the first one that is there is the reason.
_REASONS = ("ConfigUnsupported", "NoPodsMatched")
_MIB = 2**20
# Containers' memory in bytes, as it is advised and as it was used.
Beside = Mapping[str, tuple[float, int]]


@dataclass
class SizeAdvice:
    """Advice on sizes that somebody has asked for, under a `name`, in a namespace.

    `pods` are those that it is for, as they were when it was asked for. `used` are the most bytes of memory that their
    kubelets counted since then, by container.
    """

    kube: Kube
    namespace: str
    name: str
    pods: Manifests
    used: dict[str, int] = field(default_factory=dict)

    @classmethod
    def ask(cls, platform: Platform, component: str) -> "SizeAdvice":
        """Ask for advice for the pods of one of SIZED."""
        own = platform.workloads
        return cls._for_owner(own.kube, own.namespace, own.pods_of(SIZED[component]), component)

    @classmethod
    def ask_for_executors(cls, platform: Platform) -> "SizeAdvice":
        """Wait for executors of the Connect server, and ask for advice for what owns them."""
        own = platform.workloads
        pods = eventually(
            "an executor to ask advice for",
            lambda: own.executors,
            bool,
            within_s=timeouts.EXECUTORS,
            explain=platform.why,
            show=len,
        )
        return cls._for_owner(own.kube, own.namespace, pods, "executors")

    @classmethod
    def ask_for_idle(cls, kube: Kube, namespace: str) -> "SizeAdvice":
        """Make a workload of which nothing runs, and ask for advice for it."""
        workload = examples.idle_workload()
        kube.apply({**workload, "metadata": {**workload["metadata"], "namespace": namespace, "labels": OWNED}})
        return cls._for(kube, namespace, [], _reference(workload, workload["metadata"]["name"]))

    @classmethod
    def _for_owner(cls, kube: Kube, namespace: str, pods: Manifests, what: str) -> "SizeAdvice":
        owners = [each for pod in pods for each in pod["metadata"].get("ownerReferences", ()) if each.get("controller")]
        if not owners:
            raise CheckFailed(f"Nothing in {namespace} owns the {what}, so nobody can be asked for advice for them.")
        return cls._for(kube, namespace, pods, _reference(owners[0], owners[0]["name"]))

    @classmethod
    def _for(cls, kube: Kube, namespace: str, pods: Manifests, target: Manifest) -> "SizeAdvice":
        asked = examples.size_advice()
        own = cls(kube, namespace, f"advice-{uuid.uuid4().hex[:8]}", pods)
        metadata = {"name": own.name, "namespace": namespace, "labels": OWNED}
        kube.apply({**asked, "metadata": metadata, "spec": {**asked["spec"], "targetRef": target}})
        return own

    def remove(self) -> None:
        """Ask for no advice any more."""
        self.kube.delete(SIZE_ADVICE, self.name, self.namespace)

    def during_work(self, platform: Platform, *, executors: int) -> Work:
        """Run work for so many executors, and note meanwhile what the pods use."""
        running = aside(Work.run, platform, executors=executors)
        eventually(
            f"the end of work for {executors} executors",
            self._measured,
            lambda _: running.done(),
            within_s=timeouts.SQL,
            every_s=timeouts.USE_ASKED,
            explain=platform.why,
        )
        return running.result()

    @property
    def advised(self) -> Mapping[str, Mapping[str, float]]:
        """The cores and bytes of memory that the recommender advises now, by container and resource."""
        found = (self._object.get("status", {}).get("recommendation") or {}).get("containerRecommendations", ())
        return {
            each["containerName"]: {name: quantity(amount) for name, amount in each["target"].items()} for each in found
        }

    @property
    def reason(self) -> str:
        """The recommender's word why it advises nothing; "" if it does not say that."""
        found = (condition(self._object, name) for name in _REASONS)
        return next((str(each.get("message", "")) for each in found if each.get("status") == "True"), "")

    def must_follow_use(self, percent: int) -> None:
        """Wait until each container is advised no less memory than it used, and check that it is not much more.

        It is at most `percent` more, of what was used since the advice was asked for.
        """
        beside = eventually(
            f"advice of no less memory than {self._who} used",
            self._advised_beside_used,
            lambda seen: bool(seen) and all(advised >= used > 0 for advised, used in seen.values()),
            within_s=timeouts.SIZE_ADVICE,
            every_s=timeouts.USE_ASKED,
            show=lambda seen: f"{_words(seen)}; {self.reason or 'no reason'}",
        )
        most = 1 + percent / 100
        if any(advised > used * most for advised, used in beside.values()):
            raise CheckFailed(f"More than {percent} % more memory is advised than was used: {_words(beside)}")
        evidence.prove(Level.EXECUTED, f"The advised memory follows what was used: {_words(beside)}")

    def must_fit_nodes(self) -> None:
        """Check that all that is advised for a pod together is on the node that the pod is on."""
        advised = self.advised
        if not advised:
            raise CheckFailed(f"Nothing is advised for {self._who}: {self.reason or 'nobody says why'}")
        if not self.pods:
            raise CheckFailed("There is no pod for which advice could be too large.")
        whole = {name: sum(each.get(name, 0) for each in advised.values()) for name in ("cpu", "memory")}
        for node in sorted({pod["spec"]["nodeName"] for pod in self.pods}):
            room = (self.kube.get(NODE, node) or {}).get("status", {}).get("allocatable", {})
            if lacking := [name for name, amount in whole.items() if amount > quantity(room.get(name, "0"))]:
                raise CheckFailed(f"{node} has less {' and '.join(lacking)} than is advised for one pod: {whole}")
        evidence.prove(Level.EXECUTED, f"What is advised for {self._who} is there on a node", advised=whole)

    def must_have_changed_nothing(self) -> None:
        """Check that the pods are those for which advice was asked, never started again, and of the same size."""
        for pod in self.pods:
            name = pod["metadata"]["name"]
            now = self.kube.get(POD, name, self.namespace)
            if now is None or _life(now) != _life(pod):
                raise CheckFailed(f"{name} was changed or started again while advice was given for it.")
            if _sizes(now) != _sizes(pod):
                raise CheckFailed(f"{name} has another size since advice was given for it: {_sizes(now)}")
        if not self.pods:
            raise CheckFailed("There was no pod that advice could have changed.")
        evidence.prove(Level.EXECUTED, f"{self._who} are as they were, though advice was given for them")

    def must_be_none(self, reason: str) -> None:
        """Wait until the recommender's reason to advise nothing has these words, and check that it advises nothing."""
        said = eventually(
            f"the recommender's word {reason!r} on advice that it cannot give",
            lambda: self.reason,
            lambda word: reason in word,
            within_s=timeouts.SIZE_ADVICE,
            show=lambda word: word or f"no reason; it advises {dict(self.advised) or 'nothing'}",
        )
        if self.advised or condition(self._object, "RecommendationProvided").get("status") != "False":
            raise CheckFailed(f"The recommender says {said!r}, and advises all the same: {dict(self.advised)}")
        evidence.prove(Level.EXECUTED, f"The recommender advises nothing: {said}")

    def evidence(self) -> None:
        """Keep what was asked for, and what was answered."""
        evidence.attach("advice on sizes", self._object)
        evidence.attach("most bytes of memory by container", self.used)

    @property
    def _object(self) -> Manifest:
        return self.kube.get(SIZE_ADVICE, self.name, self.namespace) or {}

    @property
    def _who(self) -> str:
        return ", ".join(pod["metadata"]["name"] for pod in self.pods)

    def _measured(self) -> Mapping[str, int]:
        """Ask the kubelets what the pods use now, and return the most until now."""
        for pod in self.pods:
            for container, bytes_used in nodes.working_sets(self.kube, pod).items():
                self.used[container] = max(bytes_used, self.used.get(container, 0))
        return self.used

    def _advised_beside_used(self) -> Beside:
        used, advised = self._measured(), self.advised
        return {
            container: (advised.get(container, {}).get("memory", 0), used.get(container, 0))
            for container in sorted(advised.keys() | used.keys())
        }


def _reference(workload: Manifest, name: str) -> Manifest:
    return {"apiVersion": workload["apiVersion"], "kind": workload["kind"], "name": name}


def _life(pod: Manifest) -> tuple[str, Sequence[int]]:
    """Return by what a pod is known, and how often its containers were started again."""
    started = pod.get("status", {}).get("containerStatuses", ())
    return str(pod["metadata"]["uid"]), [each["restartCount"] for each in started]


def _sizes(pod: Manifest) -> Mapping[str, Manifest]:
    """Return what each container of a pod asks for, and may take."""
    return {each["name"]: each.get("resources", {}) for each in pod["spec"]["containers"]}


def _words(beside: Beside) -> str:
    words = (f"{name}: {advised / _MIB:.0f} MiB, used {used / _MIB:.0f}" for name, (advised, used) in beside.items())
    return "; ".join(words) or "nothing is advised"
