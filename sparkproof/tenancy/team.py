"""A team on the cluster: a namespace under Pod Security `restricted`, its quota, and its end."""

import base64
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sparkproof.core import evidence, timeouts
from sparkproof.core.errors import CheckFailed
from sparkproof.core.evidence import Level
from sparkproof.core.wait import eventually
from sparkproof.kube import diagnosis
from sparkproof.kube.client import Kube
from sparkproof.kube.errors import Refused
from sparkproof.kube.labels import OWNED, RUN, SHARED
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
class Team:
    """One tenant; `namespace` is its own."""

    kube: Kube
    namespace: str

    @classmethod
    def create(cls, kube: Kube, namespace: str, *, run: str, shared: bool = False) -> "Team":
        """Make the namespace, labelled with the run's id.

        `shared` marks one that serves many scenarios: no scenario reserves what it asks for. One of
        the same name that is about to go is awaited.
        """
        if ((kube.get(NAMESPACE, namespace) or {}).get("metadata", {})).get("deletionTimestamp"):
            cls(kube, namespace).must_be_gone()
        enforced = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
        kube.apply(
            {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": namespace, "labels": {**OWNED, RUN: run, SHARED: str(shared).lower(), **enforced}},
            }
        )
        return cls(kube, namespace)

    @classmethod
    def of(
        cls, kube: Kube, *, run: str | None = None, shared: bool | None = None, staying: bool = False
    ) -> list["Team"]:
        """The teams that `run` (any run when None) created, shared ones or the others or, when None, both.

        With `staying`, those whose namespace is about to go are left out.
        """
        wanted = {**OWNED, RUN: run, SHARED: None if shared is None else str(shared).lower()}
        labels = selector({key: value for key, value in wanted.items() if value is not None})
        found = [namespace["metadata"] for namespace in kube.list(NAMESPACE, labels=labels)]
        return [cls(kube, each["name"]) for each in found if not (staying and "deletionTimestamp" in each)]

    def limit(self, quota: Mapping[str, str]) -> None:
        """Set the team's quota, in Kubernetes' quantities ({"pods": "4", "requests.cpu": "1"}); it counts at once."""
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
        """Put files, by name, into a ConfigMap of the namespace, where a chart's pods can mount them."""
        metadata = {"name": name, "namespace": self.namespace, "labels": OWNED}
        self.kube.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": dict(files)})

    def lift_limit(self) -> None:
        """Remove the team's quota; having none is fine."""
        self.kube.delete(RESOURCE_QUOTA, "team", self.namespace)

    def remember(self, name: str, value: str) -> None:
        """Write a note about the namespace into it, for whoever comes back to it."""
        self.publish(f"sparkproof-{name}", {name: value})

    def recall(self, name: str) -> str | None:
        """What was last noted under this name, or None."""
        found = self.kube.get(CONFIG_MAP, f"sparkproof-{name}", self.namespace)
        return str(found["data"][name]) if found else None

    def keep_secret(self, name: str, keys: Iterable[str]) -> None:
        """Have a Secret with a random value under each of these keys; what it has already stays as it is."""
        data = {key: base64.b64encode(secrets.token_hex(16).encode()).decode() for key in keys}
        data |= (self.kube.get(SECRET, name, self.namespace) or {}).get("data", {})
        metadata = {"name": name, "namespace": self.namespace, "labels": OWNED}
        self.kube.apply({"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data})

    def secret(self, name: str, key: str) -> str:
        """What a Secret holds under this key."""
        found = self.kube.get(SECRET, name, self.namespace) or {}
        return base64.b64decode(found["data"][key]).decode()

    def delete(self) -> None:
        """Stop what runs in the namespace at once and ask for its deletion with all that is in it.

        Pods go first, and before them who would replace them: a namespace that still has pods when its deletion begins
        waits for their grace period. Its end takes seconds in which nobody needs it; the end of the run waits for all.
        """
        for kind in (STATEFUL_SET, DEPLOYMENT, POD):
            for found in self.kube.list(kind, self.namespace):
                self.kube.delete(kind, found["metadata"]["name"], self.namespace, grace_s=0)
        self.kube.delete(NAMESPACE, self.namespace)

    def assign(self, run: str) -> None:
        """Have the namespace belong to another run, at whose end it goes."""
        self.kube.patch(NAMESPACE, self.namespace, {"metadata": {"labels": {RUN: run}}})

    def must_be_gone(self) -> None:
        """Wait for the namespace's end."""
        self.kube.must_be_gone(NAMESPACE, self.namespace, within_s=timeouts.NAMESPACE_GONE)

    def apply(self, manifest: Manifest) -> None:
        """Have this object in the team's namespace; raises Refused."""
        self.kube.apply({**manifest, "metadata": {**manifest["metadata"], "namespace": self.namespace}})

    def delete_object(self, manifest: Manifest) -> None:
        """Delete this object of the team's."""
        kind = Kind(manifest["kind"], manifest["apiVersion"])
        self.kube.delete(kind, manifest["metadata"]["name"], self.namespace)

    def dry_run(self, pod: Manifest) -> Refused | None:
        """Ask the API server, as a dry run, to admit `pod`; its refusal, or None when it would be admitted."""
        try:
            self.kube.apply({**pod, "metadata": {**pod["metadata"], "namespace": self.namespace}}, dry_run=True)
        except Refused as refused:
            return refused
        return None

    def quota_status(self) -> Manifest:
        """What the quota allows and what is used of it: {"hard": {...}, "used": {...}}."""
        found = self.kube.get(RESOURCE_QUOTA, "team", self.namespace)
        return dict(found.get("status", {})) if found else {}

    def evidence(self) -> None:
        """Keep what the namespace shows: each pod's state and logs, the events, the quota, and the known causes."""
        for pod in self.kube.list(POD, self.namespace):
            name = pod["metadata"]["name"]
            for container in pod["spec"]["containers"]:
                evidence.attach(
                    f"log of {name}/{container['name']}",
                    self.kube.logs(name, self.namespace, container=container["name"]),
                )
            evidence.attach(f"state of {name}", pod.get("status", {}))
        told = [
            f"{e.get('lastTimestamp')} {e['type']} {e['reason']} {e['involvedObject']['name']}: {e['message']}"
            for e in self.kube.events(self.namespace)
        ]
        evidence.attach(f"events in {self.namespace}", "\n".join(told))
        evidence.attach(f"quota of {self.namespace}", self.quota_status())
        policies = {
            found["metadata"]["name"]: found["spec"] for found in self.kube.list(NETWORK_POLICY, self.namespace)
        }
        evidence.attach(f"network policies of {self.namespace}", policies)
        known = [f"{cause.reason}: {cause.sentence}" for cause in diagnosis.why(self.kube, self.namespace)]
        evidence.attach(f"known causes in {self.namespace}", "\n".join(known))


def must_be_refused(refusal: Refused | None, *reasons: str) -> None:
    """Check that the API server said no, and for these reasons."""
    if refusal is None:
        raise CheckFailed("The API server would have admitted it.")
    if refusal.code >= 500:
        raise CheckFailed(f"The API server did not judge it ({refusal.code}): {refusal.message}")
    missing = [reason for reason in reasons if reason not in refusal.message]
    if missing:
        raise CheckFailed(f"The API server refused it, but not because of {', '.join(missing)}: {refusal.message}")
    evidence.prove(Level.ADMITTED, f"The API server refused it: {refusal.message}")


def must_be_admitted(refusal: Refused | None) -> None:
    """Check that the API server said yes."""
    if refusal is not None:
        raise CheckFailed(f"The API server refused it: {refusal.message}")
    evidence.prove(Level.ADMITTED, "The API server admitted it in a dry run")
