"""A team on the cluster: a namespace under Pod Security `restricted`, its quota, its notes and its removal."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import SparkproofError
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.client import Kube
from sparkproof.kube.dry_run import DryRun, refusal
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import KEPT, KEPT_BY, OWNED, POD_SECURITY, RUN, SHARED
from sparkproof.kube.objects import (
    CONFIG_MAP,
    DEPLOYMENT,
    NAMESPACE,
    NETWORK_POLICY,
    POD,
    RESOURCE_QUOTA,
    SECRET,
    STATEFUL_SET,
    Kind,
    Manifest,
    selector,
)


@dataclass(frozen=True)
class Marks:
    """The labels and annotations that an environment asks of every namespace, beside those that Sparkproof sets."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Team:
    """A tenant with a namespace of its own."""

    kube: Kube
    namespace: str

    @classmethod
    def create(
        cls, kube: Kube, namespace: str, *, run: str, shared: bool = False, marks: Marks | None = None
    ) -> "Team":
        """Create the namespace, labelled with the run's id.

        `marks` are an environment's own labels and annotations. `shared` marks a team that serves many scenarios: no
        scenario reserves what its pods request. If a namespace of the same name is about to go, its end is awaited
        first. One that the run made before is used again; raises SparkproofError when somebody else made it.
        """
        if ((kube.get(NAMESPACE, namespace) or {}).get("metadata", {})).get("deletionTimestamp"):
            cls(kube, namespace).must_be_gone()
        enforced = {f"{POD_SECURITY}/{mode}": "restricted" for mode in ("enforce", "warn")}
        own = {**OWNED, RUN: run}
        marks = marks or Marks()
        labels = {**marks.labels, **own, SHARED: str(shared).lower(), **enforced}
        metadata = {"name": namespace, "labels": labels, "annotations": dict(marks.annotations)}
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
        try:
            kube.create(manifest)
        except Refused as refused:
            found = kube.get(NAMESPACE, namespace) if refused.code == 409 else None
            if found is None:
                raise
            if not own.items() <= found["metadata"].get("labels", {}).items():
                raise SparkproofError(
                    f"Namespace {namespace} exists already and is not of this run, so it is left as it is: remove or "
                    "rename it if nobody needs it."
                ) from None
            kube.apply(manifest)
        return cls(kube, namespace)

    @classmethod
    def of(
        cls,
        kube: Kube,
        *,
        run: str | None = None,
        shared: bool | None = None,
        staying: bool = False,
        kept_by: str | None = None,
    ) -> list["Team"]:
        """Return the teams that `run` (any run when None) created: shared ones, the others or, when None, both.

        With `staying`, teams whose namespace is about to go are left out; with `kept_by`, all that this run did not
        keep.
        """
        wanted = {**OWNED, RUN: run, SHARED: None if shared is None else str(shared).lower(), KEPT_BY: kept_by}
        labels = selector({key: value for key, value in wanted.items() if value is not None})
        found = [namespace["metadata"] for namespace in kube.list(NAMESPACE, labels=labels)]
        return [cls(kube, each["name"]) for each in found if not (staying and "deletionTimestamp" in each)]

    def limit(self, quota: Mapping[str, str]) -> None:
        """Set the team's quota, in Kubernetes' quantities ({"pods": "4", "requests.cpu": "1"}), and wait for it."""
        self.kube.apply(
            {
                "apiVersion": "v1",
                "kind": "ResourceQuota",
                "metadata": {"name": "team", "namespace": self.namespace, "labels": OWNED},
                "spec": {"hard": dict(quota)},
            }
        )
        eventually(
            f"the quota of {self.namespace}",
            self.quota_status,
            lambda status: status.get("hard") == dict(quota) and "used" in status,
            within_s=timeouts.QUOTA,
        )

    def publish(self, name: str, files: Mapping[str, str]) -> None:
        """Write files, by name, into a ConfigMap of the namespace, which a chart's pods can mount."""
        metadata = {"name": name, "namespace": self.namespace, "labels": OWNED}
        self.kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(files)})

    def lift_limit(self) -> None:
        """Remove the team's quota; a missing one is fine."""
        self.kube.delete(RESOURCE_QUOTA, "team", self.namespace)

    def remember(self, name: str, value: str) -> None:
        """Store a note about the namespace in it, for later runs."""
        self.publish(f"sparkproof-{name}", {name: value})

    def recall(self, name: str) -> str | None:
        """Return the last note of this name, or None."""
        found = self.kube.get(CONFIG_MAP, f"sparkproof-{name}", self.namespace)
        return str(found["data"][name]) if found else None

    def keep_secret(self, name: str, keys: Iterable[str]) -> None:
        """Create a Secret with a random value under each of these keys; keys that it has already keep their values."""
        data = {key: base64.b64encode(secrets.token_hex(16).encode()).decode() for key in keys}
        data |= (self.kube.get(SECRET, name, self.namespace) or {}).get("data", {})
        metadata = {"name": name, "namespace": self.namespace, "labels": OWNED}
        self.kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})

    def secret(self, name: str, key: str) -> str:
        """Return the value of a Secret under this key."""
        found = self.kube.get(SECRET, name, self.namespace) or {}
        return base64.b64decode(found["data"][key]).decode()

    def delete(self) -> None:
        """End all pods of the namespace at once, and ask for its deletion with all its objects.

        Controllers go first, since they would replace pods, and then pods: a namespace that still has pods when its
        deletion begins waits for their grace period. Its end takes seconds; only the end of the run waits for it.
        """
        for kind in (STATEFUL_SET, DEPLOYMENT, POD):
            for found in self.kube.list(kind, self.namespace):
                self.kube.delete(kind, found["metadata"]["name"], self.namespace, grace_s=0)
        self.kube.delete(NAMESPACE, self.namespace)

    def keep(self, run: str) -> None:
        """Let the namespace outlive `run`, which keeps it; one that an earlier run kept stays that run's."""
        labels = (self.kube.get(NAMESPACE, self.namespace) or {"metadata": {}})["metadata"].get("labels", {})
        kept = {RUN: KEPT, KEPT_BY: labels.get(KEPT_BY, run)}
        self.kube.patch(NAMESPACE, self.namespace, {"metadata": {"labels": kept}})

    def must_be_gone(self) -> None:
        """Wait until the namespace is gone; raises GaveUp."""
        self.kube.must_be_gone(NAMESPACE, self.namespace, within_s=timeouts.NAMESPACE_GONE)

    def apply(self, manifest: Manifest) -> None:
        """Apply an object in the team's namespace; raises Refused."""
        self.kube.apply({**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}})

    def start_pod(self, pod: Manifest, named: str) -> None:
        """Create a pod, which is `named` so for people, and wait until it is ready; raises GaveUp with the causes."""
        self.apply(pod)
        eventually(
            f"the readiness of {named}",
            lambda: self.kube.get(POD, pod["metadata"]["name"], self.namespace) or {},
            diagnosis.ready,
            within_s=timeouts.POD_READY,
            unrecoverable=diagnosis.unrecoverable,
            explain=lambda: diagnosis.why(self.kube, self.namespace),
        )

    def delete_object(self, manifest: Manifest) -> None:
        """Ask for the deletion of an object of the team's namespace."""
        kind = Kind(manifest["kind"], manifest["apiVersion"])
        self.kube.delete(kind, manifest["metadata"]["name"], self.namespace)

    def dry_run(self, manifest: Manifest) -> DryRun:
        """Ask the API server, as a dry run, to admit an object in the team's namespace."""
        return DryRun(self.refusal_of(manifest))

    def refusal_of(self, manifest: Manifest) -> Refused | None:
        """Return the API server's refusal of an object in a dry run, or None when it would admit it."""
        return refusal(self.kube, {**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}})

    def quota_status(self) -> Manifest:
        """Return the limits of the quota and their use: {"hard": {...}, "used": {...}}; {} without a quota."""
        found = self.kube.get(RESOURCE_QUOTA, "team", self.namespace)
        return dict(found.get("status", {})) if found else {}

    def evidence(self) -> None:
        """Keep each pod's state and logs, the events, the quota, the network policies and the known causes."""
        for pod in self.kube.list(POD, self.namespace):
            name = pod["metadata"]["name"]
            for container in pod["spec"]["containers"]:
                evidence.attach(
                    f"log of {name}/{container['name']}",
                    self.kube.logs(name, self.namespace, container=container["name"]),
                )
            evidence.attach(f"state of {name}", pod.get("status", {}))
        events = [
            f"{e.get('lastTimestamp')} {e['type']} {e['reason']} {e['involvedObject']['name']}: {e['message']}"
            for e in self.kube.events(self.namespace)
        ]
        evidence.attach(f"events in {self.namespace}", "\n".join(events))
        evidence.attach(f"quota of {self.namespace}", self.quota_status())
        policies = {
            found["metadata"]["name"]: found["spec"] for found in self.kube.list(NETWORK_POLICY, self.namespace)
        }
        evidence.attach(f"network policies of {self.namespace}", policies)
        known = [f"{cause.reason}: {cause.sentence}" for cause in diagnosis.why(self.kube, self.namespace)]
        evidence.attach(f"known causes in {self.namespace}", "\n".join(known))
