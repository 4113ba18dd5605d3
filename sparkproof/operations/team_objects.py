"""A team's objects before and after a snapshot of the control plane: what has to be there again, and what is lost."""

import copy
from dataclasses import dataclass, replace

from sparkproof.core import clock, evidence, timeouts
from sparkproof.core.errors import CheckFailed, SparkproofError
from sparkproof.core.evidence import Level
from sparkproof.core.spans import On
from sparkproof.core.wait import eventually
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import OWNED
from sparkproof.kube.objects import CONFIG_MAP, DEPLOYMENT, Kind, Manifest, is_ready
from sparkproof.operations.control_plane import ControlPlane
from sparkproof.operations.namespace_state import NamespaceState, containers
from sparkproof.spark.workloads import Workloads

# A Deployment from before the snapshot, which is changed after it; a ConfigMap that is removed after it; and what is
# made after it.
CHANGED, REMOVED, LATER = "sparkproof-changed", "sparkproof-removed", "sparkproof-later"
_EXPIRED = 410


@dataclass
class TeamObjects:
    """The objects in a platform's namespace: as they were `saved` with a snapshot, and when the data was `lost`.

    `drivers` and `executors` are the containers of the Connect server's that the snapshot has.
    """

    workloads: Workloads
    saved: NamespaceState | None = None
    lost: NamespaceState | None = None
    drivers: frozenset[str] = frozenset()
    executors: frozenset[str] = frozenset()

    def make(self) -> None:
        """Make a Deployment of one pod, which gets ready, and a ConfigMap; raises GaveUp."""
        self._apply(CONFIG_MAP, REMOVED, data={"from": "before the snapshot"})
        self._run(CHANGED)

    def save(self, control_plane: ControlPlane) -> None:
        """Take a snapshot of the control plane while nothing changes here and executors run; raises GaveUp."""

        def saved() -> NamespaceState | None:
            before = self._now()
            self.drivers = _of(self.workloads.pods_of("connect"), before)
            self.executors = _of(self.workloads.executors, before)
            control_plane.save()
            stays = replace(self._now(), revision=0) == replace(before, revision=0)
            return before if stays and self.drivers and self.executors else None

        self.saved = eventually("a snapshot while nothing changes", saved, bool, within_s=timeouts.POD_READY)

    def change(self) -> None:
        """Make a ConfigMap and a Deployment, give another one a second pod, and remove a ConfigMap; raises GaveUp."""
        workloads = self.workloads
        self._apply(CONFIG_MAP, LATER, data={"from": "after the snapshot"})
        self._run(LATER)
        workloads.kube.patch(DEPLOYMENT, CHANGED, {"spec": {"replicas": 2}}, workloads.namespace)
        self._await(CHANGED, 2)
        workloads.kube.delete(CONFIG_MAP, REMOVED, workloads.namespace)
        self.lost = self._now()

    def must_be_told_to_read_anew(self) -> None:
        """Check that who watched the objects until the loss is told that the watch cannot go on."""
        workloads, since = self.workloads, str(self._when_lost.revision)
        try:
            events = workloads.kube.changes(CONFIG_MAP, workloads.namespace, since=since)
        except Refused as refused:
            events = [{"type": "ERROR", "object": {"code": refused.code, "message": refused.message}}]
        said: Manifest = next((each["object"] for each in events if each["type"] == "ERROR"), {})
        if said.get("code") != _EXPIRED:
            raise CheckFailed(
                f"Who has watched until revision {since}, which the restored data never had, is not told to read all "
                f"anew, and misses changes: {said or events or 'nothing came'}."
            )
        evidence.prove(Level.EXECUTED, f"Who watched until revision {since} is told to read anew: {said['message']}")

    def must_be_as_saved(self) -> None:
        """Check that each object is as the snapshot has it, and that what came after is gone, with its pods."""
        saved, lost = self._as_saved, self._when_lost
        later, removed = lost.missing_in(saved), saved.missing_in(lost)
        changed = saved.altered_in(lost)
        if not (later and removed and changed):
            raise CheckFailed(
                f"After the snapshot {later or 'nothing'} came, {changed or 'nothing'} was changed and "
                f"{removed or 'nothing'} was removed: all three have to happen, or nothing is tested."
            )
        # A program that still remembers an owner of then makes its objects once more, and they go with it.
        now = eventually(
            "the end of what came after the snapshot",
            self._now,
            lambda seen: not set(later) & seen.objects.keys(),
            within_s=timeouts.WORK_GONE,
            show=lambda seen: f"{', '.join(sorted(set(later) & seen.objects.keys()))} came later, and should be gone",
        )
        if missing := saved.missing_in(now):
            raise CheckFailed(f"{', '.join(missing)} should have come back with the snapshot.")
        if altered := saved.altered_in(now):
            raise CheckFailed(f"{', '.join(altered)} should be as the snapshot has it, and is not.")
        pods = {name.removeprefix("Pod ") for name in later if name.startswith("Pod ")}
        eventually(
            "the end of the pods that came after the snapshot",
            lambda: [name for name in self._containers() if name.partition("/")[0] in pods],
            lambda running: not running,
            within_s=timeouts.POD_READY,
            on=On.PODS,
        )
        evidence.prove(
            Level.EXECUTED,
            f"All {len(saved.objects)} objects of {self.workloads.namespace} have the ids and the hashes that they had "
            f"at the snapshot; {', '.join([*changed, *removed])} as before. Lost, and named: {', '.join(later)}",
            objects_at_the_snapshot=saved.objects,
            objects_lost=later,
        )

    def must_have_gone_on(self) -> None:
        """Check that each container of before the snapshot runs on, the driver's and an executor's among them."""
        saved, lost, now = self._as_saved, self._when_lost, self._containers()
        if not (self.drivers and self.executors):
            raise CheckFailed("No driver or no executor ran at the snapshot, so nothing was tested.")
        stayed = {name: was for name, was in saved.containers.items() if lost.containers.get(name) == was}
        if ended := sorted(saved.containers.keys() - stayed.keys()):
            raise CheckFailed(f"{', '.join(ended)} ended before the control plane did, so nothing was tested.")
        if other := [
            f"{name} was {was}, and is {now.get(name)}" for name, was in stayed.items() if now.get(name) != was
        ]:
            raise CheckFailed(f"Containers did not go on without the control plane: {'; '.join(other)}.")
        at_work = ", ".join(sorted(self.drivers | self.executors))
        evidence.prove(
            Level.EXECUTED,
            f"All {len(stayed)} containers run on since their start, among them {at_work}",
            containers=now,
        )

    def must_scale(self) -> None:
        """Check that a Deployment gets the second pod that somebody asks for now."""
        began, workloads = clock.now(), self.workloads
        workloads.kube.patch(DEPLOYMENT, CHANGED, {"spec": {"replicas": 2}}, workloads.namespace)
        self._await(CHANGED, 2)
        evidence.prove(Level.EXECUTED, f"{CHANGED} had a second pod that is ready after {clock.now() - began:.1f} s")

    def remove(self) -> None:
        """Remove what was made."""
        for kind in (DEPLOYMENT, CONFIG_MAP):
            for name in (CHANGED, REMOVED, LATER):
                self.workloads.kube.delete(kind, name, self.workloads.namespace)

    def _run(self, name: str) -> None:
        """Have a Deployment of one pod with the image and the rights of the client's, which sleeps."""
        client = copy.deepcopy(self.workloads.pod("client")["spec"])
        (container,) = client["containers"][:1]
        kept = {field: container[field] for field in ("image", "securityContext") if field in container}
        small = {"cpu": "10m", "memory": "16Mi"}
        sleeps: Manifest = {"name": "sleeps", "command": ["sleep", "infinity"], **kept}
        sleeps["resources"] = {"requests": small, "limits": small | {"cpu": "100m", "memory": "64Mi"}}
        pod = {field: client[field] for field in ("securityContext", "imagePullSecrets") if field in client}
        pod |= {"containers": [sleeps], "terminationGracePeriodSeconds": 1, "automountServiceAccountToken": False}
        own = {"sparkproof.dev/drill": name}
        template = {"metadata": {"labels": {**OWNED, **own}}, "spec": pod}
        self._apply(DEPLOYMENT, name, spec={"replicas": 1, "selector": {"matchLabels": own}, "template": template})
        self._await(name, 1)

    def _apply(self, kind: Kind, name: str, **content: Manifest) -> None:
        metadata = {"name": name, "namespace": self.workloads.namespace, "labels": OWNED}
        self.workloads.kube.apply({"apiVersion": kind.api_version, "kind": kind.name, "metadata": metadata, **content})

    def _await(self, name: str, count: int) -> None:
        workloads = self.workloads
        eventually(
            f"{count} ready pods of {name}",
            lambda: workloads.kube.get(DEPLOYMENT, name, workloads.namespace) or {},
            lambda found: bool(found) and found["spec"]["replicas"] == count and is_ready(found),
            within_s=timeouts.POD_READY,
            on=On.PODS,
            explain=workloads.why,
            show=lambda found: found.get("status", {}),
        )

    def _now(self) -> NamespaceState:
        return NamespaceState.of(self.workloads.kube, self.workloads.namespace)

    def _containers(self) -> dict[str, str]:
        return dict(containers(self.workloads.kube, self.workloads.namespace))

    @property
    def _as_saved(self) -> NamespaceState:
        if self.saved is None:
            raise SparkproofError("No snapshot was taken of these objects.")
        return self.saved

    @property
    def _when_lost(self) -> NamespaceState:
        if self.lost is None:
            raise SparkproofError("Nothing was changed after the snapshot.")
        return self.lost


def _of(pods: list[Manifest], state: NamespaceState) -> frozenset[str]:
    """Return the containers of these pods that run."""
    names = {pod["metadata"]["name"] for pod in pods}
    return frozenset(name for name in state.containers if name.partition("/")[0] in names)
